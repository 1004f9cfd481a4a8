package intake

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"claimsaudit/pipeline"
)

// expand puts one file into a fresh inbox and expands it.
func expand(t *testing.T, name, content string, limits Limits) (Contents, func(), string, error) {
	t.Helper()
	inbox, tmp := t.TempDir(), filepath.Join(t.TempDir(), "tmp")
	abs := write(t, filepath.Join(inbox, name), content)
	d := Delivery{Path: name, Abs: abs, Name: name, Size: int64(len(content)), SHA256: sumOf(content), Feed: pipeline.FeedOf(name)}
	c, cleanup, err := Expand(t.Context(), d, tmp, limits)
	return c, cleanup, tmp, err
}

func TestExpandPlainFileIsItself(t *testing.T) {
	c, cleanup, _, err := expand(t, "settlement_1.csv", "abc", Limits{})
	if err != nil || len(c.Members) != 1 {
		t.Fatalf("%+v %v", c, err)
	}
	cleanup()
	if m := c.Members[0]; read(t, m.Path) != "abc" || m.Name != "settlement_1.csv" || m.Size != 3 || m.SHA256 != sumOf("abc") {
		t.Errorf("member %+v", m)
	}
}

func TestExpandGzip(t *testing.T) {
	for _, c := range []struct{ file, stored, want string }{
		{"settlement_1.csv.gz", "", "settlement_1.csv"},
		{"settlement_1.TXT.GZ", "other.csv", "settlement_1.TXT"},
		{"settlement_1.gz", `C:\out\x.CSV`, "settlement_1.csv"},
	} {
		got, cleanup, tmp, err := expand(t, c.file, gz(t, "abc", c.stored), Limits{})
		if err != nil {
			t.Fatalf("%s: %v", c.file, err)
		}
		m := got.Members[0]
		if m.Name != c.want || read(t, m.Path) != "abc" || m.Size != 3 || m.Feed.Name != "settlement" || !strings.EqualFold(filepath.Ext(m.Path), filepath.Ext(c.want)) {
			t.Errorf("%s: member %+v", c.file, m)
		}
		if info, err := os.Stat(m.Path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("unpacked personal data must be private: %v %v", info.Mode(), err)
		}
		cleanup()
		cleanup()
		wantEmpty(t, tmp)
	}
	_, _, tmp, err := expand(t, "settlement.tar.gz", gz(t, "abc", ""), Limits{})
	wantBadFile(t, err, "settlement.tar.gz")
	wantEmpty(t, tmp)
}

