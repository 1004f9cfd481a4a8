package configs

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	main = "claimsaudit.yaml"
	pack = "rulepacks/chongqing-2025.yaml"
	card = "scorecards/institution-2025.yaml"
	std  = "layouts/standard.yaml"
)

// Every row breaks one shipped file at one place; want is "path: message" of
// the one problem to be reported. The problem must stand on the line changed.
type mistake struct{ name, file, old, text, want string }

var broken = []mistake{
	{"unknown setting", main, "threads: 0", "thread: 0", "thread: 不认识的键 thread"},
	{"duplicate setting", main, "threads: 0", "region: 500105", "region: 键 region 重复"},
	{"negative limit", main, "memory_limit_mb: 600", "memory_limit_mb: -1", `memory_limit_mb: "-1" 不是`},
	{"limit with a unit", main, "memory_limit_mb: 600", "memory_limit_mb: 900MB", `memory_limit_mb: "900MB" 不是`},
	{"negative threads", main, "threads: 0", "threads: -2", `threads: "-2" 不是`},
	{"gate above 100", main, "percent: 5 ", "percent: 500 ", `rejected_share_max_percent: "500" 不是`},
	{"mode not octal", main, `"0440"`, `"0489"`, `published_mode: "0489" 不是八进制`},
	{"mode with write bit", main, `"0440"`, `"0640"`, `published_mode: "0640" 不是只读`},
	{"log level", main, "log_level: info", "log_level: verbose", `log_level: "verbose"`},
	{"region", main, `"500105"`, "江北区", `region: "江北区"`},
	{"statement prefix", main, "statement_prefix:", "statement_prefix: 江北/1", `statement_prefix: "江北/1"`},
	{"inbox around data", main, "inbox:", "inbox: .", "inbox: 收件目录 . 包含数据目录 data"},
	{"setting is a list", main, "threads: 0", "threads: [0]", "threads: 这里应是单个值"},
	{"list is a value", main, "[standard]", "standard", "layouts: 这里应是列表"},
	{"rule pack not there", main, "chongqing-2025", "chongqing-2052", "rule_pack: 读不到"},
	{"scorecard not there", main, "pharmacy-2025]", "pharmacy]", "scorecards[1]: 读不到"},
	{"layout not there", main, "[standard]", "[standard, his]", "layouts[1]: 读不到"},
	{"scorecard twice", main, "pharmacy-2025]", "institution-2025]", "scorecards[1]: institution-2025 重复"},
	{"scorecard by a wrong path", main, "[institution-2025, pharmacy-2025]", "[pharmacy-2025, ./nowhere/x]", "scorecards[1]: 读不到 ./nowhere/x"},
	{"anchor", main, "threads: 0", "threads: &t 0", "threads: 不支持 YAML 锚点"},

	{"unknown key in a rule", pack, "    title: 人员支付资格已终止", "    titel: x\n    title: y", "rules[0].titel: 不认识的键 titel"},
	{"unknown action", pack, "action: withhold", "action: refuse", "rules[0].action: 不认识的处理方式 refuse"},
	{"unknown role", pack, "[bilg_dr, orders_dr]", "[bilg_dr, nurse]", "roles[1]: 不认识的值 nurse"},
	{"role twice", pack, "[bilg_dr, orders_dr]", "[bilg_dr, bilg_dr]", "roles[1]: bilg_dr 重复"},
	{"no role", pack, "[bilg_dr, orders_dr]", "[]", "roles: 没有角色"},
	{"rule renamed", pack, "name: practitioner_suspended", "name: paused", "rules[1].name: 编号 402 的名称应为 practitioner_suspended"},
	{"number is text", pack, "rule: 402", "rule: four", `rules[1].rule: "four" 不是整数`},
	{"article", pack, `article: "21"`, `article: 第21条`, `rules[3].article: 条款`},
	{"empty reason", pack, "reason: 医疗机构的这条明细没有填写任何人员代码，无法按细则第10条核对登记状态，请补报。", `reason: ""`, "rules[9].reason: 不能为空"},
	{"emergency cannot lift 403", pack, "title: 药店主要负责人资格受限", "title: x\n    lifted_by_emergency: true", "rules[2].lifted_by_emergency: 急诊抢救只解除"},
	{"flag not a flag", pack, "lifted_by_emergency: true", "lifted_by_emergency: yes", `rules[0].lifted_by_emergency: "yes" 不是 true`},
	{"date not in the calendar", pack, "2025-03-01", "2025-02-30", `effective_from: "2025-02-30" 不是有效日期`},
	{"relative date", pack, "2025-03-01", "tomorrow", `effective_from: "tomorrow" 不是有效日期`},
	{"year far away", pack, "2025-03-01", "0025-03-01", `effective_from: "0025-03-01" 不是有效日期`},
	{"emergency test", pack, "name: er_flag", "name: doctor", "emergency_tests[2].name: 不认识的急诊依据 doctor"},
	{"emergency test twice", pack, "name: er_flag", "name: med_type", "emergency_tests[2].name: 急诊依据 med_type 重复"},
	{"emergency order", pack, "order: 3", "order: 2", "emergency_tests[2].order: 次序 2 不对"},
	{"emergency without codes", pack, `["13", "24"]`, "[]", "emergency_tests[1].values: 没有代码"},
	{"emergency by another decision", pack, "[emergency]", "[release]", "emergency_tests[0].values[0]: 不认识的值 release"},
	{"ratio renamed", pack, "name: trace_code", "name: trace", "ratios[6].name: 编号 607 的名称应为 trace_code"},
	{"denominator missing", pack, ", denominator_per_month: 4", "", "ratios[5].denominator_per_month: 每月分母不对"},
	{"denominator where counted", pack, "title: 药品网采率", "title: 药品网采率, denominator_per_month: 4", "ratios[7].denominator_per_month: 每月分母不对"},

	{"institution type", card, `"1"`, `"3"`, "applies_to.fixmedins_type: 不认识的机构类型 3"},

	{"alias to an unknown column", std, "  pric: [单价]", "  price: [单价]", "aliases.price: 没有名为 price 的列"},
	{"two aliases clash", std, "pric: [单价]", "pric: [单价, 数 量]", "aliases.pric[1]: 表头 数 量 同时指向 cnt 和 pric"},
	{"alias is a column", std, "pric: [单价]", "pric: [单价, setlId]", "aliases.pric[1]: 表头 setlId 本身就是列 setl_id"},
	{"empty alias", std, "pric: [单价]", `pric: [单价, " "]`, "aliases.pric[1]: 不能为空"},
	{"label outside the codes", std, "拟处理: proposed", "拟处理: planned", "labels[19].values.拟处理: planned 不是列 state 的代码"},
	{"label of an amount", std, "columns: [pay_loc]", "columns: [acct_pay]", "labels[6].columns[0]: 没有名为 acct_pay 的代码列"},
	{"label twice", std, `"24"`, "\"24\"\n      急诊: \"24\"", "labels[3].values.急诊: 键 急诊 重复"},
	{"labels clash between tables", std, `非急诊: "0"`, `非急诊: "0", 是: "2"`, "labels[2].values.是: 列 er_flag 的标签 是 同时表示 1 和 2"},
	{"bad glob", std, "encodings: {}", "encodings: {'fee[line': gb18030}", "encodings.fee[line: 文件名式样"},
	{"glob with a folder", std, "encodings: {}", "encodings: {'a/*.csv': gb18030}", "encodings.a/*.csv: 文件名式样"},
	{"unknown encoding", std, "encodings: {}", "encodings: {'*.csv': gbk}", "encodings.*.csv: 不认识的编码 gbk"},
	{"unknown part of a layout", std, "encodings: {}", "encoding: {}", "encoding: 不认识的键 encoding"},
}

