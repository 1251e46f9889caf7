package validate

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

func librarySchema(t testing.TB) *ast.Schema {
	t.Helper()
	sdl, err := os.ReadFile("../testdata/library.graphql")
	if err != nil {
		t.Fatal(err)
	}
	m, err := supergraph.Read(string(sdl))
	if err != nil {
		t.Fatal(err)
	}
	return m.API()
}

// writer writes random documents that repeat response keys.
type writer struct {
	*rand.Rand
	fragments int // how many may be spread
}

func (w *writer) set(on string, depth int) string {
	var b strings.Builder
	b.WriteString("{")
	for range 1 + w.IntN(3) {
		b.WriteString(w.selection(on, depth) + " ")
	}
	b.WriteString("}")
	return b.String()
}

func (w *writer) selection(on string, depth int) string {
	alias := ""
	if w.IntN(3) == 0 {
		alias = string("xyz"[w.IntN(3)]) + ": "
	}
	if w.fragments > 0 && w.IntN(6) == 0 && on != "Query" {
		return fmt.Sprintf("...F%d", w.IntN(w.fragments))
	}
	leaves := map[string][]string{
		"Query": {"__typename"}, "Node": {"id", "__typename"}, "Found": {"__typename"},
		"Book": {"id", "title", "title(upper: true)", "pages"}, "Author": {"id", "name", "pages"},
	}[on]
	links := map[string][][2]string{
		"Query":  {{`node(id: 1)`, "Node"}, {`node(id: 2)`, "Node"}, {"found", "Found"}, {`found(text: "a", exact: true)`, "Found"}, {`found(exact: true, text: "a")`, "Found"}},
		"Node":   {{"peers", "Node"}, {"peers(first: 1)", "Node"}, {"... on Book", "Book"}, {"... on Author", "Author"}},
		"Found":  {{"... on Book", "Book"}, {"... on Author", "Author"}, {"... on Node", "Node"}},
		"Book":   {{"peers", "Node"}, {"author", "Author"}, {"... on Node", "Node"}},
		"Author": {{"peers", "Node"}, {"books", "Book"}, {"books(first: 1)", "Book"}, {"... on Node", "Node"}},
	}[on]
	if depth > 4 || w.IntN(3) == 0 {
		return alias + leaves[w.IntN(len(leaves))]
	}
	link := links[w.IntN(len(links))]
	if strings.HasPrefix(link[0], "...") {
		alias = ""
	}
	return alias + link[0] + " " + w.set(link[1], depth+1)
}

// document writes an operation and fragments that spread only those before them.
func (w *writer) document() string {
	n := w.IntN(3)
	w.fragments = n
	text := "{node(id: 1) " + w.set("Node", 1) + " " + w.selection("Query", 1)
	for i := range n {
		text += fmt.Sprintf(" used%d: node(id: 1) {...F%d}", i, i)
	}
	text += "}"
	for i := range n {
		w.fragments = i
		on := []string{"Book", "Node"}[w.IntN(2)]
		text += fmt.Sprintf(" fragment F%d on %s %s", i, on, w.set(on, 3))
	}
	return text
}

// TestMergeAgreesWithTheBuiltInRule compares the linear rule with the one that compares pairs.
func TestMergeAgreesWithTheBuiltInRule(t *testing.T) {
	t.Parallel()
	schema := librarySchema(t)
	others := rules.NewDefaultRules()
	others.RemoveRule(rules.OverlappingFieldsCanBeMergedRule.Name)
	builtIn := rules.NewRules(rules.OverlappingFieldsCanBeMergedRule)
	w := &writer{Rand: rand.New(rand.NewPCG(1, 2))}
	accepted, refused := 0, 0
	for range 2_500 {
		text := w.document()
		document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, 10_000)
		if err != nil {
			t.Fatal(err)
		}
		if len(validator.ValidateWithRules(schema, document, others)) > 0 {
			continue
		}
		want := len(validator.ValidateWithRules(schema, document, builtIn)) == 0
		fail := checkMerge(schema, document)
		if got := fail == nil; got != want {
			t.Fatalf("checkMerge() = %v, the built-in rule accepts: %v\n%s", fail, want, text)
		}
		if want {
			accepted++
		} else {
			refused++
		}
	}
	if accepted < 300 || refused < 300 {
		t.Errorf("the sample is too one-sided: %d accepted, %d refused", accepted, refused)
	}
}

