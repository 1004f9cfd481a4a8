package configs

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"claimsaudit/pipeline"
)

// deploy copies the shipped files into a new folder, after edit changed them
// (path below configs → text), and returns the settings file's path.
func deploy(t *testing.T, edit func(files map[string]string)) string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(builtIn, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := builtIn.ReadFile(path)
		files[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if edit != nil {
		edit(files)
	}
	dir := t.TempDir()
	for path, text := range files {
		to := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "claimsaudit.yaml")
}

func mustLoad(t *testing.T, path string, env map[string]string, flags Overrides) *Config {
	t.Helper()
	c, err := Load(path, true, env, flags)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// replace changes a text that must be there exactly as the test knows it.
func replace(t *testing.T, files map[string]string, path, old, text string) {
	t.Helper()
	if !strings.Contains(files[path], old) {
		t.Fatalf("%s no longer contains %q", path, old)
	}
	files[path] = strings.Replace(files[path], old, text, 1)
}

func TestShippedFilesAreValidAndEqualTheBuiltInOnes(t *testing.T) {
	onDisk := mustLoad(t, "claimsaudit.yaml", nil, Overrides{}) // tests run in the package's folder
	t.Chdir(t.TempDir())
	embedded, err := Load("", false, nil, Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	if onDisk.Source != "claimsaudit.yaml" || embedded.Source != "内置:configs/claimsaudit.yaml" {
		t.Errorf("sources %q and %q do not say where the settings came from", onDisk.Source, embedded.Source)
	}
	onDisk.Source, embedded.Source = "", ""
	if !reflect.DeepEqual(onDisk, embedded) {
		t.Errorf("the binary alone would judge otherwise:\n%+v\n%+v", onDisk, embedded)
	}
}

func TestEveryShippedFileIsUsedByTheShippedSettings(t *testing.T) {
	c := mustLoad(t, deploy(t, nil), nil, Overrides{})
	used := map[string][]string{"scorecards": c.Settings.Scorecards, "layouts": c.Settings.Layouts}
	for kind, names := range used {
		if !reflect.DeepEqual(builtInNames(kind), names) {
			t.Errorf("%s: shipped %v, checked only %v", kind, builtInNames(kind), names)
		}
	}
	if packs := builtInNames("rulepacks"); len(packs) != 2 { // one is used, one is an example to copy
		t.Errorf("rule packs %v", packs)
	}
	for _, name := range builtInNames("rulepacks") {
		pack, err := LoadRulePack("claimsaudit.yaml", name)
		if err != nil || pack.Name != name {
			t.Errorf("rule pack %s: name %s, %v", name, pack.Name, err)
		}
	}
}

func TestDefaults(t *testing.T) {
	c := mustLoad(t, deploy(t, func(f map[string]string) { f["claimsaudit.yaml"] = "# 全部用默认值\n" }), nil, Overrides{})
	want := Settings{Data: "data", Inbox: "data/inbox", RulePack: "chongqing-2025",
		Scorecards: []string{"institution-2025", "pharmacy-2025"}, Layouts: []string{"standard"},
		Region: "500105", CentreName: "重庆市江北区医疗保障事务中心", StatementPrefix: "500105",
		MemoryLimitMB: 600, Threads: 0, GateRejectedBasisPoints: 500, PublishedMode: 0o440,
		KeyFile: "data/keys/pseudonym.key", LogLevel: "info"}
	if !reflect.DeepEqual(c.Settings, want) {
		t.Errorf("defaults\n got %+v\nwant %+v", c.Settings, want)
	}
	if shipped := mustLoad(t, deploy(t, nil), nil, Overrides{}); !reflect.DeepEqual(shipped.Settings, want) {
		t.Errorf("the shipped file differs from the defaults it documents: %+v", shipped.Settings)
	}
}

// The values of contract sections 4 and 7.
func TestTheShippedRulePackSaysWhatTheContractSays(t *testing.T) {
	c := mustLoad(t, deploy(t, nil), nil, Overrides{})
	if day := c.RulePack.EffectiveFrom.Format("2006-01-02 15:04 MST"); day != "2025-03-01 00:00 UTC" {
		t.Errorf("judged from %s", day)
	}
	var rules []string
	for _, r := range c.RulePack.Rules {
		line := strings.Join([]string{r.Name, r.Action, r.Article}, "|")
		if r.LiftedByEmergency {
			line += "|lifted"
		}
		rules = append(rules, line)
		for article := range strings.SplitSeq(r.Article, ", ") {
			if !strings.Contains(r.Reason, "第"+article+"条") {
				t.Errorf("rule %d: the reason does not cite article %s", r.No, article)
			}
		}
	}
	want := []string{"practitioner_terminated|withhold|19, 50|lifted", "practitioner_suspended|withhold|19, 50|lifted",
		"pharmacy_principal_blocked|withhold|2, 39", "agreement_inactive|withhold|21", "practitioner_unknown|review|10",
		"not_registered_here|review|10, 17", "commitment_missing|review|8, 13", "suspension_expired|review|44",
		"status_not_maintained|review|37, 48", "practitioner_missing|review|10"}
	if !slices.Equal(rules, want) {
		t.Errorf("rules %v", rules)
	}
	tests := []EmergencyTest{{1, "review", []string{"emergency"}}, {2, "med_type", []string{"13", "24"}}, {3, "er_flag", []string{"1"}}}
	if !reflect.DeepEqual(c.RulePack.EmergencyTests, tests) {
		t.Errorf("emergency tests %v", c.RulePack.EmergencyTests)
	}
	thresholds := []Threshold{{601, "1", 50, 18}, {602, "1", 30, 21}, {603, "1", 20, 22}, {604, "1", 50, 22}, {608, "1", 90, 20},
		{601, "2", 50, 11}, {603, "2", 85, 14}, {604, "2", 70, 14}}
	if !slices.Equal(c.Thresholds, thresholds) {
		t.Errorf("thresholds %v", c.Thresholds)
	}
	for _, r := range c.RulePack.Ratios {
		if (r.No == 606) != (r.DenominatorPerMonth == 4) {
			t.Errorf("ratio %d: %d a month", r.No, r.DenominatorPerMonth)
		}
	}
}

// The lists of contract section 7, paragraph Values.
func TestTheStandardLayoutKnowsTheBuiltInHeadersAndLabels(t *testing.T) {
	const headers = `结算ID setl_id, 就诊ID mdtrt_id, 人员编号 psn_no, 险种类型 insutype, 医疗类别 med_type,
定点医药机构编号 fixmedins_code, 结算时间 setl_time, 医疗费总额 medfee_sumamt, 基金支付总额 fund_pay_sumamt, 退费结算标志 refd_setl_flag, 更新时间 updt_time, 支付地点类别 pay_loc, 费用明细流水号 feedetl_sn, 费用发生时间 fee_ocur_time, 医疗目录编码 med_list_codg, 医疗收费项目类别 med_chrgitm_type, 数量 cnt, 单价 pric, 明细项目费用总额 det_item_fee_sumamt,
开单医生编码 bilg_dr_codg, 受单医生编码 orders_dr_code, 符合政策范围金额 inscp_scp_amt, 快照日期 snapshot_date, 医保人员代码 prac_psn_code, 登记备案状态 status, 状态开始日期 status_begin, 状态结束日期 status_end, 服务承诺标志 commitment_flag`
	layout := mustLoad(t, deploy(t, nil), nil, Overrides{}).Layout
	for _, pair := range regexp.MustCompile(`,\s*`).Split(headers, -1) {
		header, column, _ := strings.Cut(pair, " ")
		if got := layout.Aliases[strings.ToLower(header)]; got != column {
			t.Errorf("header %s means %q, want %s", header, got, column)
		}
	}
	for _, want := range []struct{ column, label, code string }{
		{"med_type", "急诊", "13"}, {"med_type", "急诊转住院", "24"}, {"med_type", "普通住院", "21"}, {"med_type", "普通门诊", "11"},
		{"mdtrt_cert_type", "医保电子凭证", "01"}, {"status", "正常", "normal"}, {"status", "暂停", "suspended"},
		{"status", "中止", "suspended"}, {"status", "终止", "terminated"}, {"agreement_status", "正常", "active"},
	} {
		if got := layout.Labels[want.column][want.label]; got != want.code {
			t.Errorf("%s %s is %q, want %s", want.column, want.label, got, want.code)
		}
	}
	columns := slices.Collect(maps.Values(layout.Aliases))
	for _, feed := range pipeline.Feeds {
		for _, column := range feed.Columns {
			flag := strings.HasSuffix(column.Name, "_flag") || column.Name == "approved" || column.Name == "new_commitment"
			if flag && (layout.Labels[column.Name]["是"] != "1" || layout.Labels[column.Name]["否"] != "0") {
				t.Errorf("%s does not understand 是 and 否", column.Name)
			}
			if !slices.Contains(columns, column.Name) {
				t.Errorf("%s.%s has no Chinese header", feed.Name, column.Name)
			}
		}
	}
}

func TestFlagBeatsEnvironmentBeatsFileBeatsDefault(t *testing.T) {
	path := deploy(t, func(f map[string]string) {
		f["claimsaudit.yaml"] = "data: from-file\ninbox: file-inbox\nthreads: 3\nregion: 500103\n"
	})
	env := map[string]string{"CLAIMSAUDIT_DATA": "from-env", "CLAIMSAUDIT_INBOX": "env-inbox", "CLAIMSAUDIT_THREADS": "2",
		"CLAIMSAUDIT_REGION": "", "CLAIMSAUDIT_MEMORY_LIMIT_MB": "300", "CLAIMSAUDIT_PUBLISHED_MODE": "0444",
		"CLAIMSAUDIT_REJECTED_SHARE_MAX_PERCENT": "2.5"}
	s := mustLoad(t, path, env, Overrides{Data: "from-flag"}).Settings
	if s.Data != "from-flag" || s.Inbox != "env-inbox" || s.Threads != 2 || s.Region != "500103" || s.LogLevel != "info" {
		t.Errorf("%+v", s)
	}
	if s.MemoryLimitMB != 300 || s.PublishedMode != 0o444 || s.GateRejectedBasisPoints != 250 {
		t.Errorf("environment: %+v", s)
	}
	if s.KeyFile != "from-flag/keys/pseudonym.key" || s.StatementPrefix != "500103" {
		t.Errorf("derived settings do not follow: %+v", s)
	}
}

func TestEverySettingHasItsVariableAndStandsInTheReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range scalarSettings() {
		if row := "| `" + s.key + "` | `" + s.variable() + "` |"; !strings.Contains(string(readme), row) {
			t.Errorf("README.md has no row %s", row)
		}
	}
}

func TestPercentagesAreExact(t *testing.T) {
	for text, want := range map[string]int{"0": 0, "5": 500, "5.0": 500, "0.29": 29, "2.5": 250, "100": 10000} {
		var s Settings
		if wrong := setGate(&s, text); wrong != "" || s.GateRejectedBasisPoints != want {
			t.Errorf("%s: %d %s", text, s.GateRejectedBasisPoints, wrong)
		}
	}
	for _, text := range []string{"", "-1", "5%", "100.01", "1.234", ".5", "5.", "1e1", "５"} {
		if setGate(&Settings{}, text) == "" {
			t.Errorf("%q accepted", text)
		}
	}
}

func TestAnExplicitFileMustExist(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "typo.yaml"), true, nil, Overrides{})
	if pipeline.KindOf(err) != pipeline.KindUsage || pipeline.HintOf(err) == "" || !strings.Contains(err.Error(), "typo.yaml") {
		t.Errorf("got %v", err)
	}
}

