package configs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestStatementsAreReadAsWritten(t *testing.T) {
	path := deploy(t, func(f map[string]string) {
		f[main] = "statements: {objection_working_days: 15, number: '通〔{{年度}}〕{{机构编号}}/{{通知单编号}}', contact: 李样例, phone: 023-1, address: , seal: '（专用章）'}\n"
	})
	got := mustLoad(t, path, nil, Overrides{}).Operation.Statements
	if want := (Statements{ObjectionWorkdays: 15, Number: "通〔{{年度}}〕{{机构编号}}/{{通知单编号}}", Seal: "（专用章）", Contact: "李样例", Phone: "023-1"}); got != want {
		t.Errorf("%+v", got)
	}
	if no := got.NumberOf(2025, "500105-2025-03", "H1"); no != "通〔2025〕H1/500105-2025-03" {
		t.Error(no)
	}
}

func TestBadStatements(t *testing.T) {
	for _, number := range []string{"通{{通知单编号}}", "通{{机构编号}}", "{{通知单编号}}{{机构编号}}{{月份}}", "{{通知单编号}}{{机构编号}", "{{通知单编号}}｛{机构编号}}"} {
		t.Run(number, func(t *testing.T) {
			path := deploy(t, func(f map[string]string) { f[main] = "statements:\n  number: '" + number + "'\n" })
			problems := Check(path, true, nil, Overrides{})
			if len(problems) != 1 || problems[0].Path != "statements.number" || problems[0].Line != 2 {
				t.Errorf("%v", problems)
			}
		})
	}
	for _, days := range []string{"0", "61", "ten"} {
		path := deploy(t, func(f map[string]string) { f[main] = "statements:\n  objection_working_days: " + days + "\n" })
		if problems := Check(path, true, nil, Overrides{}); len(problems) != 1 || problems[0].Path != "statements.objection_working_days" {
			t.Errorf("%v", problems)
		}
	}
}

// passwordSettings has two institutions, two recipients of the monthly report and a file of passwords.
func passwordSettings(t *testing.T, key, content string, mode os.FileMode, lines ...string) (settings, passwords string) {
	t.Helper()
	passwords = filepath.Join(t.TempDir(), "passwords")
	if err := os.WriteFile(passwords, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(passwords, mode); err != nil {
		t.Fatal(err)
	}
	return deploy(t, withMail(append([]string{"host: localhost", "security: none", "from: a@example.com", "recipients: {monthly: [head@example.com, b@example.com]}",
		"institutions: {H1: [h@example.com], P2: [p@example.com, q@example.com]}", key + ": " + passwords}, lines...)...)), passwords
}

func TestPasswordsOfSingleRecipients(t *testing.T) {
	path, _ := passwordSettings(t, "institution_passwords_file", "\ufeff# 由办公室保管\r\nH1 = 开门 密=码\r\n\r\nP2=x\r\n", 0o600, "institutions_unencrypted: true")
	m := mustLoad(t, path, nil, Overrides{}).Operation.Mail
	if len(m.InstitutionPasswords) != 2 || m.InstitutionPasswords["H1"] != "开门 密=码" || m.InstitutionPasswords["P2"] != "x" || !m.InstitutionsUnencrypted {
		t.Errorf("%d passwords", len(m.InstitutionPasswords))
	}
	if text := fmt.Sprintf("%v %+v %#v", m, m, m); strings.Contains(text, "开门") {
		t.Errorf("the passwords are printed: %s", text)
	}
	common := filepath.Join(t.TempDir(), "common")
	if err := os.WriteFile(common, []byte("all\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	path, _ = passwordSettings(t, "recipient_passwords_file", "head@example.com=p=1", 0o600, "workbook_password_file: "+common)
	if m = mustLoad(t, path, nil, Overrides{}).Operation.Mail; m.RecipientPasswords["head@example.com"] != "p=1" || len(m.RecipientPasswords) != 1 {
		t.Errorf("%d passwords", len(m.RecipientPasswords))
	}
}

// TestBadPasswordFiles: every fault is named with its line, and none of them shows a password.
func TestBadPasswordFiles(t *testing.T) {
	const institutions, recipients = "institution_passwords_file", "recipient_passwords_file"
	for name, c := range map[string]struct {
		key, content string
		mode         os.FileMode
		want         []string
	}{
		"others can read it":     {institutions, "H1=secret-1", 0o640, []string{"权限是 0640"}},
		"empty":                  {institutions, "", 0o600, []string{"是空的"}},
		"only remarks":           {institutions, "# H1=secret-1\n", 0o600, []string{"是空的"}},
		"all at once":            {institutions, "H1=secret-1\nH9=secret-2\nsecret-3\nH1=secret-4\nP2=\n", 0o600, []string{":2:1", "不在 mail.institutions 里", ":3:1", ":4:1", "H1 重复，第 1 行已有", ":5:1", "P2 的密码是空的"}},
		"sides mixed up":         {institutions, "secret-1=H1", 0o600, []string{":1:1", "不在 mail.institutions 里"}},
		"too long":               {institutions, "H1=" + strings.Repeat("secret-", 40), 0o600, []string{"不超过 255 字节"}},
		"no UTF-8":               {institutions, "H1=secret-\xff", 0o600, []string{"UTF-8"}},
		"not a recipient":        {recipients, "x@example.com=secret-1", 0o600, []string{"不在 mail.recipients.monthly 里"}},
		"nothing for the others": {recipients, "head@example.com=secret-1", 0o600, []string{"没有 workbook_password_file"}},
	} {
		t.Run(name, func(t *testing.T) {
			path, _ := passwordSettings(t, c.key, c.content, c.mode)
			text := Problems(Check(path, true, nil, Overrides{})).Error()
			for _, want := range c.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not said:\n%s", want, text)
				}
			}
			if strings.Contains(text, "secret") {
				t.Errorf("a password is shown:\n%s", text)
			}
		})
	}
	path, passwords := passwordSettings(t, institutions, "H1=x", 0o600)
	if err := os.Remove(passwords); err != nil {
		t.Fatal(err)
	}
	if text := Problems(Check(path, true, nil, Overrides{})).Error(); !strings.Contains(text, "文件不存在") {
		t.Error(text)
	}
}
