package supergraph_test

import (
	"strings"
	"testing"

	"github.com/soukhq/souk/router/supergraph"
)

// graphs is the part of a supergraph that says which subgraphs there are.
const graphs = `
enum join__Graph {
  ONE @join__graph(name: "one", url: "http://one")
  TWO @join__graph(name: "two", url: "http://two")
}
`

func TestReadJoinV01(t *testing.T) {
	t.Parallel()
	m, err := supergraph.Read(`schema
  @core(feature: "https://specs.apollo.dev/core/v0.1")
  @core(feature: "https://specs.apollo.dev/join/v0.1")
{ query: Query }
type Query {
  book: Book @join__field(graph: ONE)
}
type Book @join__owner(graph: ONE) @join__type(graph: ONE, key: "id") @join__type(graph: TWO, key: "id") {
  id: ID! @join__field(graph: ONE)
  title: String
  stars: Stars @join__field(graph: TWO, requires: "title")
}
type Stars { count: Int }` + graphs)
	if err != nil {
		t.Fatal(err)
	}
	book := m.Type("Book")
	for name, want := range map[string][2]bool{"id": {true, true}, "title": {true, false}, "stars": {false, true}} {
		f := book.Fields[name]
		if got := [2]bool{f.FieldIn(0) != nil, f.FieldIn(1) != nil}; got != want {
			t.Errorf("Book.%s is in (one, two) = %v, want %v", name, got, want)
		}
	}
	if count := m.Type("Stars").Fields["count"]; len(count.In) != 2 {
		t.Errorf("Stars.count is in %+v, want both: it is a value type", count.In)
	}
}

func TestReadJoinV05WithRenamedElements(t *testing.T) {
	t.Parallel()
	m, err := supergraph.Read(`schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/inaccessible/v0.2", as: "hidden", for: SECURITY)
{ query: Root }
directive @hidden on FIELD_DEFINITION
directive @market(code: String, region: Int @hidden) on QUERY | OBJECT
directive @owned(by: String) on OBJECT
type Root @join__type(graph: ONE) @join__type(graph: TWO) @owned(by: "us") {
  "The book."
  book: Book @join__field(graph: ONE, override: "two", overrideLabel: "percent(5)") @join__field(graph: TWO, overrideLabel: "percent(5)")
  old: Int @deprecated(reason: "Use book.")
}
type Book @join__type(graph: ONE) @join__type(graph: TWO) {
  id: ID!
  secret: Int @hidden @join__field(graph: ONE)
}` + graphs)
	if err != nil {
		t.Fatal(err)
	}
	if m.Query != m.Type("Root") || m.Mutation != nil {
		t.Errorf("the roots are %v and %v", m.Query, m.Mutation)
	}
	book := m.Query.Fields["book"]
	if in := book.In[0]; in.Override != "two" || in.OverrideLabel != "percent(5)" || book.In[1].OverrideLabel != "percent(5)" {
		t.Errorf("Root.book is %+v", book.In)
	}
	if !m.Type("Book").Fields["secret"].Inaccessible || m.API().Types["Book"].Fields.ForName("secret") != nil {
		t.Error("Book.secret should be hidden")
	}
	market := m.API().Directives["market"]
	if market == nil || len(market.Locations) != 1 || len(market.Arguments) != 1 || m.API().Directives["owned"] != nil {
		t.Errorf("of the directives only @market(code:) on QUERY should remain: %+v", market)
	}
	root := m.API().Query
	if root.Fields.ForName("old").Directives.ForName("deprecated") == nil || root.Fields.ForName("book").Description != "The book." {
		t.Error("deprecations and descriptions should remain")
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	const head = `schema @link(url: "https://specs.apollo.dev/join/v0.3") { query: Query }` + graphs
	for name, c := range map[string]struct{ sdl, want string }{
		"text that is not GraphQL":     {"schema {", "Unexpected"},
		"a schema of one service":      {"type Query { a: Int }", "not a supergraph"},
		"no subgraphs":                 {`schema @link(url: "https://specs.apollo.dev/join/v0.3") { query: Query } type Query { a: Int }`, "0 subgraphs"},
		"an unknown subgraph":          {head + `type Query @join__type(graph: THREE) { a: Int }`, "THREE"},
		"a key that cannot be read":    {head + `type Query @join__type(graph: ONE, key: "{") { a: Int }`, "field set"},
		"a type that is not there":     {head + `type Query @join__type(graph: ONE) { a: Missing }`, "Missing"},
		"an interface that is missing": {head + `type Query implements I @join__type(graph: ONE) { a: Int }`, "not defined"},
		"a subgraph's type in error":   {head + `type Query @join__type(graph: ONE) { a: Int @join__field(graph: ONE, type: "[Int") }`, "not a type"},
		"two definitions of a type":    {head + `type Query @join__type(graph: ONE) { a: Int } type Query { b: Int }`, "defined twice"},
		"an import that is none":       {`schema @link(url: "https://specs.apollo.dev/join/v0.3", import: [1]) { query: Query } type Query { a: Int }`, "import"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := supergraph.Read(c.sdl); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Read gives %v, want an error with %q", err, c.want)
			}
		})
	}
}
