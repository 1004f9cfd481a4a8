package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"claimsaudit/pipeline"
)

// Control is what a .ctl file claims about its delivery; nil and "" are claims not made.
type Control struct {
	Rows        *int64 // data rows, rejected ones too
	AmountCents *int64 // sum of the feed's amount column
	SHA256      string // 64 lower-case hex digits

	where string // the .ctl, for messages
}

// controlBytesMax is far above three lines with comments.
const controlBytesMax = 64 << 10

// Check compares the claims with what was found and names every difference at
// once. sha256 is that of the bytes the .ctl stands beside; rows and cents are
// the totals of all data rows, rejected ones included. A nil Control claims
// nothing. The error is KindBadFile.
func (c *Control) Check(sha256 string, rows, cents int64) error {
	if c == nil {
		return nil
	}
	var differ, hint []string
	if c.Rows != nil && *c.Rows != rows {
		differ = append(differ, fmt.Sprintf("rows: expected %d, found %d", *c.Rows, rows))
		hint = append(hint, fmt.Sprintf("行数应为 %d，实为 %d", *c.Rows, rows))
	}
	if c.AmountCents != nil && *c.AmountCents != cents {
		want, got := yuan(*c.AmountCents), yuan(cents)
		differ = append(differ, fmt.Sprintf("amount_yuan: expected %s, found %s", want, got))
		hint = append(hint, fmt.Sprintf("金额应为 %s 元，实为 %s 元", want, got))
	}
	if c.SHA256 != "" && !strings.EqualFold(c.SHA256, sha256) {
		differ = append(differ, fmt.Sprintf("sha256: expected %s, found %s", c.SHA256, sha256))
		hint = append(hint, "文件内容的 SHA-256 不符")
	}
	if differ == nil {
		return nil
	}
	return &pipeline.Error{Kind: pipeline.KindBadFile, Op: "check control totals", Where: c.where,
		Hint: "与控制文件不符：" + strings.Join(hint, "；") + "。整个文件未入库，请与报送单位核对后重新报送",
		Err:  errors.New(strings.Join(differ, "; "))}
}

func yuan(cents int64) string {
	sign, abs := "", uint64(cents)
	if cents < 0 {
		sign, abs = "-", -abs
	}
	return fmt.Sprintf("%s%d.%02d", sign, abs/100, abs%100)
}

// readControl reads a .ctl of the inbox or the archive. Every error is
// KindBadFile: without its totals the file must not be loaded.
func readControl(abs, where string) (*Control, error) {
	f, _, err := openRegular(abs)
	if err != nil {
		return nil, &pipeline.Error{Kind: pipeline.KindBadFile, Op: "read control file", Where: where,
			Hint: "控制文件无法读取：请修正权限，符号链接请换成真实文件", Err: err}
	}
	defer func() { _ = f.Close() }()
	return parseControl(f, where)
}

// parseControl reads the three optional "key: value" lines strictly: a claim we
// misread would let a wrong file pass.
func parseControl(r io.Reader, where string) (*Control, error) {
	data, err := io.ReadAll(io.LimitReader(r, controlBytesMax+1))
	if err == nil && len(data) > controlBytesMax {
		err = errors.New("larger than 64 KiB")
	}
	if err != nil {
		return nil, badControl(where, err)
	}
	c := &Control{where: where}
	seen := map[string]bool{}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	for i, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSpace(withoutComment(line))
		if line == "" || line == "---" {
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		err := errors.New(`not of the form "key: value"`)
		if ok && seen[key] {
			err = fmt.Errorf("%s is given twice", key)
		} else if ok {
			seen[key] = true
			err = c.set(key, unquote(value))
		}
		if err != nil {
			return nil, badControl(fmt.Sprintf("%s:%d", where, i+1), err)
		}
	}
	return c, nil
}

func badControl(where string, err error) error {
	return &pipeline.Error{Kind: pipeline.KindBadFile, Op: "read control file", Where: where,
		Hint: "控制文件只写三项，每项一行且可省略：rows: 行数、amount_yuan: 金额（元，最多两位小数，不加千分位）、sha256: 64 位十六进制；改正后重新报送",
		Err:  err}
}

// withoutComment cuts a comment: # at the start or after a blank, as in YAML.
// None of the three values can hold a #, quoted or not.
func withoutComment(line string) string {
	for i := range len(line) {
		if line[i] == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			return line[:i]
		}
	}
	return line
}

func unquote(s string) string {
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}

func (c *Control) set(key, value string) error {
	switch key {
	case "rows":
		n, err := strconv.ParseUint(value, 10, 63)
		if err != nil {
			return fmt.Errorf("rows %q is no count", value)
		}
		rows := int64(n)
		c.Rows = &rows
	case "amount_yuan":
		cents, err := parseYuan(value)
		if err != nil {
			return err
		}
		c.AmountCents = &cents
	case "sha256":
		sum := lower(value)
		if !isSHA256(sum) {
			return fmt.Errorf("sha256 %q is not 64 hex digits", value)
		}
		c.SHA256 = sum
	default:
		return fmt.Errorf("unknown key %q", key)
	}
	return nil
}

func isSHA256(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

// parseYuan reads an amount exactly: sign, digits, point and digits, of which at
// most two are significant.
func parseYuan(s string) (int64, error) {
	bad := fmt.Errorf("amount_yuan %q is no exact amount in yuan", s)
	digits, negative := strings.CutPrefix(s, "-")
	if !negative {
		digits = strings.TrimPrefix(s, "+")
	}
	whole, fraction, point := strings.Cut(digits, ".")
	if whole == "" || (point && fraction == "") || strings.Trim(whole+fraction, "0123456789") != "" {
		return 0, bad
	}
	fraction = strings.TrimRight(fraction, "0")
	if len(fraction) > 2 {
		return 0, bad
	}
	n, err := strconv.ParseInt(whole+(fraction + "00")[:2], 10, 64)
	if err != nil {
		return 0, bad
	}
	if negative {
		n = -n
	}
	return n, nil
}
