package report

import (
	"archive/zip"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"time"

	"github.com/xuri/excelize/v2"
)

// limits bound what one sheet and one query hold, in rows.
type limits struct{ sheetRows, queryRows int }

// usualLimits leave room for the header and the total in the 1,048,576 rows a sheet can have.
func usualLimits() limits { return limits{sheetRows: 1_048_574, queryRows: 50_000} }

// book is a workbook being written, sheet by sheet.
type book struct {
	file    *excelize.File
	style   styles
	meta    Meta
	title   string   // what follows the month in titles and footers
	mark    string   // who may read it; stands on every sheet and page, "" for none
	footer  string   // of every page, "" for the usual one
	summary *summary // of the month's report, nil in other books
	lists   []list   // of the month's report: its formulas name their cells
	limits  limits
}

// writeBook writes the month's workbook to w. Lists are streamed: memory does
// not grow with their length.
func writeBook(ctx context.Context, db *sql.DB, s *summary, w *os.File, l limits) error {
	b := &book{meta: s.Meta, title: reportTitle, summary: s, lists: lists(s), limits: l}
	return b.write(w, func() error {
		if err := b.writeCover(); err != nil {
			return err
		}
		if err := b.writeSummary(); err != nil {
			return err
		}
		if err := b.writeChange(); err != nil {
			return err
		}
		for _, list := range b.lists {
			if err := b.writeList(ctx, db, list); err != nil {
				return err
			}
		}
		return nil
	})
}

// write makes the workbook that fill fills and packs it to w.
func (b *book) write(w *os.File, fill func() error) (err error) {
	// excelize spills long sheets to files; they hold claims, so they stay
	// beside the report and go when it is done.
	spill, err := os.MkdirTemp(filepath.Dir(w.Name()), ".report-spill-*")
	if err != nil {
		return fail("write workbook", w.Name(), hintDisk, err)
	}
	file := excelize.NewFile(excelize.Options{TmpDir: spill})
	defer func() { err = errors.Join(err, file.Close(), os.RemoveAll(spill)) }()

	b.file = file
	if b.style, err = newStyles(file); err != nil {
		return err
	}
	if err := b.properties(); err != nil {
		return err
	}
	if err := fill(); err != nil {
		return err
	}
	return b.save(w, spill)
}

func (b *book) properties() error {
	m := b.meta
	stamp := m.GeneratedAt.UTC().Format(time.RFC3339)
	return errors.Join(
		b.file.SetDocProps(&excelize.DocProperties{
			Title: m.span() + b.title, Creator: m.CentreName, LastModifiedBy: m.CentreName,
			Created: stamp, Modified: stamp, Language: "zh-CN", Identifier: m.RunID}),
		b.file.SetAppProps(&excelize.AppProperties{Application: "claimsaudit", Company: m.CentreName}))
}

// save packs the workbook to w. excelize hands its parts over in random order,
// so they are packed once to disk and then copied, sorted, with a fixed date.
func (b *book) save(w *os.File, spill string) error {
	loose, err := os.Create(filepath.Join(spill, "parts.zip"))
	if err != nil {
		return err
	}
	// A chart makes excelize announce the kinds of pictures, in random order too.
	if kinds := b.file.ContentTypes; kinds != nil {
		sort.Slice(kinds.Defaults, func(i, j int) bool { return kinds.Defaults[i].Extension < kinds.Defaults[j].Extension })
	}
	// Giving the packer our file instead of its buffer keeps the workbook out of memory.
	b.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(loose) })
	_, err = b.file.WriteToBuffer()
	if err := errors.Join(err, loose.Close()); err != nil {
		return err
	}
	parts, err := zip.OpenReader(loose.Name())
	if err != nil {
		return err
	}
	return errors.Join(repack(w, parts.File), parts.Close())
}

func repack(w io.Writer, parts []*zip.File) error {
	const first = "[Content_Types].xml" // readers that sniff the type look for it at the front
	slices.SortFunc(parts, func(a, b *zip.File) int {
		if a.Name == first || b.Name == first {
			return cmp.Compare(boolInt(b.Name == first), boolInt(a.Name == first))
		}
		return cmp.Compare(a.Name, b.Name)
	})
	out := zip.NewWriter(w)
	for _, part := range parts {
		raw, err := part.OpenRaw()
		if err != nil {
			return err
		}
		dst, err := out.CreateRaw(&zip.FileHeader{Name: part.Name, Method: part.Method, CRC32: part.CRC32,
			CompressedSize64: part.CompressedSize64, UncompressedSize64: part.UncompressedSize64,
			Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}) // the first date of the format
		if err != nil {
			return err
		}
		if _, err := io.Copy(dst, raw); err != nil {
			return err
		}
	}
	return out.Close()
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
