package respond_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "accept the answers as they are")

const reflected = `
extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@inaccessible"])
"Where to begin."
type Query {
  "One book."
  book(id: ID!, "How to sort." by: [By!] = [TITLE], old: Int @deprecated(reason: "gone"), where: Where = {id: "1"}): Book
  all: [[Item!]]! @deprecated
  secret: Int @inaccessible
}
type Mutation { add(where: Where): Boolean }
interface Named { name: String }
interface Item implements Named { name: String id: ID! }
type Book implements Item & Named { name: String id: ID! url: Link }
type Cup implements Named { name: String }
type Hidden implements Named @inaccessible { name: String }
union Thing = Book | Cup | Hidden
enum By { TITLE "Oldest first." AGE @deprecated(reason: "use TITLE") HIDDEN @inaccessible }
input Where { id: ID = "0" age: Int @deprecated(reason: "never") within: Where }
scalar Link @specifiedBy(url: "https://example.com/link")
directive @loud(times: Int! = 2) repeatable on FIELD | QUERY
`

const introspection = `query($deep: Boolean = true, $name: String! = "Book") {
  __schema {
    description queryType { name } mutationType { name } subscriptionType { name }
    directives { name description isRepeatable locations args(includeDeprecated: $deep) { ...Input } }
    types { ...Type }
  }
  book: __type(name: $name) { kind: __typename name fields { name type { ofType { name } } } }
  none: __type(name: "Hidden") { name }
  new: __type(name: "By") { enumValues { name } fields { name } inputFields { name } possibleTypes { name } interfaces { name } }
  __typename
}
fragment Type on __Type {
  kind name description specifiedByURL isOneOf
  fields(includeDeprecated: $deep) { name description isDeprecated deprecationReason type { ...Ref } args(includeDeprecated: $deep) { ...Input } }
  interfaces { name } possibleTypes { name }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
  inputFields(includeDeprecated: true) { ...Input }
}
fragment Input on __InputValue { name description defaultValue isDeprecated deprecationReason type { ...Ref } }
fragment Ref on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } }
`

// TestReflection holds the answer to an introspection query against testdata.
func TestReflection(t *testing.T) {
	t.Parallel()
	text := answer(t, compile(t, reflected), introspection, `{}`, `{}`, "")
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(text), "", " "); err != nil {
		t.Fatal(err)
	}
	b.WriteByte('\n')
	file := filepath.Join("testdata", "introspection.json")
	if *update {
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("introspection (-want +got)\n%s", diff)
	}
}
