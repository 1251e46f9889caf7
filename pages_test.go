package main

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/soukhq/souk/router/compose"
	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"
)

// pages returns what people read, by path.
func pages(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != "." && (d.Name()[0] == '.' || d.Name() == "node_modules" || path == filepath.Join("examples", "cms", "content")):
			return fs.SkipDir
		case filepath.Ext(path) != ".md":
			return nil
		}
		b, err := os.ReadFile(path)
		found[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 3 {
		t.Fatalf("only %d pages were found", len(found))
	}
	return found
}

var (
	fenced   = regexp.MustCompile("(?ms)^```.*?^```$")
	linked   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	headline = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	spoken   = regexp.MustCompile("(?ms)^```graphql\n(.*?)^```$")
)

// TestLinksLeadSomewhere follows the links from page to page, to files and to headlines.
func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	all := pages(t)
	for path, text := range all {
		for _, link := range linked.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
			if strings.Contains(link[1], "://") || strings.HasPrefix(link[1], "mailto:") {
				continue
			}
			file, headline, _ := strings.Cut(link[1], "#")
			target := path
			if file != "" {
				target = filepath.Join(filepath.Dir(path), file)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s: %v", path, link[1], err)
			} else if headline != "" && !slices.Contains(anchors(all[target]), headline) {
				t.Errorf("%s links to %s, a headline that is not there", path, link[1])
			}
		}
	}
}

// anchors are the names by which the headlines of a page are linked.
func anchors(text string) (names []string) {
	for _, h := range headline.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		name := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case strings.ContainsRune("-_", r) || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 127:
				return r
			}
			return -1
		}, strings.ToLower(h[1]))
		names = append(names, name)
	}
	return names
}

// exampleGraph is the graph of the shop with the example subgraphs, as clients see it.
func exampleGraph(t *testing.T) *supergraph.Model {
	t.Helper()
	sources := ownSources()
	for name, file := range map[string]string{"cms": "examples/cms/schema.graphql", "care": "examples/node-subgraph/schema.graphql"} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, compose.Source{Name: name, SDL: string(b)})
	}
	composed, problems := compose.Compose(context.Background(), append(sources, compose.Nodes(sources)...))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	directives, err := parser.ParseSchema(&ast.Source{Input: shopContext.Directives})
	if err != nil {
		t.Fatal(err)
	}
	return composed.Model.WithDirectives(directives.Directives...)
}

// TestOperationsOnPagesAreValid reads every operation that a page or an example shows.
func TestOperationsOnPagesAreValid(t *testing.T) {
	t.Parallel()
	model := exampleGraph(t)
	read := 0
	check := func(path, text string) {
		document, err := parser.ParseQuery(&ast.Source{Input: text})
		if err != nil {
			if _, err := parser.ParseSchema(&ast.Source{Input: text}); err != nil {
				t.Errorf("%s: neither an operation nor a schema: %v\n%s", path, err, text)
			}
			return
		}
		for _, o := range document.Operations { // A page can show several without names.
			var b strings.Builder
			formatter.NewFormatter(&b).FormatQueryDocument(&ast.QueryDocument{Operations: ast.OperationList{o}, Fragments: document.Fragments})
			if _, problems := operation.Parse(model, b.String(), "", operation.Limits{}); len(problems) > 0 {
				t.Errorf("%s: %v\n%s", path, problems, b.String())
			}
			read++
		}
	}
	for path, text := range pages(t) {
		for _, block := range spoken.FindAllStringSubmatch(text, -1) {
			check(path, block[1])
		}
	}
	sources, err := filepath.Glob("examples/typescript/src/*.ts")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range sources {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range regexp.MustCompile("(?s)graphql\\(`(.*?)`\\)").FindAllStringSubmatch(string(b), -1) {
			check(path, block[1])
		}
	}
	if read < 10 {
		t.Errorf("only %d operations were read", read)
	}
}
