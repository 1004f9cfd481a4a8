package configs

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// withMail is a settings file with a mail section and nothing else.
func withMail(lines ...string) func(map[string]string) {
	return func(f map[string]string) { f[main] = "mail:\n  " + strings.Join(lines, "\n  ") + "\n" }
}

func TestDefaultsOfTheOperation(t *testing.T) {
	years := builtInYears(t)
	want := Operation{
		Schedule: Schedule{Nightly: "0 2 * * *", Monthly: "workday 3 06:00", Annual: "0 6 10 1 *", Housekeeping: "0 4 * * 0"},
		Mail:     Mail{Security: "starttls", AttachmentLimitMB: 10}, Retention: Retention{PublishedCopies: 3, OutboxDays: 90, QuarantineDays: 400},
		Documents: Documents{Notice: "points_notice", Decision: "points_decision", Seal: "（印章）",
			AnnualInstitution: "annual_report_institution", AnnualPharmacy: "annual_report_pharmacy",
			NoticeNumber: "江医保中心记告〔{{年度}}〕{{处理编号}}号", DecisionNumber: "江医保中心记处〔{{年度}}〕{{处理编号}}号"},
		Statements: Statements{ObjectionWorkdays: 10, Number: "江医保中心结通〔{{年度}}〕{{通知单编号}}-{{机构编号}}号", Seal: "（印章）"},
		Site:       Site{Practitioners: "pseudonym"},
		Listen:     "127.0.0.1:9470", SnapshotMaxAge: 40 * 24 * time.Hour, CatchUpMax: 45 * 24 * time.Hour, DiskFreeMinMB: 2048, Calendar: years,
	}
	empty := deploy(t, func(f map[string]string) {
		f[main] = "schedule:\n  nightly:\nmail: {host: '', recipients: , institutions: }\nretention: {outbox_days: }\n"
	})
	got := mustLoad(t, empty, nil, Overrides{}).Operation
	got.Mail.Port, got.Mail.Recipients, got.Mail.Institutions = 0, nil, nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("empty keys\n got %+v\nwant %+v", got, want)
	}
	if shipped := mustLoad(t, deploy(t, nil), nil, Overrides{}).Operation; !reflect.DeepEqual(shipped, want) {
		t.Errorf("the shipped file differs from the defaults it documents\n got %+v\nwant %+v", shipped, want)
	}
}

// Who takes the number sign off the shipped example gets a mail section that works.
func TestTheShippedMailExampleIsValid(t *testing.T) {
	path := deploy(t, func(f map[string]string) {
		head, rest, _ := strings.Cut(f[main], "\n# host:")
		example, tail, _ := strings.Cut(rest, "\n\n")
		f[main] = head + "\n  host:" + strings.ReplaceAll(example, "\n# ", "\n  ") + "\n\n" + strings.Replace(tail, "expected_files: []", "expected_files:", 1)
		f[main] = strings.Replace(f[main], "\n# - {feed", "\n  - {feed", 1)
	})
	o := mustLoad(t, path, map[string]string{passwordVariable: "secret"}, Overrides{}).Operation
	if !o.Mail.Enabled() || o.Mail.Port != 587 || len(o.Mail.Recipients) != 3 || len(o.Mail.Institutions["H50010500001"]) != 1 || len(o.Expected) != 1 {
		t.Errorf("%+v %+v", o.Mail, o.Expected)
	}
}

