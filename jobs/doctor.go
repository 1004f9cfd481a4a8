package jobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/warehouse"
)

// Verdict is the result of one check of doctor.
type Verdict string

// What a check can say. Info is also for what could not be looked at.
const (
	OK   Verdict = "ok"
	Info Verdict = "info"
	Warn Verdict = "warn"
	Fail Verdict = "FAIL" // runs or the daemon would fail, or somebody could read what is not theirs
)

// Diagnosis is one line of doctor.
type Diagnosis struct {
	Name    string  `json:"check"`
	Verdict Verdict `json:"verdict"`
	Found   string  `json:"found"`
	Do      string  `json:"do,omitempty"`
}

// doctor collects checks.
type doctor struct {
	*Runner
	checks  []Diagnosis
	isBusy  bool      // a run holds the lock
	newest  time.Time // in the ledger of runs
	isWhole bool      // the times of files hold less than a second nowhere
}

// Doctor looks whether this machine is fit to run and changes nothing: what it writes to see that it can is gone when it
// returns. It works before the first run and while a run goes on, and then says what it could not look at.
func (r *Runner) Doctor(ctx context.Context, machine Machine) []Diagnosis {
	d := &doctor{Runner: r, isWhole: true}
	d.lock()
	d.dataDirectory()
	d.inbox()
	d.modes()
	d.secrets()
	d.space()
	d.warehouse(ctx)
	d.clock()
	d.calendar()
	d.mailServer(ctx)
	d.backups()
	d.machine(ctx, machine)
	return d.checks
}

func (d *doctor) say(name string, verdict Verdict, do, format string, args ...any) {
	d.checks = append(d.checks, Diagnosis{name, verdict, fmt.Sprintf(format, args...), do})
}

func (d *doctor) lock() {
	if _, err := os.Stat(d.path("run.lock")); errors.Is(err, fs.ErrNotExist) {
		d.say("lock", OK, "", "nothing has run here yet")
		return
	}
	if holder := d.LockHolder(); holder != "" {
		d.isBusy = true
		d.say("lock", OK, "", "held by %s", holder)
		return
	}
	d.say("lock", OK, "", "free")
}

func (d *doctor) dataDirectory() {
	info, err := os.Stat(d.path())
	if errors.Is(err, fs.ErrNotExist) {
		d.missingDirectory("data directory", d.path())
		return
	}
	if err != nil || !info.IsDir() {
		d.say("data directory", Fail, "give a directory this user may open, see --data", "%s cannot be used: %v", d.path(), notDirectory(err))
		return
	}
	if err := d.probe(d.path()); err != nil {
		d.say("data directory", Fail, "give this user the directory: chown, chmod 700, and see that it is not mounted read-only", "%s is not writable: %v", d.path(), err)
		return
	}
	allowed := fs.FileMode(0o700)
	if d.Config.Settings.PublishedMode&0o040 != 0 {
		allowed = 0o710
	}
	if mode := info.Mode().Perm(); mode&^allowed != 0 {
		d.say("data directory", Fail, fmt.Sprintf("chmod %o %s; the next run does it too", allowed, d.path()), "%s has mode %04o: others may look into it", d.path(), mode)
		return
	}
	d.say("data directory", OK, "", "%s is writable, mode %04o", d.path(), info.Mode().Perm())
}

func notDirectory(err error) error {
	if err == nil {
		return errors.New("it is not a directory")
	}
	return err
}

// missingDirectory says whether the first run can make it.
func (d *doctor) missingDirectory(name, dir string) {
	parent, err := resolved(filepath.Dir(dir))
	for err == nil {
		info, statErr := os.Stat(parent)
		if statErr == nil && info.IsDir() {
			break
		}
		if !errors.Is(statErr, fs.ErrNotExist) || filepath.Dir(parent) == parent {
			err = notDirectory(statErr)
			break
		}
		parent = filepath.Dir(parent)
	}
	if err == nil {
		err = d.probe(parent)
	}
	if err != nil {
		d.say(name, Fail, "make it yourself and give it to this user, or see --data", "%s does not exist and cannot be made: %v", dir, err)
		return
	}
	d.say(name, OK, "", "%s does not exist yet: the first run makes it", dir)
}

// probe really writes a file and deletes it. Its name begins with a dot, which a look at the inbox passes over.
func (d *doctor) probe(dir string) error {
	f, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return err
	}
	_, err = f.WriteString("claimsaudit doctor")
	if err == nil {
		err = f.Sync()
	}
	if info, statErr := f.Stat(); statErr == nil && info.ModTime().Nanosecond() != 0 {
		d.isWhole = false
	}
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}

func (d *doctor) inbox() {
	inbox := d.Config.Settings.Inbox
	info, err := os.Stat(inbox)
	inside, relErr := filepath.Rel(d.path(), inbox)
	isInside := relErr == nil && filepath.IsLocal(inside)
	switch {
	case errors.Is(err, fs.ErrNotExist) && isInside:
		d.missingDirectory("inbox", inbox)
		return
	case err != nil || !info.IsDir():
		d.say("inbox", Fail, "make it, or correct --inbox: a wrong path must not pass for an empty inbox", "%s cannot be used: %v", inbox, notDirectory(err))
		return
	}
	if _, err := os.ReadDir(inbox); err != nil {
		d.say("inbox", Fail, "let this user read the inbox", "%s is not readable: %v", inbox, err)
		return
	}
	if err := d.probe(inbox); err != nil {
		d.say("inbox", Fail, "let this user write to the inbox: files move from it into the archive", "%s is not writable: %v", inbox, err)
		return
	}
	d.say("inbox", OK, "", "%s is writable", inbox)
}

