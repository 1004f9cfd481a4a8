package configs

import (
	"crypto/x509"
	"fmt"
	"maps"
	netmail "net/mail"
	"os"
	"slices"
	"strings"
)

const passwordVariable = "CLAIMSAUDIT_MAIL_PASSWORD"

// mailPorts are the customary ports of the ways to speak to a mail server.
var mailPorts = map[string]int{"starttls": 587, "tls": 465, "none": 25}

// unset stands for a port not given, so that a 0 that was given is refused.
const unset = -1 << 31

type mailFile struct {
	Host              string              `yaml:"host,optional"`
	Port              int                 `yaml:"port,optional"`
	Security          string              `yaml:"security,optional"`
	User              string              `yaml:"user,optional"`
	PasswordFile      string              `yaml:"password_file,optional"`
	From              string              `yaml:"from,optional"`
	AttachmentLimitMB int                 `yaml:"attachment_limit_mb,optional"`
	Recipients        recipientsFile      `yaml:"recipients,optional"`
	Institutions      map[string][]string `yaml:"institutions,optional"`
	Reports           []string            `yaml:"reports,optional"`

	CAFile               string `yaml:"ca_file,optional"`
	WorkbookPasswordFile string `yaml:"workbook_password_file,optional"`

	InstitutionPasswordsFile string `yaml:"institution_passwords_file,optional"`
	InstitutionsUnencrypted  bool   `yaml:"institutions_unencrypted,optional"`
	RecipientPasswordsFile   string `yaml:"recipient_passwords_file,optional"`
}

type recipientsFile struct {
	Monthly []string `yaml:"monthly,optional"`
	Daily   []string `yaml:"daily,optional"`
	Alarm   []string `yaml:"alarm,optional"`
}

// mail takes over what the section says. Addresses are checked even without a
// host, so that switching mail on later brings no surprise.
func mail(d *document, f mailFile) Mail {
	m := Mail{Host: f.Host, Port: f.Port, Security: f.Security, User: f.User, PasswordFile: f.PasswordFile, From: f.From,
		AttachmentLimitMB: f.AttachmentLimitMB, CAFile: f.CAFile, WorkbookPasswordFile: f.WorkbookPasswordFile,
		InstitutionPasswordsFile: f.InstitutionPasswordsFile, InstitutionsUnencrypted: f.InstitutionsUnencrypted, RecipientPasswordsFile: f.RecipientPasswordsFile}
	if f.Port == unset {
		m.Port = mailPorts[f.Security]
	}
	if d.good("mail.host") && (strings.ContainsAny(f.Host, " /@[]") || strings.Count(f.Host, ":") == 1) {
		d.fault("mail.host", fmt.Sprintf("%q 不是主机名", f.Host), "只写主机名或 IP 地址，如 smtp.example.com；端口写在 port")
	}
	if d.good("mail.security") && mailPorts[f.Security] == 0 {
		d.fault("mail.security", "不认识的加密方式 "+f.Security, "starttls、tls，或 none（只限本机的邮件服务器）")
	}
	if f.Port != unset {
		d.between("mail.port", f.Port, 1, 65535)
	}
	d.between("mail.attachment_limit_mb", f.AttachmentLimitMB, 1, 100)
	if d.good("mail.from") && f.From != "" {
		if a, err := netmail.ParseAddress(f.From); err != nil || !plainAddress(a.Address) {
			d.fault("mail.from", fmt.Sprintf("%q 不是邮件地址", f.From), "写成 audit@example.com，或 单位名称 <audit@example.com>")
		}
	}
	m.Recipients = d.addresses("mail.recipients", map[string][]string{
		"monthly": f.Recipients.Monthly, "daily": f.Recipients.Daily, "alarm": f.Recipients.Alarm})
	m.Institutions = d.addresses("mail.institutions", f.Institutions)
	m.Reports = d.mailedReports(f)
	return m
}

// mailedReports checks what the monthly mail brings along.
func (d *document) mailedReports(f mailFile) []string {
	for i, name := range f.Reports {
		place := fmt.Sprintf("mail.reports[%d]", i)
		switch {
		case !d.good(place):
		case !slices.Contains([]string{ReportMonthly, ReportPoints, ReportHandover}, name):
			d.fault(place, "不认识的报告 "+name, "monthly 月度报告、points 记分月报、handover 移交清单")
		case name != ReportMonthly && f.WorkbookPasswordFile == "":
			d.fault(place, name+" 写有姓名全称，不能不加密寄出", "补上 workbook_password_file，或从 reports 中去掉")
		}
	}
	return f.Reports
}

