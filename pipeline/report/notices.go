package report

import (
	"fmt"
	"strings"
	"time"

	"claimsaudit/pipeline"
)

// RunFacts say which run a notice is about, and what of its deliveries needs a person.
type RunFacts struct {
	Centre, Job, RunID, ChainHash string
	Period                        string // "" if the run has none
	AsOf                          time.Time
	Refused                       []Trouble // delivered files of which nothing was loaded
	RejectedRows                  int64
	Quarantine                    []string // files with the rejected rows, to be corrected
	Missing                       []string // expected files that did not come
	Failures                      []Trouble
	Deadlines                     Deadlines // nobody was told of yet
}

// Deadlines counts open matters of the points record; who they concern is not for the mail.
type Deadlines struct{ Overdue, Due, Starting int }

// IsZero reports whether there is nothing to tell.
func (d Deadlines) IsZero() bool { return d == Deadlines{} }

func (d Deadlines) String() string {
	var parts []string
	for _, x := range []struct {
		n    int
		what string
	}{{d.Overdue, "超期"}, {d.Due, "一周内到期"}, {d.Starting, "一周内开始执行"}} {
		if x.n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d 项", x.what, x.n))
		}
	}
	return strings.Join(parts, "，")
}

// Trouble is one matter with its technical words.
type Trouble struct {
	Kind       pipeline.Kind
	Where, Why string
}

// MonthFacts are what the mail with a month's report says beside the run's: its figures are the report's own.
type MonthFacts struct {
	RunFacts
	Report      *Month
	IsLaterView bool     // of a closed month: no statement was issued
	Attached    []string // names
	Elsewhere   []string // paths of reports that could not be attached
	OnServer    []string // paths of reports that the settings do not attach
	Internal    []string // the same of reports that name people in full
	IsProtected bool     // the attached workbook asks for a password
	LimitMB     int
}

// MonthlyNotice is the mail that brings a month's report, also when there is nothing to report.
func MonthlyNotice(f MonthFacts) (n Notice, err error) {
	s, month := f.Report.summary, chineseMonth(f.period())
	n = Notice{Title: month + "基金支付审核报告", Centre: f.Centre}
	what := f.amounts()
	switch isEmpty := what == ""; {
	case isEmpty && s.Total.Exempt == 0:
		n.Lead = "本月没有扣款、追回、退还、急诊豁免，也没有待复核的费用。"
		n.Subject = month + "审核报告：本月没有扣款、追回和待复核"
	case isEmpty:
		n.Lead = fmt.Sprintf("本月没有扣款、追回、退还和待复核的费用；急诊豁免 %s 元，照付。", s.Total.Exempt)
		n.Subject = month + "审核报告：本月没有扣款、追回和待复核"
	default:
		n.Lead = "本月" + what + "。"
		n.Subject = month + "审核报告：" + what
	}
	if f.IsLaterView {
		n.Subject += "（关账后重算）"
	}
	if n.Month, err = f.body(); err != nil {
		return n, err
	}
	f.matters(&n)
	f.Deadlines = Deadlines{} // counted above, new and old
	f.troubles(&n)
	n.Facts = append(n.Facts, NoticeRow{"数据情况", fmt.Sprintf("拒收文件 %d 个，待更正的拒收数据 %s 行", len(f.Refused), grouped(f.RejectedRows))})
	f.attachments(&n)
	f.facts(&n)
	return n, nil
}

// standing says which statement there is, and how the month moved against the one before.
func (f MonthFacts) standing() string {
	s := f.Report.summary
	no, t := s.Meta.StatementNo, s.Total
	if f.IsLaterView {
		return fmt.Sprintf("本月已关账，这是截至%s的重算，未另出通知单；差额由下一期通知单追回或退还。", chineseDay(f.AsOf))
	}
	if no == "" {
		return "本月由以后月份的通知单关账，没有单独的通知单。"
	}
	said := fmt.Sprintf("通知单 %s 已出具。", no)
	if t.Withhold == 0 && t.Recover == 0 && t.Released == 0 {
		said = fmt.Sprintf("通知单 %s 已出具，没有内容。", no)
	}
	switch c := s.Change; {
	case s.drift() != 0:
		said += driftText(s.drift())
	case c.Compares():
		said += fmt.Sprintf("与%s的通知单相比，%s。", chineseMonth(c.Before.Month), c.moved())
	case c.Now.Stands():
		said += "此前没有通知单，无上期可比。"
	}
	return said
}

