package respond

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// typ writes a __Type.
func (r *reflector) typ(f *ast.Field, t *ast.Type) {
	switch {
	case t.NonNull:
		inner := *t
		inner.NonNull = false
		r.wrapper(f, "NON_NULL", &inner)
	case t.Elem != nil:
		r.wrapper(f, "LIST", t.Elem)
	default:
		def := r.schema.Types[t.NamedType]
		if def == nil {
			r.raw("null")
			return
		}
		r.object(f, "__Type", func(sub *ast.Field) { r.typeField(sub, def) })
	}
}

func (r *reflector) wrapper(f *ast.Field, kind string, of *ast.Type) {
	r.object(f, "__Type", func(sub *ast.Field) {
		switch sub.Name {
		case "kind":
			r.quote(kind)
		case "ofType":
			r.typ(sub, of)
		default:
			r.raw("null")
		}
	})
}

func (r *reflector) typeField(f *ast.Field, def *ast.Definition) {
	switch f.Name {
	case "kind":
		r.quote(string(def.Kind))
	case "name":
		r.quote(def.Name)
	case "description":
		r.text(def.Description)
	case "specifiedByURL":
		r.specifiedBy(def)
	case "isOneOf":
		if def.Kind == ast.InputObject {
			r.boolean(def.Directives.ForName("oneOf") != nil)
		} else {
			r.raw("null")
		}
	case "fields":
		r.fieldsOf(f, def)
	case "interfaces":
		r.interfaces(f, def)
	case "possibleTypes":
		r.possibleTypes(f, def)
	case "enumValues":
		r.enumValues(f, def)
	case "inputFields":
		r.inputFields(f, def)
	default: // ofType of a named type
		r.raw("null")
	}
}

func (r *reflector) specifiedBy(def *ast.Definition) {
	d := def.Directives.ForName("specifiedBy")
	if d == nil || d.Arguments.ForName("url") == nil {
		r.raw("null")
		return
	}
	r.quote(d.Arguments.ForName("url").Value.Raw)
}

func (r *reflector) fieldsOf(f *ast.Field, def *ast.Definition) {
	if def.Kind != ast.Object && def.Kind != ast.Interface {
		r.raw("null")
		return
	}
	all := r.includeDeprecated(f)
	var shown []*ast.FieldDefinition
	for _, fd := range def.Fields {
		if _, deprecated := deprecation(fd.Directives); !hidden(fd.Name) && (all || !deprecated) {
			shown = append(shown, fd)
		}
	}
	list(r, shown, func(fd *ast.FieldDefinition) {
		r.object(f, "__Field", func(sub *ast.Field) {
			switch {
			case r.common(sub, fd.Name, fd.Description, fd.Directives):
			case sub.Name == "type":
				r.typ(sub, fd.Type)
			case sub.Name == "args":
				r.inputs(sub, fd.Arguments)
			}
		})
	})
}

func (r *reflector) interfaces(f *ast.Field, def *ast.Definition) {
	if def.Kind != ast.Object && def.Kind != ast.Interface {
		r.raw("null")
		return
	}
	list(r, def.Interfaces, func(name string) { r.typ(f, ast.NamedType(name, nil)) })
}

func (r *reflector) possibleTypes(f *ast.Field, def *ast.Definition) {
	if !def.IsAbstractType() {
		r.raw("null")
		return
	}
	var names []string
	for _, t := range r.schema.GetPossibleTypes(def) {
		if t.Kind == ast.Object {
			names = append(names, t.Name)
		}
	}
	slices.Sort(names)
	list(r, names, func(name string) { r.typ(f, ast.NamedType(name, nil)) })
}

func (r *reflector) enumValues(f *ast.Field, def *ast.Definition) {
	if def.Kind != ast.Enum {
		r.raw("null")
		return
	}
	all := r.includeDeprecated(f)
	var shown []*ast.EnumValueDefinition
	for _, v := range def.EnumValues {
		if _, deprecated := deprecation(v.Directives); all || !deprecated {
			shown = append(shown, v)
		}
	}
	list(r, shown, func(v *ast.EnumValueDefinition) {
		r.object(f, "__EnumValue", func(sub *ast.Field) { r.common(sub, v.Name, v.Description, v.Directives) })
	})
}

// inputFields writes the fields of an input object.
func (r *reflector) inputFields(f *ast.Field, def *ast.Definition) {
	if def.Kind != ast.InputObject {
		r.raw("null")
		return
	}
	args := make(ast.ArgumentDefinitionList, len(def.Fields))
	for i, fd := range def.Fields {
		args[i] = &ast.ArgumentDefinition{Name: fd.Name, Description: fd.Description, Type: fd.Type,
			DefaultValue: fd.DefaultValue, Directives: fd.Directives}
	}
	r.inputs(f, args)
}

// inputs writes arguments or input fields.
func (r *reflector) inputs(f *ast.Field, args ast.ArgumentDefinitionList) {
	all := r.includeDeprecated(f)
	var shown []*ast.ArgumentDefinition
	for _, a := range args {
		if _, deprecated := deprecation(a.Directives); all || !deprecated {
			shown = append(shown, a)
		}
	}
	list(r, shown, func(a *ast.ArgumentDefinition) {
		r.object(f, "__InputValue", func(sub *ast.Field) {
			switch {
			case r.common(sub, a.Name, a.Description, a.Directives):
			case sub.Name == "type":
				r.typ(sub, a.Type)
			case sub.Name == "defaultValue" && a.DefaultValue != nil:
				r.quote(a.DefaultValue.String())
			default:
				r.raw("null")
			}
		})
	})
}
