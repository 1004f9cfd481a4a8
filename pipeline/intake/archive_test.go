package intake

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"claimsaudit/pipeline"
)

// otherDisk is the error of a link between two file systems.
func otherDisk(oldname, newname string) error {
	return &os.LinkError{Op: "link", Old: oldname, New: newname, Err: syscall.EXDEV}
}

func archives(t *testing.T) map[string]Archive {
	t.Helper()
	return map[string]Archive{
		"same disk":  {Dir: filepath.Join(t.TempDir(), "档案 archive")},
		"other disk": {Dir: filepath.Join(t.TempDir(), "档案 archive"), link: otherDisk},
	}
}

func put(t *testing.T, a Archive, d Delivery) string {
	t.Helper()
	stored, err := a.Put(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

func TestArchiveMovesFileAndControl(t *testing.T) {
	for name, a := range archives(t) {
		t.Run(name, func(t *testing.T) {
			inbox := t.TempDir()
			write(t, filepath.Join(inbox, "三月 报送", "settlement 甲.csv"), "rows")
			write(t, filepath.Join(inbox, "三月 报送", "settlement 甲.ctl"), "rows: 1")
			d := only(t, inbox)
			if _, known := a.Path(d.SHA256); known {
				t.Error("known before it came")
			}
			stored := put(t, a, d)
			want := filepath.Join(a.Dir, d.SHA256[:2], d.SHA256, "settlement 甲.csv")
			if stored != want || read(t, stored) != "rows" {
				t.Errorf("stored at %s, want %s", stored, want)
			}
			if read(t, filepath.Join(filepath.Dir(stored), "settlement 甲.ctl")) != "rows: 1" {
				t.Error("the .ctl is not kept")
			}
			info, err := os.Stat(stored)
			if err != nil || info.Mode().Perm() != 0o400 || !info.ModTime().Equal(d.ModTime) {
				t.Errorf("mode %v time %v: %v", info.Mode(), info.ModTime(), err)
			}
			if found := scan(t, inbox); len(found.Deliveries)+len(found.Ignored) != 0 {
				t.Errorf("still in the inbox: %+v", found)
			}
			if got, ok := a.Path(d.SHA256); !ok || got != stored {
				t.Errorf("path %q %v", got, ok)
			}
			// Resuming with the archived file itself must not delete it.
			d.Abs = stored
			if put(t, a, d) != stored || read(t, stored) != "rows" {
				t.Error("the only copy is gone")
			}
		})
	}
}

func TestArchiveKeepsOneCopyOfTheSameBytes(t *testing.T) {
	for name, a := range archives(t) {
		t.Run(name, func(t *testing.T) {
			inbox := t.TempDir()
			write(t, filepath.Join(inbox, "settlement_1.csv"), "rows")
			write(t, filepath.Join(inbox, "settlement_1.ctl"), "rows: 2")
			first := put(t, a, only(t, inbox))
			write(t, filepath.Join(inbox, "settlement_1.csv"), "rows")
			write(t, filepath.Join(inbox, "settlement_1.ctl"), "rows: 1") // corrected
			if second := put(t, a, only(t, inbox)); second != first {
				t.Errorf("stored twice: %s and %s", first, second)
			}
			write(t, filepath.Join(inbox, "settlement_2.csv"), "rows")
			if third := put(t, a, only(t, inbox)); third != first {
				t.Errorf("stored twice: %s and %s", first, third)
			}
			wantEmpty(t, inbox)
			kept, err := filepath.Glob(filepath.Join(filepath.Dir(first), "settlement_1*.ctl"))
			if err != nil || len(kept) != 2 || read(t, filepath.Join(filepath.Dir(first), "settlement_1.ctl")) != "rows: 2" {
				t.Errorf("both .ctl must be kept, got %v %v", kept, err)
			}
		})
	}
}

func TestArchiveDeletesNothingWhenItsOwnCopyIsDamaged(t *testing.T) {
	inbox, a := t.TempDir(), Archive{Dir: t.TempDir()}
	write(t, filepath.Join(inbox, "settlement.csv"), "rows")
	stored := put(t, a, only(t, inbox))
	if err := errors.Join(os.Remove(stored), os.WriteFile(stored, []byte("rotten"), 0o400)); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(inbox, "settlement.csv"), "rows")
	d := only(t, inbox)
	_, err := a.Put(t.Context(), d)
	if err == nil || pipeline.KindOf(err) != pipeline.KindInternal || !strings.Contains(err.Error(), stored) {
		t.Errorf("got %v", err)
	}
	if read(t, d.Abs) != "rows" || read(t, stored) != "rotten" {
		t.Error("the good copy is gone or the archive was overwritten")
	}
}

func TestArchiveRefusesAFileThatIsNotTheHashedOne(t *testing.T) {
	for name, a := range archives(t) {
		t.Run(name, func(t *testing.T) {
			inbox := t.TempDir()
			write(t, filepath.Join(inbox, "settlement.csv"), "rows")
			d := only(t, inbox)
			write(t, d.Abs, "rows and more")
			_, err := a.Put(t.Context(), d)
			wantBadFile(t, err, "settlement.csv")
			if !errors.Is(err, ErrChanging) || read(t, d.Abs) != "rows and more" {
				t.Errorf("got %v", err)
			}
			if _, known := a.Path(d.SHA256); known {
				t.Error("bytes nobody hashed are in the archive")
			}
		})
	}
}

func TestArchiveCopyIsReadBack(t *testing.T) {
	inbox, a := t.TempDir(), Archive{Dir: t.TempDir(), link: otherDisk}
	write(t, filepath.Join(inbox, "settlement.csv"), "rows")
	d := only(t, inbox)
	d.SHA256 = sumOf("other")
	if _, err := a.Put(t.Context(), d); !errors.Is(err, ErrChanging) {
		t.Errorf("got %v", err)
	}
	if _, known := a.Path(d.SHA256); known || read(t, d.Abs) != "rows" {
		t.Error("a copy with another hash was kept")
	}
	wantEmpty(t, filepath.Join(a.Dir, incoming))
}

func TestArchiveFinishesAfterACrash(t *testing.T) {
	inbox, a := t.TempDir(), Archive{Dir: t.TempDir()}
	write(t, filepath.Join(inbox, "settlement.csv"), "rows")
	write(t, filepath.Join(inbox, "settlement.ctl"), "rows: 1")
	d := only(t, inbox)
	// The process died after the file got its second name and before it lost the first.
	folder := a.folder(d.SHA256)
	stored := filepath.Join(folder, "settlement.csv")
	if err := errors.Join(os.MkdirAll(folder, 0o700), os.Link(d.Abs, stored)); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(a.Dir, incoming, "copy"), "half a co")
	if got := put(t, a, only(t, inbox)); got != stored || read(t, stored) != "rows" {
		t.Errorf("stored %s", got)
	}
	if read(t, filepath.Join(folder, "settlement.ctl")) != "rows: 1" {
		t.Error("the .ctl is lost")
	}
	wantEmpty(t, inbox)
	wantEmpty(t, filepath.Join(a.Dir, incoming))
}

