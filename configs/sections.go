package configs

import (
	"fmt"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"claimsaudit/pipeline"
)

// sections are the keys of the settings that hold keys of their own.
var sections = []string{"schedule", "mail", "expected_files", "retention", "documents", "site", "statements"}

type scheduleFile struct {
	Nightly      string `yaml:"nightly,optional"`
	Monthly      string `yaml:"monthly,optional"`
	Annual       string `yaml:"annual,optional"`
	Housekeeping string `yaml:"housekeeping,optional"`
}

type expectedFile struct {
	Feed    string   `yaml:"feed"`
	Name    string   `yaml:"name,optional"`
	Senders []string `yaml:"senders,optional"`
	Workday int      `yaml:"workday"`
}

type retentionFile struct {
	PublishedCopies int `yaml:"published_copies,optional"`
	OutboxDays      int `yaml:"outbox_days,optional"`
	QuarantineDays  int `yaml:"quarantine_days,optional"`
}

// defaultOperation is what holds without a settings file. Flat settings carry
// their defaults themselves.
func defaultOperation() Operation {
	return Operation{
		Schedule:  Schedule{Nightly: "0 2 * * *", Monthly: "workday 3 06:00", Annual: "0 6 10 1 *", Housekeeping: "0 4 * * 0"},
		Mail:      Mail{Security: "starttls", AttachmentLimitMB: 10},
		Retention: Retention{PublishedCopies: 3, OutboxDays: 90, QuarantineDays: 400},
		Documents: defaultDocuments(), Site: Site{Practitioners: "pseudonym"}, Statements: defaultStatements(),
	}
}

func section(d *document, e entry, o *Operation) {
	if blank(e.value) {
		return
	}
	switch e.key {
	case "schedule":
		f := scheduleFile(o.Schedule)
		d.value(e.value, reflect.ValueOf(&f).Elem(), e.path)
		o.Schedule = schedule(d, f)
	case "mail":
		f := mailFile{Port: unset, Security: o.Mail.Security, AttachmentLimitMB: o.Mail.AttachmentLimitMB}
		d.value(e.value, reflect.ValueOf(&f).Elem(), e.path)
		o.Mail = mail(d, f)
	case "expected_files":
		var list []expectedFile
		d.value(e.value, reflect.ValueOf(&list).Elem(), e.path)
		o.Expected = expectedFiles(d, list)
	case "retention":
		f := retentionFile(o.Retention)
		d.value(e.value, reflect.ValueOf(&f).Elem(), e.path)
		d.between("retention.published_copies", f.PublishedCopies, 0, 1000)
		d.between("retention.outbox_days", f.OutboxDays, 7, 3650) // delivery alone may take three days
		d.between("retention.quarantine_days", f.QuarantineDays, 1, 3650)
		o.Retention = Retention(f)
	case "documents":
		f := documentsFile(o.Documents)
		d.value(e.value, reflect.ValueOf(&f).Elem(), e.path)
		o.Documents = documents(d, f)
	case "site":
		f := siteFile(o.Site)
		d.value(e.value, reflect.ValueOf(&f).Elem(), e.path)
		o.Site = site(d, f)
	case "statements":
		f := statementsFile(o.Statements)
		d.value(e.value, reflect.ValueOf(&f).Elem(), e.path)
		o.Statements = statements(d, f)
	}
}

func (d *document) between(at string, n, low, high int) {
	if d.good(at) && (n < low || n > high) {
		d.fault(at, fmt.Sprintf("%d 不在 %d 至 %d 之间", n, low, high), "改成范围内的整数")
	}
}

var (
	cronField    = regexp.MustCompile(`^[0-9A-Za-z*/,?-]+$`)
	workdayAt    = regexp.MustCompile(`^workday ([1-9]|1[0-9]|20) ([01][0-9]|2[0-3]):[0-5][0-9]$`)
	scheduleHint = `写五段 cron（分 时 日 月 周），如 "0 2 * * *"；或 "workday 3 06:00"（每月第 3 个工作日，1 至 20）；或 off`
)

