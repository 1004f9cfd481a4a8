package site

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/report"
)

// TestAssetsAreTheReleasedOnes: what the pages carry is what Apache released, to the byte.
func TestAssetsAreTheReleasedOnes(t *testing.T) {
	for name, want := range map[string]string{
		"echarts.common.min.js": "55974cf42cc160e6cf9099cd3ed8cdedfaa9779919fcee7e2272c85f6ca30e27", // npm echarts 5.6.0, dist/
		"LICENSE":               "634293835b43a6dd2094fa39182a3d9a6b9ca43b7fdb9ac354e8037af2a3093a",
		"NOTICE":                "fa99ac3af859d0e13166906dc53a73ad34a08898da7e8ae83407275496e9e30c",
	} {
		data, err := assets.ReadFile("assets/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s has SHA-256 %x", name, sum)
		}
	}
}

// tree reads every file below dir.
func tree(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(rel)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func pagesOf(files map[string][]byte) (names []string) {
	for name := range files {
		if strings.HasSuffix(name, ".html") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func TestSameDataSameBytes(t *testing.T) {
	db := sampleMart(t)
	a, b := tree(t, built(t, db, Pseudonym)), tree(t, built(t, db, Pseudonym))
	if len(a) != len(b) || len(a) < 30 {
		t.Fatalf("%d and %d files", len(a), len(b))
	}
	for name := range a {
		if !bytes.Equal(a[name], b[name]) {
			t.Errorf("%s differs", name)
		}
	}
}

// TestEveryLinkLeadsSomewhere within the site, and nowhere else; every page says which run it is of.
func TestEveryLinkLeadsSomewhere(t *testing.T) {
	files := tree(t, built(t, sampleMart(t), Masked))
	links := regexp.MustCompile(`(?:href|src)="([^"]*)"`)
	for _, name := range pagesOf(files) {
		for _, m := range links.FindAllSubmatch(files[name], -1) {
			to := string(m[1])
			if to == "data:," || to == "#main" {
				continue
			}
			if _, ok := files[filepath.ToSlash(filepath.Join(filepath.Dir(name), to))]; !ok {
				t.Errorf("%s links to %s", name, to)
			}
		}
		for _, want := range []string{"nightly-2025-05-06-1", "<code>9f86d081</code>", "2025年5月6日", "verify --hash 9f86d081"} {
			if !bytes.Contains(files[name], []byte(want)) {
				t.Errorf("%s does not say %s", name, want)
			}
		}
	}
}

// TestNothingHiddenShowsThrough: without names and codes, or without persons at all, no file and no file name says who.
func TestNothingHiddenShowsThrough(t *testing.T) {
	db := sampleMart(t)
	for _, people := range []People{Pseudonym, Off} {
		for name, text := range tree(t, built(t, db, people)) {
			for _, secret := range []string{"D50010500", "张＊＊", "张三", "500105199001011234"} {
				if strings.Contains(name, secret) || bytes.Contains(text, []byte(secret)) {
					t.Errorf("%s: %s shows %s", people, name, secret)
				}
			}
			if people == Off && (strings.HasPrefix(name, "practitioner") || bytes.Contains(text, []byte("开单人员"))) {
				t.Errorf("%s speaks of persons", name)
			}
		}
	}
	masked := tree(t, built(t, db, Masked))
	if text := masked["practitioner/D500105000001.html"]; !bytes.Contains(text, []byte("张＊＊ D500105000001")) {
		t.Errorf("masked name and code are not shown: %s", text)
	}
	for name, text := range masked {
		if bytes.Contains(text, []byte("张三")) || bytes.Contains(text, []byte("500105199001011234")) {
			t.Errorf("%s shows what stood in a rejected row", name)
		}
	}
	a := newNamer(&facts{PeopleCodes: []string{"D1"}}, options(Pseudonym))
	b := newNamer(&facts{PeopleCodes: []string{"D1"}}, Options{People: Pseudonym, Key: []byte("another key of the tests, long enough")})
	if a.pages["D1"] == b.pages["D1"] {
		t.Error("the pseudonym does not depend on the key")
	}
}

// TestWhatIsDoneIsNotAskedAgain: a card on which nothing is left to do shows none of last year's steps, nor any other card its rows.
func TestWhatIsDoneIsNotAskedAgain(t *testing.T) {
	for name, text := range tree(t, built(t, sampleMart(t), Pseudonym)) {
		for _, past := range []string{"旧步骤", "旧指标"} {
			if bytes.Contains(text, []byte(past)) {
				t.Errorf("%s shows %s", name, past)
			}
		}
	}
}

// TestAttacksStayText: names that are markup, and codes that are paths.
func TestAttacksStayText(t *testing.T) {
	files := tree(t, built(t, sampleMart(t), Pseudonym))
	for name, text := range files {
		if strings.HasPrefix(name, "assets/") {
			continue
		}
		for _, bad := range []string{"<img", "<script>alert", "onerror=alert(2)>\""} {
			if bytes.Contains(text, []byte(bad)) {
				t.Errorf("%s holds %s", name, bad)
			}
		}
		if strings.Contains(name, "..") {
			t.Errorf("file %s", name)
		}
	}
	for _, want := range []string{"institution/H1.html", "institution/h1~2.html", "institution/=2E=2E=2FH=2F4=20=22=E5=8F=B7=22.html"} {
		if files[want] == nil {
			t.Errorf("no %s among %v", want, pagesOf(files))
		}
	}
	if !bytes.Contains(files["institution/H2.html"], []byte(longName())) {
		t.Error("the long name is cut")
	}
	if !bytes.Contains(files["institution/H8.html"], []byte("（名称未登记）")) {
		t.Error("an institution without a name")
	}
}

func TestTotalsEqualTheMart(t *testing.T) {
	db := sampleMart(t)
	files := tree(t, built(t, db, Pseudonym))
	for page, period := range map[string]string{"index.html": "2025-04", "month/2025-03.html": "2025-03", "month/2024-04.html": "2024-04"} {
		for _, column := range []string{"fund_yuan", "pay_yuan", "exempt_yuan", "review_yuan", "withhold_yuan"} {
			want := scalar[string](t, db, `SELECT format('{:,.2f}', CAST(sum(`+column+`) AS DOUBLE)) FROM mart.institution_period WHERE period = $1`, period)
			if !bytes.Contains(files[page], []byte(`<div class="amount">`+want+`<span class="unit">元`)) {
				t.Errorf("%s lacks %s %s", page, column, want)
			}
		}
	}
	want := scalar[string](t, db, `SELECT CAST(CAST(sum(fund_yuan) * 100 AS BIGINT) AS VARCHAR) || '">' || format('{:,.2f}', CAST(sum(fund_yuan) AS DOUBLE)) FROM mart.line_verdict
		WHERE practitioner_code = 'D500105000001' AND verdict = 'withhold' AND period >= '2024-04'`)
	pseudonym := newNamer(&facts{}, options(Pseudonym)).pseudonym("D500105000001")
	isThere := false
	for _, row := range bytes.Split(files["practitioners.html"], []byte("<tr>")) {
		isThere = isThere || bytes.Contains(row, []byte(pseudonym)) && bytes.Contains(row, []byte(`data-key="`+want+"</td>"))
	}
	if !isThere {
		t.Errorf("the list of persons does not say that %s is withheld of %s", want, pseudonym)
	}
	if bytes.Contains(files["index.html"], []byte("2031")) {
		t.Error("a month from the future is shown")
	}
	if front := files["index.html"]; !bytes.Contains(front, []byte("尚未关账")) || !bytes.Contains(files["month/2025-03.html"], []byte("通知单 T-2025-03")) {
		t.Error("what is closed and what is not")
	}
}

// TestTheClosedMonthIsInFront of a monthly run, though newer data have begun to come in.
func TestTheClosedMonthIsInFront(t *testing.T) {
	meta, dir := sampleMeta(), filepath.Join(t.TempDir(), "site")
	meta.Period = march()
	if _, err := Build(context.Background(), sampleMart(t), dir, meta, options(Off)); err != nil {
		t.Fatal(err)
	}
	files := tree(t, dir)
	if !bytes.Contains(files["index.html"], []byte("<h1>2025年3月")) || files["month/2025-04.html"] == nil {
		t.Errorf("pages %v", pagesOf(files))
	}
}

func TestAnEmptyMartIsASite(t *testing.T) {
	files := tree(t, built(t, openMart(t), Pseudonym))
	if got := pagesOf(files); len(got) != 6 || !bytes.Contains(files["index.html"], []byte("还没有可以列示的结算月份")) {
		t.Errorf("pages %v", got)
	}
}

// TestAFailureLeavesNothing, and what stood stands.
func TestAFailureLeavesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "site")
	ctx, stop := context.WithCancel(context.Background())
	stop()
	_, err := Build(ctx, sampleMart(t), dir, sampleMeta(), options(Pseudonym))
	if pipeline.KindOf(err) != pipeline.KindInterrupted {
		t.Errorf("interrupted: %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("half a site: %v", err)
	}
	_, err = Build(context.Background(), openMart(t), filepath.Join(dir, "nowhere", "site"), sampleMeta(), options(Pseudonym))
	if pipeline.KindOf(err) != pipeline.KindInternal || !strings.Contains(err.Error(), "site") {
		t.Errorf("no folder to write into: %v", err)
	}
}

func TestPutExchangesTheWhole(t *testing.T) {
	db, at := openMart(t), t.TempDir()
	place, fresh := filepath.Join(at, "site"), filepath.Join(at, "site.tmp")
	for i, run := range []string{"run-1", "run-2"} {
		meta := sampleMeta()
		meta.RunID = run
		if _, err := Build(context.Background(), db, fresh, meta, options(Off)); err != nil {
			t.Fatal(err)
		}
		if i == 1 { // a page of the former site must not stay among the new ones
			if err := os.WriteFile(filepath.Join(place, "former.html"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := Put(fresh, place); err != nil {
			t.Fatal(err)
		}
		if !Stands(place, run, meta.ChainHash, options(Off)) {
			t.Errorf("%s does not stand", run)
		}
	}
	if left, err := os.ReadDir(at); err != nil || len(left) != 1 {
		t.Errorf("left %v, %v", left, err)
	}
	if _, err := os.Stat(filepath.Join(place, "former.html")); err == nil {
		t.Error("a page of the former site")
	}
	stands := func(opts Options) bool { return Stands(place, "run-2", sampleMeta().ChainHash, opts) }
	other := options(Off)
	other.FileMode = 0o400
	if stands(options(Masked)) || stands(other) || Stands(place, "run-1", sampleMeta().ChainHash, options(Off)) {
		t.Error("another site counts as this one")
	}
	torn := filepath.Join(place, "runs.html")
	if err := errors.Join(os.Remove(torn), os.WriteFile(torn, nil, 0o440)); err != nil {
		t.Fatal(err)
	}
	if stands(options(Off)) {
		t.Error("a torn site counts as whole")
	}
	if err := moveAside(filepath.Join(at, "nothing"), place); err == nil {
		t.Error("nothing was put in place")
	}
	if _, err := os.Stat(filepath.Join(place, "index.html")); err != nil {
		t.Errorf("the former site is gone: %v", err)
	}
}

func TestFilesHaveTheirModes(t *testing.T) {
	err := filepath.WalkDir(built(t, openMart(t), Off), func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if want := map[bool]fs.FileMode{true: 0o750, false: 0o440}[e.IsDir()]; err == nil && info.Mode().Perm() != want {
			t.Errorf("%s has mode %04o", path, info.Mode().Perm())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTooManyPeople(t *testing.T) {
	f := &facts{People: map[string]*person{}}
	for i := range peopleMost + 5 {
		code := "D" + report.Grouped(int64(10000+i))
		f.PeopleCodes = append(f.PeopleCodes, code)
		f.person(code).Total.Withhold = report.Cents(i)
	}
	n := newNamer(f, options(Masked))
	if n.cut != 5 || len(n.pages) != peopleMost || n.pages["D10,000"] != "" || n.pages["D13,004"] == "" {
		t.Errorf("%d pages, %d cut", len(n.pages), n.cut)
	}
}

func TestWordsOfAPage(t *testing.T) {
	var d doc
	d.add("a\x00b\u202ec\xffd<&>\"'")
	if got := string(d.b); got != "a\uFFFDb\uFFFDc\uFFFDd&lt;&amp;&gt;&#34;&#39;" {
		t.Errorf("text %q", got)
	}
	if got := thousands("-1234567.50"); got != "-1,234,567.50" {
		t.Errorf("thousands %s", got)
	}
	asOf := time.Date(2025, 5, 6, 0, 0, 0, 0, time.UTC)
	if a, b, c := daysTo("2025-05-01", asOf), daysTo("2025-05-06", asOf), daysTo("", asOf); a != "已过 5 天" || b != "当天" || c != "" {
		t.Errorf("days %q %q %q", a, b, c)
	}
}
