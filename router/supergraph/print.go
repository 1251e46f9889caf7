package supergraph

import (
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
)

// PrintAPI writes the schema that clients see as SDL: directives and types in the order of their names, without those that
// every GraphQL schema has. Equal schemas are equal texts.
func (m *Model) PrintAPI() string {
	var b strings.Builder
	write := func(d *ast.SchemaDocument) {
		var part strings.Builder
		formatter.NewFormatter(&part, formatter.WithIndent("  ")).FormatSchemaDocument(d)
		if part.Len() == 0 { // It is built in.
			return
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(part.String())
	}
	if roots := m.roots(); roots != nil {
		write(&ast.SchemaDocument{Schema: ast.SchemaDefinitionList{roots}})
	}
	for _, name := range slices.Sorted(maps.Keys(m.api.Directives)) {
		write(&ast.SchemaDocument{Directives: ast.DirectiveDefinitionList{m.api.Directives[name]}})
	}
	for _, name := range slices.Sorted(maps.Keys(m.api.Types)) {
		write(&ast.SchemaDocument{Definitions: ast.DefinitionList{m.api.Types[name]}})
	}
	return b.String()
}

// roots returns the definition that names the root types, or nil where their names and the schema need none.
func (m *Model) roots() *ast.SchemaDefinition {
	out, needed := &ast.SchemaDefinition{Description: m.api.Description}, m.api.Description != ""
	for _, r := range []struct {
		operation ast.Operation
		root      *ast.Definition
		name      string // of the root where the schema does not say it
	}{{ast.Query, m.api.Query, "Query"}, {ast.Mutation, m.api.Mutation, "Mutation"}, {ast.Subscription, m.api.Subscription, "Subscription"}} {
		needed = needed || r.root != m.api.Types[r.name]
		if r.root != nil {
			out.OperationTypes = append(out.OperationTypes, &ast.OperationTypeDefinition{Operation: r.operation, Type: r.root.Name})
		}
	}
	if !needed {
		return nil
	}
	return out
}
