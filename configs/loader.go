package configs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// loader collects what the files say and everything wrong with them.
type loader struct {
	dir       string // folder of the settings file, where names are looked up first; "" = only built in
	calendars []string
	problems  []Problem
}

func (l *loader) report(p Problem) { l.problems = append(l.problems, p) }

// load never stops early: a broken file leaves its part of the Config empty
// and the others are still checked.
func (l *loader) load(path string, explicit bool, env map[string]string, flags Overrides) *Config {
	if path == "" {
		path = DefaultPath
	}
	l.dir = filepath.Dir(path)
	c := &Config{}
	d := l.open(path, explicit)
	c.Source = d.file
	l.settings(c, d, env, flags)
	if pack := l.named(d, "rulepacks", "rule_pack", c.Settings.RulePack); pack != nil {
		c.RulePack = rulePack(pack)
	}
	c.Thresholds = l.thresholds(d, c.Settings.Scorecards)
	c.Layout = l.layout(d, c.Settings.Layouts)
	c.Operation.Calendar = l.calendar(d, l.calendars)
	c.Digest = digest(c)
	return c
}

// open reads the settings file, or the built-in one in place of a default that is not there.
func (l *loader) open(path string, explicit bool) *document {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && !explicit {
		data, err = builtIn.ReadFile("claimsaudit.yaml")
		path = builtInName("claimsaudit.yaml")
	}
	if err != nil {
		l.report(Problem{File: path, Message: "读不到配置文件：" + cause(err), Hint: "检查 --config 的路径和文件权限"})
		return newDocument(path, nil, &l.problems)
	}
	return newDocument(path, data, &l.problems)
}

// named opens the file a setting names: a path as it stands, a name in folder
// kind beside the settings file, else built in. Nil: there is none, reported.
func (l *loader) named(settings *document, kind, key, name string) *document {
	path := name
	isPath := strings.ContainsAny(name, `/\`) || strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
	if !isPath {
		path = filepath.Join(l.dir, kind, name+".yaml")
	}
	data, err := []byte(nil), fs.ErrNotExist
	if isPath || l.dir != "" {
		data, err = os.ReadFile(path)
	}
	if errors.Is(err, fs.ErrNotExist) && !isPath {
		if own, missing := builtIn.ReadFile(kind + "/" + name + ".yaml"); missing == nil {
			return newDocument(builtInName(kind+"/"+name+".yaml"), own, &l.problems)
		}
	}
	if err != nil {
		settings.fault(key, "读不到 "+path+"："+cause(err), "检查名称和文件权限；内置的有："+strings.Join(builtInNames(kind), "、"))
		return nil
	}
	return newDocument(path, data, &l.problems)
}

// builtInMark stands before the name of a built-in file.
const builtInMark = "内置:"

func builtInName(path string) string { return builtInMark + "configs/" + path }

func builtInNames(kind string) []string {
	list, _ := builtIn.ReadDir(kind) // kind is one of ours
	var names []string
	for _, f := range list {
		names = append(names, strings.TrimSuffix(f.Name(), ".yaml"))
	}
	return names
}

func cause(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "文件不存在"
	case errors.Is(err, fs.ErrPermission):
		return "没有读取权限"
	default:
		return err.Error()
	}
}