// amounts names what is not zero, the withheld amount always, "" if nothing but plain payment and emergencies happened.
func (f MonthFacts) amounts() string {
	t := f.Report.summary.Total
	if t.Withhold == 0 && t.Recover == 0 && t.Released == 0 && t.Review == 0 {
		return ""
	}
	parts := []string{"没有扣款"}
	if t.Withhold != 0 {
		parts[0] = fmt.Sprintf("扣款 %s 元", t.Withhold)
	}
	for _, a := range []struct {
		word  string
		cents cents
	}{{"追回", t.Recover}, {"退还", -t.Released}, {"待复核", t.Review}} {
		if a.cents != 0 {
			parts = append(parts, fmt.Sprintf("%s %s 元", a.word, a.cents))
		}
	}
	return strings.Join(parts, "，")
}

// attachments says what comes with the mail and where the rest lies.
func (f MonthFacts) attachments(n *Notice) {
	if len(f.Attached) > 0 {
		n.Facts = append(n.Facts, NoticeRow{"附件", strings.Join(f.Attached, "、")})
	}
	if f.IsProtected {
		n.Facts = append(n.Facts, NoticeRow{"打开密码", "工作簿已加密，密码请向系统管理员索取。"})
	}
	for _, path := range f.Elsewhere {
		why := fmt.Sprintf("（未随信附上：附件合计不超过 %d MB）", f.LimitMB)
		if f.IsProtected && !strings.HasSuffix(path, ".xlsx") {
			why = "（未随信附上：网页不能加密）"
		}
		n.Facts = append(n.Facts, NoticeRow{"报告位置", path + why})
	}
	for _, path := range f.OnServer {
		n.Facts = append(n.Facts, NoticeRow{"报告位置", path + "（按配置不随信附上）"})
	}
	for _, path := range f.Internal {
		n.Facts = append(n.Facts, NoticeRow{"内部资料", path + "（记分月报、移交清单，写有姓名全称，不随信附上）"})
	}
	if no := f.Report.summary.Meta.StatementNo; no != "" {
		n.Facts = append(n.Facts, NoticeRow{"通知单编号", no})
	}
}

// DailyNotice tells the operators what of a run needs a person; ok is false if nothing does.
func DailyNotice(f RunFacts) (n Notice, ok bool) {
	n = Notice{Title: chineseDay(f.AsOf) + jobTitle(f.Job) + "简报", Centre: f.Centre}
	var what []string
	if len(f.Failures) > 0 {
		what = append(what, "运行失败")
	}
	if len(f.Refused) > 0 {
		what = append(what, fmt.Sprintf("%d 个文件被拒收", len(f.Refused)))
	}
	if f.RejectedRows > 0 {
		what = append(what, fmt.Sprintf("%s 行数据被拒收", grouped(f.RejectedRows)))
	}
	if len(f.Missing) > 0 {
		what = append(what, fmt.Sprintf("%d 个应到文件未到", len(f.Missing)))
	}
	if !f.Deadlines.IsZero() {
		what = append(what, "期限"+f.Deadlines.String())
	}
	if len(what) == 0 {
		return n, false
	}
	n.Lead = strings.Join(what, "，") + "。"
	n.Subject = n.Title + "：" + strings.Join(what, "，")
	f.troubles(&n)
	f.facts(&n)
	return n, true
}

// FailedNotice is the alarm of a run that ended without doing its work.
func FailedNotice(f RunFacts) Notice {
	title := jobTitle(f.Job)
	if f.Period != "" {
		title += "（" + f.Period + "）"
	}
	n := Notice{Subject: "【告警】" + title + "失败：" + kindTitle(f.Failures[0].Kind), Title: title + "失败", Centre: f.Centre,
		Lead: kindTitle(f.Failures[0].Kind) + "。原有的报告、通知单和发布库不受影响。"}
	f.Refused, f.RejectedRows, f.Quarantine, f.Missing, f.Deadlines = nil, 0, nil, nil, Deadlines{}
	f.troubles(&n)
	f.facts(&n)
	return n
}

