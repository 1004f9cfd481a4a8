// Package site turns the published mart into a static site that a centre's
// people open from a file share or from `serve`: an overview of every month, a
// page of each institution and of each practitioner with findings, deadlines,
// data quality and runs.
//
// Its nouns: facts are what was read from the mart, with a fixed number of
// queries; a doc is a page being written, where text is escaped unless it is
// raw markup of ours; a table, a chart and its data are what pages are made
// of; a namer decides what may be seen of a person. A site needs no network:
// Apache ECharts, the script and the style sheet lie beside the pages. Equal
// data and options give equal bytes. Build writes into a new directory and
// leaves nothing there when it fails; Put exchanges it for the one that stands,
// in one step.
package site

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/report"
)

// People says what may be seen of practitioners.
type People string

// A pseudonym stands for a person without name or code; masked shows both as the mart does; off shows nobody.
const (
	Pseudonym People = "pseudonym"
	Masked    People = "masked"
	Off       People = "off"
)

// Options say what a site shows and who may read its files.
type Options struct {
	People            People
	Key               []byte // of the pseudonyms
	DirMode, FileMode fs.FileMode
}

// Made is what Build wrote.
type Made struct {
	Pages int
	Bytes int64
}

//go:embed assets
var assets embed.FS

// build is a site being written.
type build struct {
	*facts
	meta  report.Meta
	opts  Options
	words report.Lexicon
	who   *namer
	files map[string]string // page of an institution, below institution/
	dir   string
	made  Made
	count int64  // files
	spare []byte // of the page before
}

// Build writes the whole site into dir, which must not exist, from the schema mart of db. meta names the run that made the
// publication; its Period may be empty. Errors are *pipeline.Error, KindInterrupted when ctx ends; nothing of dir is left
// then.
func Build(ctx context.Context, db *sql.DB, dir string, meta report.Meta, opts Options) (Made, error) {
	f, err := load(ctx, db, meta)
	if err != nil {
		return Made{}, err
	}
	b := &build{facts: f, meta: meta, opts: opts, words: report.NewLexicon(), dir: dir}
	b.who, b.files = newNamer(f, opts), namesOf(f.Codes)
	if err := b.write(ctx); err != nil {
		return Made{}, errors.Join(writeError(dir, err), os.RemoveAll(dir))
	}
	return b.made, nil
}

func (b *build) write(ctx context.Context) error {
	if err := b.makeDirs(); err != nil {
		return err
	}
	if err := errors.Join(b.copyAssets(), b.runStyle()); err != nil {
		return err
	}
	for _, part := range []func(context.Context) error{b.overviews, b.institutionPages, b.peoplePages, b.otherPages} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return b.sign()
}

func (b *build) makeDirs() error {
	for _, name := range []string{"", "assets", "month", "institution", "practitioner"} {
		if name == "practitioner" && b.opts.People == Off {
			continue
		}
		to := filepath.Join(b.dir, name)
		if err := os.Mkdir(to, 0o700); err != nil {
			return err
		}
		if err := os.Chmod(to, b.opts.DirMode); err != nil { // whatever the umask
			return err
		}
	}
	return nil
}

func (b *build) copyAssets() error {
	return fs.WalkDir(assets, "assets", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := assets.ReadFile(name)
		if err != nil {
			return err
		}
		return b.file(name, data)
	})
}

// runStyle puts the run and its hash at the foot of every printed sheet, where a page's own footer is only on the last.
func (b *build) runStyle() error {
	text := "运行编号 " + b.meta.RunID + "　数据截至 " + b.meta.AsOf.Format(time.DateOnly) + "　校验链 " + b.shortHash()
	var quoted strings.Builder
	for _, r := range text {
		if strings.ContainsRune("\"\\\n\r\f<", r) {
			fmt.Fprintf(&quoted, "\\%x ", r)
		} else {
			quoted.WriteRune(r)
		}
	}
	const style = "font: 7.5pt \"Noto Sans CJK SC\", \"Microsoft YaHei\", sans-serif; color: #444;"
	return b.file("assets/run.css", []byte(`@page { @bottom-left { content: "`+quoted.String()+`"; `+style+` } @bottom-right { content: counter(page) " / " counter(pages); `+style+" } }\n"))
}

// file writes one file of the site; name has slashes.
func (b *build) file(name string, data []byte) error {
	f, err := os.OpenFile(filepath.Join(b.dir, filepath.FromSlash(name)), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(b.opts.FileMode)
	}
	b.made.Bytes += int64(len(data))
	b.count++
	return errors.Join(err, f.Close())
}

// page writes one page; body fills it between head and foot.
func (b *build) page(ctx context.Context, p page, body func(d *doc) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p.up = strings.Repeat("../", strings.Count(p.name, "/"))
	d := &doc{b: b.spare[:0]}
	b.head(d, p)
	if err := body(d); err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	b.foot(d, p)
	b.spare = d.b
	b.made.Pages++
	return b.file(p.name, d.b)
}

// sign writes what Stands compares.
func (b *build) sign() error {
	s := signature{Look: look(), People: b.opts.People, Mode: b.opts.FileMode.String(), Run: b.meta.RunID, ChainHash: b.meta.ChainHash, Files: b.count, Bytes: b.made.Bytes}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return b.file(signatureName, append(text, '\n'))
}

func writeError(dir string, err error) error {
	var known *pipeline.Error
	if errors.As(err, &known) {
		return err
	}
	kind, hint := pipeline.KindInternal, "see that the folder is writable and has free space, then run the job again; the former site stands"
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		kind, hint = pipeline.KindInterrupted, "run the job again"
	}
	return &pipeline.Error{Kind: kind, Op: "write site", Where: path.Base(dir), Hint: hint, Err: err}
}
