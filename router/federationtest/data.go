package federationtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/vektah/gqlparser/v2/ast"
)

// Data is a subgraph's behaviour as the fixtures describe it.
type Data struct {
	Query      *string                   `json:"query"` // the name of the root object
	Objects    map[string]map[string]any `json:"objects"`
	References []struct {
		Representation map[string]any `json:"representation"`
		Value          any            `json:"value"`
	} `json:"references"`
}

// Root returns the object of the query root; data know no mutations.
func (d *Data) Root(ast.Operation) Object {
	if d.Query == nil {
		return nil
	}
	return record{d, d.Objects[*d.Query]}
}

// Entity finds the reference that agrees with the representation in most leaves.
func (d *Data) Entity(representation map[string]any) (Object, error) {
	best, found := -1, any(nil)
	for _, r := range d.References {
		if r.Representation["__typename"] != representation["__typename"] {
			continue
		}
		if n, ok := contained(r.Representation, representation); ok && n > best {
			best, found = n, r.Value
		}
	}
	value, err := d.resolve(found, nil)
	if err != nil || value == nil {
		return nil, err
	}
	o, ok := value.(Object)
	if !ok {
		return nil, fmt.Errorf("the reference is no object: %v", value)
	}
	return o, nil
}

// contained tells whether the stored value is a part of the sent one, and counts the leaves that agree.
func contained(stored, sent any) (int, bool) {
	switch s := stored.(type) {
	case map[string]any:
		o, ok := sent.(map[string]any)
		if !ok {
			return 0, false
		}
		total := 0
		for name, value := range s {
			other, given := o[name]
			if !given && name == "__typename" {
				continue
			}
			n, ok := contained(value, other)
			if !given || !ok {
				return 0, false
			}
			total += n
		}
		return total, true
	case []any:
		o, ok := sent.([]any)
		if !ok || len(o) != len(s) {
			return 0, false
		}
		total := 0
		for i := range s {
			n, ok := contained(s[i], o[i])
			if !ok {
				return 0, false
			}
			total += n
		}
		return total, true
	}
	return 1, reflect.DeepEqual(stored, sent)
}

// resolve follows the markers $ref, $error and $args.
func (d *Data) resolve(value any, args map[string]any) (any, error) {
	switch v := value.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			element, err := d.resolve(v[i], args)
			if err != nil {
				out[i] = err
				continue
			}
			out[i] = element
		}
		return out, nil
	case map[string]any:
		if name, ok := v["$ref"].(string); ok {
			return record{d, d.Objects[name]}, nil
		}
		if message, ok := v["$error"].(string); ok {
			return nil, errors.New(message)
		}
		if cases, ok := v["$args"].([]any); ok {
			return d.resolve(choose(cases, args), args)
		}
	}
	return value, nil
}

// choose picks the case for the arguments, or else the one for any.
func choose(cases []any, args map[string]any) any {
	var fallback any
	for _, c := range cases {
		entry, _ := c.(map[string]any)
		if entry["args"] == "*" {
			fallback = entry["value"]
		} else if reflect.DeepEqual(entry["args"], plain(args)) {
			return entry["value"]
		}
	}
	return fallback
}

// plain brings values into the form that encoding/json gives them.
func plain(value any) any {
	text, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	var out any
	if err := json.Unmarshal(text, &out); err != nil {
		return nil
	}
	return out
}

// record is an object of the data.
type record struct {
	data   *Data
	fields map[string]any
}

// Typename returns the type that the data give.
func (r record) Typename() string {
	name, _ := r.fields["__typename"].(string)
	return name
}

// Field returns the stored value.
func (r record) Field(name string, args map[string]any) (any, error) {
	return r.data.resolve(r.fields[name], args)
}
