package library

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"regexp"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	renderer "github.com/yuin/goldmark/renderer/html"
)

// front is what stands above a text, between two lines of dashes.
type front struct {
	Title   string    `yaml:"title"`
	SEO     *frontSEO `yaml:"seo"`
	Created time.Time `yaml:"created"`
	Updated time.Time `yaml:"updated"`

	// Of articles.
	Author    string     `yaml:"author"`
	Published time.Time  `yaml:"published"`
	Image     *frontFile `yaml:"image"`
	Tags      []string   `yaml:"tags"`
	Products  []string   `yaml:"products"` // handles
}

type frontSEO struct {
	Title       string `yaml:"title"`
	Description string `yaml:"description"`
}

type frontFile struct {
	File   string `yaml:"file"` // in the folder images
	Alt    string `yaml:"alt"`
	Width  int    `yaml:"width"`
	Height int    `yaml:"height"`
}

const fence = "---\n"

// split reads the front matter of a file and returns the Markdown below it. A setting that does not exist is an error.
// What the file does not say stays as it is in f.
func split(text []byte, f *front) (body []byte, err error) {
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	rest, found := bytes.CutPrefix(text, []byte(fence))
	if !found {
		return nil, errors.New("it does not begin with a line of three dashes")
	}
	head, body, found := bytes.Cut(rest, []byte("\n"+fence))
	if !found {
		return nil, errors.New("no line of three dashes ends the front matter")
	}
	if err := yaml.UnmarshalWithOptions(head, f, yaml.Strict()); err != nil {
		return nil, errors.New(strings.TrimSpace(yaml.FormatError(err, false, true)))
	}
	if strings.TrimSpace(f.Title) == "" {
		return nil, errors.New("it has no title")
	}
	return body, nil
}

// markdown is CommonMark with tables and the like. Markup of the author goes through and is cleaned afterwards.
var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Typographer), goldmark.WithRendererOptions(renderer.WithUnsafe()))

var (
	safe  = bluemonday.UGCPolicy()
	plain = bluemonday.StrictPolicy()
)

// render returns the text with safe markup.
func render(body []byte) (string, error) {
	var b bytes.Buffer
	if err := markdown.Convert(body, &b); err != nil {
		return "", fmt.Errorf("render text: %w", err)
	}
	return strings.TrimSpace(safe.Sanitize(b.String())), nil
}

// ends are the places in markup where words do not run together.
var ends = regexp.MustCompile(`</(?:p|li|h[1-6]|t[dhr]|blockquote|pre)>|<br */?>`)

// words returns text with markup as text without.
func words(markup string) string {
	return strings.Join(strings.Fields(html.UnescapeString(plain.Sanitize(ends.ReplaceAllString(markup, " ")))), " ")
}

// summaryLength is how many characters of a text are enough to know whether to read it.
const summaryLength = 160

// summary cuts a text after the last word that fits.
func summary(text string) string {
	runes := []rune(text)
	if len(runes) <= summaryLength {
		return text
	}
	cut := string(runes[:summaryLength])
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,.;:–") + "…"
}