// repeated makes a document whose fields are repeated eight times in fields that are repeated eight times, to a depth: at 4
// it has 31 KB.
func repeated(depth int) (*ast.QueryDocument, error) {
	text := "id"
	for range depth {
		text = strings.Repeat("peers {"+text+"} ", 8)
	}
	return parser.ParseQueryWithTokenLimit(&ast.Source{Input: "{node(id: 1) {" + text + "}}"}, 100_000)
}

// BenchmarkDocument validates 31 KB of repeated fields, which took the built-in rule half a minute.
func BenchmarkDocument(b *testing.B) {
	schema := librarySchema(b)
	for b.Loop() {
		document, err := repeated(4)
		if err != nil {
			b.Fatal(err)
		}
		if errs := Document(schema, document); len(errs) > 0 {
			b.Fatal(errs)
		}
	}
}

// TestMergeAllocates measures a document of 31 KB whose fields are repeated in repeated fields, and one of an eighth of it:
// what is allocated grows with the document only.
func TestMergeAllocates(t *testing.T) {
	schema := librarySchema(t)
	measure := func(depth int) float64 {
		document, err := repeated(depth)
		if err != nil {
			t.Fatal(err)
		}
		if errs := validator.ValidateWithRules(schema, document, rules.NewRules(rules.FieldsOnCorrectTypeRule)); len(errs) > 0 {
			t.Fatal(errs)
		}
		return testing.AllocsPerRun(3, func() {
			if err := checkMerge(schema, document); err != nil {
				t.Fatal(err)
			}
		})
	}
	small, large := measure(3), measure(4)
	if large > 10*small || large > 20_000 {
		t.Errorf("%v allocations, %v for an eighth of the document", large, small)
	}
}

// TestMergeIsLinear feeds documents that take pairwise comparison seconds. The number of visits stands for the time.
func TestMergeIsLinear(t *testing.T) {
	t.Parallel()
	schema := librarySchema(t)
	var tree func(depth int) string
	tree = func(depth int) string {
		if depth == 0 {
			return "id"
		}
		return strings.Repeat("peers {"+tree(depth-1)+"} ", 8)
	}
	doubling := "{node(id: 1) {...F0}}"
	for i := range 20 {
		doubling += fmt.Sprintf(" fragment F%d on Node {a: peers {...F%d} b: peers {...F%d}}", i, i+1, i+1)
	}
	doubling += " fragment F20 on Node {id}"
	tests := []struct {
		name, query string
		visits      int
	}{
		{"a repeated leaf", "{" + strings.Repeat("__typename ", 2_000) + "}", 2_000},
		{"repeated inline fragments", "{node(id: 1) {" + strings.Repeat("... on Node {peers {id}} ", 400) + "}}", 2_500},
		{"repeated fields in repeated fields", "{node(id: 1) {" + tree(4) + "}}", 20_000},
		{"fragments that double", doubling, 250},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: test.query}, 100_000)
			if err != nil {
				t.Fatal(err)
			}
			others := rules.NewRules(rules.FieldsOnCorrectTypeRule, rules.KnownFragmentNamesRule)
			if errs := validator.ValidateWithRules(schema, document, others); len(errs) > 0 {
				t.Fatal(errs)
			}
			m := newMerger(schema)
			m.check(document)
			if m.err != nil || m.visits > test.visits {
				t.Errorf("%d visits, error %v, want at most %d visits", m.visits, m.err, test.visits)
			}
		})
	}
}
