package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"claimsaudit/pipeline"
	sqlfiles "claimsaudit/sql"
)

// BuildMart writes the published schema into a new file at path, replacing a left-over of an earlier attempt.
// The file is complete and closed when it returns; on an error it is removed. What was committed is meanwhile moved from
// the log into the warehouse file, on the processor that writing the new file leaves idle: tidied waits for that, and must
// be called before anything else is asked of the warehouse. A checkpoint that fails loses nothing.
func (db *DB) BuildMart(ctx context.Context, path string) (tidied func() error, err error) {
	var threads int64
	if err := db.Row(ctx, "SELECT current_setting('threads')", []any{&threads}); err != nil {
		return nil, diskError("publish", path, err)
	}
	second, err := db.pool.Conn(ctx)
	if err != nil {
		return nil, diskError("publish", path, err)
	}
	checkpoint := make(chan error, 1)
	tidied = sync.OnceValue(func() error {
		if err := errors.Join(<-checkpoint, second.Close()); err != nil {
			return err
		}
		return db.exec(context.WithoutCancel(ctx), fmt.Sprintf("SET threads = %d", threads)) // a rebuild goes on with other runs
	})
	if err := db.buildMart(ctx, path, second, checkpoint); err != nil {
		return nil, errors.Join(err, tidied())
	}
	return tidied, nil
}

func (db *DB) buildMart(ctx context.Context, path string, second *sql.Conn, checkpoint chan<- error) (err error) {
	isTidying := false
	defer func() {
		if !isTidying {
			checkpoint <- nil
		}
	}()
	if err := removeFile(path); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if err := db.exec(ctx, fmt.Sprintf("ATTACH '%s' AS pub", strings.ReplaceAll(path, "'", "''"))); err != nil {
		return diskError("publish", path, err)
	}
	defer func() {
		detach := context.WithoutCancel(ctx)
		if e := db.exec(detach, "DETACH pub"); e != nil && err == nil {
			err = diskError("publish", path, e)
		}
		if err != nil {
			os.Remove(path)
			os.Remove(path + ".wal")
		}
	}()
	// In one transaction: every comment of its own would be written to the disk by itself.
	if err := db.Tx(ctx, func() error { return db.createMart(ctx) }); err != nil {
		return err
	}
	// It gets the mode of a publication when it is one.
	if err := errors.Join(os.Chmod(path, 0o600), ownLog(path)); err != nil {
		return diskError("publish", path, err)
	}
	// Two connections, a thread each: one that shared its work with others, a checkpoint above all, would burn a
	// processor while it waits for them.
	if err := db.exec(ctx, "SET threads = 1"); err != nil {
		return diskError("publish", path, err)
	}
	if err := db.fillMart(ctx, path, second); err != nil {
		return err
	}
	isTidying = true
	go func() {
		_, err := second.ExecContext(ctx, "CHECKPOINT")
		checkpoint <- err
	}()
	return diskError("publish", path, db.exec(ctx, "CHECKPOINT pub"))
}

// fillMart runs the models two at a time: most are too small to keep two processors busy. None reads another's table.
func (db *DB) fillMart(ctx context.Context, path string, second *sql.Conn) error {
	models, err := sqlfiles.Models("80_mart")
	if err != nil {
		return err
	}
	queue := make(chan sqlfiles.Model, len(models))
	for _, m := range models {
		queue <- m
	}
	close(queue)
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var both sync.WaitGroup
	for _, conn := range []*sql.Conn{db.conn, second} {
		both.Go(func() {
			for m := range queue {
				if _, err := conn.ExecContext(ctx, "INSERT INTO pub."+m.Writes+"\n"+m.SQL); err != nil {
					stop(diskError("publish "+m.Name, path, err)) // the first failure is the cause
					return
				}
			}
		})
	}
	both.Wait()
	return context.Cause(ctx)
}

func (db *DB) createMart(ctx context.Context) error {
	shape, err := sqlfiles.Text("mart.sql")
	if err != nil {
		return err
	}
	for _, s := range statements(shape) {
		s = strings.Replace(s, "CREATE SCHEMA mart", "CREATE SCHEMA pub.mart", 1)
		s = strings.Replace(s, "CREATE TABLE mart.", "CREATE TABLE pub.mart.", 1)
		if err := db.exec(ctx, s); err != nil {
			return diskError("publish", "mart.sql", err)
		}
	}
	comments, err := martComments(shape)
	if err != nil {
		return err
	}
	for _, c := range comments {
		if err := db.exec(ctx, c); err != nil {
			return fmt.Errorf("publish comments: %w", err)
		}
	}
	return nil
}

