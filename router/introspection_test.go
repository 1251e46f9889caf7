package router_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/soukhq/souk/router"
)

// toolsQuery is what tools such as GraphiQL ask to learn a schema.
const toolsQuery = `query IntrospectionQuery {
  __schema {
    description
    queryType { name kind } mutationType { name kind } subscriptionType { name kind }
    types { ...FullType }
    directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } }
  }
}
fragment FullType on __Type {
  kind name description specifiedByURL isOneOf
  fields(includeDeprecated: true) {
    name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason
  }
  inputFields(includeDeprecated: true) { ...InputValue }
  interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
  possibleTypes { ...TypeRef }
}
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
fragment TypeRef on __Type {
  kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
  ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }
}`

// TestTools asks as tools do, within the limits that all clients have. What composition adds must not show.
func TestTools(t *testing.T) {
	t.Parallel()
	w := newWorld(t, router.Options{Dev: true}, nil)
	got := w.post(t, toolsQuery)
	if len(got.Errors) > 0 {
		t.Fatalf("errors: %s", got.body)
	}
	var data struct {
		Schema struct {
			Types []struct {
				Name   string
				Fields []struct{ Name string }
			}
		} `json:"__schema"`
	}
	if err := json.Unmarshal(got.Data, &data); err != nil {
		t.Fatal(err)
	}
	var own []string
	for _, d := range data.Schema.Types {
		if d.Name == "Person" && len(d.Fields) != 3 {
			t.Errorf("Person has the fields %v", d.Fields)
		}
		if len(d.Name) > 1 && d.Name[:2] != "__" {
			own = append(own, d.Name)
		}
	}
	slices.Sort(own)
	if want := []string{"Boolean", "Float", "ID", "Int", "Mutation", "Person", "Query", "String", "Subscription"}; !slices.Equal(own, want) {
		t.Errorf("types %v, want %v", own, want)
	}
	if w.names.Calls()+w.ages.Calls() > 0 {
		t.Error("a subgraph was asked about the schema")
	}
}
