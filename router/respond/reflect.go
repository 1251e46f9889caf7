package respond

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// reflect writes __schema or __type from the schema that clients see.
func (w *writer) reflect(f *ast.Field) {
	r := reflector{writer: w, schema: w.in.API}
	if f.Name == "__schema" {
		r.object(f, "__Schema", r.schemaField)
		return
	}
	name := r.argument(f, "name")
	def := r.schema.Types[name]
	if def == nil {
		w.raw("null")
		return
	}
	r.typ(f, ast.NamedType(name, nil))
}

// reflector answers introspection. The fields it is given have neither fragments nor conditions.
type reflector struct {
	*writer
	schema *ast.Schema
}

// object writes an object whose fields are written by the given function.
func (r *reflector) object(f *ast.Field, typeName string, field func(*ast.Field)) {
	r.raw("{")
	for i, s := range f.SelectionSet {
		sub, ok := s.(*ast.Field)
		if !ok {
			continue
		}
		if i > 0 {
			r.raw(",")
		}
		r.quote(sub.Alias)
		r.raw(":")
		if sub.Name == "__typename" {
			r.quote(typeName)
			continue
		}
		field(sub)
	}
	r.raw("}")
}

func list[T any](r *reflector, items []T, write func(T)) {
	r.raw("[")
	for i, item := range items {
		if i > 0 {
			r.raw(",")
		}
		write(item)
	}
	r.raw("]")
}

// text writes a string, null if it is empty.
func (r *reflector) text(s string) {
	if s == "" {
		r.raw("null")
		return
	}
	r.quote(s)
}

func (r *reflector) boolean(b bool) { r.buf = strconv.AppendBool(r.buf, b) }

// argument returns the value of a string argument.
func (r *reflector) argument(f *ast.Field, name string) string {
	a := f.Arguments.ForName(name)
	if a == nil {
		return ""
	}
	if a.Value.Kind != ast.Variable {
		return a.Value.Raw
	}
	var s string
	if json.Unmarshal(r.in.Variables[a.Value.Raw], &s) != nil {
		return ""
	}
	return s
}

// includeDeprecated returns the value of that argument, false where it is not given.
func (r *reflector) includeDeprecated(f *ast.Field) bool {
	a := f.Arguments.ForName("includeDeprecated")
	if a == nil {
		return false
	}
	if a.Value.Kind != ast.Variable {
		return a.Value.Raw == "true"
	}
	return string(r.in.Variables[a.Value.Raw]) == "true"
}

func (r *reflector) schemaField(f *ast.Field) {
	switch f.Name {
	case "description":
		r.text(r.schema.Description)
	case "types":
		names := make([]string, 0, len(r.schema.Types))
		for name := range r.schema.Types {
			names = append(names, name)
		}
		slices.Sort(names)
		list(r, names, func(name string) { r.typ(f, ast.NamedType(name, nil)) })
	case "queryType":
		r.root(f, r.schema.Query)
	case "mutationType":
		r.root(f, r.schema.Mutation)
	case "subscriptionType":
		r.root(f, r.schema.Subscription)
	case "directives":
		names := make([]string, 0, len(r.schema.Directives))
		for name := range r.schema.Directives {
			names = append(names, name)
		}
		slices.Sort(names)
		list(r, names, func(name string) {
			d := r.schema.Directives[name]
			r.object(f, "__Directive", func(sub *ast.Field) { r.directiveField(sub, d) })
		})
	}
}

func (r *reflector) root(f *ast.Field, def *ast.Definition) {
	if def == nil {
		r.raw("null")
		return
	}
	r.typ(f, ast.NamedType(def.Name, nil))
}

func (r *reflector) directiveField(f *ast.Field, d *ast.DirectiveDefinition) {
	switch f.Name {
	case "name":
		r.quote(d.Name)
	case "description":
		r.text(d.Description)
	case "isRepeatable":
		r.boolean(d.IsRepeatable)
	case "locations":
		list(r, d.Locations, func(l ast.DirectiveLocation) { r.quote(string(l)) })
	case "args":
		r.inputs(f, d.Arguments)
	}
}

// deprecation returns the reason for which something is deprecated, and whether it is.
func deprecation(directives ast.DirectiveList) (string, bool) {
	d := directives.ForName("deprecated")
	if d == nil {
		return "", false
	}
	if a := d.Arguments.ForName("reason"); a != nil {
		return a.Value.Raw, true
	}
	return "No longer supported", true
}

// common writes the fields that everything deprecable has. It returns false for any other field.
func (r *reflector) common(f *ast.Field, name, description string, directives ast.DirectiveList) bool {
	reason, deprecated := deprecation(directives)
	switch f.Name {
	case "name":
		r.quote(name)
	case "description":
		r.text(description)
	case "isDeprecated":
		r.boolean(deprecated)
	case "deprecationReason":
		if !deprecated {
			r.raw("null")
		} else {
			r.quote(reason)
		}
	default:
		return false
	}
	return true
}

func hidden(name string) bool { return strings.HasPrefix(name, "__") }
