package site

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is a headless Chromium that notes what a page complains of and what it asks for.
type browser struct {
	t    testing.TB
	ctx  context.Context
	mu   sync.Mutex
	said []string // console, exceptions, blocked by the page's policy
	from []string // every address asked for
}

func openBrowser(t testing.TB) *browser {
	t.Helper()
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.NoSandbox, chromedp.DisableGPU)
	patience, late := context.WithTimeout(context.Background(), 2*time.Minute) // with a browser that hangs
	t.Cleanup(late)
	allocator, stop := chromedp.NewExecAllocator(patience, options...)
	t.Cleanup(stop)
	quiet := chromedp.WithErrorf(func(string, ...any) {}) // a Chromium newer than the library says things it does not know
	ctx, end := chromedp.NewContext(allocator, quiet)
	t.Cleanup(end)
	b := &browser{t: t, ctx: ctx}
	chromedp.ListenTarget(ctx, b.hear)
	if err := chromedp.Run(b.ctx, network.Enable(), log.Enable(), runtime.Enable()); err != nil {
		t.Fatalf("the tests need Chromium (Debian: apt-get install chromium): %v", err)
	}
	return b
}

func (b *browser) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		b.said = append(b.said, fmt.Sprintf("console.%s %v", e.Type, e.Args))
	case *runtime.EventExceptionThrown:
		b.said = append(b.said, e.ExceptionDetails.Error())
	case *log.EventEntryAdded:
		b.said = append(b.said, e.Entry.Text)
	case *network.EventRequestWillBeSent:
		b.from = append(b.from, e.Request.URL)
	}
}

// heard gives what was noted since it was asked last.
func (b *browser) heard() (said, from []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	said, from, b.said, b.from = b.said, b.from, nil, nil
	return said, from
}

func (b *browser) open(path string) {
	b.t.Helper()
	address := path
	if !strings.Contains(path, "://") {
		address = (&url.URL{Scheme: "file", Path: path}).String()
	}
	if err := chromedp.Run(b.ctx, chromedp.Navigate(address)); err != nil {
		b.t.Fatalf("%s: %v", path, err)
	}
}

func (b *browser) do(actions ...chromedp.Action) {
	b.t.Helper()
	if err := chromedp.Run(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// ask evaluates an expression.
func ask[T any](b *browser, expression string) (v T) {
	b.t.Helper()
	b.do(chromedp.Evaluate(expression, &v))
	return v
}

// undrawn names the charts without a picture: no canvas, or one of a single colour; and counts all.
const undrawn = `(() => {
	const blank = [];
	const all = Array.from(document.querySelectorAll('.chart'));
	for (const box of all) {
		const canvas = box.querySelector('canvas');
		const dots = canvas && new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer);
		if (!dots || new Set(dots).size < 8) { blank.push(box.id); }
	}
	return { all: all.length, blank: blank, wide: document.documentElement.scrollWidth - window.innerWidth };
})()`

type picture struct {
	All   int      `json:"all"`
	Blank []string `json:"blank"`
	Wide  int      `json:"wide"`
}

// TestInABrowser shows what a person with a browser would see; one Chromium serves all parts.
func TestInABrowser(t *testing.T) {
	db := sampleMart(t)
	dir, b := built(t, db, Pseudonym), openBrowser(t)
	for name, part := range map[string]func(*testing.T, *browser, *sql.DB, string){
		"every page": everyPage, "sorting and searching": sortingAndSearching, "printing and themes": printingAndThemes,
	} {
		t.Run(name, func(t *testing.T) {
			b.t = t
			b.heard()
			part(t, b, db, dir)
		})
	}
}

// everyPage: on a desktop and, dark, on a phone every page loads without a complaint, draws its charts, is no
// wider than the screen and asks for nothing but files of its own.
func everyPage(t *testing.T, b *browser, _ *sql.DB, dir string) {
	dark := emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}})
	light := emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "light"}})
	phone := emulation.SetDeviceMetricsOverride(390, 844, 2, true)
	desktop := emulation.SetDeviceMetricsOverride(1280, 900, 1, false)
	charts := 0
	all := pagesOf(tree(t, dir))
	some := slices.DeleteFunc(slices.Clone(all), func(name string) bool { // on the phone the longest name, and one page of each other kind
		return strings.HasPrefix(name, "month/") && name != "month/2025-03.html" || strings.HasPrefix(name, "institution/") && name != "institution/H1.html" && name != "institution/H2.html" ||
			strings.HasPrefix(name, "practitioner/") && name != all[len(all)-3]
	})
	for _, set := range []struct {
		pages  []string
		screen []chromedp.Action
	}{{all, []chromedp.Action{desktop, light}}, {some, []chromedp.Action{phone, dark}}} {
		b.do(set.screen...)
		for _, name := range set.pages {
			b.open(filepath.Join(dir, filepath.FromSlash(name)))
			seen := ask[picture](b, undrawn)
			charts += seen.All
			if len(seen.Blank) > 0 || seen.Wide > 0 {
				t.Errorf("%s: charts not drawn %v, wider than the screen by %d", name, seen.Blank, seen.Wide)
			}
			said, from := b.heard()
			for _, text := range said {
				t.Errorf("%s: %s", name, text)
			}
			for _, address := range from {
				if u, err := url.Parse(address); err != nil || u.Scheme != "data" && (u.Scheme != "file" || !strings.HasPrefix(u.Path, dir)) {
					t.Errorf("%s asks for %s", name, address)
				}
			}
		}
	}
	if charts < 50 {
		t.Errorf("only %d charts", charts)
	}
	if ink := ask[string](b, `getComputedStyle(document.body).backgroundColor`); ink != "rgb(16, 22, 27)" {
		t.Errorf("dark page is %s", ink)
	}
}

