package supergraph

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
)

// apiSchema makes the schema that clients see: without the elements of linked specifications and without what is
// inaccessible. Directives that only say something about the schema are dropped, but those of GraphQL itself.
func apiSchema(doc *ast.SchemaDocument, links Links) (*ast.Schema, error) {
	a := api{links: links, hidden: map[string]bool{}}
	for _, def := range doc.Definitions {
		link, _ := links.Type(def.Name)
		a.hidden[def.Name] = link != nil || inaccessible(links, def.Directives)
	}
	out := validator.PreludeDocument()
	// The router does not answer incrementally.
	out.Directives = slices.DeleteFunc(out.Directives, func(d *ast.DirectiveDefinition) bool { return d.Name == "defer" })
	for _, def := range doc.Definitions {
		if !a.hidden[def.Name] && !slices.Contains(BuiltInScalars, def.Name) {
			out.Definitions = append(out.Definitions, a.definition(def))
		}
	}
	for _, d := range doc.Directives {
		if a.keepDirective(d) && out.Directives.ForName(d.Name) == nil {
			out.Directives = append(out.Directives, a.directive(d))
		}
	}
	if len(doc.Schema) > 0 {
		out.Schema = ast.SchemaDefinitionList{a.schema(doc)}
	}
	schema, err := validator.ValidateSchemaDocument(out)
	if err != nil {
		return nil, err
	}
	return schema, nil
}

type api struct {
	links  Links
	hidden map[string]bool // types
}

func (a *api) schema(doc *ast.SchemaDocument) *ast.SchemaDefinition {
	out := &ast.SchemaDefinition{Description: doc.Schema[0].Description, Position: doc.Schema[0].Position}
	for _, def := range append(append(ast.SchemaDefinitionList{}, doc.Schema...), doc.SchemaExtension...) {
		for _, root := range def.OperationTypes {
			if !a.hidden[root.Type] {
				out.OperationTypes = append(out.OperationTypes, root)
			}
		}
	}
	return out
}

func (a *api) definition(def *ast.Definition) *ast.Definition {
	out := *def
	out.Directives = a.directives(def.Directives)
	out.Interfaces = a.visible(def.Interfaces)
	out.Types = a.visible(def.Types)
	out.TypePositions = nil
	out.Fields = nil
	for _, f := range def.Fields {
		if !inaccessible(a.links, f.Directives) {
			field := *f
			field.Arguments = a.arguments(f.Arguments)
			field.Directives = a.directives(f.Directives)
			out.Fields = append(out.Fields, &field)
		}
	}
	out.EnumValues = nil
	for _, v := range def.EnumValues {
		if !inaccessible(a.links, v.Directives) {
			value := *v
			value.Directives = a.directives(v.Directives)
			out.EnumValues = append(out.EnumValues, &value)
		}
	}
	return &out
}

func (a *api) visible(types []string) []string {
	return slices.DeleteFunc(slices.Clone(types), func(name string) bool { return a.hidden[name] })
}

func (a *api) arguments(args ast.ArgumentDefinitionList) ast.ArgumentDefinitionList {
	var out ast.ArgumentDefinitionList
	for _, arg := range args {
		if !inaccessible(a.links, arg.Directives) {
			visible := *arg
			visible.Directives = a.directives(arg.Directives)
			out = append(out, &visible)
		}
	}
	return out
}

// directives keeps the directives of GraphQL itself.
func (a *api) directives(applied ast.DirectiveList) ast.DirectiveList {
	var out ast.DirectiveList
	for _, d := range applied {
		if d.Name == "deprecated" || d.Name == "specifiedBy" || d.Name == "oneOf" {
			out = append(out, &ast.Directive{Name: d.Name, Arguments: d.Arguments, Position: d.Position, Location: d.Location})
		}
	}
	return out
}

// keepDirective tells whether clients can use the directive.
func (a *api) keepDirective(d *ast.DirectiveDefinition) bool {
	link, _ := a.links.Directive(d.Name)
	return link == nil && slices.ContainsFunc(d.Locations, Executable)
}

func (a *api) directive(d *ast.DirectiveDefinition) *ast.DirectiveDefinition {
	out := *d
	out.Arguments = a.arguments(d.Arguments)
	out.Directives = nil
	out.Locations = slices.DeleteFunc(slices.Clone(d.Locations), func(l ast.DirectiveLocation) bool { return !Executable(l) })
	return &out
}

// Executable tells whether the location is in a client's document.
func Executable(l ast.DirectiveLocation) bool {
	switch l {
	case ast.LocationQuery, ast.LocationMutation, ast.LocationSubscription, ast.LocationField,
		ast.LocationFragmentDefinition, ast.LocationFragmentSpread, ast.LocationInlineFragment, ast.LocationVariableDefinition:
		return true
	}
	return false
}

// inaccessible tells whether @inaccessible is applied, under whatever name the schema gives it.
func inaccessible(links Links, applied ast.DirectiveList) bool {
	return slices.ContainsFunc(applied, func(d *ast.Directive) bool {
		link, name := links.Directive(d.Name)
		return link != nil && (link.Identity == InaccessibleSpec || link.Identity == FederationSpec) && name == "inaccessible"
	})
}