// martComments are the COMMENT statements for every table and column of the published schema: Chinese and English.
// A column's comment is looked up for its table first, then for any table.
func martComments(shape string) ([]string, error) {
	text, err := sqlfiles.Text("comments.tsv")
	if err != nil {
		return nil, err
	}
	known := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		f := strings.Split(line, "\t")
		if len(f) != 4 {
			return nil, fmt.Errorf("comments.tsv: want 4 fields in %q", line)
		}
		known[f[0]+"."+f[1]] = f[2] + " / " + f[3]
	}
	var out []string
	add := func(kind, name string, keys ...string) error {
		for _, k := range keys {
			if c, ok := known[k]; ok {
				out = append(out, fmt.Sprintf("COMMENT ON %s pub.mart.%s IS '%s'", kind, name, strings.ReplaceAll(c, "'", "''")))
				return nil
			}
		}
		return fmt.Errorf("comments.tsv: no comment for %s", name)
	}
	for _, s := range statements(shape) {
		table, body, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(s), "CREATE TABLE mart."), " (")
		if !ok || strings.HasPrefix(s, "CREATE SCHEMA") {
			continue
		}
		if err := add("TABLE", table, table+".-"); err != nil {
			return nil, err
		}
		for _, column := range columnNames(body) {
			if err := add("COLUMN", table+"."+column, table+"."+column, "*."+column); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

var decimal = regexp.MustCompile(`DECIMAL\(\d+,\d+\)`)

// columnNames reads the names from the body of our own CREATE TABLE.
func columnNames(body string) []string {
	body = decimal.ReplaceAllString(body, "DECIMAL")
	body, _, _ = strings.Cut(body, ");")
	var names []string
	for _, part := range strings.Split(body, ",") {
		if f := strings.Fields(part); len(f) > 0 {
			names = append(names, f[0])
		}
	}
	return names
}

// CommitMart puts the built file in place of the published one in a single step and gives it its mode.
// Readers that have the old file open keep reading the old file.
func CommitMart(built, published string, mode os.FileMode) error {
	f, err := os.OpenFile(built, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	err = f.Sync()
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Chmod(built, mode)
	}
	if err == nil {
		err = os.Rename(built, published)
	}
	if err == nil {
		err = syncDir(filepath.Dir(published))
	}
	if err != nil {
		return &pipeline.Error{Kind: pipeline.KindInternal, Op: "publish", Where: published,
			Hint: "see that the folder is writable; the former publication is still in place", Err: err}
	}
	return nil
}

// historyName keeps odd run ids from becoming odd paths.
var historyName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// KeepFormer gives the publication that is about to be replaced a second name below dir, after the run that made it,
// and returns it; "" before the first publication. Nothing is copied.
func KeepFormer(ctx context.Context, published, dir string) (name string, err error) {
	if _, err := os.Stat(published); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	mart, err := OpenMart(ctx, published)
	if err != nil {
		return "", err
	}
	var run string
	err = mart.QueryRowContext(ctx, "SELECT run_id FROM mart.run ORDER BY finished_at DESC NULLS LAST, run_id DESC LIMIT 1").Scan(&run)
	if err := errors.Join(err, mart.Close()); err != nil {
		return "", fmt.Errorf("keep former publication: %w", err)
	}
	if !historyName.MatchString(run) {
		return "", fmt.Errorf("keep former publication: %q is no name for a file", run)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("keep former publication: %w", err)
	}
	name = filepath.Join(dir, "analyst-"+run+".duckdb")
	for again := 2; ; again++ {
		err := os.Link(published, name)
		if errors.Is(err, fs.ErrExist) && !sameFile(published, name) { // on a clock that went back the newest run is an old one
			name = filepath.Join(dir, fmt.Sprintf("analyst-%s-%d.duckdb", run, again))
			continue
		}
		if err != nil && !errors.Is(err, fs.ErrExist) { // kept already by a run that was killed before it published
			return "", fmt.Errorf("keep former publication: %w", err)
		}
		return name, nil
	}
}

func sameFile(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if closeErr := d.Close(); err == nil {
		err = closeErr
	}
	return err
}

func removeFile(path string) error {
	for _, p := range []string{path, path + ".wal"} {
		if err := os.Remove(p); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("publish: %w", err)
		}
	}
	return nil
}
