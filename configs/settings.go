package configs

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var percentage = regexp.MustCompile(`^[0-9]{1,3}(\.[0-9]{1,2})?$`)

// setting is one scalar setting. The same set reads it from the file, from the
// environment and from a flag; it returns what is wrong, "" if nothing.
type setting struct {
	key      string
	fallback string
	hint     string
	set      func(c *Config, v string) string
}

// variable is the environment variable of the setting.
func (s setting) variable() string { return "CLAIMSAUDIT_" + strings.ToUpper(s.key) }

func scalarSettings() []setting {
	text := func(field func(*Config) *string) func(*Config, string) string {
		return func(c *Config, v string) string { *field(c) = v; return "" }
	}
	return []setting{
		{"data", "data", "", text(func(c *Config) *string { return &c.Settings.Data })},
		{"inbox", "", "", text(func(c *Config) *string { return &c.Settings.Inbox })},
		{"rule_pack", "chongqing-2025", "", text(func(c *Config) *string { return &c.Settings.RulePack })},
		{"region", "500105", "六位行政区划代码，如 500105", matching(`^[0-9]{6}$`, func(c *Config) *string { return &c.Settings.Region })},
		{"centre_name", "重庆市江北区医疗保障事务中心", "", text(func(c *Config) *string { return &c.Settings.CentreName })},
		{"statement_prefix", "", "1 至 20 个英文字母、数字或连字符",
			matching(`^[A-Za-z0-9-]{1,20}$`, func(c *Config) *string { return &c.Settings.StatementPrefix })},
		{"memory_limit_mb", "600", "单位 MB，不小于 100", func(c *Config, v string) string {
			return whole(v, 100, 1<<20, &c.Settings.MemoryLimitMB)
		}},
		{"threads", "0", "0 表示用全部核心", func(c *Config, v string) string { return whole(v, 0, 1024, &c.Settings.Threads) }},
		{"rejected_share_max_percent", "5", "0 至 100，最多两位小数，不写百分号", func(c *Config, v string) string { return setGate(&c.Settings, v) }},
		{"published_mode", "0440", "八进制只读权限，如 0440 或 0444", func(c *Config, v string) string { return setMode(&c.Settings, v) }},
		{"key_file", "", "", text(func(c *Config) *string { return &c.Settings.KeyFile })},
		{"log_level", "info", "debug、info、warn 或 error",
			matching(`^(debug|info|warn|error)$`, func(c *Config) *string { return &c.Settings.LogLevel })},
		{"listen", "127.0.0.1:9470", "只能是本机地址和端口，如 127.0.0.1:9470；off 表示不开", setListen},
		{"snapshot_max_age_days", "40", "单位为天，1 至 3650", days(func(c *Config) *time.Duration { return &c.Operation.SnapshotMaxAge })},
		{"catch_up_max_days", "45", "单位为天，1 至 3650", days(func(c *Config) *time.Duration { return &c.Operation.CatchUpMax })},
		{"disk_free_min_mb", "2048", "单位 MB，0 表示不检查", func(c *Config, v string) string {
			return whole(v, 0, 1<<30, &c.Operation.DiskFreeMinMB)
		}},
	}
}

func matching(pattern string, field func(*Config) *string) func(*Config, string) string {
	re := regexp.MustCompile(pattern)
	return func(c *Config, v string) string {
		if !re.MatchString(v) {
			return fmt.Sprintf("%q 不合要求", v)
		}
		*field(c) = v
		return ""
	}
}

func days(field func(*Config) *time.Duration) func(*Config, string) string {
	return func(c *Config, v string) string {
		var n int
		wrong := whole(v, 1, 3650, &n)
		if wrong == "" {
			*field(c) = time.Duration(n) * 24 * time.Hour
		}
		return wrong
	}
}

// setListen accepts this machine only: health and metrics carry no password.
func setListen(c *Config, v string) string {
	host, port, err := net.SplitHostPort(v)
	if v != "off" && (err != nil || !loopback(host) || whole(port, 0, 65535, new(int)) != "") {
		return fmt.Sprintf("%q 不是本机地址", v)
	}
	c.Operation.Listen = v
	return ""
}

func loopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

func whole(v string, low, high int, field *int) string {
	n, err := strconv.Atoi(v)
	if err != nil || n < low || n > high {
		return fmt.Sprintf("%q 不是 %d 至 %d 之间的整数", v, low, high)
	}
	*field = n
	return ""
}