// UndeliveredNotice is the alarm that mails could not be delivered; lines name them, addresses masked.
func UndeliveredNotice(centre string, lines []string) Notice {
	return Notice{Subject: fmt.Sprintf("【告警】%d 封邮件未能送达", len(lines)), Title: "邮件未能送达", Centre: centre,
		Lead:    "以下邮件不再重发。报告和通知单不受影响，仍在服务器上。",
		Matters: lines,
		Todo:    []string{"请核对配置中 mail.recipients、mail.institutions 的地址，或联系收件人的邮件管理员。", "需要的报告和通知书可从服务器的 reports 目录取出，另行送达。"}}
}

// AlarmNotice is an alarm in the caller's words: what is the matter, and on further lines what to do.
func AlarmNotice(centre, title, text string) Notice {
	lead, rest, _ := strings.Cut(text, "\n")
	n := Notice{Subject: "【告警】" + title, Title: title, Lead: lead, Centre: centre}
	if rest != "" {
		n.Todo = strings.Split(rest, "\n")
	}
	return n
}

// troubles says what needs a person and what to do.
func (f RunFacts) troubles(n *Notice) {
	for _, t := range f.Failures {
		n.Matters = append(n.Matters, kindTitle(t.Kind)+technical(t))
		n.Todo = appendOnce(n.Todo, kindTodo(t.Kind))
	}
	for _, t := range f.Refused {
		n.Matters = append(n.Matters, "文件被拒收，全部数据未载入"+technical(t))
	}
	if len(f.Refused) > 0 {
		n.Todo = appendOnce(n.Todo, "请报送单位更正后重新报送被拒收的文件；原文件已归档。")
	}
	if f.RejectedRows > 0 {
		n.Matters = append(n.Matters, fmt.Sprintf("%s 行数据被拒收，其余各行已载入。", grouped(f.RejectedRows)))
		n.Todo = appendOnce(n.Todo, "用文本编辑器更正拒收文件，保存后运行 claimsaudit replay。")
	}
	for _, path := range f.Quarantine {
		n.Matters = append(n.Matters, "拒收文件："+path)
	}
	for _, m := range f.Missing {
		n.Matters = append(n.Matters, "应到文件未到："+strings.Replace(m, ": due ", "，应于此日前到：", 1))
	}
	if len(f.Missing) > 0 {
		n.Todo = appendOnce(n.Todo, "请向报送单位催要未到的文件，放入收件目录后再次运行。")
	}
	if !f.Deadlines.IsZero() {
		n.Matters = append(n.Matters, "记分管理新出现的到期事项："+f.Deadlines.String()+"。")
		n.Todo = appendOnce(n.Todo, "请在发布库的 mart.deadline 中查看名单，逐项办理。")
	}
}

func (f RunFacts) facts(n *Notice) {
	n.Facts = append(n.Facts, NoticeRow{"数据截至", f.AsOf.Format(time.DateOnly)})
	if f.RunID != "" {
		n.Facts = append(n.Facts, NoticeRow{"运行编号", f.RunID})
	}
	if f.ChainHash != "" {
		n.Facts = append(n.Facts, NoticeRow{"校验链", f.ChainHash})
	}
}

func technical(t Trouble) string {
	words := strings.Trim(t.Where+"："+t.Why, "：")
	if words == "" {
		return "。"
	}
	if runes := []rune(words); len(runes) > 300 {
		words = string(runes[:300]) + "…"
	}
	return "（" + strings.ReplaceAll(words, "\n", " ") + "）。"
}

func jobTitle(job string) string {
	return words{"nightly": "每日审核", "monthly": "月度审核", "annual": "年度审核", "replay": "重新接收", "housekeeping": "例行整理", "deliver": "邮件投递"}.of(job)
}

func kindTitle(k pipeline.Kind) string {
	switch k {
	case pipeline.KindUsage:
		return "参数、目录或配置有误"
	case pipeline.KindGate:
		return "被拒收的数据超过限额，本次未作审核"
	default:
		return "程序或机器故障"
	}
}

func kindTodo(k pipeline.Kind) string {
	switch k {
	case pipeline.KindUsage:
		return "运行 claimsaudit check，按所列各条改正后再次运行。"
	case pipeline.KindGate:
		return "更正拒收文件后运行 claimsaudit replay；或再次运行，不计这些行，其余照常审核。"
	default:
		return "查看运行日志和 claimsaudit status，检查磁盘空间，排除后再次运行；已完成的步骤不会重做。"
	}
}

func appendOnce(list []string, s string) []string {
	for _, known := range list {
		if known == s {
			return list
		}
	}
	return append(list, s)
}
