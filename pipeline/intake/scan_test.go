package intake

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"claimsaudit/pipeline"
)

func TestScanTakesFeedsAtAnyDepthInByteOrderOfPath(t *testing.T) {
	inbox := t.TempDir()
	for _, p := range []string{"b/settlement.txt", "b.d/Fee_Line_500105.CSV", "2025年 三月/报送/settlement_1.xlsx",
		"a/review.parquet", "a-1.csv", "fee_line.csv.gz", "practitioner_status 快照 1.txt", "b/说明.docx", "settlement.pdf", "notes.gz"} {
		write(t, filepath.Join(inbox, filepath.FromSlash(p)), "x")
	}
	found := scan(t, inbox)
	want := []string{"2025年 三月/报送/settlement_1.xlsx", "a/review.parquet", "b.d/Fee_Line_500105.CSV",
		"b/settlement.txt", "fee_line.csv.gz", "practitioner_status 快照 1.txt"}
	if got := paths(found); !slices.Equal(got, want) {
		t.Errorf("deliveries\n got %q\nwant %q", got, want)
	}
	for p, want := range map[string]Why{"b/说明.docx": WhyNoFeed, "a-1.csv": WhyNoFeed, "notes.gz": WhyNoFeed, "settlement.pdf": WhyExtension} {
		if got := whyOf(found, p); got != want {
			t.Errorf("%s: why %q, want %q", p, got, want)
		}
	}
	for _, i := range found.Ignored {
		if i.Problem {
			t.Errorf("%s: what is no feed must not change the exit code", i.Path)
		}
	}
	if d := found.Deliveries[2]; d.Name != "Fee_Line_500105.CSV" || d.Feed == nil || d.Feed.Name != "fee_line" || d.Size != 1 {
		t.Errorf("delivery %+v", d)
	}
}

func TestScanRecognisesZipByItsOwnOrAMembersName(t *testing.T) {
	inbox := t.TempDir()
	write(t, filepath.Join(inbox, "三月.zip"), zipped(t, part{name: "明细/fee_line_1.csv", content: "a"}))
	write(t, filepath.Join(inbox, "photos.zip"), zipped(t, part{name: "1.jpg", content: "a"}))
	write(t, filepath.Join(inbox, "settlement.zip"), zipped(t, part{name: "1.csv", content: "a"}))
	whole := zipped(t, part{name: "x/"}, part{name: "x/fee_line_1.csv", content: strings.Repeat("abc", 5000)})
	write(t, filepath.Join(inbox, "truncated.zip"), whole[:len(whole)-40])
	write(t, filepath.Join(inbox, "unknown.zip"), "PK\x03\x04garbage")
	found := scan(t, inbox)
	if got, want := paths(found), []string{"settlement.zip", "truncated.zip", "三月.zip"}; !slices.Equal(got, want) {
		t.Errorf("deliveries %q, want %q", got, want)
	}
	if whyOf(found, "photos.zip") != WhyNoFeed || whyOf(found, "unknown.zip") != WhyUnreadableZip {
		t.Errorf("ignored %+v", found.Ignored)
	}
}

