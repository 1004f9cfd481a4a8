package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"

	"claimsaudit/pipeline"
)

// written is the time stamp inside archives: never the clock's.
var written = time.Date(2025, 6, 1, 8, 0, 0, 0, time.UTC)

// writeSamples writes the three months and their README below opt.out.
func writeSamples(opt options, stdout io.Writer) error {
	files, err := samples(opt.seed)
	if err != nil {
		return err
	}
	names := make([]string, 0, len(files))
	total := 0
	for name, data := range files {
		names, total = append(names, name), total+len(data)
	}
	sort.Strings(names)
	for _, name := range names {
		target := filepath.Join(opt.out, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return cannotWrite(target, err)
		}
		if err := os.WriteFile(target, files[name], 0o644); err != nil {
			return cannotWrite(target, err)
		}
	}
	fmt.Fprintf(stdout, "%d files, %d bytes in %s\n", len(names), total, opt.out)
	return nil
}

// samples makes every file of the samples folder, by slash-separated path.
func samples(seed uint64) (map[string][]byte, error) {
	w := happened(seed)
	out := map[string][]byte{}
	for m, p := range months {
		if err := w.monthFiles(m, "inbox/"+p.String()+"/", out); err != nil {
			return nil, err
		}
	}
	// The same bytes under another name, and a file that is no feed.
	out["inbox/2025-04/registry/no_code_drug_202504_same_bytes.csv"] = out["inbox/2025-03/registry/no_code_drug_202503.csv"]
	out["inbox/2025-03/note_to_centre.txt"] = []byte("样例数据交接说明:本文件不是数据文件,应留在收件目录。\n")
	out["README.md"] = w.readme()
	return out, nil
}

func (w *world) monthFiles(m int, dir string, out map[string][]byte) error {
	archives := map[string][]file{}
	members := map[string][][]byte{}
	for _, f := range layouts[m] {
		recs := w.pick(m, f)
		data, err := encode(f, recs)
		if err != nil {
			return &pipeline.Error{Kind: pipeline.KindInternal, Op: "make sample", Where: f.name, Err: err}
		}
		switch {
		case f.archive == "gz":
			data = gzipped(data)
		case f.archive != "":
			archives[f.archive] = append(archives[f.archive], f)
			members[f.archive] = append(members[f.archive], data)
			continue
		}
		out[dir+f.name] = data
		if f.control {
			out[dir+strings.TrimSuffix(f.name, path.Ext(f.name))+".ctl"] = control(f, recs, data)
		}
	}
	for name, files := range archives {
		data, err := zipped(files, members[name])
		if err != nil {
			return err
		}
		out[dir+name] = data
	}
	return nil
}

// pick chooses the rows of a file: those of its part, and its share of those without one.
func (w *world) pick(m int, f file) []rec {
	shares, named := 0, map[string]bool{}
	for _, g := range layouts[m] {
		if g.feed == f.feed {
			named[g.part] = true
			if _, err := strconv.Atoi(g.part); err == nil {
				shares++
			}
		}
	}
	var out []rec
	for _, r := range w.months[m][f.feed] {
		part := r.part
		if !named[part] {
			part = ""
		}
		if part == "" && shares > 0 {
			h := fnv.New32a()
			h.Write([]byte(r.v["setl_id"]))
			part = strconv.Itoa(int(h.Sum32())%shares + 1)
		}
		if part == f.part {
			out = append(out, r)
		}
	}
	return out
}

// control is the companion with the totals of a file.
func control(f file, recs []rec, data []byte) []byte {
	var sum int64
	amount := pipeline.FeedNamed(f.feed).Amount
	for _, r := range recs {
		if n, ok := cents(r.v[amount]); ok {
			sum += n
		}
	}
	return fmt.Appendf(nil, "rows: %d\namount_yuan: \"%s\"\nsha256: %x\n", len(recs), yuan(int(sum)), sha256.Sum256(data))
}

func gzipped(data []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is valid and a buffer cannot fail
	z.Write(data)
	z.Close()
	return b.Bytes()
}

func zipped(files []file, data [][]byte) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i, f := range files {
		m, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: written})
		if err != nil {
			return nil, err
		}
		if _, err := m.Write(data[i]); err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return b.Bytes(), err
}
