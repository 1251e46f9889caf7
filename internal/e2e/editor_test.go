package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	tab "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// violations takes down what the Content-Security-Policy of a page forbade.
const violations = `window.violations = [];
	document.addEventListener('securitypolicyviolation', (e) => violations.push(e.violatedDirective + ' ' + e.blockedURI));`

// TestEditor opens the editor at the root of the router as a newcomer does, whose browser can reach nothing but the shop. The
// first example is there with its variables, and can be run and changed.
func TestEditor(t *testing.T) {
	t.Parallel()
	browserPath(t)
	s := startOne(t, "SOUK_DEMO=auto")
	home := strings.TrimSuffix(s.graph, "/graphql")
	first := s.must("", `{ products(first: 1, sortKey: TITLE) { nodes { title vendor } } }`, nil).Data
	title, vendor := get[string](t, first, "products", "nodes", 0, "title"), get[string](t, first, "products", "nodes", 0, "vendor")
	open := func(t *testing.T, scheme string) *browser {
		b := openBrowser(t, home, desktop)
		call(b, "watch the policy", tab.AddScriptToEvaluateOnNewDocument, tab.AddScriptToEvaluateOnNewDocumentParams{Source: violations})
		call(b, "prefer "+scheme, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		b.visit("/")
		b.until(shows(".graphiql-query-editor", "query ProductList($first: Int!"))
		b.until(shows(".graphiql-editor-tool:not(.hidden)", `"first": 12`))
		return b
	}
	t.Run("the first example answers, in the dark", func(t *testing.T) {
		b := open(t, "dark")
		b.click(".graphiql-execute-button")
		b.until(shows(".graphiql-response", `"title": "`+title+`"`))
		b.click(`button[aria-label="Show Documentation Explorer"]`)
		b.until(shows(".graphiql-doc-explorer", "query: Query"))
		b.dressed("dark")
		b.picture("editor")
		b.content()
	})
	t.Run("a field is completed and asked for by keyboard, in the light", func(t *testing.T) {
		b := open(t, "light")
		b.dressed("light")
		b.click(`button[aria-label="Show Documentation Explorer"]`)
		b.until(shows(".graphiql-doc-explorer", "query: Query")) // It knows the schema by now.
		b.click(".graphiql-query-editor")
		b.do("go to the beginning", chromedp.KeyEvent(kb.Home, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
		b.press(strings.Repeat(kb.ArrowDown, 6) + kb.End) // After the first field of a product.
		b.do("begin a field", chromedp.KeyEvent(" vend"))
		b.until(shows(".suggest-widget.visible", "vendor"))
		b.press("\r")
		b.until(shows(".graphiql-query-editor", "vendor"))
		b.do("run it", chromedp.KeyEvent("\r", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
		b.until(shows(".graphiql-response", `"vendor": "`+vendor+`"`))
		b.content()
	})
}

// shows is true where an element shows a text, whatever kind of spaces the editor puts into it.
func shows(selector, text string) string {
	return `[...document.querySelectorAll('` + selector + `')].some(e => e.innerText.replace(/\s+/g, ' ').includes('` + text + `'))`
}

// dressed holds that the editor has the colours that the reader prefers.
func (b *browser) dressed(scheme string) {
	b.t.Helper()
	const dark = `(() => {
		const bright = (c) => c.match(/[0-9.]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0);
		const ground = getComputedStyle(document.querySelector('.graphiql-container')).backgroundColor;
		return bright(getComputedStyle(document.querySelector('.graphiql-query-editor .view-line span span')).color) > bright(ground);
	})()`
	if see[bool](b, dark) != (scheme == "dark") {
		b.t.Errorf("the editor is not %s", scheme)
	}
}

// content holds that nothing was asked of others, or forbidden by the policy, and that the console says nothing.
func (b *browser) content() {
	b.t.Helper()
	for _, v := range see[[]string](b, "[...new Set(violations)]") {
		b.t.Errorf("the policy forbids %s", v)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.problems {
		b.t.Error(p)
	}
}
