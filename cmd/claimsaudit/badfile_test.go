package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	feeHeader = "setl_id,feedetl_sn,fee_ocur_time,med_list_codg,med_chrgitm_type,cnt,pric,det_item_fee_sumamt\n"
	feeRow    = "S1,%d,2025-03-05 09:00:00,C1,05,1,1,1.00\n"
)

func feeRows(n int) string {
	var b strings.Builder
	b.WriteString(feeHeader)
	for i := range n {
		fmt.Fprintf(&b, feeRow, i+1)
	}
	return b.String()
}

// zipped makes an archive of one member; write gets the member.
func zipped(t testing.TB, member string, write func(io.Writer)) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(member)
	if err != nil {
		t.Fatal(err)
	}
	write(w)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func plain(text string) func(io.Writer) {
	return func(w io.Writer) { io.WriteString(w, text) }
}

// blanks is what a bomb is made of: 64 MiB that pack into 64 KiB.
func blanks(w io.Writer) {
	block := bytes.Repeat([]byte(" "), 1<<20)
	for range 64 {
		w.Write(block)
	}
}

func gzipped(t testing.TB, write func(io.Writer)) []byte {
	t.Helper()
	var b bytes.Buffer
	g, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	write(g)
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type badFile struct {
	title, name string
	content     []byte
	message     string // what the sender must be told
}

func badFiles(t testing.TB) []badFile {
	whole := zipped(t, "fee_line_1.csv", plain(feeRows(50)))
	moved := bytes.Clone(whole)
	moved[len(moved)-6] += 10 // where the end record says the directory begins
	return []badFile{
		{"empty file", "fee_line_x.csv", nil, "空"},
		{"required columns missing", "fee_line_x.csv", []byte("setl_id,feedetl_no\nS1,1\n"), "feedetl_sn"},
		{"truncated zip", "fee_line_x.zip", whole[:len(whole)-30], ""},
		{"truncated gzip", "fee_line_x.csv.gz", gzipped(t, plain(feeRows(500)))[:100], ""},
		{"zip whose directory points before its beginning", "fee_line_x.zip", moved, ""},
		{"column name that is no text", "fee_line_x.csv", []byte("setl_id,feede\xfftl_sn\nS1,1\n"), "feedetl_sn"},
		{"zip bomb", "fee_line_x.zip", zipped(t, "fee_line_1.csv", blanks), ""},
		{"path escape", "fee_line_x.zip", zipped(t, "../../fee_line_1.csv", plain(feeRows(1))), ""},
		{"zip without a table", "fee_line_x.zip", zipped(t, "photo.jpg", plain("x")), ""},
		{"no workbook", "fee_line_x.xlsx", []byte("PK\x03\x04 not a workbook"), ""},
		{"no Parquet", "fee_line_x.parquet", []byte("PAR1 not Parquet PAR1"), ""},
		{"second member bad", "fee_line_x.zip", twoMembers(t), "feedetl_sn"},
	}
}

// twoMembers is an archive whose first member is good: nothing of it may stay either.
func twoMembers(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{"fee_line_1.csv": feeRows(3), "fee_line_2.csv": "setl_id\nS1\n"} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		plain(text)(w)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestBadFilesAreRefused: a file that cannot be used ends the run with 3, leaves no row behind, lies in the archive, and
// does not keep the good file beside it from being taken in.
func TestBadFilesAreRefused(t *testing.T) {
	for _, bad := range badFiles(t) {
		t.Run(bad.title, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.write(t, bad.name, bad.content)
			s.deliver(t, "testdata/delivery/2025-03")
			stdout, stderr := s.must(t, 3, "run", "nightly", "--as-of", "2025-04-02")
			if !strings.Contains(stdout, "4 taken in, 0 seen before, 1 refused") || !strings.Contains(stdout, "14 read, 0 rejected") {
				t.Errorf("stdout:\n%s", stdout)
			}
			tail := stderr[strings.LastIndex(stderr, "error: "):]
			if !strings.Contains(tail, bad.message) || !strings.Contains(tail, "  do: ") {
				t.Errorf("does not say %q and what to do:\n%s", bad.message, tail)
			}
			rows, _ := s.must(t, 0, "query", "--format", "csv",
				"SELECT (SELECT count(*) FROM mart.delivered_file), (SELECT count(*) FROM mart.rejected_row), (SELECT sum(lines) FROM mart.institution_period)")
			if !strings.HasSuffix(rows, "\n4,0,6\n") {
				t.Errorf("something of the file was loaded: %s", rows)
			}
			sum := fmt.Sprintf("%x", sha256.Sum256(bad.content))
			if kept, err := os.ReadFile(filepath.Join(s.data, "archive", sum[:2], sum, bad.name)); err != nil || !bytes.Equal(kept, bad.content) {
				t.Errorf("not in the archive: %v", err)
			}
			if left := contents(t, s.inbox); len(left) > 0 {
				t.Errorf("left in the inbox: %v", left)
			}
			if left := contents(t, filepath.Join(s.data, "tmp")); len(left) > 0 {
				t.Errorf("left unpacked: %v", left)
			}
		})
	}
}

// TestOddFilesAreTakenIn: dirt that is a matter of rows does not refuse a file, and every row is accounted for.
func TestOddFilesAreTakenIn(t *testing.T) {
	many := feeRows(100)
	cases := []struct {
		title, content string
		code           int
		fates          string // rows_read, loaded, superseded, duplicate, rejected
	}{
		{"header only", feeHeader, 0, "0,0,0,0,0"},
		{"unknown column", strings.Replace(feeHeader, "\n", ",colour\n", 1) + "S1,1,2025-03-05,C1,05,1,1,1.00,red\n", 0, "1,1,0,0,0"},
		{"thousands separators", feeHeader + `S1,1,2025-03-05,C1,05,1,"1,234.50","1,234.50"` + "\n", 0, "1,1,0,0,0"},
		{"amounts that are none", many + "S2,1,2025-03-05,C1,05,1,1,1.234\nS2,2,2025-03-05,C1,05,1,1,1e5\nS2,3,2025-03-05,C1,05,1,1,￥3\n", 0, "103,100,0,0,3"},
		{"a day that is none", many + "S2,1,2025-02-30,C1,05,1,1,1.00\n", 0, "101,100,0,0,1"},
		{"id that was a number", many + "5.00105E+17,1,2025-03-05,C1,05,1,1,1.00\n", 0, "101,100,0,0,1"},
		{"more fields than names", many + "S2,1,2025-03-05,C1,05,1,1,1.00,,x\n", 0, "101,100,0,0,1"},
		{"the same row twice", many + fmt.Sprintf(feeRow, 7), 0, "101,100,0,1,0"},
		{"everything bad", feeHeader + "S2,1,2025-02-30,C1,05,1,1,1.00\n", 4, "1,0,0,0,1"},
	}
	for _, c := range cases {
		t.Run(c.title, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.write(t, "fee_line_x.csv", []byte(c.content))
			s.must(t, c.code, "run", "nightly", "--as-of", "2025-04-02")
			if c.code != 0 {
				s.must(t, 0, "run", "nightly", "--as-of", "2025-04-02")
			}
			rows, _ := s.must(t, 0, "query", "--format", "csv", "SELECT rows_read, loaded, superseded, duplicate, rejected FROM mart.delivered_file")
			if !strings.HasSuffix(rows, "\n"+c.fates+"\n") {
				t.Errorf("got %s want %s", rows, c.fates)
			}
		})
	}
}
