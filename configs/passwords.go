package configs

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"unicode/utf8"
)

// passwordMax is the longest password a workbook can have.
const passwordMax = 255

// finishPasswords reads the passwords that single recipients have.
func finishPasswords(d *document, m *Mail) {
	if m.InstitutionPasswordsFile != "" {
		m.InstitutionPasswords = d.passwordList("mail.institution_passwords_file", m.InstitutionPasswordsFile, slices.Sorted(maps.Keys(m.Institutions)), "mail.institutions")
	}
	if m.RecipientPasswordsFile != "" {
		if m.WorkbookPasswordFile == "" {
			d.fault("mail.recipient_passwords_file", "没有 workbook_password_file，其余收件人的工作簿就不加密", "补上 workbook_password_file，供没有单独密码的收件人使用")
		}
		m.RecipientPasswords = d.passwordList("mail.recipient_passwords_file", m.RecipientPasswordsFile, m.Recipients["monthly"], "mail.recipients.monthly")
	}
}

// passwordList reads a file of lines NAME=password that nobody else can read. Problems name file, line and recipient,
// never what stands behind the sign.
func (d *document) passwordList(at, path string, known []string, among string) map[string]Secret {
	text, wrong, hint := readSecret(path)
	if wrong != "" {
		d.fault(at, wrong, hint)
		return nil
	}
	out, lineOf := map[string]Secret{}, map[string]int{}
	say := func(line int, message, hint string) {
		*d.problems = append(*d.problems, Problem{File: path, Line: line, Column: 1, Path: at, Message: message, Hint: hint})
	}
	no := 0
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		no++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, password, ok := strings.Cut(line, "=")
		name, password = strings.TrimSpace(name), strings.TrimSpace(password)
		switch {
		case !ok || name == "":
			say(no, "这一行不是“名称=密码”", "一行写一个，如 H50010500001=密码；空行和 # 开头的行不算")
		case !slices.Contains(known, name): // not quoted: who mixed up the sides has written the password here
			say(no, "等号前面的名称不在 "+among+" 里", "核对写法；或先在 "+among+" 里登记")
		case lineOf[name] > 0:
			say(no, fmt.Sprintf("%s 重复，第 %d 行已有", name, lineOf[name]), "只留一处")
		case password == "" || len(password) > passwordMax || strings.ContainsFunc(password, func(r rune) bool { return r < ' ' }):
			say(no, name+" 的密码是空的、太长，或含有控制字符", fmt.Sprintf("在等号后面写密码，不超过 %d 字节", passwordMax))
		default:
			out[name] = Secret(password)
		}
		if ok && lineOf[name] == 0 {
			lineOf[name] = no
		}
	}
	if len(lineOf) == 0 && d.good(at) {
		d.fault(at, "密码文件 "+path+" 是空的", "一行写一个，如 H50010500001=密码")
	}
	return out
}

// readSecret reads a file nobody else can read; it never says what is in it.
func readSecret(path string) (text, wrong, hint string) {
	info, err := os.Stat(path) // before opening: opening a pipe would wait for ever
	if err != nil {
		return "", "读不到密码文件 " + path + "：" + cause(err), "写上密码，再执行 chmod 600 " + path
	}
	if !info.Mode().IsRegular() || info.Size() > 1<<20 {
		return "", path + " 不是普通文件，或大于 1 MB", "密码文件应是文本文件"
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return "", fmt.Sprintf("密码文件 %s 的权限是 %04o，别人也能读", path, mode), "执行 chmod 600 " + path
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", "读不到密码文件 " + path + "：" + cause(err), "检查文件的属主"
	}
	if !utf8.Valid(data) {
		return "", "密码文件 " + path + " 不是 UTF-8 编码", "用编辑器另存为 UTF-8"
	}
	return string(data), "", ""
}