func TestEveryMistakeIsReportedWhereItStands(t *testing.T) {
	for _, x := range slices.Concat(broken, brokenOperation, brokenPoints, brokenScorecards) {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			line := 0
			path := deploy(t, func(f map[string]string) {
				line = 1 + strings.Count(f[x.file][:strings.Index(f[x.file], x.old)], "\n")
				replace(t, f, x.file, x.old, x.text)
			})
			problems := Check(path, true, nil, Overrides{})
			if len(problems) != 1 {
				t.Fatalf("want one problem, got %v", Problems(problems))
			}
			p := problems[0]
			if !strings.HasPrefix(p.Path+": "+p.Message, x.want) || p.Hint == "" {
				t.Errorf("got %v\nwant %s", p, x.want)
			}
			if p.File != filepath.Join(filepath.Dir(path), x.file) {
				t.Errorf("reported in %s", p.File)
			}
			if last := line + strings.Count(x.text, "\n"); p.Line < line || p.Line > last || p.Column < 1 {
				t.Errorf("reported at %d:%d, the mistake is on line %d", p.Line, p.Column, line)
			}
		})
	}
}

// Mistakes that reach further than one line.
func TestMistakesOfWholeFiles(t *testing.T) {
	cases := []struct {
		name string
		edit func(f map[string]string)
		want []string
	}{
		{"rule missing and another twice",
			func(f map[string]string) {
				replace(t, f, pack, "rule: 402\n    name: practitioner_suspended", "rule: 401\n    name: practitioner_terminated")
			},
			[]string{"规则 401 重复，已在 rules[0]", "缺少规则 402（practitioner_suspended）"}},
		{"rule nobody implements", func(f map[string]string) { replace(t, f, pack, "rule: 410", "rule: 499") },
			[]string{"没有规则 499", "缺少规则 410"}},
		{"ratio missing", func(f map[string]string) {
			replace(t, f, pack, "  - {ratio: 601, name: insurance_code, title: 医保码结算率}\n", "")
		}, []string{"缺少比率 601"}},
		{"keys missing", func(f map[string]string) {
			replace(t, f, pack, "    action: withhold\n", "")
			replace(t, f, pack, "effective_from: 2025-03-01\n", "")
		}, []string{"rules[0].action: 缺少 action", "effective_from: 缺少 effective_from"}},
		{"two scorecards for one type", func(f map[string]string) { replace(t, f, card, `"1"`, `"2"`) }, []string{"机构类型 2 的 2024 年已有评分表"}},
		{"part that looks at nothing", func(f map[string]string) {
			replace(t, f, card, "metric: over_standard_price, evidence: count, evidence_first: true, points: 1", "points: 1")
		}, []string{"indicators[5].parts[0]: 这条规则没有依据", "indicators[5].source: 来源 computed 与各条规则不符（应为 evidence）",
			"没有要证据的规则 over_price"}},
		{"part twice", func(f map[string]string) {
			replace(t, f, shop, "part: online, title: 高于", "part: monitored, title: 高于")
		},
			[]string{"indicators[11].parts[1].part: monitored 重复", "第 12 项没有要证据的规则 online"}},
		{"evidence a count cannot read", func(f map[string]string) {
			replace(t, f, card, "metric: over_standard_price, evidence: count", "metric: over_standard_price, evidence: yes_no")
		}, []string{"indicators[5].parts[0].evidence: 不认识的值 yes_no", `"1" 不是 yes_no 的证据`}},
		{"table of 99 points", func(f map[string]string) {
			replace(t, f, card, "kind: mixed\n    points: 5", "kind: mixed\n    points: 4")
		},
			[]string{"indicators: 各项总分合计 99 分，应为 100 分"}},
		{"gains that are not the points", func(f map[string]string) { replace(t, f, card, "when: yes, points: 2}", "when: yes, points: 3}") },
			[]string{"indicators[4].points: 总分 4 分，各条规则合计可得 5 分"}},
		{"indicator missing", func(f map[string]string) {
			at := strings.Index(f[card], "  - no: 24\n")
			f[card] = f[card][:at] + f[card][strings.Index(f[card], "\n# 三家"):strings.Index(f[card], "\nexamples:")]
		}, []string{"各项总分合计 95 分"}},
		{"syntax", func(f map[string]string) { f[card] = "name: a: b\n" }, []string{card + ":1:7: YAML 语法错误"}},
		{"empty file", func(f map[string]string) { f[pack] = "# nothing\n" }, []string{"文件是空的"}},
		{"two documents", func(f map[string]string) { f[card] += "---\n" + f[card] }, []string{"多个 YAML 文档"}},
		{"saved as GBK", func(f map[string]string) { f[card] = "name: \xbd\xad\xb1\xb1\n" }, []string{"不是 UTF-8 编码"}},
		{"a list instead of keys", func(f map[string]string) { f[main] = "- data\n" }, []string{"键: 值"}},
	}
	for _, x := range cases {
		t.Run(x.name, func(t *testing.T) {
			problems := Check(deploy(t, x.edit), true, nil, Overrides{})
			all := Problems(problems).Error()
			for _, want := range x.want {
				if !strings.Contains(all, want) {
					t.Errorf("%s\nlacks %s", all, want)
				}
			}
			if len(problems) != len(x.want) {
				t.Errorf("want %d problems, got %s", len(x.want), all)
			}
		})
	}
}

