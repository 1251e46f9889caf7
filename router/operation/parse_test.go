package operation_test

import (
	"os"
	"strings"
	"testing"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/supergraph"
)

// library returns the model that the tests of this package share.
func library(t testing.TB) *supergraph.Model {
	t.Helper()
	sdl, err := os.ReadFile("testdata/library.graphql")
	if err != nil {
		t.Fatal(err)
	}
	m, err := supergraph.Read(string(sdl))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// parse returns the document, which must be valid.
func parse(t testing.TB, m *supergraph.Model, query string) *operation.Doc {
	t.Helper()
	d, errs := operation.Parse(m, query, "", operation.Limits{})
	if len(errs) > 0 {
		t.Fatalf("Parse(%s): %v", query, errs)
	}
	return d
}

func TestSpecialise(t *testing.T) {
	t.Parallel()
	m := library(t)
	tests := []struct {
		name, query string
		bits        operation.Bits
		want        string // the key
	}{
		{"literals become variables", `{book(id: "1") {title}}`, 0,
			`query($_0:ID! ){0 book(id:$_0 ){0 title } }`},
		{"equal literals of one argument share a variable", `{a: book(id: "1") {id} b: book(id: 1) {id} c: book(id: 2) {id}}`, 0,
			`query($_0:ID! $_1:ID! ){0 a:book(id:$_0 ){0 id } 1 b:book(id:$_0 ){0 id } 2 c:book(id:$_1 ){0 id } }`},
		{"names of literals avoid the client's", `query($_0: ID!) {a: book(id: $_0) {id} b: book(id: "1") {id}}`, 0,
			`query($_0:ID! $__0:ID! ){0 a:book(id:$_0 ){0 id } 1 b:book(id:$__0 ){0 id } }`},
		{"literals beside variables are reached", `query($t: String) {books(filter: {title: $t, not: {pages: 3}}) {id}}`, 0,
			`query($t:String $_0:Filter ){0 books(filter:{not: $_0, title: $t} ){0 id } }`},
		{"a variable with a default is non-null at a place without null", `query($id: ID = "1") {book(id: $id) {id}}`, 0,
			`query($id:ID! ){0 book(id:$id ){0 id } }`},
		{"a default of the place allows null", `query($n: Int) {books(first: $n) {id}}`, 0,
			`query($n:Int ){0 books(first:$n ){0 id } }`},
		{"bare words under a custom scalar stay", `query($v: JSON) {books(meta: {a: WORD, b: [1, $v]}) {id}}`, 0,
			`query($v:JSON $_0:JSON ){0 books(meta:{a: WORD, b: [$_0, $v]} ){0 id } }`},
		{"fragments are inlined and duplicates merged", `{book(id: 1) {...F title ... {author {name}} author {id}}} fragment F on Book {title pages}`, 0,
			`query($_0:ID! ){0 book(id:$_0 ){0 title 1 pages 2 author{0 name 1 id } } }`},
		{"a condition on a wider type disappears", `{book(id: 1) {... on Node {id}}}`, 0,
			`query($_0:ID! ){0 book(id:$_0 ){0 id } }`},
		{"conditions select runtime types", `{node(id: 1) {... on Book {title} ... on Author {name} id}}`, 0,
			`query($_0:ID! ){0 node(id:$_0 ){2 id ...Author{1 name }...Book{0 title }} }`},
		{"a union has no fields of its own", `{found {... on Node {id} __typename}}`, 0,
			`query(){0 found{1 __typename ...Author{0 id }...Book{0 id }} }`},
		{"a type that has a common field earlier repeats it",
			`{node(id: 1) {... on Book {id title} ... on Author {name} id}}`, 0,
			`query($_0:ID! ){0 node(id:$_0 ){3 id ...Author{2 name }...Book{0 id 1 title }} }`},
		{"a type keeps only what it wants beyond the common part",
			`{node(id: 1) {peers {id} ... on Book {peers {id ... on Author {name}} title}}}`, 0,
			`query($_0:ID! ){0 node(id:$_0 ){0 peers{0 id } ...Book{1 peers{...Author{1 name }} 2 title }} }`},
		{"skip", `query($b: Boolean!) {book(id: 1) {id @skip(if: $b) title @include(if: $b) pages @skip(if: true)}}`, 0,
			`query($_0:ID! ){0 book(id:$_0 ){0 id } }`},
		{"include", `query($b: Boolean!) {book(id: 1) {id @skip(if: $b) title @include(if: $b) pages @skip(if: false)}}`, 1,
			`query($_0:ID! ){0 book(id:$_0 ){0 title 1 pages } }`},
		{"variables of what is skipped are not used", `query($b: Boolean!, $i: ID!) {book(id: $i) @skip(if: $b) {id} __typename}`, 1,
			`query(){0 __typename }`},
		{"introspection is merged and keeps its literals",
			`{__type(name: "Book") {...T} __type(name: "Book") {name}} fragment T on __Type {kind fields(includeDeprecated: true) {name}}`, 0,
			`query(){0 __type(name:"Book"){kind fields(includeDeprecated:true){name } name } }`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			op := parse(t, m, test.query).Specialise(test.bits)
			if op.Key != test.want {
				t.Errorf("key\n got %s\nwant %s", op.Key, test.want)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	m := library(t)
	doubling := func(n int) string {
		var b strings.Builder
		b.WriteString(`{node(id: 1) {...F0}} `)
		for i := range n {
			b.WriteString(strings.NewReplacer("A", string(rune('0'+i)), "B", string(rune('1'+i))).Replace(
				"fragment FA on Node {x: peers {...FB} y: peers {...FB}} "))
		}
		b.WriteString("fragment F" + string(rune('0'+n)) + " on Node {id}")
		return b.String()
	}
	nested := func(n int) string {
		return `{node(id: 1) {` + strings.Repeat("peers {", n) + "id" + strings.Repeat("}", n) + `}}`
	}
	tests := []struct {
		name, query string
		lim         operation.Limits
		code        string
	}{
		{"tokens", `{book(id: 1) {` + strings.Repeat("id ", 10_000) + `}}`, operation.Limits{}, "MAX_TOKENS_LIMIT"},
		{"depth", nested(14), operation.Limits{}, "MAX_DEPTH_LIMIT"},
		{"depth that is just right", nested(13), operation.Limits{}, ""},
		{"depth through fragments", doubling(3), operation.Limits{Depth: 4}, "MAX_DEPTH_LIMIT"},
		{"nesting of values", `{books(meta: ` + strings.Repeat("[", 30) + strings.Repeat("]", 30) + `) {id}}`, operation.Limits{}, "MAX_DEPTH_LIMIT"},
		{"aliases", `{book(id: 1) {a: id b: id}}`, operation.Limits{Aliases: 1}, "MAX_ALIASES_LIMIT"},
		{"root fields", `{a: __typename b: __typename ...F} fragment F on Query {c: __typename}`, operation.Limits{RootFields: 2}, "MAX_ROOT_FIELDS_LIMIT"},
		{"repeated root fields", `{__typename __typename __typename}`, operation.Limits{RootFields: 1}, ""},
		{"directives", `{__typename @skip(if: false) ...F @include(if: true)} fragment F on Query {__typename @skip(if: false)}`, operation.Limits{Directives: 2}, "MAX_DIRECTIVES_LIMIT"},
		{"fragments", doubling(3), operation.Limits{Fragments: 3}, "MAX_FRAGMENTS_LIMIT"},
		{"spreads", doubling(3), operation.Limits{Spreads: 6}, "MAX_FRAGMENTS_LIMIT"},
		{"selections", doubling(9), operation.Limits{Selections: 1000}, "MAX_SELECTIONS_LIMIT"},
		{"fields times types", `{found {... on Node {id peers {id} x: id y: id z: id u: id v: id}}}`, operation.Limits{Selections: 9}, ""},
		{"variables", `query($a: ID!, $b: ID!) {x: book(id: $a) {id} y: book(id: $b) {id}}`, operation.Limits{Variables: 1}, "BAD_USER_INPUT"},
		{"introspection", `{__schema {types {fields {type {fields {type {fields {name}}}}}}}}`, operation.Limits{}, "MAX_INTROSPECTION_DEPTH_LIMIT"},
		{"fragment cycle", `{node(id: 1) {...A}} fragment A on Node {peers {...B}} fragment B on Node {...A}`, operation.Limits{}, "GRAPHQL_VALIDATION_FAILED"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, errs := operation.Parse(m, test.query, "", test.lim)
			if got := code(errs); got != test.code {
				t.Errorf("Parse() = %v, want code %q", errs, test.code)
			}
		})
	}
}

func TestValidation(t *testing.T) {
	t.Parallel()
	m := library(t)
	tests := []struct{ name, query, code string }{
		{"syntax", `{`, "GRAPHQL_PARSE_FAILED"},
		{"empty", ``, "OPERATION_RESOLUTION_FAILURE"},
		{"fragments only", `fragment F on Book {id}`, "OPERATION_RESOLUTION_FAILURE"},
		{"ambiguous", `query A {__typename} query B {__typename}`, "OPERATION_RESOLUTION_FAILURE"},
		{"unknown field", `{boook}`, "GRAPHQL_VALIDATION_FAILED"},
		{"Int beyond 32 bits", `{books(first: 2147483648) {id}}`, "GRAPHQL_VALIDATION_FAILED"},
		{"the largest Int", `{books(first: 2147483647) {id}}`, ""},
		{"a string for an Int", `{books(first: "1") {id}}`, "GRAPHQL_VALIDATION_FAILED"},
		{"enum in the wrong case", `{books(genres: [novel]) {id}}`, "GRAPHQL_VALIDATION_FAILED"},
		{"two choices", `{books(by: {id: 1, title: "x"}) {id}}`, "GRAPHQL_VALIDATION_FAILED"},
		{"a choice that may be null", `query ($id: ID) {books(by: {id: $id}) {id}}`, "GRAPHQL_VALIDATION_FAILED"},
		{"subscription to one field", `subscription {lent {id}}`, ""},
		{"subscription to one field twice", `subscription {lent {id} ...F} fragment F on Subscription {lent {title}}`, ""},
		{"subscription to two keys of one field", `subscription {a: lent {id} b: lent {id}}`, "GRAPHQL_VALIDATION_FAILED"},
		{"subscription to two fields", `subscription {lent {id} returned {id}}`, "GRAPHQL_VALIDATION_FAILED"},
		{"subscription to the schema", `subscription {__typename}`, "GRAPHQL_VALIDATION_FAILED"},
		{"conflict of arguments", `{books(first: 1) {id} books(first: 2) {id}}`, "GRAPHQL_VALIDATION_FAILED"},
		{"conflict of types on types that exclude each other", `{node(id: 1) {... on Book {pages} ... on Author {pages}}}`, "GRAPHQL_VALIDATION_FAILED"},
		{"no conflict of names on types that exclude each other", `{node(id: 1) {... on Book {x: title} ... on Author {x: id}}}`, "GRAPHQL_VALIDATION_FAILED"},
		{"no conflict of input fields in another order", `{books(filter: {title: "a", pages: 1}) {id} books(filter: {pages: 1, title: "a"}) {id}}`, ""},
		{"suggestions are not given", `{bok(id: 1) {id}}`, "GRAPHQL_VALIDATION_FAILED"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, errs := operation.Parse(m, test.query, "", operation.Limits{})
			if got := code(errs); got != test.code {
				t.Errorf("Parse() = %v, want code %q", errs, test.code)
			}
			for _, err := range errs {
				if strings.Contains(err.Message, "Did you mean") {
					t.Errorf("the message tells names of the schema: %s", err.Message)
				}
			}
		})
	}
}

func TestOperationName(t *testing.T) {
	t.Parallel()
	m := library(t)
	query := `query A {a: __typename} mutation B {b: __typename}`
	d, errs := operation.Parse(m, query, "B", operation.Limits{})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if d.Kind() != "mutation" || d.Name() != "B" {
		t.Errorf("got %s %s, want mutation B", d.Kind(), d.Name())
	}
	if _, errs := operation.Parse(m, query, "C", operation.Limits{}); code(errs) != "OPERATION_RESOLUTION_FAILURE" {
		t.Errorf("an unknown name: %v", errs)
	}
}

func TestIntrospects(t *testing.T) {
	t.Parallel()
	m := library(t)
	for query, want := range map[string]bool{
		`{__typename}`:               false,
		`{book(id: 1) {__typename}}`: false,
		`{...F} fragment F on Query {__schema {description}}`: true,
		`{__type(name: "Book") {name}}`:                       true,
	} {
		if got := parse(t, m, query).Introspects(); got != want {
			t.Errorf("Introspects(%s) = %v, want %v", query, got, want)
		}
	}
}