func TestTheOperationIsReadAsWritten(t *testing.T) {
	path := deploy(t, func(f map[string]string) {
		f[main] = `
schedule: {nightly: "30  1 * * 1-5", monthly: workday 20 23:05, annual: off, housekeeping: "15 4 1,15 * *"}
mail: {host: localhost, security: none, from: 医保审核 <audit@example.com>, recipients: {alarm: [b@example.com]}}
expected_files:
  - {feed: settlement, senders: [500105, 旧系统], workday: 3}
  - {feed: fee_line, name: "fee_line_{sender}_{period}_[0-9].csv", senders: ["500105"], workday: 4}
  - {feed: practitioner_status, workday: 1}
retention: {published_copies: 0}
listen: off
snapshot_max_age_days: 10
`
	})
	o := mustLoad(t, path, map[string]string{"CLAIMSAUDIT_SNAPSHOT_MAX_AGE_DAYS": "35", "CLAIMSAUDIT_DISK_FREE_MIN_MB": "0"}, Overrides{}).Operation
	if o.Schedule != (Schedule{"30 1 * * 1-5", "workday 20 23:05", "off", "15 4 1,15 * *"}) {
		t.Errorf("schedule %+v", o.Schedule)
	}
	if o.Mail.Port != 25 || o.Mail.From != "医保审核 <audit@example.com>" || !reflect.DeepEqual(o.Mail.Recipients, map[string][]string{"alarm": {"b@example.com"}}) {
		t.Errorf("mail %+v", o.Mail)
	}
	if want := []ExpectedFile{
		{"settlement", "settlement_{sender}_{period}*", []string{"500105", "旧系统"}, 3},
		{"fee_line", "fee_line_{sender}_{period}_[0-9].csv", []string{"500105"}, 4},
		{"practitioner_status", "practitioner_status_*{period}*", []string{""}, 1},
	}; !reflect.DeepEqual(o.Expected, want) {
		t.Errorf("expected files %+v", o.Expected)
	}
	if o.Retention != (Retention{0, 90, 400}) || o.Listen != "off" || o.SnapshotMaxAge != 35*24*time.Hour || o.DiskFreeMinMB != 0 {
		t.Errorf("%+v", o)
	}
}

func TestTheOperationDoesNotChangeTheDigest(t *testing.T) {
	plain := mustLoad(t, deploy(t, nil), nil, Overrides{})
	full := mustLoad(t, deploy(t, withMail("host: smtp.example.com", "from: a@example.com", "recipients: {daily: [b@example.com]}")),
		map[string]string{"CLAIMSAUDIT_LISTEN": "off"}, Overrides{})
	if plain.Digest != full.Digest || reflect.DeepEqual(plain.Operation, full.Operation) {
		t.Error("results would be taken for new ones after a change of the timetable")
	}
}

func TestEveryKeyOfASectionStandsInTheReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var keys func(prefix string, v reflect.Type) []string
	keys = func(prefix string, v reflect.Type) (list []string) {
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Field(i).Tag.Get("yaml"), ",")
			if v.Field(i).Type.Kind() == reflect.Struct {
				list = append(list, keys(prefix+name+".", v.Field(i).Type)...)
			} else {
				list = append(list, prefix+name)
			}
		}
		return list
	}
	all := []string{"expected_files", "calendars"}
	all = append(all, keys("schedule.", reflect.TypeFor[scheduleFile]())...)
	all = append(all, keys("mail.", reflect.TypeFor[mailFile]())...)
	all = append(all, keys("retention.", reflect.TypeFor[retentionFile]())...)
	all = append(all, keys("", reflect.TypeFor[expectedFile]())...)
	for _, key := range all {
		if !strings.Contains(string(readme), "\n| `"+key+"` | ") {
			t.Errorf("README.md has no row for %s", key)
		}
	}
	if !strings.Contains(string(readme), passwordVariable) {
		t.Error("README.md does not name " + passwordVariable)
	}
}

const m = "\nmail:"

