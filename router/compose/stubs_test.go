package compose_test

import (
	"slices"
	"testing"

	"github.com/soukhq/souk/router/compose"
)

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@shareable", "@external", "@requires", "@provides", "@inaccessible"])
directive @market(code: Code) on QUERY
enum Code { DE FR }
`

// loans has what it knows of books from their owner: some it provides, some it requires.
const loans = link + `
type Query { loans: [Loan!]! @shareable, loan: Loan @provides(fields: "item { ... on Book { title price { amount } author { name } } }") }
type Loan @key(fields: "id") { id: ID! item: Item }
union Item = Book
type Book @key(fields: "id") {
  id: ID!
  title: String! @external
  price: Price @external
  author: Author @external
  shelf: Shelf @external
  facts: Facts @external
  fee: Int @requires(fields: "facts { weight } shelf { id } author { id }")
}
type Price @shareable { amount: Int! }
type Author @key(fields: "id", resolvable: false) { id: ID! name: String @external }
interface Shelf { id: ID! }
type Board implements Shelf @shareable { id: ID! height: Int }
type Facts @inaccessible @shareable { weight: Int sizes: [Size!] }
type Size @shareable { unit: Unit width: Int }
enum Unit { CM INCH }
`

func TestStubs(t *testing.T) {
	t.Parallel()
	sources := []compose.Source{{Name: "loans", SDL: loans}}
	if _, errs := compose.Compose(t.Context(), sources); !slices.ContainsFunc(errs, func(e *compose.Error) bool { return e.Code == "EXTERNAL_MISSING_ON_BASE" }) {
		t.Fatalf("without a stub Compose gives %v, want EXTERNAL_MISSING_ON_BASE", errs)
	}
	stubs := compose.Stubs(sources)
	if len(stubs) != 1 || stubs[0].Name != "stub" || !stubs[0].Stub {
		t.Fatalf("Stubs gives %+v, want one called stub", stubs)
	}
	result, errs := compose.Compose(t.Context(), append(sources, stubs...))
	if errs != nil {
		t.Fatalf("with the stub Compose gives %v\n%s", errs, stubs[0].SDL)
	}
	if !slices.Equal(result.Stubs, []string{"stub"}) {
		t.Errorf("the result's stubs are %v, want stub", result.Stubs)
	}
	api := result.Model.API()
	if api.Directives["market"] == nil || api.Types["Facts"] != nil || api.Types["Book"].Fields.ForName("facts") != nil {
		t.Error("the stub should keep the directives of all others, and show nothing that they hide")
	}
	stub := result.Model.Graphs[1]
	if stub.Name != "stub" || result.Model.Query.Fields["loan"].FieldIn(stub.ID) != nil {
		t.Errorf("the stub %+v should have no root field", stub)
	}
	if keys := result.Model.Type("Book").In(stub.ID).Keys; len(keys) != 1 || !keys[0].Resolvable || keys[0].Fields.String() != "id" {
		t.Errorf("in the stub Book has the keys %+v, want a resolvable id", keys)
	}
}

func TestStubsAreForMissingOwnersOnly(t *testing.T) {
	t.Parallel()
	const borrower = link + `type Query { a: Int } type Book @key(fields: "id") { id: ID! weight: Int @external fee: Int @requires(fields: "weight") }`
	for name, c := range map[string]struct {
		owner string
		want  bool
	}{
		"nobody else":                  {``, true},
		"the owner":                    {`type Book @key(fields: "id") { id: ID! weight: Int }`, false},
		"another borrower":             {`type Book @key(fields: "id") { id: ID! weight: Int @external tax: Int @requires(fields: "weight") }`, true},
		"one that adds fields":         {`type Book @key(fields: "id") { id: ID! stars: Int }`, true},
		"the owner without that field": {`type Query { book: Book } type Book @key(fields: "id") { id: ID! title: String }`, false},
		"one that cannot be read":      {`type Book {`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sources := []compose.Source{{Name: "a", SDL: borrower}}
			if c.owner != "" {
				sources = append(sources, compose.Source{Name: "b", SDL: link + c.owner})
			}
			stubs := compose.Stubs(sources)
			if (stubs != nil) != c.want {
				t.Fatalf("Stubs gives %+v, want some: %v", stubs, c.want)
			}
			if _, errs := compose.Compose(t.Context(), append(sources, stubs...)); c.want && errs != nil {
				t.Errorf("with the stub Compose gives %v\n%s", errs, stubs[0].SDL)
			}
		})
	}
}

func TestStubTakesAFreeName(t *testing.T) {
	t.Parallel()
	sources := []compose.Source{
		{Name: "stub", SDL: link + `type Query { a: Int } type Book @key(fields: "id") { id: ID! weight: Int @external fee: Int @requires(fields: "weight") }`},
		{Name: "stub2", SDL: link + `type Query { b: Int }`},
	}
	if stubs := compose.Stubs(sources); len(stubs) != 1 || stubs[0].Name != "stub3" {
		t.Errorf("Stubs gives %+v, want stub3", stubs)
	}
}