// schedule checks the shape only; jobs computes the next times and refuses a
// schedule that never comes.
func schedule(d *document, f scheduleFile) Schedule {
	for _, x := range []struct {
		key  string
		text *string
	}{{"nightly", &f.Nightly}, {"monthly", &f.Monthly}, {"annual", &f.Annual}, {"housekeeping", &f.Housekeeping}} {
		fields := strings.Fields(*x.text)
		*x.text = strings.Join(fields, " ")
		cron := len(fields) == 5 && !slices.ContainsFunc(fields, func(s string) bool { return !cronField.MatchString(s) })
		at := "schedule." + x.key
		if d.good(at) && *x.text != "off" && !cron && !workdayAt.MatchString(*x.text) {
			d.fault(at, fmt.Sprintf("%q 不是时间表", *x.text), scheduleHint)
		}
	}
	return Schedule(f)
}

var senderOfFile = regexp.MustCompile(`^[^\s*?\[\]{}/\\]+$`)

func expectedFiles(d *document, list []expectedFile) []ExpectedFile {
	var out []ExpectedFile
	seen := map[string]bool{}
	for i, f := range list {
		at := fmt.Sprintf("expected_files[%d]", i)
		feed := pipeline.FeedNamed(f.Feed)
		if d.good(at+".feed") && feed == nil {
			var names []string
			for _, x := range pipeline.Feeds {
				names = append(names, x.Name)
			}
			d.fault(at+".feed", "没有数据种类 "+f.Feed, "可用："+strings.Join(names, "、"))
		}
		d.between(at+".workday", f.Workday, 1, 20)
		oneOf(d, at+".senders", f.Senders)
		for j, sender := range f.Senders {
			if place := fmt.Sprintf("%s.senders[%d]", at, j); d.good(place) && !senderOfFile.MatchString(sender) {
				d.fault(place, fmt.Sprintf("%q 不能用在文件名里", sender), "写文件名中表示报送单位的那一段，如 500105")
			}
		}
		e := ExpectedFile(f)
		if e.Name == "" && len(e.Senders) > 0 {
			e.Name = f.Feed + "_{sender}_{period}*"
		} else if e.Name == "" {
			e.Name = f.Feed + "_*{period}*"
		}
		if len(e.Senders) == 0 {
			e.Senders = []string{""}
		}
		checkExpectedName(d, at, e, feed)
		if key := e.Feed + "|" + e.Name; seen[key] && d.good(at) {
			d.fault(at, "与前面的一项重复", "把报送单位合写在一项的 senders 里")
		} else {
			seen[key] = true
		}
		out = append(out, e)
	}
	return out
}

// checkExpectedName refuses a name no delivered file can have, and one that a
// file of another month or sender would satisfy too.
func checkExpectedName(d *document, at string, e ExpectedFile, feed *pipeline.Feed) {
	place := at + ".name"
	if !d.good(place) {
		return
	}
	plain := strings.NewReplacer("{period}", "202501", "{sender}", "500105").Replace(e.Name)
	_, err := path.Match(plain, "")
	switch {
	case strings.ContainsAny(plain, "{}"):
		d.fault(place, "文件名里只能用 {period} 和 {sender}", "{period} 是年月如 202503，{sender} 是报送单位")
	case err != nil || strings.ContainsAny(plain, `/\`):
		d.fault(place, "文件名式样 "+e.Name+" 写法不对", "只写文件名，可用 * ? [a-z]，不带目录")
	case feed != nil && pipeline.FeedOf(plain) != feed:
		d.fault(place, "这样的文件名不会被认作 "+e.Feed, "文件名必须以数据种类开头，如 "+e.Feed+"_{sender}_{period}*")
	case !strings.Contains(e.Name, "{period}"):
		d.fault(place, "文件名里没有 {period}", "没有年月就分不清是哪个月的文件")
	case strings.Contains(e.Name, "{sender}") && e.Senders[0] == "":
		d.fault(place, "文件名里有 {sender}，却没有写 senders", "补上 senders，或去掉 {sender}")
	case !strings.Contains(e.Name, "{sender}") && e.Senders[0] != "":
		d.fault(place, "写了 senders，文件名里却没有 {sender}", "补上 {sender}，或去掉 senders")
	}
}
