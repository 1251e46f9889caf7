package federationtest

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// population is how many objects of each type there are.
const population = 4

// Resolver returns what a subgraph knows. It refuses to resolve what it does not own.
func (w *World) Resolver(g int) Resolver { return &worldResolver{w, g} }

// Whole returns a resolver that knows all.
func (w *World) Whole() Resolver { return &worldResolver{w, monolith} }

type worldResolver struct {
	*World
	graph int
}

// Root returns the root of queries; a world has no mutations.
func (r *worldResolver) Root(ast.Operation) Object { return &worldObject{worldResolver: r} }

// Entity returns the object that a representation stands for. It refuses one that says more than it should.
func (r *worldResolver) Entity(representation map[string]any) (Object, error) {
	name, _ := representation["__typename"].(string)
	for _, a := range r.types {
		if a.name == name && (a.isObject(r.graph) || (a.object != nil && r.uses(a, r.graph))) {
			return r.interfaceEntity(a, representation)
		}
	}
	i := slices.IndexFunc(r.types, func(t *worldType) bool { return t.name == name && t.entity })
	if i < 0 || len(r.types[i].keys[r.graph]) == 0 {
		return nil, fmt.Errorf("subgraph %d has no entity %q", r.graph, name)
	}
	o := &worldObject{worldResolver: r, t: r.types[i], index: -1, representation: representation}
	external := r.externals(o.t, r.graph)
	for field, value := range representation {
		text, _ := value.(string)
		switch {
		case field == "__typename":
		case slices.Contains(o.t.keyFields(r.graph), field):
			k, err := strconv.Atoi(text[strings.LastIndex(text, "-")+1:])
			if err != nil || text != o.t.key(field, k) || (o.index >= 0 && o.index != k) {
				return nil, fmt.Errorf("subgraph %d knows no %s with %s %q", r.graph, name, field, text)
			}
			o.index = k
		case slices.ContainsFunc(external, func(f *worldField) bool { return f.name == field }):
		default:
			return nil, fmt.Errorf("subgraph %d is given the field %s.%s, which it has no use for", r.graph, name, field)
		}
	}
	if o.index < 0 {
		return nil, fmt.Errorf("subgraph %d is given no key of %s", r.graph, name)
	}
	return o, nil
}

// key returns the value of a key field.
func (t *worldType) key(field string, index int) string {
	return fmt.Sprintf("%s-%s-%d", field, t.name, index)
}

// worldObject is an object as one subgraph sees it; t is nil for the root.
type worldObject struct {
	*worldResolver
	t              *worldType
	index          int
	representation map[string]any // by which it was asked for, nil if it was not
	provided       string         // a field that came along
}

// Typename returns the name of the type.
func (o *worldObject) Typename() string {
	if o.t == nil {
		return "Query"
	}
	return o.t.name
}

// Field resolves a field that the subgraph owns, or that was provided.
func (o *worldObject) Field(name string, args map[string]any) (any, error) {
	fields := o.roots
	if o.t != nil {
		fields = o.t.fields
		if slices.Contains(o.t.keyFields(o.graph), name) {
			return o.t.key(name, o.index), nil
		}
	}
	if o.t != nil && o.graph == monolith {
		fields = append(slices.Clone(fields), o.extras(o.t)...)
	}
	i := slices.IndexFunc(fields, func(f *worldField) bool { return f.name == name })
	if i < 0 {
		return nil, fmt.Errorf("there is no field %s.%s", o.Typename(), name)
	}
	f := fields[i]
	if o.graph != monolith && !slices.Contains(f.graphs, o.graph) && o.provided != name {
		return nil, fmt.Errorf("subgraph %d does not own %s.%s", o.graph, o.Typename(), name)
	}
	if f.to == nil {
		return o.leaf(f, args)
	}
	return o.follow(f), nil
}

// leaf computes a string of all that the field depends on.
func (o *worldObject) leaf(f *worldField, args map[string]any) (any, error) {
	random := o.hash(f, 0)
	switch {
	case f.fails && random%5 == 0:
		return nil, fmt.Errorf("%s fails", f.name)
	case f.fails && random%5 == 1, !f.nonNull && random%6 == 0:
		return nil, nil
	}
	text := fmt.Sprintf("%s %d", f.name, o.index)
	if f.arg {
		text += fmt.Sprintf(" (%v)", args["n"])
	}
	if f.requires == nil {
		return text, nil
	}
	needed, ok := o.representation[f.requires.name]
	if o.graph == monolith {
		var err error
		if needed, err = o.needed(f); err != nil {
			return nil, err
		}
	} else if !ok {
		return nil, fmt.Errorf("subgraph %d needs %s for %s", o.graph, f.requires.name, f.name)
	}
	return fmt.Sprintf("%s <%v>", text, bare(needed)), nil
}

// needed returns what a representation would say of the field that f requires.
func (o *worldObject) needed(f *worldField) (any, error) {
	if f.requiresBelow == nil {
		return o.leaf(f.requires, nil)
	}
	below := func(target any) (any, error) {
		leaf, err := target.(*worldObject).leaf(f.requiresBelow, nil)
		return map[string]any{f.requiresBelow.name: leaf}, err
	}
	switch v := o.follow(f.requires).(type) {
	case []any:
		list := make([]any, len(v))
		for i := range v {
			var err error
			if list[i], err = below(v[i]); err != nil {
				return nil, err
			}
		}
		return list, nil
	case nil:
		return nil, nil
	default:
		return below(v)
	}
}

// bare takes away the type names that a representation may hold.
func bare(value any) any {
	switch v := value.(type) {
	case []any:
		for i := range v {
			v[i] = bare(v[i])
		}
	case map[string]any:
		delete(v, "__typename")
	}
	return value
}

// follow returns the objects that a link leads to.
func (o *worldObject) follow(f *worldField) any {
	random := o.hash(f, 0)
	if !f.nonNull && random%7 == 0 {
		return nil
	}
	if !f.list {
		return o.target(f, 0)
	}
	list := make([]any, random%4)
	for i := range list {
		list[i] = o.target(f, i)
	}
	return list
}

func (o *worldObject) target(f *worldField, i int) Object {
	random := o.hash(f, i+1)
	if n := len(f.to.members); n > 0 {
		return o.as(f.to, f.to.members[random%n], random/8%population)
	}
	return &worldObject{worldResolver: o.worldResolver, t: f.to, index: random / 8 % population, provided: f.provides[o.graph]}
}

// hash returns a number that is the same in every subgraph.
func (o *worldObject) hash(f *worldField, salt int) int {
	h := fnv.New32a()
	fmt.Fprintf(h, "%s.%s.%d.%d", o.Typename(), f.name, o.index, salt)
	return int(h.Sum32() >> 1)
}