var brokenOperation = []mistake{
	{"unknown job", main, "nightly:", "hourly:", "schedule.hourly: 不认识的键 hourly"},
	{"four fields", main, `"0 2 * * *"`, `"0 2 * *"`, `schedule.nightly: "0 2 * *" 不是时间表`},
	{"zone inside", main, `"0 2 * * *"`, `"TZ=UTC 2 * * *"`, `schedule.nightly: "TZ=UTC 2 * * *" 不是时间表`},
	{"every", main, `"0 2 * * *"`, `"@daily"`, `schedule.nightly: "@daily" 不是时间表`},
	{"star without quotes", main, `"0 2 * * *"`, `* 2 * * *`, "schedule.nightly: 不支持 YAML 锚点"},
	{"workday 21", main, "workday 3", "workday 21", `schedule.monthly: "workday 21 06:00" 不是时间表`},
	{"workday 0", main, "workday 3", "workday 0", `schedule.monthly: "workday 0 06:00" 不是时间表`},
	{"hour 24", main, "3 06:00", "3 24:00", `schedule.monthly: "workday 3 24:00" 不是时间表`},
	{"mail is text", main, m, m + " off", "mail: 这里应写成“键: 值”"},

	{"unknown mail key", main, m, m + " {hosts: x}", "mail.hosts: 不认识的键 hosts"},
	{"host with port", main, m, m + " {host: 'localhost:25', from: a@b}", `mail.host: "localhost:25" 不是主机名`},
	{"host is a URL", main, m, m + " {host: smtp://x, from: a@b}", `mail.host: "smtp://x" 不是主机名`},
	{"port", main, m, m + " {host: x, from: a@b, port: 0}", "mail.port: 0 不在 1 至 65535"},
	{"security", main, m, m + " {host: x, from: a@b, security: ssl}", "mail.security: 不认识的加密方式 ssl"},
	{"plain over the network", main, m, m + " {host: 10.0.0.5, from: a@b, security: none}", "mail.security: 不加密只能用于本机"},
	{"no sender", main, m, m + " {host: x}", "mail.from: 缺少 from"},
	{"sender", main, m, m + " {host: x, from: audit}", `mail.from: "audit" 不是邮件地址`},
	{"two senders", main, m, m + " {host: x, from: 'a@b, c@d'}", `mail.from: "a@b, c@d" 不是邮件地址`},
	{"user without password", main, m, m + " {host: x, from: a@b, user: u}", "mail.password_file: 写了 user，却没有密码"},
	{"password without user", main, m, m + " {host: x, from: a@b, password_file: /nowhere}", "mail.password_file: 写了密码文件，却没有写 user"},
	{"password file missing", main, m, m + " {host: x, from: a@b, user: u, password_file: /nowhere/p}", "mail.password_file: 读不到密码文件 /nowhere/p：文件不存在"},
	{"authority missing", main, m, m + " {host: x, from: a@b, ca_file: /nowhere/ca}", "mail.ca_file: 读不到证书文件 /nowhere/ca：文件不存在"},
	{"no authority in it", main, m, m + " {host: x, from: a@b, ca_file: configs.go}", "mail.ca_file: configs.go 里没有证书"},
	{"workbook password missing", main, m, m + " {host: x, from: a@b, workbook_password_file: /nowhere/p}", "mail.workbook_password_file: 读不到密码文件 /nowhere/p：文件不存在"},
	{"report unknown", main, m, m + " {reports: [monthly, weekly]}", "mail.reports[1]: 不认识的报告 weekly"},
	{"names in the clear", main, m, m + " {host: x, from: a@b, reports: [handover]}", "mail.reports[0]: handover 写有姓名全称，不能不加密寄出"},
	{"attachment limit", main, m, m + " {attachment_limit_mb: 10MB}", `mail.attachment_limit_mb: "10MB" 不是整数`},
	{"attachment limit high", main, m, m + " {attachment_limit_mb: 101}", "mail.attachment_limit_mb: 101 不在 1 至 100"},
	{"unknown report", main, m, m + " {recipients: {weekly: [a@b]}}", "mail.recipients.weekly: 不认识的键 weekly"},
	{"recipient", main, m, m + " {recipients: {daily: [a@b, zhangsan]}}", `mail.recipients.daily[1]: "zhangsan" 不是邮件地址`},
	{"recipient with a name", main, m, m + " {recipients: {daily: ['x <a@b>']}}", `mail.recipients.daily[0]: "x <a@b>" 不是邮件地址`},
	{"recipient in Chinese", main, m, m + " {recipients: {daily: [张三@b]}}", `mail.recipients.daily[0]: "张三@b" 不是邮件地址`},
	{"recipient twice", main, m, m + " {recipients: {alarm: [a@b, A@b]}}", "mail.recipients.alarm[1]: A@b 重复"},
	{"institution without list", main, m, m + " {institutions: {H1: a@b}}", "mail.institutions.H1: 这里应是列表"},
	{"institution's address", main, m, m + " {institutions: {H1: [a]}}", `mail.institutions.H1[0]: "a" 不是邮件地址`},

	{"unknown feed", main, "expected_files: []", "expected_files: [{feed: settlements, workday: 3}]", "expected_files[0].feed: 没有数据种类 settlements"},
	{"no workday", main, "expected_files: []", "expected_files: [{feed: settlement}]", "expected_files[0].workday: 缺少 workday"},
	{"workday out of range", main, "expected_files: []", "expected_files: [{feed: settlement, workday: 31}]", "expected_files[0].workday: 31 不在 1 至 20"},
	{"third placeholder", main, "expected_files: []", `expected_files: [{feed: settlement, workday: 3, name: "settlement_{day}_{period}"}]`, "expected_files[0].name: 文件名里只能用"},
	{"bad glob of a file", main, "expected_files: []", `expected_files: [{feed: settlement, workday: 3, name: "settlement_[{period}"}]`, "expected_files[0].name: 文件名式样"},
	{"name of another feed", main, "expected_files: []", `expected_files: [{feed: settlement, workday: 3, name: "fee_line_{period}*"}]`, "expected_files[0].name: 这样的文件名不会被认作 settlement"},
	{"name without month", main, "expected_files: []", `expected_files: [{feed: settlement, workday: 3, name: "settlement*"}]`, "expected_files[0].name: 文件名里没有 {period}"},
	{"no senders", main, "expected_files: []", `expected_files: [{feed: settlement, workday: 3, name: "settlement_{sender}_{period}*"}]`, "expected_files[0].name: 文件名里有 {sender}"},
	{"senders for nothing", main, "expected_files: []", `expected_files: [{feed: settlement, workday: 3, senders: [a], name: "settlement_{period}*"}]`, "expected_files[0].name: 写了 senders"},
	{"sender is a glob", main, "expected_files: []", `expected_files: [{feed: settlement, workday: 3, senders: ["*"]}]`, `expected_files[0].senders[0]: "*" 不能用在文件名里`},
	{"sender twice", main, "expected_files: []", `expected_files: [{feed: settlement, workday: 3, senders: [a, a]}]`, "expected_files[0].senders[1]: a 重复"},
	{"same file twice", main, "expected_files: []", "expected_files: [{feed: settlement, workday: 3}, {feed: settlement, workday: 4}]", "expected_files[1]: 与前面的一项重复"},

	{"calendar not there", main, "calendars: []", "calendars: [nowhere.yaml]", "calendars[0]: 读不到 nowhere.yaml"},
	{"copies", main, "published_copies: 3", "published_copies: -1", "retention.published_copies: -1 不在 0 至"},
	{"outbox days", main, "outbox_days: 90", "outbox_days: 2", "retention.outbox_days: 2 不在 7 至"},
	{"listen to the world", main, "127.0.0.1:9470", "0.0.0.0:9470", `listen: "0.0.0.0:9470" 不是本机地址`},
	{"listen without host", main, "127.0.0.1:9470", ":9470", `listen: ":9470" 不是本机地址`},
	{"listen without port", main, "127.0.0.1:9470", "127.0.0.1", `listen: "127.0.0.1" 不是本机地址`},
	{"age of snapshots", main, "age_days: 40", "age_days: 0", `snapshot_max_age_days: "0" 不是`},
	{"catch-up", main, "catch_up_max_days: 45", "catch_up_max_days: 6w", `catch_up_max_days: "6w" 不是`},
	{"free space", main, "disk_free_min_mb: 2048", "disk_free_min_mb: -1", `disk_free_min_mb: "-1" 不是`},
}