func TestDigestFollowsResultsOnly(t *testing.T) {
	plain := mustLoad(t, deploy(t, nil), nil, Overrides{}).Digest
	same := map[string]func(f map[string]string){
		"limits and level": func(f map[string]string) {
			replace(t, f, "claimsaudit.yaml", "memory_limit_mb: 600", "memory_limit_mb: 500")
			replace(t, f, "claimsaudit.yaml", "log_level: info", "log_level: debug")
		},
		"order of rules and comments": func(f map[string]string) {
			pack := f["rulepacks/chongqing-2025.yaml"]
			last := strings.Index(pack, "  # 第10条\n  - rule: 410")
			end := strings.Index(pack, "# 第19条、第50条的急诊")
			rule := pack[last:end]
			pack = pack[:last] + pack[end:]
			f["rulepacks/chongqing-2025.yaml"] = strings.Replace(pack, "rules:\n", "rules:\n"+rule, 1)
		},
		"line ends of Windows": func(f map[string]string) {
			f["layouts/standard.yaml"] = "\ufeff" + strings.ReplaceAll(f["layouts/standard.yaml"], "\n", "\r\n")
		},
	}
	for name, edit := range same {
		if got := mustLoad(t, deploy(t, edit), nil, Overrides{}).Digest; got != plain {
			t.Errorf("%s: the digest changed", name)
		}
	}
	if got := mustLoad(t, deploy(t, nil), nil, Overrides{Data: "elsewhere"}).Digest; got != plain {
		t.Error("the data path changed the digest")
	}
	seen := map[string]string{plain: "the shipped files"}
	for _, x := range [][3]string{
		{"rulepacks/chongqing-2025.yaml", "action: withhold", "action: review"},
		{"rulepacks/chongqing-2025.yaml", "2025-03-01", "2025-04-01"},
		{"rulepacks/chongqing-2025.yaml", "[bilg_dr, orders_dr]", "[bilg_dr]"},
		{"rulepacks/chongqing-2025.yaml", `["13", "24"]`, `["13"]`},
		{"scorecards/pharmacy-2025.yaml", "percent: 85", "percent: 80"},
		{"scorecards/pharmacy-2025.yaml", "pass_mark: 60", "pass_mark: 61"},
		{"layouts/standard.yaml", "急诊: \"13\"", "急诊: \"14\""},
		{"layouts/standard.yaml", "[单价]", "[单价, 零售单价]"},
		{"layouts/standard.yaml", "encodings: {}", "encodings: {'fee_line_*.txt': gb18030}"},
	} {
		got := mustLoad(t, deploy(t, func(f map[string]string) { replace(t, f, x[0], x[1], x[2]) }), nil, Overrides{}).Digest
		if seen[got] != "" {
			t.Errorf("%v: same digest as %s", x, seen[got])
		}
		seen[got] = x[2]
	}
}

