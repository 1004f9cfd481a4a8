package jobs_test

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"claimsaudit/jobs"
	"claimsaudit/pipeline"

	"github.com/rs/zerolog"
)

func (w *watched) siteFile(name string) string {
	return filepath.Join(w.config.Settings.Data, "published", "site", filepath.FromSlash(name))
}

func mustWrite(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestServingTheSite: its files, for reading, on this machine, and nothing else.
func TestServingTheSite(t *testing.T) {
	w := newWatched(t)
	handler := w.monitor().Handler()
	ask := func(method, path, host string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), method, "http://"+host+"/", nil)
		r.URL.Path = path
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		return answer
	}
	if a := ask("GET", "/site/", "127.0.0.1:9470"); a.Code != http.StatusNotFound || !strings.Contains(a.Body.String(), "no site is published yet") {
		t.Errorf("before the first publication: %d %s", a.Code, a.Body)
	}
	mustWrite(t, w.siteFile("index.html"), "<!DOCTYPE html>front")
	mustWrite(t, w.siteFile("assets/site.js"), "'use strict';")
	mustWrite(t, w.siteFile("institution/H1.html"), "one")
	mustWrite(t, w.siteFile("strange.exe"), "MZ")
	mustWrite(t, filepath.Join(w.config.Settings.Data, "keys", "pseudonym.key"), "secret")
	for name, to := range map[string]string{"out.html": "../../keys/pseudonym.key", "away.html": filepath.Join(w.config.Settings.Data, "keys", "pseudonym.key"), "up": "../.."} {
		if err := os.Symlink(to, w.siteFile(name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range []struct {
		method, path, host string
		code               int
	}{
		{"GET", "/site/", "127.0.0.1:9470", 200}, {"GET", "/site/index.html", "localhost:9470", 200}, {"HEAD", "/site/assets/site.js", "[::1]:9470", 200},
		{"GET", "/site/institution/H1.html", "127.0.0.1:9470", 200}, {"GET", "/site/institution/", "127.0.0.1:9470", 404}, {"GET", "/site/assets", "127.0.0.1:9470", 404},
		{"GET", "/site/none.html", "127.0.0.1:9470", 404}, {"GET", "/site/strange.exe", "127.0.0.1:9470", 404}, {"GET", "/site/out.html", "127.0.0.1:9470", 404},
		{"GET", "/site/away.html", "127.0.0.1:9470", 404}, {"GET", "/site/up/keys/pseudonym.key", "127.0.0.1:9470", 404}, {"GET", "/site/", "claims.example.com", 421},
		{"POST", "/site/", "127.0.0.1:9470", 405}, {"DELETE", "/site/index.html", "127.0.0.1:9470", 405},
	} {
		a := ask(x.method, x.path, x.host)
		if a.Code != x.code || strings.Contains(a.Body.String(), "secret") {
			t.Errorf("%s %s%s: %d, want %d: %s", x.method, x.host, x.path, a.Code, x.code, a.Body)
		}
	}
	for _, path := range []string{"/site/../keys/pseudonym.key", "/site/..%2f..%2fkeys/pseudonym.key", "/site//etc/passwd", "/site/./../../keys/pseudonym.key"} {
		if a := ask("GET", path, "127.0.0.1:9470"); a.Code == 200 || strings.Contains(a.Body.String(), "secret") {
			t.Errorf("%s: %d %s", path, a.Code, a.Body)
		}
	}
	a := ask("GET", "/site/", "127.0.0.1:9470")
	for name, want := range map[string]string{"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"} {
		if got := a.Header().Get(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if policy := a.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %s", policy)
	}
	if a := ask("HEAD", "/site/assets/site.js", "127.0.0.1:9470"); a.Body.Len() > 0 || !strings.HasPrefix(a.Header().Get("Content-Type"), "text/javascript") {
		t.Errorf("HEAD: %s %s", a.Header().Get("Content-Type"), a.Body)
	}
}

func (w *watched) nightly(t *testing.T) jobs.Outcome {
	t.Helper()
	runner := &jobs.Runner{Config: w.config, Key: []byte("for tests only, for tests only, for tests only"), Clock: w.clock, Log: zerolog.Nop(),
		Settle: func(context.Context) error { return nil }}
	asOf, err := pipeline.ParseDay("2025-04-02")
	if err != nil {
		t.Fatal(err)
	}
	out, err := runner.Run(t.Context(), jobs.Request{Job: jobs.Nightly, AsOf: asOf})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestTheSiteFollowsThePublication: it is there after a month, stays through a quiet night, comes back when it was lost or
// torn, and changes with what may be seen of persons. None of this is a publication of its own.
func TestTheSiteFollowsThePublication(t *testing.T) {
	w := newWatched(t)
	w.closeMonth(t, "2025-03", "2025-04-02")
	front := readFile(t, w.siteFile("index.html"))
	if !strings.Contains(front, "<h1>2025年3月") || !strings.Contains(front, "monthly-2025-03") {
		t.Fatalf("front page: %.900s", front)
	}
	people := func(pattern string) int {
		found, err := filepath.Glob(w.siteFile("practitioner/" + pattern))
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	if people("D*") > 0 || people("*.html") < 10 {
		t.Errorf("%d pages of persons, %d named after a code", people("*.html"), people("D*"))
	}
	was, err := os.Stat(w.siteFile("index.html"))
	if err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(24 * time.Hour)
	if out := w.nightly(t); out.Published || out.Site != "" {
		t.Errorf("a quiet night: %+v", out)
	}
	if is, err := os.Stat(w.siteFile("index.html")); err != nil || !os.SameFile(was, is) {
		t.Errorf("a quiet night made the site anew: %v", err)
	}
	for name, harm := range map[string]func() error{
		"lost": func() error { return os.RemoveAll(w.siteFile("")) },
		"torn": func() error {
			return errors.Join(os.Remove(w.siteFile("runs.html")), os.WriteFile(w.siteFile("runs.html"), nil, 0o440))
		},
		"a page too few, and half a site beside it": func() error {
			mustWrite(t, w.siteFile("")+".tmp/index.html", "half")
			return os.Remove(w.siteFile("runs.html"))
		},
	} {
		if err := harm(); err != nil {
			t.Fatal(err)
		}
		if out := w.nightly(t); out.Published || out.Site == "" {
			t.Errorf("%s: %+v", name, out)
		}
		if again := readFile(t, w.siteFile("index.html")); again != front || readFile(t, w.siteFile("runs.html")) == "" {
			t.Errorf("%s: the site came back another", name)
		}
	}
	w.config.Operation.Site.Practitioners = "masked"
	if w.nightly(t); people("D*") < 10 {
		t.Errorf("masked: %d pages named after a code", people("D*"))
	}
	w.config.Operation.Site.Practitioners = "off"
	if w.nightly(t); people("*") > 0 {
		t.Error("off: persons are still there")
	}
	left, err := fs.Glob(os.DirFS(filepath.Join(w.config.Settings.Data, "published")), "*.tmp")
	if err != nil || len(left) > 0 {
		t.Errorf("left: %v %v", left, err)
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
