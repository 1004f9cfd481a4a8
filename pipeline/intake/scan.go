package intake

import (
	"cmp"
	"context"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"claimsaudit/pipeline"
)

// Delivery is one file of the inbox that is to be taken in.
type Delivery struct {
	Path    string // slash path below the inbox, made valid UTF-8 for tables and logs
	Abs     string // where the bytes are now, exactly as the file system spells it
	Name    string // base name, made valid UTF-8
	Size    int64
	ModTime time.Time
	SHA256  string // 64 lower-case hex digits; "" where Scan did not get to it: the caller sets what Hash returns

	Control     *Control // totals of the whole delivery; nil without a .ctl
	ControlPath string   // where the .ctl is; "" without one
	ControlErr  error    // the .ctl cannot be understood: the file is to be refused (KindBadFile)

	Feed *pipeline.Feed // by the file's own name; nil for a .zip whose members name the feed

	controlShared bool // a later delivery needs the same .ctl, so it stays in the inbox
}

// unchanged reports whether the file still is the one Scan saw.
func (d Delivery) unchanged(info fs.FileInfo) bool {
	return info.Size() == d.Size && info.ModTime().Equal(d.ModTime)
}

// Why says, in Chinese for the operator, why something was left where it is.
type Why string

// The reasons for leaving a file or an archive member alone.
const (
	WhyNoFeed         Why = "文件名不属于任何数据类别"
	WhyExtension      Why = "扩展名不受支持，只接收 .csv .txt .xlsx .parquet 及其 .zip .gz 压缩件"
	WhyWriting        Why = "文件仍在写入，下次运行再取"
	WhySymlink        Why = "符号链接不予接收，请放入真实文件"
	WhySpecial        Why = "不是普通文件"
	WhyOrphanControl  Why = "控制文件没有对应的数据文件"
	WhySidecar        Why = "系统附带的隐藏文件"
	WhyDirectory      Why = "目录项"
	WhyUnreadableDir  Why = "目录无法读取，请检查运行账号的权限"
	WhyUnreadableFile Why = "文件无法读取，请检查运行账号的权限"
	WhyUnreadableZip  Why = "不是完整的 zip 文件，无法判断数据类别"
)

// Ignored is a file, folder or archive member that was not taken.
type Ignored struct {
	Path    string // slash path below the inbox, or inside the archive; valid UTF-8
	Why     Why
	Problem bool  // something was delivered that we could not look at: the run ends with exit code 3
	Err     error // the cause of a Problem
}

// Found is what one look at the inbox gave, both lists in byte order of path.
type Found struct {
	Deliveries []Delivery
	Ignored    []Ignored
}

// Scan lists what the inbox holds at any depth and changes nothing. Between its
// two looks at sizes it calls settle once (nil: no wait) and hashes what it saw
// meanwhile; a file that differs, or whose .ctl does, is ignored as still being
// written. A folder that cannot be read is an Ignored Problem and hides only itself.
//
// Errors: KindUsage if the inbox itself cannot be read, KindInterrupted when ctx
// ends, and whatever settle returns.
func Scan(ctx context.Context, inbox string, settle func(context.Context) error) (Found, error) {
	s := scanner{inbox: inbox, readDir: os.ReadDir}
	return s.scan(ctx, settle)
}

// look is one regular file as the first look saw it.
type look struct {
	path string // slash path below the inbox, raw
	info fs.FileInfo
}

type scanner struct {
	inbox   string
	readDir func(string) ([]fs.DirEntry, error)
	files   []look
	sums    map[string]string // by path; of what was the same before and after it was hashed
	found   Found
}

func (s *scanner) scan(ctx context.Context, settle func(context.Context) error) (Found, error) {
	if err := s.walk(ctx, ""); err != nil {
		return Found{}, err
	}
	if err := s.wait(ctx, settle); err != nil {
		return Found{}, err
	}
	// Not the order of the walk: "a.csv" sorts before "a/b.csv".
	slices.SortFunc(s.files, func(a, b look) int { return cmp.Compare(a.path, b.path) })
	writing := s.lookAgain()
	controls := controlIndex{}
	for _, f := range s.files {
		if isControl(f.path) {
			controls.add(f.path)
		}
	}
	claimed := map[string]int{}
	for _, f := range s.files {
		if err := ctx.Err(); err != nil {
			return Found{}, fileError("scan inbox", s.inbox, err)
		}
		if isControl(f.path) {
			continue
		}
		control := controls.find(f.path)
		if writing[f.path] || writing[control] {
			s.ignore(f.path, WhyWriting)
			continue
		}
		s.classify(f, control, claimed)
	}
	for _, f := range s.files {
		if _, ok := claimed[f.path]; isControl(f.path) && !ok {
			s.ignore(f.path, WhyOrphanControl)
		}
	}
	slices.SortStableFunc(s.found.Ignored, func(a, b Ignored) int { return cmp.Compare(a.Path, b.Path) })
	return s.found, nil
}

func (s *scanner) ignore(p string, why Why) {
	s.found.Ignored = append(s.found.Ignored, Ignored{Path: readable(p), Why: why})
}