func TestARulePackAndALayoutCanBeAdded(t *testing.T) {
	path := deploy(t, func(f map[string]string) {
		f["rulepacks/next.yaml"] = strings.Replace(f["rulepacks/chongqing-2025.yaml"], "name: chongqing-2025", "name: next", 1)
		f["layouts/old-his.yaml"] = "name: old-his\naliases: {pric: [零售单价, 单 价]}\nlabels:\n  - {columns: [insutype], values: {职保: 310}}\n"
		replace(t, f, "claimsaudit.yaml", "chongqing-2025", "next")
		replace(t, f, "claimsaudit.yaml", "[standard]", "[standard, old-his]")
	})
	c := mustLoad(t, path, nil, Overrides{})
	if c.RulePack.Name != "next" || c.Layout.Aliases["零售单价"] != "pric" || c.Layout.Labels["insutype"]["职保"] != "310" {
		t.Errorf("pack %s, layout %v", c.RulePack.Name, c.Layout.Labels["insutype"])
	}
	byPath := filepath.Join(filepath.Dir(path), "rulepacks", "next.yaml")
	t.Chdir(t.TempDir())
	c, err := Load("", false, map[string]string{"CLAIMSAUDIT_RULE_PACK": byPath}, Overrides{})
	if err != nil || c.RulePack.Name != "next" {
		t.Errorf("a rule pack by path: %v", err)
	}
}

