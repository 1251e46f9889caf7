package compose_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/soukhq/souk/router/compose"
)

const (
	shelves = link + `
type Query { shelf: Shelf }
interface Node { id: ID! }
interface Named { id: ID! name: String }
type Shelf implements Node & Named @key(fields: "id") @key(fields: "name") { id: ID! name: String }
type Board implements Node @key(fields: "name") { id: ID! name: String }
type Secret implements Node @key(fields: "id") @inaccessible { id: ID! }
type Plain @key(fields: "id") { id: ID! }
`
	readers = link + `
type Query { reader: Reader }
interface Node { id: ID! }
type Reader implements Node @key(fields: "id") { id: ID! shelf: Shelf }
type Shelf implements Node @key(fields: "id", resolvable: false) { id: ID! }
`
	visits = link + `
type Query { visits: Int }
type Reader @key(fields: "id") { id: ID! visits: Int }
`
)

func TestNodes(t *testing.T) { // Rule B-4.
	t.Parallel()
	sources := []compose.Source{{Name: "shelves", SDL: shelves}, {Name: "readers", SDL: readers}, {Name: "visits", SDL: visits}}
	nodes := compose.Nodes(sources)
	if len(nodes) != 1 || nodes[0].Name != "node" || !nodes[0].Virtual || nodes[0].Stub {
		t.Fatalf("Nodes gives %+v, want one called node", nodes)
	}
	result, errs := compose.Compose(t.Context(), append(sources, nodes...))
	if errs != nil {
		t.Fatalf("Compose gives %v\n%s", errs, nodes[0].SDL)
	}
	graph := result.Model.Graphs[0]
	if graph.Name != "node" || !graph.Virtual || result.Model.Graphs[1].Virtual || len(result.Stubs) > 0 {
		t.Errorf("the graphs are %+v, want the first virtual and no stub", result.Model.Graphs)
	}
	var known []string
	for _, typ := range result.Model.Types {
		if in := typ.In(graph.ID); in != nil && typ.Name != "Query" && typ.Kind == "OBJECT" {
			known = append(known, typ.Name)
			if len(in.Keys) != 1 || in.Keys[0].Resolvable || in.Keys[0].Fields.String() != "id" {
				t.Errorf("%s has the keys %+v, want id, by which it cannot be entered", typ.Name, in.Keys)
			}
		}
	}
	if want := []string{"Reader", "Shelf"}; !slices.Equal(known, want) {
		t.Errorf("it knows %v, want %v: those with an owner, that clients may see", known, want)
	}
	query := result.Model.API().Query
	if got := query.Fields.ForName("node").Type.String() + " " + query.Fields.ForName("nodes").Type.String(); got != "Node [Node]!" {
		t.Errorf("node and nodes are %s", got)
	}
	if result.Model.API().Directives["market"] == nil {
		t.Error("a directive for clients was lost because the virtual subgraph lacks it")
	}
}

func TestNodesAreDerivedOnlyWhereThereCanBeNone(t *testing.T) { // Rule B-4.
	t.Parallel()
	for name, c := range map[string]struct {
		sdl  string
		want string // part of the derived schema; "" for none
	}{
		"no interface":                         {`type Query { a: Int } type A @key(fields: "id") { id: ID! }`, ""},
		"a union of that name":                 {`type Query { a: Int } union Node = A type A @key(fields: "id") { id: ID! }`, ""},
		"an interface without id":              {`type Query { a: Int } interface Node { a: Int } type A implements Node @key(fields: "id") { id: ID! a: Int }`, ""},
		"an interface whose id may be null":    {`type Query { a: Int } interface Node { id: ID } type A implements Node @key(fields: "id") { id: ID! }`, ""},
		"nothing implements it":                {`type Query { a: Int } interface Node { id: ID! } type A @key(fields: "id") { id: ID! }`, ""},
		"nobody can be entered":                {`type Query { a: Int } interface Node { id: ID! } type A implements Node @key(fields: "id", resolvable: false) { id: ID! }`, ""},
		"clients do not see the interface":     {`type Query { a: Int } interface Node @inaccessible { id: ID! } type A implements Node @key(fields: "id") { id: ID! }`, ""},
		"somebody answers node":                {`type Query { node(id: ID!): Node } interface Node { id: ID! } type A implements Node @key(fields: "id") { id: ID! }`, ""},
		"somebody answers nodes only":          {`type Query { nodes: Int } interface Node { id: ID! } type A implements Node @key(fields: "id") { id: ID! }`, "node("},
		"an interface with more than an id":    {`type Query { a: Int } interface Node { id: ID! at: Int } type A implements Node @key(fields: "id") { id: ID! at: Int }`, "node("},
		"the query type has a name of its own": {`schema { query: Q } type Q { a: Int } interface Node { id: ID! } type A implements Node @key(fields: "id") { id: ID! }`, "node("},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sources := []compose.Source{{Name: "a", SDL: link + c.sdl}}
			nodes := compose.Nodes(sources)
			if (nodes != nil) != (c.want != "") || nodes != nil && !strings.Contains(nodes[0].SDL, c.want) {
				t.Fatalf("Nodes gives %+v, want %q", nodes, c.want)
			}
			if _, errs := compose.Compose(t.Context(), append(sources, nodes...)); nodes != nil && errs != nil {
				t.Errorf("Compose gives %v\n%s", errs, nodes[0].SDL)
			}
		})
	}
	if nodes := compose.Nodes([]compose.Source{{Name: "a", SDL: "type"}}); nodes != nil {
		t.Errorf("for a schema that cannot be read Nodes gives %+v", nodes)
	}
}