func TestScanLeavesFilesThatAreBeingWritten(t *testing.T) {
	inbox := t.TempDir()
	growing := write(t, filepath.Join(inbox, "settlement_1.csv"), "a")
	write(t, filepath.Join(inbox, "settlement_2.csv"), "a")
	write(t, filepath.Join(inbox, "settlement_3.csv.part"), "a")
	write(t, filepath.Join(inbox, "settlement_4.csv.tmp"), "a")
	write(t, filepath.Join(inbox, "settlement_5.csv"), "a")
	control := write(t, filepath.Join(inbox, "settlement_5.ctl"), "rows: 1")
	calls := 0
	found, err := Scan(t.Context(), inbox, func(context.Context) error {
		calls++
		write(t, growing, "ab")
		write(t, control, "rows: 12")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := paths(found); !slices.Equal(got, []string{"settlement_2.csv"}) || calls != 1 {
		t.Errorf("deliveries %q after %d waits", got, calls)
	}
	for _, p := range []string{"settlement_1.csv", "settlement_3.csv.part", "settlement_4.csv.tmp", "settlement_5.csv"} {
		if whyOf(found, p) != WhyWriting {
			t.Errorf("%s: why %q", p, whyOf(found, p))
		}
	}
}

func TestScanRefusesSymlinks(t *testing.T) {
	inbox, outside := t.TempDir(), t.TempDir()
	secret := write(t, filepath.Join(outside, "settlement.csv"), "secret")
	write(t, filepath.Join(outside, "ok.ctl"), "rows: 1")
	for name, target := range map[string]string{"settlement_file.csv": secret, "folder": outside, "fee_line.ctl": filepath.Join(outside, "ok.ctl")} {
		if err := os.Symlink(target, filepath.Join(inbox, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(inbox, "settlement_pipe.csv"), 0o600); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(inbox, "fee_line.csv"), "a")
	found := scan(t, inbox)
	if got := paths(found); !slices.Equal(got, []string{"fee_line.csv"}) {
		t.Fatalf("deliveries %q", got)
	}
	for p, want := range map[string]Why{"settlement_file.csv": WhySymlink, "folder": WhySymlink, "settlement_pipe.csv": WhySpecial} {
		if whyOf(found, p) != want {
			t.Errorf("%s: why %q", p, whyOf(found, p))
		}
	}
	// Totals that cannot be trusted must not count as no totals.
	wantBadFile(t, found.Deliveries[0].ControlErr, "fee_line.ctl")
	// A link put in the file's place after the scan is not followed either.
	d := found.Deliveries[0]
	if err := errors.Join(os.Remove(d.Abs), os.Symlink(secret, d.Abs)); err != nil {
		t.Fatal(err)
	}
	_, err := Hash(t.Context(), d)
	wantBadFile(t, err, "fee_line.csv")
}

func TestScanGoesOnAfterAnUnreadableFolder(t *testing.T) {
	inbox := t.TempDir()
	write(t, filepath.Join(inbox, "甲医院", "settlement_1.csv"), "a")
	write(t, filepath.Join(inbox, "乙医院", "settlement_2.csv"), "a")
	// Tests may run as root, whom permissions do not stop.
	s := scanner{inbox: inbox, readDir: func(dir string) ([]fs.DirEntry, error) {
		if filepath.Base(dir) == "甲医院" {
			return nil, &fs.PathError{Op: "open", Path: dir, Err: fs.ErrPermission}
		}
		return os.ReadDir(dir)
	}}
	found, err := s.scan(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := paths(found); !slices.Equal(got, []string{"乙医院/settlement_2.csv"}) {
		t.Errorf("deliveries %q", got)
	}
	if len(found.Ignored) != 1 || found.Ignored[0].Path != "甲医院" || !found.Ignored[0].Problem || !errors.Is(found.Ignored[0].Err, fs.ErrPermission) {
		t.Errorf("ignored %+v", found.Ignored)
	}
}

func TestScanMissingInboxIsAConfigurationError(t *testing.T) {
	_, err := Scan(t.Context(), filepath.Join(t.TempDir(), "none"), nil)
	if pipeline.KindOf(err) != pipeline.KindUsage || pipeline.HintOf(err) == "" {
		t.Errorf("got %v", err)
	}
}

func TestScanStopsWhenInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Scan(ctx, t.TempDir(), nil)
	if pipeline.KindOf(err) != pipeline.KindInterrupted {
		t.Errorf("got %v", err)
	}
}

func TestHashRefusesAFileThatChangedSinceTheScan(t *testing.T) {
	inbox := t.TempDir()
	write(t, filepath.Join(inbox, "settlement.csv"), "a")
	d := only(t, inbox)
	if d.SHA256 != sumOf("a") {
		t.Errorf("sha256 %s", d.SHA256)
	}
	write(t, d.Abs, "ab")
	_, err := Hash(t.Context(), d)
	wantBadFile(t, err, "settlement.csv")
	if !errors.Is(err, ErrChanging) {
		t.Errorf("got %v", err)
	}
}

func TestScanMakesNamesFitForTables(t *testing.T) {
	inbox := t.TempDir()
	write(t, filepath.Join(inbox, "settlement_\xd6\xd0.csv"), "a") // GB18030, as old tools unpack it
	d := only(t, inbox)
	if d.Path != "settlement__.csv" || d.Name != d.Path {
		t.Errorf("path %q name %q", d.Path, d.Name)
	}
}

func TestScanFindsTheControlFile(t *testing.T) {
	inbox := t.TempDir()
	for _, p := range []string{"1/settlement_x.csv.gz", "2/settlement_x.csv.gz", "3/settlement_x.csv.gz", "4/settlement_x.csv",
		"4/settlement_x.txt", "5/settlement_2025.03.csv"} {
		write(t, filepath.Join(inbox, p), "a")
	}
	for p, rows := range map[string]string{"1/settlement_x.ctl": "1", "1/settlement_x.csv.ctl": "2", "1/settlement_x.csv.gz.ctl": "3",
		"2/settlement_x.ctl": "1", "2/settlement_x.csv.ctl": "2", "3/SETTLEMENT_X.CTL": "1", "4/settlement_x.ctl": "1", "5/settlement_2025.ctl": "1"} {
		write(t, filepath.Join(inbox, p), "rows: "+rows)
	}
	found := scan(t, inbox)
	var got []int64
	for _, d := range found.Deliveries {
		if d.Control == nil {
			got = append(got, -1)
		} else {
			got = append(got, *d.Control.Rows)
		}
	}
	if want := []int64{3, 2, 1, 1, 1, -1}; !slices.Equal(got, want) {
		t.Errorf("rows of the controls %v, want %v", got, want)
	}
	for _, p := range []string{"1/settlement_x.ctl", "2/settlement_x.ctl", "5/settlement_2025.ctl"} {
		if whyOf(found, p) != WhyOrphanControl {
			t.Errorf("%s: why %q", p, whyOf(found, p))
		}
	}
}

// What was hashed must be what is loaded: a file overwritten in between is left for the next run.
func TestUnchangedSeesAnOverwrittenFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settlement_x.csv")
	if err := os.WriteFile(path, []byte("5.00"), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := One(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := Unchanged(d); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("777.00"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Unchanged(d); !errors.Is(err, ErrChanging) {
		t.Errorf("got %v", err)
	}
}