func TestLoadReportsAllProblemsOfAllFilesAtOnce(t *testing.T) {
	path := deploy(t, func(f map[string]string) {
		replace(t, f, "claimsaudit.yaml", "threads: 0", "threads: -1")
		replace(t, f, "claimsaudit.yaml", "log_level: info", "log_level: loud")
		replace(t, f, "rulepacks/chongqing-2025.yaml", "action: withhold", "action: pay")
		replace(t, f, "scorecards/pharmacy-2025.yaml", "percent: 85", "percent: 185")
		replace(t, f, "layouts/standard.yaml", "  pric: [单价]", "  price: [单价]")
	})
	_, err := Load(path, true, map[string]string{"CLAIMSAUDIT_REGION": "chongqing"}, Overrides{})
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 6 || pipeline.KindOf(err) != pipeline.KindUsage {
		t.Fatalf("got %v", err)
	}
	for _, p := range problems {
		if p.Message == "" || p.Hint == "" || p.Path == "" || (p.Line == 0) != (p.File == "环境变量") {
			t.Errorf("a problem nobody can act on: %+v", p)
		}
	}
	if !slices.Equal(problems, Problems(Check(path, true, map[string]string{"CLAIMSAUDIT_REGION": "chongqing"}, Overrides{}))) {
		t.Error("check and load disagree")
	}
}
