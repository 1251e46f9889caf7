package supergraph_test

import (
	"strings"
	"testing"

	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
)

const joinHeader = `schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION) @link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY) `

const joinDefinitions = `
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @inaccessible on FIELD_DEFINITION | OBJECT | ARGUMENT_DEFINITION | ENUM_VALUE
scalar join__FieldSet
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph { A @join__graph(name: "a", url: "http://a") }
`

func TestPrintAPI(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, sdl, want string }{
		{
			"what only the router sees is left out",
			joinHeader + `{ query: Query }` + joinDefinitions + `
"All that can be asked." type Query @join__type(graph: A) {
  "One, or \"none\"." one(id: ID! = "1", "How many." n: Int = 2 secret: Int @inaccessible): Thing @deprecated(reason: "Use two.")
  hidden: Int @inaccessible
}
type Thing @join__type(graph: A, key: "id") { id: ID! at: Time colour: Colour }
scalar Time @join__type(graph: A) @specifiedBy(url: "https://example.com/time")
enum Colour @join__type(graph: A) { RED "The sky." BLUE GREEN @inaccessible }`,
			`enum Colour {
  RED
  """
  The sky.
  """
  BLUE
}

"""
All that can be asked.
"""
type Query {
  """
  One, or "none".
  """
  one(id: ID! = "1",
    """
    How many.
    """
    n: Int = 2
  ): Thing @deprecated(reason: "Use two.")
}

type Thing {
  id: ID!
  at: Time
  colour: Colour
}

scalar Time @specifiedBy(url: "https://example.com/time")
`,
		},
		{
			"roots of other names are named, and so is a type that only sounds like a root",
			joinHeader + `{ query: Root }` + joinDefinitions + `
type Root @join__type(graph: A) { mutation: Mutation }
type Mutation @join__type(graph: A) { x: Int }`,
			`schema {
  query: Root
}

type Mutation {
  x: Int
}

type Root {
  mutation: Mutation
}
`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, err := supergraph.Read(c.sdl)
			if err != nil {
				t.Fatal(err)
			}
			got := m.PrintAPI()
			if got != c.want {
				t.Errorf("printed\n%s\nwant\n%s", got, c.want)
			}
			if _, err := gqlparser.LoadSchema(&ast.Source{Input: got}); err != nil {
				t.Errorf("the text is no schema: %v", err)
			}
		})
	}
}

// TestPrintedSchemasAreTheSame prints the schemas of all suites and reads what was printed.
func TestPrintedSchemasAreTheSame(t *testing.T) {
	t.Parallel()
	format := func(s *ast.Schema) string {
		var b strings.Builder
		formatter.NewFormatter(&b).FormatSchema(s)
		return b.String()
	}
	for _, suite := range suites(t) {
		m := read(t, suite)
		printed, err := gqlparser.LoadSchema(&ast.Source{Input: m.PrintAPI()})
		if err != nil {
			t.Errorf("%s: %v", suite, err)
			continue
		}
		if got, want := format(printed), format(m.API()); got != want {
			t.Errorf("%s: printed\n%s\nwant\n%s", suite, got, want)
		}
	}
}
