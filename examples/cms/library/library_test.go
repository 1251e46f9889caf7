package library_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/soukhq/souk/examples/cms/library"
)

var site = library.Site{Shop: "https://shop.test", Images: "https://cms.test/images"}

const about = "---\ntitle: About us\ncreated: 2026-09-01\nseo: {description: Who we are.}\n---\nWe are **here**.\n"

// files makes a folder of texts.
func files(texts map[string]string) fstest.MapFS {
	folder := fstest.MapFS{}
	for name, text := range texts {
		folder[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return folder
}

func open(t *testing.T, texts map[string]string) *library.Library {
	t.Helper()
	l, err := library.Open(files(texts), site)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestPage(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word ", 60)
	l := open(t, map[string]string{
		"pages/about.md": about,
		"pages/long.md":  "---\r\ntitle: Long\r\ncreated: 2026-09-01\r\nupdated: 2026-09-02\r\n---\r\n# Head\r\n\r\n" + long + "\r\n\r\n<script>alert(1)</script><a href=\"javascript:alert(1)\">x</a> a < b\r\n",
	})
	p := l.Edition().Page("about")
	if p.Title != "About us" || p.Body != "<p>We are <strong>here</strong>.</p>" || p.BodySummary != "We are here." {
		t.Errorf("page %q, %q, %q", p.Title, p.Body, p.BodySummary)
	}
	if *p.SEO.Title != "About us" || *p.SEO.Description != "Who we are." || p.UpdatedAt != p.CreatedAt || p.CreatedAt.Format(time.DateOnly) != "2026-09-01" {
		t.Errorf("seo %v, created %v, updated %v", p.SEO, p.CreatedAt, p.UpdatedAt)
	}
	p = l.Edition().Page("long")
	if strings.Contains(p.Body, "script") || !strings.Contains(p.Body, "a &lt; b") || !strings.Contains(p.Body, "<h1") {
		t.Errorf("markup is not clean: %s", p.Body)
	}
	if n := len([]rune(p.BodySummary)); n > 161 || !strings.HasPrefix(p.BodySummary, "Head word") || !strings.HasSuffix(p.BodySummary, "word…") {
		t.Errorf("summary of %d characters: %q", n, p.BodySummary)
	}
	if got := l.Edition().Page("nothing"); got != nil {
		t.Errorf("a page that is not there: %v", got)
	}
	if got := library.ByID[library.Page](l.Edition(), p.ID); got != p {
		t.Errorf("by id: %v", got)
	}
	if got := library.ByID[library.Blog](l.Edition(), p.ID); got != nil {
		t.Errorf("a page by its id as a blog: %v", got)
	}
}

func TestArticles(t *testing.T) {
	t.Parallel()
	article := func(day, more string) string {
		return "---\ntitle: On " + day + "\npublished: 2026-10-" + day + "T09:00:00Z\n" + more + "---\nText.\n"
	}
	l := open(t, map[string]string{
		"blogs/journal/index.md": "---\ntitle: Journal\n---\n",
		"blogs/journal/a.md":     article("01", ""),
		"blogs/journal/b.md":     article("03", "author: Salma\ntags: [tea]\nproducts: [mint-teapot]\nimage: {file: tea.svg, alt: Tea, width: 12, height: 6}\n"),
		"blogs/journal/b.de.md":  "---\ntitle: Am 3.\n---\nWorte.\n",
		"blogs/journal/c.md":     article("02", ""),
		"images/tea.svg":         "<svg/>",
	})
	blog := l.Edition().Blog("journal")
	var order []string
	for _, a := range blog.All {
		order = append(order, a.Handle)
	}
	if got := strings.Join(order, " "); got != "b c a" || blog.Title != "Journal" {
		t.Errorf("blog %q has %q, want the newest first", blog.Title, got)
	}
	for _, a := range []*library.Article{blog.Article("b"), l.Edition("de").Blog("journal").Article("b")} {
		if a.AuthorV2.Name != "Salma" || a.Tags[0] != "tea" || a.RelatedProducts[0].Handle != "mint-teapot" ||
			a.Image.URL != "https://cms.test/images/tea.svg" || *a.Image.Width != 12 || a.Blog.Handle != "journal" {
			t.Errorf("article %+v", a)
		}
	}
	if a := l.Edition("de").Blog("journal").Article("b"); a.Title != "Am 3." || a.Content != "Worte." {
		t.Errorf("in German %q, %q", a.Title, a.Content)
	}
}

func TestMenu(t *testing.T) {
	t.Parallel()
	l := open(t, map[string]string{
		"pages/about.md":         about,
		"policies/refunds.md":    "---\ntitle: Refunds\n---\nAll.\n",
		"blogs/journal/index.md": "---\ntitle: Journal\n---\n",
		"blogs/journal/a.md":     "---\ntitle: A\npublished: 2026-10-01\n---\nText.\n",
		"menus/main.md": "---\ntitle: Main\n---\n- [Shop *all*](/collections/all)\n  - [Light](/collections/light)\n    - [Nur](/products/nur)\n" +
			"- [Journal](/blogs/journal)\n- [A](/blogs/journal/a)\n- [About](/pages/about)\n- [Refunds](/policies/refunds)\n- [Away](https://other.test/x)\n- [Home](/)\n",
	})
	var lines []string
	var show func(items []*library.MenuItem, indent string)
	show = func(items []*library.MenuItem, indent string) {
		for _, i := range items {
			resource := ""
			if i.ResourceID != nil {
				resource = " *"
			}
			lines = append(lines, indent+i.Title+" "+i.Type+" "+*i.URL+resource)
			show(i.Items, indent+" ")
		}
	}
	show(l.Edition().Menu("main").Items, "")
	want := `Shop all CATALOG https://shop.test/collections/all
 Light COLLECTION https://shop.test/collections/light
  Nur PRODUCT https://shop.test/products/nur
Journal BLOG https://shop.test/blogs/journal *
A ARTICLE https://shop.test/blogs/journal/a *
About PAGE https://shop.test/pages/about *
Refunds SHOP_POLICY https://shop.test/policies/refunds *
Away HTTP https://other.test/x
Home FRONTPAGE https://shop.test/`
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("menu\n%s\nwant\n%s", got, want)
	}
	if e := l.Edition(); *e.Menu("main").Items[3].ResourceID != e.Page("about").ID {
		t.Error("the entry does not lead to the page")
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	german := func(title string) string { return "---\ntitle: " + title + "\n---\nText.\n" }
	l := open(t, map[string]string{
		"pages/about.md":       about,
		"pages/about.de.md":    german("Über uns"),
		"pages/about.de-AT.md": german("Über uns, gell"),
		"pages/care.md":        "---\ntitle: Care\ncreated: 2026-09-01\n---\nText.\n",
	})
	for asked, want := range map[string]string{
		"": "About us", "en": "About us", "EN": "About us", "fr": "About us", "no language at all": "About us",
		"de": "Über uns", "DE": "Über uns", "de-CH": "Über uns", "DE_AT": "Über uns, gell", "fr de": "Über uns", "en-GB de": "About us",
	} {
		e := l.Edition(strings.Fields(asked)...)
		if got := e.Page("about"); got.Title != want || got.ID != l.Edition().Page("about").ID {
			t.Errorf("asked for %q: %q with the id %s, want %q", asked, got.Title, got.ID, want)
		}
		if got := e.Page("care").Title; got != "Care" {
			t.Errorf("asked for %q: %q, want the default language", asked, got)
		}
	}
	if p := l.Edition("de").Page("about"); *p.SEO.Description != "Who we are." {
		t.Errorf("what a translation leaves out: %q", *p.SEO.Description)
	}
}

func TestOpenNamesAllProblems(t *testing.T) {
	t.Parallel()
	head := "---\ntitle: T\ncreated: 2026-09-01\n"
	for name, c := range map[string]struct{ file, text, want string }{
		"no front matter":          {"pages/x.md", "Text.", "three dashes"},
		"no end of it":             {"pages/x.md", "---\ntitle: T\nText.\n", "three dashes ends"},
		"a setting nobody knows":   {"pages/x.md", head + "colour: red\n---\nText.\n", "colour"},
		"no title":                 {"pages/x.md", "---\ncreated: 2026-09-01\n---\nText.\n", "title"},
		"no date":                  {"pages/x.md", "---\ntitle: T\n---\nText.\n", "created"},
		"an article without date":  {"blogs/b/x.md", "---\ntitle: T\n---\nText.\n", "published"},
		"a picture that is away":   {"blogs/b/x.md", "---\ntitle: T\npublished: 2026-09-01\nimage: {file: x.png}\n---\nText.\n", "x.png"},
		"a name that is no handle": {"pages/My Page.md", head + "---\nText.\n", "handle"},
		"a folder nobody knows":    {"posts/x.md", head + "---\nText.\n", "none of the folders"},
		"a place too deep":         {"pages/a/b.md", head + "---\nText.\n", "no place"},
		"a menu without links":     {"menus/m.md", head + "---\n- Home\n", "begins with a link"},
		"a menu of words":          {"menus/m.md", head + "---\nHome\n", "list of links"},
		"a link to nowhere":        {"menus/m.md", head + "---\n- [Gone](/pages/gone)\n", "/pages/gone"},
		"a language nobody speaks": {"pages/about.2x.md", head + "---\nText.\n", "2x"},
	} {
		_, err := library.Open(files(map[string]string{c.file: c.text, "pages/about.de.md": "broken", "pages/about.md": about}), site)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "pages/about.de.md") {
			t.Errorf("%s: error %v, want one with %q and one of pages/about.de.md", name, err, c.want)
		}
	}
}

// onDisk opens a folder with one page, and returns what writes that page again.
func onDisk(t *testing.T) (l *library.Library, write func(text string)) {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "pages"), 0o755); err != nil {
		t.Fatal(err)
	}
	write = func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "pages", "about.md"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(about)
	l, err := library.Open(os.DirFS(dir), site)
	if err != nil {
		t.Fatal(err)
	}
	return l, write
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	l, write := onDisk(t)
	for _, step := range []struct {
		name, text, title string
		changed, fails    bool
	}{
		{"nothing changed", about, "About us", false, false},
		{"another title", strings.Replace(about, "About us", "Who we are", 1), "Who we are", true, false},
		{"half a file", about[:30], "Who we are", false, true},
		{"the same half again", about[:30], "Who we are", false, false},
		{"the other half", about, "About us", true, false},
	} {
		write(step.text)
		changed, err := l.Refresh()
		if got := l.Edition().Page("about").Title; changed != step.changed || err != nil != step.fails || got != step.title {
			t.Errorf("%s: changed %v, error %v, title %q; want %v, %v, %q", step.name, changed, err, got, step.changed, step.fails, step.title)
		}
	}
}

func TestFollow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, write := onDisk(t)
		var log bytes.Buffer
		go l.Follow(t.Context(), time.Second, slog.New(slog.NewTextHandler(&log, nil)))
		next := func(text string) { // The time of the bubble passes at once: nobody waits.
			write(text)
			time.Sleep(1500 * time.Millisecond)
			synctest.Wait()
		}
		next("---\ntitle: broken")
		next(strings.Replace(about, "About us", "Who we are", 1))
		if got := l.Edition().Page("about").Title; got != "Who we are" {
			t.Errorf("title %q", got)
		}
		for _, want := range []string{"texts refused", "three dashes", "texts changed"} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log does not say %q:\n%s", want, log.String())
			}
		}
	})
}
