package federationtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// execution carries out one operation.
type execution struct {
	*Subgraph
	vars map[string]any
	errs gqlerror.List
}

// members is a response object in the order of the selection.
type members struct {
	keys   []string
	values []any
}

// MarshalJSON writes the object in its order.
func (m *members) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, key := range m.keys {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.values[i])
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// object executes a selection on an object. It reports false where a null had to travel up to the object.
func (e *execution) object(o Object, set ast.SelectionSet, path ast.Path) (*members, bool) {
	groups := map[string][]*ast.Field{}
	var keys []string
	e.collect(o.Typename(), set, func(f *ast.Field) {
		if groups[f.Alias] == nil {
			keys = append(keys, f.Alias)
		}
		groups[f.Alias] = append(groups[f.Alias], f)
	})
	out := &members{}
	for _, key := range keys {
		value, ok := e.field(o, groups[key], append(slices.Clone(path), ast.PathName(key)))
		if !ok {
			return nil, false
		}
		out.keys, out.values = append(out.keys, key), append(out.values, value)
	}
	return out, true
}

// collect calls visit for the fields of a set that hold for the object type.
func (e *execution) collect(typename string, set ast.SelectionSet, visit func(*ast.Field)) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if e.included(s.Directives) {
				visit(s)
			}
		case *ast.InlineFragment:
			if e.included(s.Directives) && e.is(typename, s.TypeCondition) {
				e.collect(typename, s.SelectionSet, visit)
			}
		case *ast.FragmentSpread:
			if e.included(s.Directives) && e.is(typename, s.Definition.TypeCondition) {
				e.collect(typename, s.Definition.SelectionSet, visit)
			}
		}
	}
}

func (e *execution) included(directives ast.DirectiveList) bool {
	for _, d := range directives {
		on := d.ArgumentMap(e.vars)["if"] == true
		if (d.Name == "skip" && on) || (d.Name == "include" && !on) {
			return false
		}
	}
	return true
}

// is tells whether an object of the type satisfies the condition.
func (e *execution) is(typename, condition string) bool {
	if condition == "" || condition == typename {
		return true
	}
	return slices.ContainsFunc(e.schema.PossibleTypes[condition], func(d *ast.Definition) bool { return d.Name == typename })
}

// field resolves one response key. It reports false where a null has to travel further up.
func (e *execution) field(o Object, fields []*ast.Field, path ast.Path) (any, bool) {
	first := fields[0]
	if first.Name == "__typename" {
		return o.Typename(), true
	}
	// The object's own definition of the field: an interface may promise less.
	def := e.schema.Types[o.Typename()].Fields.ForName(first.Name)
	args := first.ArgumentMap(e.vars)
	for _, a := range def.Arguments {
		if value, ok := args[a.Name]; ok {
			args[a.Name] = e.withDefaults(value, a.Type)
		}
	}
	value, err := o.Field(first.Name, args)
	if err != nil {
		value = err
	}
	var below ast.SelectionSet
	for _, f := range fields {
		below = append(below, f.SelectionSet...)
	}
	return e.complete(def.Type, value, below, path)
}

// withDefaults adds the defaults of input fields that are absent.
func (e *execution) withDefaults(value any, t *ast.Type) any {
	switch v := value.(type) {
	case []any:
		if t.Elem != nil {
			for i := range v {
				v[i] = e.withDefaults(v[i], t.Elem)
			}
		}
	case map[string]any:
		for _, f := range e.schema.Types[t.Name()].Fields {
			if given, ok := v[f.Name]; ok {
				v[f.Name] = e.withDefaults(given, f.Type)
			} else if f.DefaultValue != nil {
				if fallback, err := f.DefaultValue.Value(nil); err == nil {
					v[f.Name] = fallback
				}
			}
		}
	}
	return value
}

// complete checks a value against its type and executes what is below it.
func (e *execution) complete(t *ast.Type, value any, below ast.SelectionSet, path ast.Path) (any, bool) {
	if err, ok := value.(error); ok {
		e.errs = append(e.errs, &gqlerror.Error{Message: err.Error(), Path: path})
		return nil, !t.NonNull
	}
	if value == nil {
		if t.NonNull {
			e.errs = append(e.errs, &gqlerror.Error{Message: fmt.Sprintf("null for the non-null type %s", t), Path: path})
		}
		return nil, !t.NonNull
	}
	if t.Elem != nil {
		list, ok := value.([]any)
		if !ok {
			e.errs = append(e.errs, &gqlerror.Error{Message: fmt.Sprintf("no list for the type %s", t), Path: path})
			return nil, !t.NonNull
		}
		out := make([]any, len(list))
		for i, element := range list {
			if out[i], ok = e.complete(t.Elem, element, below, append(slices.Clone(path), ast.PathIndex(i))); !ok {
				return nil, !t.NonNull
			}
		}
		return out, true
	}
	o, ok := value.(Object)
	if !ok {
		return value, true
	}
	if out, ok := e.object(o, below, path); ok {
		return out, true
	}
	return nil, !t.NonNull
}