const firstRow = `document.querySelector('#institutions tbody tr:not([hidden]) th').textContent`

func sortingAndSearching(t *testing.T, b *browser, db *sql.DB, dir string) {
	b.open(filepath.Join(dir, "institutions.html"))
	click := func(column int) string {
		b.do(chromedp.Click(fmt.Sprintf("#institutions thead th:nth-child(%d) button", column), chromedp.ByQuery))
		return ask[string](b, fmt.Sprintf("document.querySelector('#institutions thead th:nth-child(%d)').getAttribute('aria-sort')", column))
	}
	most := scalar[string](t, db, `SELECT fixmedins_code FROM mart.institution_period WHERE period = '2025-04' ORDER BY withhold_yuan DESC LIMIT 1`)
	const withheld = 8
	if got := click(withheld); got != "descending" || !strings.HasSuffix(ask[string](b, firstRow), most) {
		t.Errorf("%s, first is %s, most is withheld from %s", got, ask[string](b, firstRow), most)
	}
	keys := ask[[]int](b, `Array.from(document.querySelectorAll('#institutions tbody td:nth-child(8)'), c => Number(c.dataset.key))`)
	if !slices.IsSortedFunc(keys, func(a, b int) int { return b - a }) || len(keys) != 8 {
		t.Errorf("withheld, largest first: %v", keys)
	}
	if got := click(withheld); got != "ascending" {
		t.Errorf("second click: %s", got)
	}
	sum := 0
	for _, k := range keys {
		sum += k
	}
	if want := scalar[int](t, db, `SELECT CAST(sum(withhold_yuan) * 100 AS BIGINT) FROM mart.institution_period WHERE period = '2025-04'`); sum != want ||
		ask[int](b, `Number(document.querySelector('#institutions tfoot td:nth-child(8)').dataset.key)`) != want {
		t.Errorf("rows add up to %d, the mart says %d", sum, want)
	}
	// Full-width letters find half-width ones; two words both count.
	b.do(chromedp.SendKeys("input[type=search]", "Ｈ１ 人民", chromedp.ByQuery))
	if found, first := ask[string](b, `document.querySelector('.found').textContent`), ask[string](b, firstRow); !strings.HasPrefix(found, "找到 1 家") || !strings.HasSuffix(first, "H1") {
		t.Errorf("%s: %s", found, first)
	}
	// Keyboard alone: the header is a button.
	b.do(chromedp.Focus("#institutions thead th button", chromedp.ByQuery), chromedp.KeyEvent("\r"))
	if got := ask[string](b, `document.querySelector('#institutions thead th').getAttribute('aria-sort')`); got != "ascending" {
		t.Errorf("by keyboard: %s", got)
	}
	if said, _ := b.heard(); len(said) > 0 {
		t.Errorf("%v", said)
	}
}

// printingAndThemes: on paper a chart has the width of the paper and dark ink, whatever the screen has.
func printingAndThemes(t *testing.T, b *browser, _ *sql.DB, dir string) {
	b.do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}))
	b.open(filepath.Join(dir, "institution", "H1.html"))
	b.do(chromedp.Evaluate(`window.dispatchEvent(new Event('beforeprint'))`, nil))
	raw := ask[json.RawMessage](b, undrawn)
	var seen picture
	if err := json.Unmarshal(raw, &seen); err != nil || seen.All < 4 || len(seen.Blank) > 0 {
		t.Errorf("for paper: %s %v", raw, err)
	}
	if width := ask[int](b, `echarts.getInstanceByDom(document.getElementById('trend')).getWidth()`); width != 700 {
		t.Errorf("on paper the chart is %d wide", width)
	}
	const ink = `echarts.getInstanceByDom(document.getElementById('trend')).getOption().textStyle.color`
	if got := ask[string](b, ink); got != "#000" {
		t.Errorf("ink on paper %s", got)
	}
	b.do(chromedp.Evaluate(`window.dispatchEvent(new Event('afterprint'))`, nil))
	if got := ask[string](b, ink); got != "#e4eaee" {
		t.Errorf("ink on a dark screen %s", got)
	}
	b.do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "light"}}))
	b.do(chromedp.Poll(ink+` === '#1f2a33'`, nil, chromedp.WithPollingTimeout(10*time.Second))) // the page is told a moment later
}