func TestThePasswordComesFromAPrivateFileOrTheEnvironment(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mail.password")
	path := deploy(t, withMail("host: smtp.example.com", "from: a@example.com", "user: u", "password_file: "+file))
	cases := []struct{ name, text, want string }{
		{"one line", "p&ss word\n", ""}, {"two lines", "a\nb\n", "应当只有一行"}, {"empty", "\n", "应当只有一行"},
	}
	for _, x := range cases {
		if err := os.WriteFile(file, []byte(x.text), 0o600); err != nil {
			t.Fatal(err)
		}
		all := Problems(Check(path, true, nil, Overrides{})).Error()
		if (x.want == "") != strings.Contains(all, "0 处") || !strings.Contains(all, x.want) || strings.Contains(all, "p&ss") {
			t.Errorf("%s: %s", x.name, all)
		}
	}
	if err := os.WriteFile(file, []byte("p&ss word\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := mustLoad(t, path, nil, Overrides{}).Operation.Mail.Password; string(got) != "p&ss word" {
		t.Errorf("got %q", string(got))
	}
	book := deploy(t, withMail("host: smtp.example.com", "from: a@example.com", "workbook_password_file: "+file))
	if got := mustLoad(t, book, nil, Overrides{}).Operation.Mail; string(got.WorkbookPassword) != "p&ss word" || got.Password != "" {
		t.Errorf("got %q", string(got.WorkbookPassword))
	}
	for list, want := range map[string][]bool{"": {true, false, false}, "reports: []": {false, false, false}, "reports: [handover, points]": {false, true, true}} {
		m := mustLoad(t, deploy(t, withMail("host: smtp.example.com", "from: a@example.com", "workbook_password_file: "+file, list)), nil, Overrides{}).Operation.Mail
		if got := []bool{m.Brings(ReportMonthly), m.Brings(ReportPoints), m.Brings(ReportHandover)}; !slices.Equal(got, want) {
			t.Errorf("%q brings %v", list, got)
		}
	}
	for _, mode := range []os.FileMode{0o644, 0o640, 0o604, 0o620} {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		all := Problems(Check(path, true, nil, Overrides{})).Error()
		if !strings.Contains(all, fmt.Sprintf("%04o", mode)) || !strings.Contains(all, "chmod 600 "+file) {
			t.Errorf("%o: %s", mode, all)
		}
	}
	if got := mustLoad(t, path, map[string]string{passwordVariable: "other"}, Overrides{}).Operation.Mail.Password; string(got) != "other" {
		t.Errorf("the environment does not beat the file: %q", string(got))
	}
	if all := Problems(Check(deploy(t, withMail("host: h", "from: a@b", "user: u", "password_file: "+filepath.Dir(file))), true, nil, Overrides{})).Error(); !strings.Contains(all, "不是普通文件") {
		t.Error(all)
	}
	if problems := Check(deploy(t, withMail("user: u", "password_file: "+file)), true, nil, Overrides{}); problems != nil {
		t.Errorf("a file was looked at although mail is off: %v", problems)
	}
}

func TestThePasswordIsNeverPrinted(t *testing.T) {
	c := &Config{Operation: Operation{Mail: Mail{Password: "hunter2"}}}
	marshalled, err := json.Marshal(c.Operation.Mail)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprint(c.Operation), fmt.Sprintf("%+v", c.Operation), fmt.Sprintf("%#v", c.Operation.Mail),
		fmt.Sprintf("%s %[1]q %[1]x", c.Operation.Mail.Password), string(marshalled)} {
		if strings.Contains(text, "hunter2") || strings.Contains(text, fmt.Sprintf("%x", "hunter2")) || !strings.Contains(text, "***") {
			t.Errorf("printed as %s", text)
		}
	}
}

// TestWhatTheSiteShowsOfPersons: a misspelt word must not show more than was meant.
func TestWhatTheSiteShowsOfPersons(t *testing.T) {
	for _, word := range []string{"pseudonym", "masked", "off"} {
		path := deploy(t, func(f map[string]string) { f[main] = "site: {practitioners: " + word + "}\n" })
		if got := mustLoad(t, path, nil, Overrides{}).Operation.Site.Practitioners; got != word {
			t.Errorf("%s is read as %s", word, got)
		}
	}
	plain, off := mustLoad(t, deploy(t, nil), nil, Overrides{}), mustLoad(t, deploy(t, func(f map[string]string) {
		f[main] = strings.Replace(f[main], "practitioners: pseudonym", "practitioners: masked", 1)
	}), nil, Overrides{})
	if plain.Digest != off.Digest {
		t.Error("what the site shows changes the digest of what is judged by")
	}
	for _, text := range []string{"site: {practitioners: names}\n", "site: {practitioners: true}\n", "site: {people: off}\n", "site: [off]\n"} {
		if _, err := Load(deploy(t, func(f map[string]string) { f[main] = text }), true, nil, Overrides{}); err == nil || !strings.Contains(err.Error(), "site") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