func TestArchiveCopiesAFileTheSenderCouldStillChange(t *testing.T) {
	inbox, a := t.TempDir(), Archive{Dir: t.TempDir()}
	outside := write(t, filepath.Join(t.TempDir(), "original.csv"), "rows")
	if err := os.Link(outside, filepath.Join(inbox, "settlement.csv")); err != nil {
		t.Fatal(err)
	}
	stored := put(t, a, only(t, inbox))
	write(t, outside, "changed")
	if read(t, stored) != "rows" {
		t.Error("the archive changed with the sender's file")
	}
}

func TestArchiveKeepsAControlThatTwoFilesShare(t *testing.T) {
	inbox, a := t.TempDir(), Archive{Dir: t.TempDir()}
	write(t, filepath.Join(inbox, "settlement.csv"), "rows")
	write(t, filepath.Join(inbox, "settlement.txt"), "other rows")
	control := write(t, filepath.Join(inbox, "settlement.ctl"), "rows: 1")
	for i, d := range scan(t, inbox).Deliveries {
		sum, err := Hash(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		d.SHA256 = sum
		stored := put(t, a, d)
		if read(t, filepath.Join(filepath.Dir(stored), "settlement.ctl")) != "rows: 1" {
			t.Error("the .ctl is not kept")
		}
		if _, err := os.Stat(control); (err == nil) != (i == 0) {
			t.Errorf("after file %d: %v", i, err)
		}
	}
}

func TestArchiveSaysWhenTheInboxCannotBeEmptied(t *testing.T) {
	inbox, a := t.TempDir(), Archive{Dir: t.TempDir()}
	write(t, filepath.Join(inbox, "settlement.csv"), "rows")
	d := only(t, inbox)
	// The file vanishes while it is being archived: what was taken stays.
	a.link = func(oldname, newname string) error { return errors.Join(os.Link(oldname, newname), os.Remove(oldname)) }
	_, err := a.Put(t.Context(), d)
	if !errors.Is(err, fs.ErrNotExist) || pipeline.HintOf(err) == "" {
		t.Errorf("got %v", err)
	}
	if stored, ok := a.Path(d.SHA256); !ok || read(t, stored) != "rows" {
		t.Error("the bytes are gone")
	}
}

func TestArchiveInterruptedCopyLeavesTheFile(t *testing.T) {
	inbox, a := t.TempDir(), Archive{Dir: t.TempDir(), link: otherDisk}
	write(t, filepath.Join(inbox, "settlement.csv"), "rows")
	d := only(t, inbox)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.Put(ctx, d); pipeline.KindOf(err) != pipeline.KindInterrupted {
		t.Errorf("got %v", err)
	}
	if read(t, d.Abs) != "rows" {
		t.Error("the file is gone")
	}
	wantEmpty(t, filepath.Join(a.Dir, incoming))
}