func (d *doctor) space() {
	dir := d.path()
	for {
		if _, err := os.Stat(dir); err == nil || filepath.Dir(dir) == dir {
			break
		}
		dir = filepath.Dir(dir)
	}
	left, err := diskFree(dir)
	if err != nil {
		d.say("disk space", Warn, "", "cannot be told: %v", err)
		return
	}
	free, least := left, int64(d.Config.Operation.DiskFreeMinMB)*1_000_000
	var size int64
	if info, err := os.Stat(d.WarehousePath()); err == nil {
		size = info.Size()
	}
	switch {
	case free < least:
		d.say("disk space", Fail, "free space, or move the data directory; `claimsaudit run housekeeping` gives some back", "%s free, disk_free_min_mb is %d", megabytes(free), d.Config.Operation.DiskFreeMinMB)
	case free < 3*size:
		d.say("disk space", Warn, "free space: plan, housekeeping and a month's load each need room beside the warehouse", "%s free, less than three times the warehouse of %s", megabytes(free), megabytes(size))
	default:
		d.say("disk space", OK, "", "%s free, the warehouse has %s", megabytes(free), megabytes(size))
	}
	temp := os.TempDir()
	if err := d.probe(temp); err != nil {
		d.say("temporary files", Fail, "make "+temp+" writable, or set TMPDIR", "%v", err)
	} else if left, err := diskFree(temp); err == nil && left < 500_000_000 {
		d.say("temporary files", Warn, "free space there, or set TMPDIR: big workbooks are unpacked there", "%s has %s left", temp, megabytes(left))
	} else {
		d.say("temporary files", OK, "", "%s has %s left", temp, megabytes(left))
	}
}

func (d *doctor) warehouse(ctx context.Context) {
	if _, err := os.Stat(d.WarehousePath()); errors.Is(err, fs.ErrNotExist) {
		d.say("warehouse", OK, "", "%s is made by the first run", d.WarehousePath())
		return
	}
	library, err := warehouse.LibraryVersion(ctx)
	if err != nil {
		d.say("database version", Fail, "install the program anew", "%v", err)
		return
	}
	written, err := warehouse.WrittenBy(d.WarehousePath())
	switch {
	case err != nil:
		d.say("database version", Fail, "restore the warehouse from a backup: `claimsaudit restore`", "%v", err)
		return
	case written != library:
		d.say("database version", Warn, "if it was written by a newer program, use that one; make a backup before the next run", "warehouse written by DuckDB %s, this program has %s", written, library)
	default:
		d.say("database version", OK, "", "DuckDB %s, the warehouse too", library)
	}
	if d.isBusy {
		d.say("warehouse", Info, "ask again when it has ended", "not looked into: a run goes on")
		return
	}
	d.openWarehouse(ctx)
}

func (d *doctor) openWarehouse(ctx context.Context) {
	db, err := warehouse.OpenReadOnly(ctx, d.WarehousePath())
	if pipeline.KindOf(err) == pipeline.KindLocked {
		d.say("warehouse", Info, "ask again when it has ended", "not looked into: another process has it open")
		return
	}
	if err != nil {
		d.say("warehouse", Fail, "restore it from a backup: `claimsaudit restore`; or `claimsaudit rebuild` makes it anew from the archive", "does not open: %v", err)
		return
	}
	defer db.Close()
	missing, foreign, err := db.Migrations(ctx)
	if err == nil {
		d.newest, err = db.NewestTime(ctx)
	}
	switch {
	case err != nil:
		d.say("warehouse", Fail, "restore it from a backup: `claimsaudit restore`", "cannot be read: %v", err)
	case len(foreign) > 0:
		d.say("warehouse", Fail, "use the program version that runs here otherwise", "has migrations this program does not know: %s", strings.Join(foreign, ", "))
	case len(missing) > 0:
		d.say("warehouse", Info, "", "opens; the next run brings it up to date: %s", strings.Join(missing, ", "))
	default:
		d.say("warehouse", OK, "", "opens, all migrations are known")
	}
}

func (d *doctor) backups() {
	if _, err := os.Stat(d.WarehousePath()); err != nil {
		return
	}
	const do = "`claimsaudit backup DIR`, onto another disk, every day"
	text, err := os.ReadFile(d.path(lastBackupName))
	when, dir, ok := strings.Cut(strings.TrimSpace(string(text)), "\t")
	at, parseErr := time.ParseInLocation(time.DateTime, when, pipeline.Shanghai)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.say("backup", Warn, do, "none was made of this data directory")
	case err != nil || !ok || parseErr != nil:
		d.say("backup", Warn, do, "when the last one was made cannot be told")
	case d.Clock().Sub(at) > 8*24*time.Hour:
		d.say("backup", Warn, do, "the last one is of %s, in %s", when, dir)
	default:
		d.say("backup", OK, "", "%s, in %s", when, dir)
	}
}
