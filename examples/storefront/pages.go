package main

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"
)

//go:embed templates/*.html
var templates embed.FS

// page is what is written: the matter of a page and what is around it.
type page struct {
	Layout            *layout
	Shop              string // its name
	Name, Title       string
	Matter            any
	Path              string // of this page
	Country, Language string
	SignedIn          bool
	Asked             int // how often the graph was asked
	Took              time.Duration
}

// Locales are the countries and languages that a visitor chooses from.
func (p page) Locales() []locale { return locales }

// Millis is how long the graph took.
func (p page) Millis() int64 { return p.Took.Milliseconds() }

// Pieces is how many pieces are in the cart.
func (p page) Pieces() int {
	if p.Layout == nil || p.Layout.Cart == nil {
		return 0
	}
	return p.Layout.Cart.TotalQuantity
}

// pages are the templates, for each language those of all pages.
type pages struct {
	byLanguage map[string]map[string]*template.Template
	translate  map[string]func(string, ...any) string
}

// newPages reads the templates. picture returns where the picture at an address is shown.
func newPages(version string, picture func(string) string) (*pages, error) {
	files, err := templates.ReadDir("templates")
	if err != nil {
		return nil, err
	}
	p := &pages{byLanguage: map[string]map[string]*template.Template{}, translate: map[string]func(string, ...any) string{}}
	for _, language := range languages {
		p.translate[language] = translator(language)
		functions := template.FuncMap{
			"t":       p.translate[language],
			"money":   func(m money) string { return amount(m, language) },
			"date":    func(t time.Time) string { return day(t, language) },
			"picture": picture,
			"static":  func(name string) string { return "/static/" + name + "?v=" + version },
			"html":    func(s string) template.HTML { return template.HTML(s) }, //nolint:gosec // The graph tells safe markup.
			"local":   localPath,
			"pair":    pair,
			"add":     func(a, b int) int { return a + b },
			"country": func(code string) string { return countryName(code, language) },
			"lower":   strings.ToLower,
			"percent": percent,
		}
		set := map[string]*template.Template{}
		for _, f := range files {
			name, isPage := strings.CutSuffix(f.Name(), ".html")
			if !isPage || strings.HasPrefix(name, "_") {
				continue
			}
			t, err := template.New("_page.html").Funcs(functions).ParseFS(templates, "templates/_*.html", "templates/"+f.Name())
			if err != nil {
				return nil, err
			}
			set[name] = t
		}
		p.byLanguage[language] = set
	}
	return p, nil
}

// write writes a page whole or not at all.
func (p *pages) write(w http.ResponseWriter, status int, matter page) error {
	var b bytes.Buffer
	if err := p.byLanguage[matter.Language][matter.Name].Execute(&b, matter); err != nil {
		return fmt.Errorf("write page %s: %w", matter.Name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, err := b.WriteTo(w)
	return err
}

// localPath makes an address below that of the shop one of this shop window, wherever it runs.
func localPath(address, shop string) string {
	if rest, ours := strings.CutPrefix(address, strings.TrimSuffix(shop, "/")+"/"); ours && shop != "" {
		return "/" + rest
	}
	return address
}

// pair gives a template two values by the names A and B.
func pair(a, b any) map[string]any { return map[string]any{"A": a, "B": b} }

// percent writes a rate such as 0.19 as people do.
func percent(rate string) string {
	var r float64
	if _, err := fmt.Sscan(rate, &r); err != nil {
		return rate
	}
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", r*100), "0"), ".") + " %"
}

// query writes an address with the given parameters, none of them empty.
func query(path string, values url.Values) string {
	for name, v := range values {
		if len(v) == 0 || v[0] == "" {
			values.Del(name)
		}
	}
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}