// setGate reads a percentage exactly: 2.5 is 250 basis points.
func setGate(s *Settings, v string) string {
	units, decimals, _ := strings.Cut(v, ".")
	n, err := strconv.Atoi(units + (decimals + "00")[:2])
	if !percentage.MatchString(v) || err != nil || n > 100_00 {
		return fmt.Sprintf("%q 不是 0 至 100 之间的百分数", v)
	}
	s.GateRejectedBasisPoints = n
	return ""
}

// setMode accepts read-only modes: whoever opens the published file for
// writing would lock all other readers out.
func setMode(s *Settings, v string) string {
	n, err := strconv.ParseUint(strings.TrimPrefix(v, "0o"), 8, 32)
	if err != nil {
		return fmt.Sprintf("%q 不是八进制权限", v)
	}
	mode := os.FileMode(n)
	if mode&^0o444 != 0 || mode&0o400 == 0 {
		return fmt.Sprintf("%q 不是只读权限", v)
	}
	s.PublishedMode = mode
	return ""
}

// settings applies defaults, file, environment and flags, in this order.
func (l *loader) settings(c *Config, d *document, env map[string]string, flags Overrides) {
	s := &c.Settings
	s.Scorecards, s.Layouts = []string{"institution-2025", "pharmacy-2025"}, []string{"standard"}
	c.Operation = defaultOperation()
	all := scalarSettings()
	for _, x := range all {
		if x.fallback != "" {
			x.set(c, x.fallback)
		}
	}
	l.fromFile(d, c, all)
	flag := map[string]string{"data": flags.Data, "inbox": flags.Inbox}
	for _, x := range all {
		if v := strings.TrimSpace(env[x.variable()]); v != "" {
			if wrong := x.set(c, v); wrong != "" {
				l.report(Problem{File: "环境变量", Path: x.variable(), Message: wrong, Hint: x.hint})
			}
		}
		if v := flag[x.key]; v != "" {
			x.set(c, v)
		}
	}
	if s.Inbox == "" {
		s.Inbox = filepath.Join(s.Data, "inbox")
	}
	if s.KeyFile == "" {
		s.KeyFile = filepath.Join(s.Data, "keys", "pseudonym.key")
	}
	if s.StatementPrefix == "" {
		s.StatementPrefix = s.Region
	}
	l.checkInbox(d, *s)
	finishMail(d, env[passwordVariable], &c.Operation.Mail)
}

func (l *loader) fromFile(d *document, c *Config, all []setting) {
	if d.body == nil {
		return
	}
	lists := map[string]*[]string{"scorecards": &c.Settings.Scorecards, "layouts": &c.Settings.Layouts, "calendars": &l.calendars}
	for _, e := range d.entries(d.body, "") {
		if list := lists[e.key]; list != nil {
			names(d, e, list)
			continue
		}
		if slices.Contains(sections, e.key) {
			section(d, e, &c.Operation)
			continue
		}
		i := slices.IndexFunc(all, func(x setting) bool { return x.key == e.key })
		if i < 0 {
			keys := append(slices.Sorted(maps.Keys(lists)), sections...)
			for _, x := range all {
				keys = append(keys, x.key)
			}
			d.fault(e.path, "不认识的键 "+e.key, "可用的键："+strings.Join(keys, "、"))
			continue
		}
		v, ok := d.scalar(e.value, e.path)
		if v = strings.TrimSpace(v); !ok || v == "" { // an empty value is a value not given
			continue
		}
		if wrong := all[i].set(c, v); wrong != "" {
			d.fault(e.path, wrong, all[i].hint)
		}
	}
}

func names(d *document, e entry, target *[]string) {
	if blank(e.value) {
		return
	}
	var list []string
	d.list(e.value, reflect.ValueOf(&list).Elem(), e.path)
	oneOf(d, e.path, list)
	if !d.bad[e.path] {
		*target = (*target)[:0:0]
		for i, name := range list {
			if d.good(fmt.Sprintf("%s[%d]", e.path, i)) {
				*target = append(*target, name)
			}
		}
	}
}

// checkInbox refuses an inbox around the data directory: the archive below it
// would be taken for new deliveries.
func (l *loader) checkInbox(d *document, s Settings) {
	data, err1 := filepath.Abs(s.Data)
	inbox, err2 := filepath.Abs(s.Inbox)
	if err1 != nil || err2 != nil {
		return // only without a working directory; whoever opens the paths will say so
	}
	below, err := filepath.Rel(inbox, data)
	if err == nil && below != ".." && !strings.HasPrefix(below, ".."+string(filepath.Separator)) {
		d.fault("inbox", fmt.Sprintf("收件目录 %s 包含数据目录 %s", s.Inbox, s.Data), "收件目录不能等于数据目录，也不能是它的上级")
	}
}
