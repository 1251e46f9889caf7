package execute_test

import (
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/soukhq/souk/router/federationtest"
	"github.com/vektah/gqlparser/v2/ast"
)

func hash(parts ...any) int {
	h := fnv.New32a()
	fmt.Fprint(h, parts...)
	return int(h.Sum32() % 1000)
}

// thing is an object of the world.
type thing struct {
	typ string
	n   int
}

// value returns the value of a field, the truth for all graphs: a number, an id, a thing, a list or nil.
func (w *world) value(o thing, f string, args map[string]any) any {
	switch {
	case f == "id" || f == "code":
		return fmt.Sprintf("%s-%s-%d", f, o.typ, o.n)
	case f == "a":
		return hash(o, f, fmt.Sprint(args["n"]))
	case w.fields[o.typ][f] == "Int":
		return hash(o, f)
	}
	typ, h := w.fields[o.typ][f], hash(o, f)
	item := func(h int) any {
		b := base(typ)
		if members := w.faces[b]; members != nil {
			b = members[h%len(members)]
		}
		if h%7 == 0 {
			return nil
		}
		return thing{b, h % objects}
	}
	if typ[0] != '[' {
		return item(h)
	}
	var list []any
	for i := range h % 4 {
		list = append(list, item(hash(o, f, i)))
	}
	return append([]any{}, list...)
}

// member is a graph as a subgraph.
type member struct {
	w *world
	g int
}

func (m *member) Root(ast.Operation) federationtest.Object {
	return m.object(thing{"Query", 0}, nil, "")
}

func (m *member) Entity(rep map[string]any) (federationtest.Object, error) {
	t, _ := rep["__typename"].(string)
	s := m.w.graphs[m.g][t]
	if s == nil {
		return nil, errors.New("no such type here")
	}
	types, keys := []string{t}, s.keys
	if t == "I" {
		types, keys = m.w.faces["I"], []string{"id"}
	}
	for _, typ := range types {
		for n := range objects {
			if slices.ContainsFunc(keys, func(k string) bool { return rep[k] == m.w.value(thing{typ, n}, k, nil) }) {
				return m.object(thing{typ, n}, rep, ""), nil
			}
		}
	}
	return nil, fmt.Errorf("no key in %v", rep)
}

func (m *member) object(o thing, rep map[string]any, provided string) federationtest.Object {
	return owned{m, o, rep, provided}
}

// owned is a thing as a graph shows it.
type owned struct {
	*member
	thing
	rep      map[string]any
	provided string
}

// Typename returns the type's name in the graph: an interface object does not know better.
func (o owned) Typename() string {
	if o.g == o.w.object && o.typ != "Query" {
		return "I"
	}
	return o.typ
}

func (o owned) Field(name string, args map[string]any) (any, error) {
	directives := o.w.graphs[o.g][o.Typename()].fields[name]
	switch {
	case strings.HasPrefix(directives, "@external") && name != o.provided:
		return nil, fmt.Errorf("%s.%s is external", o.typ, name)
	case strings.HasPrefix(directives, "@requires"):
		_, set, _ := strings.Cut(directives, `"`)
		needed := strings.TrimSuffix(set, `")`)
		five := map[string]any{}
		if needed == "a(n: 5)" {
			needed, five["n"] = "a", 5
		}
		if got, want := fmt.Sprint(o.rep[needed]), fmt.Sprint(o.w.value(o.thing, needed, five)); got != want {
			return nil, fmt.Errorf("%s.%s requires %s = %s, got %s", o.typ, name, needed, want, got)
		}
	}
	provided := ""
	if strings.Contains(directives, "@provides") {
		provided = "s2"
	}
	var show func(any) any
	show = func(v any) any {
		switch v := v.(type) {
		case thing:
			return o.object(v, nil, provided)
		case []any:
			for i := range v {
				v[i] = show(v[i])
			}
		}
		return v
	}
	return show(o.w.value(o.thing, name, args)), nil
}
