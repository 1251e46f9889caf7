package supergraph

import (
	"maps"

	"github.com/vektah/gqlparser/v2/ast"
)

// WithDirectives returns the model with more directives in the schema that clients see, in the place of those of the
// same names. The types of their arguments must be in that schema.
func (m *Model) WithDirectives(definitions ...*ast.DirectiveDefinition) *Model {
	api := *m.api
	api.Directives = maps.Clone(m.api.Directives)
	for _, d := range definitions {
		api.Directives[d.Name] = d
	}
	extended := *m
	extended.api = &api
	return &extended
}