func (s *scanner) problem(p string, why Why, err error) {
	s.found.Ignored = append(s.found.Ignored, Ignored{Path: readable(p), Why: why, Problem: true, Err: err})
}

func (s *scanner) abs(p string) string { return filepath.Join(s.inbox, filepath.FromSlash(p)) }

// walk collects the regular files below one folder; dir is "" for the inbox.
func (s *scanner) walk(ctx context.Context, dir string) error {
	if err := ctx.Err(); err != nil {
		return fileError("scan inbox", s.inbox, err)
	}
	entries, err := s.readDir(s.abs(dir))
	if err != nil && dir == "" {
		return &pipeline.Error{Kind: pipeline.KindUsage, Op: "scan inbox", Where: s.inbox,
			Hint: "收件目录不存在或无权读取；请建立该目录、修正权限，或用 --inbox 指定正确的目录", Err: err}
	}
	if err != nil {
		s.problem(dir, WhyUnreadableDir, err)
		return nil
	}
	for _, entry := range entries {
		p := path.Join(dir, entry.Name())
		switch mode := entry.Type(); {
		case mode.IsDir():
			if err := s.walk(ctx, p); err != nil {
				return err
			}
		case mode&fs.ModeSymlink != 0 && !isControl(p):
			s.ignore(p, WhySymlink)
		case !mode.IsRegular() && !isControl(p): // a .ctl that cannot be read must refuse its file, not vanish
			s.ignore(p, WhySpecial)
		case isUnfinished(p):
			s.ignore(p, WhyWriting)
		default:
			if info, err := entry.Info(); err == nil { // an error: gone already
				s.files = append(s.files, look{p, info})
			}
		}
	}
	return nil
}

// lookAgain returns the files that are not what they were at the first look.
func (s *scanner) lookAgain() map[string]bool {
	writing := map[string]bool{}
	for _, f := range s.files {
		now, err := os.Lstat(s.abs(f.path))
		if err != nil || !os.SameFile(f.info, now) || now.Size() != f.info.Size() || !now.ModTime().Equal(f.info.ModTime()) {
			writing[f.path] = true
		}
	}
	return writing
}

// classify makes a file that is no .ctl a delivery or says why it is none.
// claimed remembers the last delivery of each .ctl.
func (s *scanner) classify(f look, control string, claimed map[string]int) {
	name := path.Base(f.path)
	feed := pipeline.FeedOf(name)
	switch kind := formOf(name); {
	case kind == formNone && feed != nil:
		s.ignore(f.path, WhyExtension)
		return
	case kind == formZip && feed == nil:
		why, err := zipNamesFeed(s.abs(f.path))
		if err != nil {
			s.problem(f.path, WhyUnreadableFile, err)
			return
		}
		if why != "" {
			s.ignore(f.path, why)
			return
		}
	case kind == formNone, feed == nil:
		s.ignore(f.path, WhyNoFeed)
		return
	}
	d := s.delivery(f)
	d.Feed, d.SHA256 = feed, s.sums[f.path]
	if control != "" {
		d.ControlPath = s.abs(control)
		d.Control, d.ControlErr = readControl(d.ControlPath, readable(control))
		if earlier, ok := claimed[control]; ok {
			s.found.Deliveries[earlier].controlShared = true
		}
		claimed[control] = len(s.found.Deliveries)
	}
	s.found.Deliveries = append(s.found.Deliveries, d)
}

func (s *scanner) delivery(f look) Delivery {
	return Delivery{Path: readable(f.path), Abs: s.abs(f.path), Name: readable(path.Base(f.path)), Size: f.info.Size(), ModTime: f.info.ModTime()}
}

// wait gives writers time to go on, and hashes while it waits.
func (s *scanner) wait(ctx context.Context, settle func(context.Context) error) error {
	if len(s.files) == 0 || settle == nil {
		return nil
	}
	hashed := make(chan map[string]string, 1)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() { hashed <- s.hashAll(ctx) }()
	err := settle(ctx)
	if err != nil {
		stop()
	}
	s.sums = <-hashed
	return err
}

// hashers is how many files are hashed at a time: the largest takes as long as all the others.
const hashers = 2

// hashAll hashes what looks like a delivery, the largest first. What cannot be hashed is left to whoever asks for it by name.
func (s *scanner) hashAll(ctx context.Context) map[string]string {
	bySize := slices.Clone(s.files)
	slices.SortStableFunc(bySize, func(a, b look) int { return cmp.Compare(b.info.Size(), a.info.Size()) })
	queue := make(chan look, len(bySize))
	for _, f := range bySize {
		name := path.Base(f.path)
		if kind := formOf(name); kind == formZip || (kind != formNone && pipeline.FeedOf(name) != nil) {
			queue <- f
		}
	}
	close(queue)
	var lock sync.Mutex
	sums := map[string]string{}
	var all sync.WaitGroup
	for range hashers {
		all.Go(func() {
			for f := range queue {
				if sum, err := Hash(ctx, s.delivery(f)); err == nil {
					lock.Lock()
					sums[f.path] = sum
					lock.Unlock()
				}
			}
		})
	}
	all.Wait()
	return sums
}
