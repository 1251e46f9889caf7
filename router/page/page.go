// Package page serves GraphiQL, an editor for the graph in a browser, without asking anybody else.
package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// assets are what source/build.mjs makes.
//
//go:embed assets index.html icon.svg
var files embed.FS

// policy lets the page load from its own origin and from nowhere else. The editor writes style elements of its own.
const policy = "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; " +
	"font-src 'self' data:; img-src 'self' data: https: http:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Example is an operation that stands in a tab of its own when the page is opened for the first time.
type Example struct {
	Query     string `json:"query"`
	Variables string `json:"variables,omitempty"` // a JSON object
	Headers   string `json:"headers,omitempty"`   // a JSON object
}

// Options say what the page shows.
type Options struct {
	Title    string    `json:"title"`
	URL      string    `json:"url"` // of the graph, on the same origin
	Examples []Example `json:"examples"`
}

// Page is the editor and its files. It is safe for concurrent use.
type Page struct {
	html  []byte
	files map[string]file // by path below Below
	below string
}

type file struct {
	media      string
	plain      []byte // nil where only the compressed form is kept
	compressed []byte
}

// New makes the page, whose files are below a path that ends with a slash; they are kept by browsers until they change.
func New(below string, o Options) (*Page, error) {
	p := &Page{files: map[string]file{}}
	sum := sha256.New()
	err := fs.WalkDir(files, "assets", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d ", name, len(content))
		sum.Write(content)
		f := file{plain: content}
		base, compressed := strings.CutSuffix(path.Base(name), ".gz")
		if compressed {
			f = file{compressed: content}
		}
		f.media = mime.TypeByExtension(path.Ext(base))
		p.files[base] = f
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the files of the page: %w", err)
	}
	icon, err := files.ReadFile("icon.svg")
	if err != nil {
		return nil, err
	}
	p.files["icon.svg"] = file{media: "image/svg+xml", plain: icon}
	p.below = below + hex.EncodeToString(sum.Sum(nil)[:6]) + "/"
	return p, p.render(o)
}

func (p *Page) render(o Options) error {
	t, err := template.ParseFS(files, "index.html")
	if err != nil {
		return err
	}
	if o.Examples == nil {
		o.Examples = []Example{}
	}
	settings, err := json.Marshal(o) // Escapes what could end the element.
	if err != nil {
		return err
	}
	var b bytes.Buffer
	err = t.Execute(&b, map[string]any{"Title": o.Title, "Below": p.below, "Settings": template.JS(settings)})
	p.html = b.Bytes()
	return err
}

// ServeHTTP answers the page at "/" and its files.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	if r.URL.Path == "/" {
		h.Set("Content-Security-Policy", policy)
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Cache-Control", "no-cache")
		_, _ = w.Write(p.html) // The reader may be gone.
		return
	}
	name, ours := strings.CutPrefix(r.URL.Path, p.below)
	f, known := p.files[name]
	if !ours || !known {
		http.NotFound(w, r)
		return
	}
	h.Set("Content-Type", f.media)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	f.write(w, strings.Contains(r.Header.Get("Accept-Encoding"), "gzip"))
}

func (f file) write(w http.ResponseWriter, compressed bool) {
	content := f.plain
	switch {
	case content != nil:
	case compressed:
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Vary", "Accept-Encoding")
		content = f.compressed
	default:
		w.Header().Set("Vary", "Accept-Encoding")
		z, err := gzip.NewReader(bytes.NewReader(f.compressed))
		if err == nil {
			_, err = io.Copy(w, z)
		}
		if err != nil { // It was made with the program: only the reader can be gone.
			return
		}
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	_, _ = w.Write(content)
}
