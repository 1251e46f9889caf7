package plan_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/soukhq/souk/router/plan"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
	"golang.org/x/tools/txtar"
)

const directives = `
directive @link(url: String!, import: [String!]) repeatable on SCHEMA
directive @key(fields: String!, resolvable: Boolean) repeatable on OBJECT | INTERFACE
directive @shareable on FIELD_DEFINITION | OBJECT
directive @external on FIELD_DEFINITION
directive @provides(fields: String!) on FIELD_DEFINITION
directive @requires(fields: String!) on FIELD_DEFINITION
directive @interfaceObject on OBJECT
directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ENUM_VALUE | ARGUMENT_DEFINITION
directive @override(from: String!, label: String) on FIELD_DEFINITION
scalar _Any
`

// executable makes of the subgraphs' schemas of an archive those that requests are valid against.
func executable(t testing.TB, archive *txtar.Archive) map[string]*ast.Schema {
	t.Helper()
	schemas := map[string]*ast.Schema{}
	for _, f := range archive.Files {
		name, ok := strings.CutPrefix(f.Name, "subgraph ")
		if !ok {
			continue
		}
		doc, err := parser.ParseSchema(&ast.Source{Name: name, Input: string(f.Data)})
		if err != nil {
			t.Fatal(err)
		}
		var entities []string
		for _, def := range doc.Definitions {
			if def.Kind == ast.Object && def.Directives.ForName("key") != nil {
				entities = append(entities, def.Name)
			}
		}
		text := string(f.Data) + directives
		if doc.Definitions.ForName("Query") == nil {
			text += "type Query\n"
		}
		if len(entities) > 0 {
			text += "union _Entity = " + strings.Join(entities, " | ") + "\nextend type Query { _entities(representations: [_Any!]!): [_Entity]! }"
		}
		if schemas[name], err = validator.LoadSchema(validator.Prelude, &ast.Source{Name: name, Input: text}); err != nil {
			t.Fatal(err)
		}
	}
	return schemas
}

// checkRequests holds the requests of a plan against the schemas of the subgraphs.
func checkRequests(t *testing.T, p *plan.Plan, schemas map[string]*ast.Schema) {
	t.Helper()
	for _, g := range p.Groups {
		schema := schemas[g.Subgraph]
		if schema == nil {
			continue
		}
		var declared, fields []string
		for _, v := range g.Vars {
			declared = append(declared, v.Decl)
		}
		body := ""
		if g.Root != nil {
			body = g.Root.Text
		}
		for _, a := range g.Aliases {
			declared = append(declared, "$"+a.Variable+":[_Any!]!")
			fields = append(fields, a.Text)
		}
		if len(fields) > 0 {
			body = "{" + strings.Join(fields, " ") + "}"
		}
		var text string
		if err := json.Unmarshal([]byte(`"`+body+`"`), &text); err != nil {
			t.Fatal(err)
		}
		if len(declared) > 0 {
			text = "(" + strings.Join(declared, ",") + ")" + text
		}
		doc, err := parser.ParseQuery(&ast.Source{Input: g.Operation + text})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if errs := validator.ValidateWithRules(schema, doc, rules.NewDefaultRules()); len(errs) > 0 {
			t.Errorf("subgraph %s: %s: %v", g.Subgraph, text, errs)
		}
	}
}
