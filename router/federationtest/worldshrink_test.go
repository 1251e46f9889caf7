package federationtest_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/soukhq/souk/router/compose"
	"github.com/soukhq/souk/router/federationtest"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"
)

// shrink makes a case smaller for which the router and the monolith disagree, and writes it as a golden plan begins.
func shrink(t *testing.T, w *federationtest.World, way federationtest.Way, body string) string {
	t.Helper()
	problem := ""
	fails := func(body string) bool {
		result, errs := compose.Compose(t.Context(), sourcesOf(w))
		if len(errs) > 0 {
			return false
		}
		p := newPair(t, w, result, way)
		found := p.ask(t, body)
		if found == "" || strings.HasPrefix(found, notGood) {
			return false
		}
		problem = found
		return true
	}
	for range 2 {
		body = shrinkQuery(t, body, fails)
		w.Shrink(func() bool { return fails(body) })
	}
	return texts(sourcesOf(w)) + "-- query --\n" + body + "\n" + problem
}

// shrinkQuery takes selections and directives away for as long as the request still fails.
func shrinkQuery(t *testing.T, body string, fails func(string) bool) string {
	t.Helper()
	var request struct {
		Query     string         `json:"query"`
		Variables map[string]any `json:"variables"`
	}
	if err := json.Unmarshal([]byte(body), &request); err != nil {
		t.Fatal(err)
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: request.Query})
	if err != nil {
		t.Fatal(err)
	}
	stillFails := func() bool {
		var b strings.Builder
		formatter.NewFormatter(&b, formatter.WithIndent("")).FormatQueryDocument(doc)
		request.Query = b.String()
		text, err := json.Marshal(request)
		if err != nil {
			t.Fatal(err)
		}
		if !fails(string(text)) {
			return false
		}
		body = string(text)
		return true
	}
	for again := true; again; {
		again = false
		for _, set := range selections(doc) {
			for i := len(*set) - 1; i >= 0 && len(*set) > 1; i-- {
				before := *set
				*set = slices.Delete(slices.Clone(before), i, i+1)
				if stillFails() {
					again = true
				} else {
					*set = before
				}
			}
		}
	}
	return body
}

// selections lists the places of all selection sets.
func selections(doc *ast.QueryDocument) []*ast.SelectionSet {
	var sets []*ast.SelectionSet
	var add func(set *ast.SelectionSet)
	add = func(set *ast.SelectionSet) {
		if len(*set) == 0 {
			return
		}
		sets = append(sets, set)
		for _, s := range *set {
			switch s := s.(type) {
			case *ast.Field:
				add(&s.SelectionSet)
			case *ast.InlineFragment:
				add(&s.SelectionSet)
			}
		}
	}
	for _, op := range doc.Operations {
		add(&op.SelectionSet)
	}
	for _, f := range doc.Fragments {
		add(&f.SelectionSet)
	}
	return sets
}

func TestShrink(t *testing.T) {
	t.Parallel()
	w := federationtest.NewWorld(rand.New(rand.NewPCG(1, 2)))
	size := func() int { return len(texts(sourcesOf(w))) }
	before := size()
	w.Shrink(func() bool {
		_, errs := compose.Compose(t.Context(), sourcesOf(w))
		return len(errs) == 0
	})
	if after := size(); after*2 > before || !strings.Contains(texts(sourcesOf(w)), "type Query") {
		t.Errorf("from %d bytes to %d:\n%s", before, after, texts(sourcesOf(w)))
	}
	body := shrinkQuery(t, `{"query":"{a b {c d ... on D {e f}} g}"}`, func(body string) bool { return strings.Contains(body, `\ne\n`) })
	if got := strings.Join(strings.Fields(body), ""); !strings.Contains(got, `{\nb{\n...onD{\ne\n}\n}\n}`) {
		t.Errorf("the query became %s", got)
	}
}