// addresses checks each list and leaves out the empty ones. Recipients are bare
// addresses: one recipient must not look like two, or a mail would go out twice.
func (d *document) addresses(at string, lists map[string][]string) map[string][]string {
	out := map[string][]string{}
	for _, key := range slices.Sorted(maps.Keys(lists)) {
		seen := map[string]bool{}
		for i, text := range lists[key] {
			place := fmt.Sprintf("%s.%s[%d]", at, key, i)
			if !d.good(place) {
				continue
			}
			if a, err := netmail.ParseAddress(text); err != nil || a.Address != text || !plainAddress(text) {
				d.fault(place, fmt.Sprintf("%q 不是邮件地址", text), "只写地址本身，如 zhangsan@example.com")
			} else if seen[strings.ToLower(text)] {
				d.fault(place, text+" 重复", "只留一处")
			}
			seen[strings.ToLower(text)] = true
		}
		if len(lists[key]) > 0 {
			out[key] = lists[key]
		}
	}
	return out
}

// plainAddress refuses what many mail servers refuse: letters beyond ASCII and blanks.
func plainAddress(address string) bool {
	return !strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' })
}

// finishMail checks what must fit together and reads the password. Without a
// host no mail is sent and no file is touched.
func finishMail(d *document, password string, m *Mail) {
	if !m.Enabled() {
		return
	}
	if m.Security == "none" && !d.bad["mail.host"] && !loopback(m.Host) {
		d.fault("mail.security", "不加密只能用于本机的邮件服务器", "写 starttls 或 tls")
	}
	if m.From == "" && !d.bad["mail.from"] {
		d.missing("mail.from", "缺少 from", "补上发件地址，如 from: audit@example.com")
	}
	password = strings.TrimSpace(password)
	switch {
	case m.User == "" && m.PasswordFile != "":
		d.fault("mail.password_file", "写了密码文件，却没有写 user", "补上 user，或去掉 password_file")
	case m.User != "" && password == "" && m.PasswordFile == "":
		d.missing("mail.password_file", "写了 user，却没有密码", "用 password_file 指出密码文件，或设环境变量 "+passwordVariable)
	case m.User != "" && password != "":
		m.Password = Secret(password)
	case m.User != "":
		text, wrong, hint := readPassword(m.PasswordFile)
		if wrong != "" {
			d.fault("mail.password_file", wrong, hint)
		}
		m.Password = text
	}
	if m.WorkbookPasswordFile != "" {
		text, wrong, hint := readPassword(m.WorkbookPasswordFile)
		if wrong != "" {
			d.fault("mail.workbook_password_file", wrong, hint)
		}
		m.WorkbookPassword = text
	}
	finishPasswords(d, m)
	m.Authority = authority(d, m.CAFile)
}

// authority adds the office's own certificate authority to those the machine knows.
func authority(d *document, path string) *x509.CertPool {
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		d.fault("mail.ca_file", "读不到证书文件 "+path+"："+cause(err), "向邮件服务器的管理员索取 CA 证书，PEM 格式")
		return nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a machine without certificates of its own
	}
	if !pool.AppendCertsFromPEM(text) {
		d.fault("mail.ca_file", path+" 里没有证书", "应是 PEM 格式，以 -----BEGIN CERTIFICATE----- 开头")
	}
	return pool
}

// missing records a problem with a key that is not there, where its section stands.
func (d *document) missing(path, message, hint string) {
	if d.at[path] == nil {
		d.at[path] = d.at["mail"]
	}
	d.fault(path, message, hint)
}

// readPassword reads a file that holds one password and nothing else.
func readPassword(path string) (password Secret, wrong, hint string) {
	text, wrong, hint := readSecret(path)
	if wrong != "" {
		return "", wrong, hint
	}
	text = strings.TrimSpace(text)
	if text == "" || strings.ContainsAny(text, "\r\n\x00") || len(text) > 1024 {
		return "", "密码文件 " + path + " 应当只有一行", "文件里只写密码这一行"
	}
	return Secret(text), "", ""
}
