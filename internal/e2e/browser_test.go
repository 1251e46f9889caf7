package e2e

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	tab "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// browser is a tab of a real browser. It takes down what the browser complains of, and whom it asks.
type browser struct {
	t    *testing.T
	ctx  context.Context
	home string // the only origin that may be asked

	mu       sync.Mutex
	problems []string
}

// size is that of a window.
type size struct {
	name          string
	width, height int64
	touch         bool
}

var (
	desktop = size{"desktop", 1400, 900, false}
	phone   = size{"phone", 390, 844, true}
)

// shifts adds up how far things moved without anybody having touched the page.
const shifts = `window.shifted = 0;
	new PerformanceObserver((list) => { for (const e of list.getEntries()) if (!e.hadRecentInput) window.shifted += e.value; }).observe({ type: 'layout-shift', buffered: true });`

// openBrowser starts a browser that may ask the given origin only. Without an installed one the test is skipped, but not in
// CI, where one is installed.
func openBrowser(t *testing.T, home string, s size) *browser {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 2*patience)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewExecAllocator(ctx, chromedp.ExecPath(browserPath(t)), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	b := &browser{t: t, ctx: ctx, home: home}
	view := []chromedp.EmulateViewportOption{}
	if s.touch {
		view = append(view, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	b.do("open a window", chromedp.EmulateViewport(s.width, s.height, view...))
	call(b, "watch requests", network.Enable, network.EnableParams{})
	call(b, "watch complaints", log.Enable, cdp.Empty{})
	call(b, "watch what moves", tab.AddScriptToEvaluateOnNewDocument, tab.AddScriptToEvaluateOnNewDocumentParams{Source: shifts})
	if err := chromedp.Listen(ctx, b.heard); err != nil {
		t.Fatal(err)
	}
	go func() {
		for m, err := range chromedp.Console(ctx) {
			if err == nil && (m.IsException() || m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleWarning) {
				b.complain(m.String())
			}
		}
	}()
	return b
}

func browserPath(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("there is no chromium")
	}
	t.Skip("there is no chromium")
	return ""
}

// heard is told what the tab does.
func (b *browser) heard(event any) {
	if e, ok := event.(*network.EventRequestWillBeSent); ok {
		if u, err := url.Parse(e.Request.URL); err != nil || u.Scheme != "data" && u.Scheme+"://"+u.Host != b.home {
			b.complain("asked " + e.Request.URL)
		}
	}
}

func (b *browser) complain(what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problems = append(b.problems, what)
}

// do carries out what a person does.
func (b *browser) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.fatal(what, err)
	}
}

// fatal ends the test with what the page says.
func (b *browser) fatal(what string, err error) {
	b.t.Helper()
	text, problem := chromedp.Run(b.ctx, chromedp.Evaluate[string]("location.href + '\\n' + document.body.innerText.slice(0, 1500)"))
	b.mu.Lock()
	defer b.mu.Unlock()
	b.t.Fatalf("%s: %v\nproblems: %v\nthe page: %s %v", what, err, b.problems, text, problem)
}

// call sends a command to the tab.
func call[P, R any](b *browser, what string, command cdp.Command[P, R], params P) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, command, params); err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
}

// visit opens a page by its path, or by its whole address.
func (b *browser) visit(address string) {
	b.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = b.home + address
	}
	b.do("visit "+address, chromedp.Navigate(address))
}

// see evaluates an expression in the page.
func see[T any](b *browser, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.fatal(expression, err)
	}
	return v
}

// until waits until an expression is true in the page, whichever page that is by then.
func (b *browser) until(expression string) {
	b.t.Helper()
	for deadline := time.Now().Add(patience / 2); ; {
		holds, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("document.readyState === 'complete' && !!("+expression+")"))
		if err == nil && holds { // In between pages there is nothing to evaluate in.
			return
		}
		if time.Now().After(deadline) {
			b.fatal(expression, fmt.Errorf("not after %s (%v)", patience/2, err))
		}
		select {
		case <-b.ctx.Done():
			b.t.Fatal(expression, b.ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// at waits for a page by the beginning of its path.
func (b *browser) at(path string) {
	b.t.Helper()
	b.until(fmt.Sprintf("location.pathname.startsWith(%q)", path))
}

// click clicks on what a CSS selector finds first.
func (b *browser) click(selector string) {
	b.t.Helper()
	b.do("click "+selector, chromedp.ScrollIntoView(chromedp.CSS(selector)), chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// write types a text into the field with an id.
func (b *browser) write(id, text string) {
	b.t.Helper()
	b.do("write into "+id, chromedp.SendKeys(chromedp.CSS("#"+id), text, chromedp.NodeVisible))
}

// press presses a key.
func (b *browser) press(key string) {
	b.t.Helper()
	b.do("press "+key, chromedp.KeyEvent(key))
}

// sound holds that the page is as a good one is: nothing moves while it loads, pictures say what they show and how large they
// are, fields have names, it is no wider than the window, and the browser has nothing to complain of.
func (b *browser) sound(name string) {
	b.t.Helper()
	for _, check := range []struct{ what, expression string }{
		{"things moved", "window.shifted > 0 ? [String(window.shifted)] : []"},
		{"pictures without a description", "[...document.images].filter(i => !i.hasAttribute('alt')).map(i => i.src)"},
		{"pictures without a size", "[...document.images].filter(i => !i.getAttribute('width') || !i.getAttribute('height')).map(i => i.src)"},
		{"pictures that are not there", "[...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)"},
		{"fields without a name", "[...document.querySelectorAll('input:not([type=hidden]), select')].filter(i => !i.labels.length).map(i => i.name)"},
		{"links and buttons without a name", "[...document.querySelectorAll('a:not([aria-hidden]), button')].filter(i => !(i.innerText || i.ariaLabel || i.textContent).trim()).map(i => i.outerHTML)"},
		{"ids that are there twice", "[...document.querySelectorAll('[id]')].map(i => i.id).filter((id, i, all) => all.indexOf(id) !== i)"},
		{"ways to skip that nobody asked for", "[...document.querySelectorAll('.skip:not(:focus)')].filter(i => { const r = i.getBoundingClientRect(); return r.right > 0 && r.bottom > 0; }).map(i => i.innerText)"},
		{"wider than the window", "document.documentElement.scrollWidth > innerWidth ? [document.documentElement.scrollWidth + ' > ' + innerWidth] : []"},
		{"no heading, or several", "document.querySelectorAll('h1').length === 1 ? [] : ['h1']"},
	} {
		if found := see[[]string](b, check.expression); len(found) > 0 {
			b.t.Errorf("%s: %s: %s", name, check.what, strings.Join(found, ", "))
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.problems {
		b.t.Errorf("%s: %s", name, p)
	}
	b.problems = nil
}

// picture keeps how the page looks for the documents, where that was asked for.
func (b *browser) picture(name string) {
	b.t.Helper()
	if !*pictures {
		return
	}
	see[any](b, "scrollTo(0, 0)")
	b.until("[...document.images].every(i => i.loading === 'lazy' || i.complete)")
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.fatal("take a picture", err)
	}
	path := filepath.Join("../../docs/images", name+".png")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, png, 0o644); err != nil { //nolint:gosec // It is for everybody.
		b.t.Fatal(err)
	}
}

// withoutScripts lets pages do without their scripts.
func (b *browser) withoutScripts() {
	b.t.Helper()
	call(b, "leave scripts out", emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

// dark makes the page as it is for those who prefer dark ones.
func (b *browser) dark() {
	b.t.Helper()
	call(b, "prefer dark", emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
}