func TestAFileThatCannotBeReadIsNotReplacedByTheBuiltInOne(t *testing.T) {
	path := deploy(t, nil)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o755); err != nil { // reading a folder fails, for root too
		t.Fatal(err)
	}
	if problems := Check(path, false, nil, Overrides{}); len(problems) != 1 || problems[0].File != path || problems[0].Hint == "" {
		t.Errorf("got %v", problems)
	}
}

func TestWrongEnvironmentIsNamed(t *testing.T) {
	problems := Check(deploy(t, nil), true, map[string]string{"CLAIMSAUDIT_THREADS": "many"}, Overrides{})
	if len(problems) != 1 || problems[0].String() != `环境变量: CLAIMSAUDIT_THREADS: "many" 不是 0 至 1024 之间的整数（0 表示用全部核心）` {
		t.Errorf("got %v", problems)
	}
}

// Whatever an operator leaves in a file, the answer is problems, not a crash.
func FuzzCheck(f *testing.F) {
	for _, path := range []string{main, pack, card, std, "calendar/2026.yaml"} {
		text, err := builtIn.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, text := range []string{"", "a", "- a\n- b", "? [a]\n: b", "<<: *x", "a: !!str 1", "a: &x [*x]", "name: |\n  x\n", "{", "\t", "rules: [[]]", "---\n---\n",
		"mail: {host: x, port: , recipients: {daily: [a, &b]}, institutions: []}", "schedule: {nightly: * * * * *}", "expected_files: [{name: '{[', senders: ['']}]"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(_ *testing.T, data []byte) {
		for _, read := range []func(d *document, l *loader){
			func(d *document, _ *loader) { rulePack(d) },
			func(d *document, _ *loader) { scorecard(d) },
			func(d *document, _ *loader) { d.into(&layoutFile{}) },
			func(d *document, _ *loader) { readYear(d) },
			func(d *document, l *loader) { l.settings(&Config{}, d, nil, Overrides{}) },
		} {
			l := &loader{}
			read(newDocument("x.yaml", data, &l.problems), l)
		}
	})
}