func TestExpandZipTakesMembersInByteOrderOfPath(t *testing.T) {
	nested := gz(t, "lines", "")
	content := zipped(t,
		part{name: "z.csv", content: "by the archive"},
		part{name: "三月/", mode: fs.ModeDir | 0o755},
		part{name: "三月/明细 fee.jpg", content: "x"},
		part{name: `三月\fee_line_1.csv.gz`, content: nested},
		part{name: "三月/fee_line_1.ctl", content: "rows: 7\nsha256: " + sumOf(nested)},
		part{name: "a/review_1.csv", content: "reviews"},
		part{name: "a.csv", content: "first"},
		part{name: "lost.ctl", content: "rows: 1"},
		part{name: "__MACOSX/._z.csv", content: "x"},
		part{name: "~$z.xlsx", content: "x"},
	)
	c, cleanup, tmp, err := expand(t, "settlement_1.zip", content, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want := []struct{ inside, name, feed, content string }{
		{"a.csv", "a.csv", "settlement", "first"},
		{"a/review_1.csv", "review_1.csv", "review", "reviews"},
		{"z.csv", "z.csv", "settlement", "by the archive"},
		{"三月/fee_line_1.csv.gz", "fee_line_1.csv", "fee_line", "lines"},
	}
	if len(c.Members) != len(want) {
		t.Fatalf("members %+v", c.Members)
	}
	for i, w := range want {
		m := c.Members[i]
		if m.Inside != w.inside || m.Name != w.name || m.Feed.Name != w.feed || read(t, m.Path) != w.content {
			t.Errorf("member %d: %+v, want %+v", i, m, w)
		}
		if (m.Control != nil) != (w.feed == "fee_line") {
			t.Errorf("%s: control %+v", m.Inside, m.Control)
		}
	}
	if m := c.Members[3]; m.Control.Check(m.SHA256, 7, 0) != nil {
		t.Errorf("the member's own totals: %v", m.Control.Check(m.SHA256, 7, 0))
	}
	skipped := map[string]Why{}
	for _, s := range c.Skipped {
		skipped[s.Path] = s.Why
	}
	for p, why := range map[string]Why{"三月/": WhyDirectory, "三月/明细 fee.jpg": WhyExtension, "lost.ctl": WhyOrphanControl,
		"__MACOSX/._z.csv": WhySidecar, "~$z.xlsx": WhySidecar} {
		if skipped[p] != why {
			t.Errorf("%s: why %q, want %q", p, skipped[p], why)
		}
	}
	cleanup()
	wantEmpty(t, tmp)
}

func TestExpandReadsNamesOfWindowsTools(t *testing.T) {
	// "诚" is D5 5C in GB18030: its second byte is a backslash and no separator.
	content := zipped(t, part{name: "\xd5\\\xd6\xd0\\fee_line_\xd5\\.csv", content: "a", notUTF8: true})
	c, cleanup, _, err := expand(t, "x.zip", content, Limits{MemberName: func(raw string) string {
		return strings.ReplaceAll(raw, "\xd5\\", "诚")
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer cleanup()
	if m := c.Members[0]; m.Name != "fee_line_诚.csv" || m.Feed.Name != "fee_line" {
		t.Errorf("member %+v", m)
	}
}

func TestExpandRefusesBadArchives(t *testing.T) {
	rows := strings.Repeat("12345,67.89\n", 3000)
	whole := zipped(t, part{name: "fee_line.csv", content: rows})
	packed := gz(t, rows, "")
	flipped := []byte(whole)
	flipped[60] ^= 0xff
	zeros := strings.Repeat("0", 32<<20)
	good := part{name: "fee_line_good.csv", content: "a"}
	cases := []struct {
		about, file, content string
		limits               Limits
		says                 string
	}{
		{"truncated zip", "fee_line.zip", whole[:len(whole)-30], Limits{}, ""},
		{"empty zip file", "fee_line.zip", "", Limits{}, ""},
		{"corrupt member", "fee_line.zip", string(flipped), Limits{}, "fee_line.csv"},
		{"truncated gz", "fee_line.csv.gz", packed[:len(packed)-9], Limits{}, ""},
		{"gz that is none", "fee_line.csv.gz", "a,b,c\n1,2,3\n", Limits{}, ""},
		{"empty gz file", "fee_line.csv.gz", "", Limits{}, ""},
		{"gz bomb", "fee_line.csv.gz", gz(t, zeros, ""), Limits{}, "unpacks to more than"},
		{"zip bomb", "fee_line.zip", zipped(t, part{name: "fee_line.csv", content: zeros}), Limits{}, "fee_line.csv"},
		{"gz bomb in zip", "fee_line.zip", zipped(t, part{name: "fee_line.csv.gz", content: gz(t, zeros, "")}), Limits{}, "fee_line.csv.gz"},
		{"member too large", "fee_line.csv.gz", packed, Limits{MemberBytesMax: 1000}, "1000"},
		{"all too large", "fee_line.zip", zipped(t, good, part{name: "fee_line.csv.gz", content: packed}), Limits{TotalBytesMax: 2000}, "fee_line.csv.gz"},
		{"declared too large", "fee_line.zip", whole, Limits{MemberBytesMax: 1000}, "fee_line.csv"},
		{"too many members", "fee_line.zip", zipped(t, good, part{name: "b.csv"}, part{name: "c.csv"}), Limits{MembersMax: 2}, "3 members"},
		{"parent path", "fee_line.zip", zipped(t, good, part{name: "../../etc/fee_line.csv", content: "a"}), Limits{}, "../../etc/fee_line.csv"},
		{"parent path in the middle", "fee_line.zip", zipped(t, good, part{name: "a/../../x.jpg", content: "a"}), Limits{}, "a/../../x.jpg"},
		{"parent path, backslashes", "fee_line.zip", zipped(t, good, part{name: `..\fee_line.csv`, content: "a"}), Limits{}, "../fee_line.csv"},
		{"absolute path", "fee_line.zip", zipped(t, good, part{name: "/tmp/fee_line.csv", content: "a"}), Limits{}, "/tmp/fee_line.csv"},
		{"drive letter", "fee_line.zip", zipped(t, good, part{name: `C:\fee_line.csv`, content: "a"}), Limits{}, "C:/fee_line.csv"},
		{"symlink", "fee_line.zip", zipped(t, good, part{name: "fee_line.csv", content: "/etc/passwd", mode: fs.ModeSymlink | 0o777}), Limits{}, "symlink"},
		{"encrypted", "fee_line.zip", zipped(t, good, part{name: "fee_line.csv", content: "secret", flags: flagEncrypted}), Limits{}, "encrypted"},
		{"Deflate64", "fee_line.zip", zipped(t, good, part{name: "fee_line.csv", content: "secret", method: 9}), Limits{}, "method 9"},
		{"name twice", "fee_line.zip", zipped(t, part{name: "a.csv", content: "1"}, part{name: "./a.csv", content: "2"}), Limits{}, "twice"},
		{"zip in zip", "fee_line.zip", zipped(t, good, part{name: "more.ZIP", content: whole}), Limits{}, "more.ZIP"},
		{"nothing of use", "fee_line.zip", zipped(t, part{name: "readme.pdf", content: "a"}), Limits{}, "fee_line.zip"},
		{"bad totals inside", "fee_line.zip", zipped(t, good, part{name: "fee_line_good.ctl", content: "rows: x"}), Limits{}, "fee_line_good.ctl:1"},
	}
	for _, c := range cases {
		t.Run(c.about, func(t *testing.T) {
			got, cleanup, tmp, err := expand(t, c.file, c.content, c.limits)
			wantBadFile(t, err, c.file, c.says)
			if len(got.Members) != 0 {
				t.Errorf("nothing of a bad archive may be used, got %+v", got)
			}
			cleanup()
			wantEmpty(t, tmp)
		})
	}
}

func TestExpandMemberThatLiesAboutItsSize(t *testing.T) {
	content := zipped(t, part{name: "fee_line.csv", content: strings.Repeat("1", 5000)})
	at := strings.LastIndex(content, "PK\x01\x02") + 24 // uncompressed size in the directory
	lying := content[:at] + "\x10\x00\x00\x00" + content[at+4:]
	_, _, tmp, err := expand(t, "fee_line.zip", lying, Limits{})
	wantBadFile(t, err, "fee_line.csv")
	wantEmpty(t, tmp)
}

func TestExpandTellsOurDiskFromTheirFile(t *testing.T) {
	inbox := t.TempDir()
	abs := write(t, filepath.Join(inbox, "fee_line.csv.gz"), gz(t, "abc", ""))
	d := Delivery{Path: "fee_line.csv.gz", Abs: abs, Name: "fee_line.csv.gz"}
	notAFolder := write(t, filepath.Join(inbox, "file"), "")
	_, cleanup, err := Expand(t.Context(), d, filepath.Join(notAFolder, "tmp"), Limits{})
	cleanup()
	if err == nil || pipeline.KindOf(err) != pipeline.KindInternal || pipeline.HintOf(err) == "" {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	tmp := t.TempDir()
	if _, _, err := Expand(ctx, d, tmp, Limits{}); pipeline.KindOf(err) != pipeline.KindInterrupted {
		t.Errorf("got %v", err)
	}
	wantEmpty(t, tmp)
}

// FuzzExpandZip: whatever the bytes, nothing is written outside and nothing stays.
func FuzzExpandZip(f *testing.F) {
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, cleanup, tmp, err := expand(t, "fee_line.zip", string(data), Limits{MemberBytesMax: 1 << 20, TotalBytesMax: 4 << 20})
		if err != nil {
			wantBadFile(t, err)
		}
		for _, m := range c.Members {
			if rel, err := filepath.Rel(tmp, m.Path); err != nil || !filepath.IsLocal(rel) {
				t.Errorf("%s lies outside", m.Path)
			}
		}
		cleanup()
		wantEmpty(t, tmp)
	})
}

func TestMemberPath(t *testing.T) {
	for raw, want := range map[string]string{`a\b.csv`: "a/b.csv", "a/b.csv": "a/b.csv", "\xd5\\\\x": "\xd5\\/x", "三月\\x": "三月/x"} {
		if got := memberPath(raw); got != want {
			t.Errorf("%q: got %q, want %q", raw, got, want)
		}
	}
}
