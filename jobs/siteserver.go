package jobs

import (
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path"
	"strings"
)

// siteTypes are the kinds of file a site has; nothing else is handed out.
var siteTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".json": "application/json", "": "text/plain; charset=utf-8",
}

// siteHeaders let a page load what belongs to the site and nothing else.
var siteHeaders = map[string]string{
	"Cache-Control":           "no-cache",
	"X-Content-Type-Options":  "nosniff",
	"Referrer-Policy":         "no-referrer",
	"X-Frame-Options":         "DENY",
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}

// serveSite hands out the published site below /site/, for reading. The folder is opened anew for every request, because
// a run exchanges it as a whole, and as a root that no path and no link leads out of.
func (m *Monitor) serveSite(w http.ResponseWriter, r *http.Request) {
	for name, value := range siteHeaders {
		w.Header().Set(name, value)
	}
	if !isLoopbackHost(r.Host) { // a page from elsewhere may have got its name to mean this machine
		http.Error(w, "ask for 127.0.0.1 or localhost", http.StatusMisdirectedRequest)
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+strings.TrimPrefix(r.URL.Path, "/site/")), "/")
	if name == "" {
		name = "index.html"
	}
	config := m.state().config
	file, info, err := openInSite((&Runner{Config: config}).SitePath(), name)
	kind, isKnown := siteTypes[path.Ext(name)]
	switch {
	case errors.Is(err, errNoSite):
		http.Error(w, "no site is published yet: `claimsaudit run nightly` makes it", http.StatusNotFound)
		return
	case err != nil || !isKnown:
		if file != nil {
			_ = file.Close() // only read
		}
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	defer file.Close()
	w.Header().Set("Content-Type", kind)
	http.ServeContent(w, r, name, info.ModTime(), file)
}

var errNoSite = errors.New("there is no site")

// openInSite opens a regular file of the site.
func openInSite(dir, name string) (*os.File, fs.FileInfo, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, errNoSite
	}
	defer root.Close()
	if info, err := root.Stat(name); err != nil || !info.Mode().IsRegular() { // before it is opened: a pipe would wait
		return nil, nil, fs.ErrNotExist
	}
	file, err := root.Open(name)
	if err != nil {
		return nil, nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	return file, info, nil
}

func isLoopbackHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
