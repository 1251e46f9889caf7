package federationtest

import (
	"fmt"
	"hash/fnv"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// population is how many objects of each type there are.
const population = 4

// Resolvers returns what each subgraph knows. They refuse to resolve what they do not own, and count mutations together.
func (w *World) Resolvers() []Resolver {
	together := &tally{}
	resolvers := make([]Resolver, w.graphs)
	for g := range resolvers {
		resolvers[g] = &worldResolver{w, g, together}
	}
	return resolvers
}

// Whole returns a resolver that knows all.
func (w *World) Whole() Resolver { return &worldResolver{w, monolith, &tally{}} }

type worldResolver struct {
	*World
	graph int
	tally *tally
}

// Root returns the root of queries or mutations.
func (r *worldResolver) Root(kind ast.Operation) Object {
	return &worldObject{worldResolver: r, root: kind}
}

// Entity returns the object that a representation stands for. It refuses one that says more than it should.
func (r *worldResolver) Entity(representation map[string]any) (Object, error) {
	name, _ := representation["__typename"].(string)
	for _, a := range r.types {
		if a.name == name && (a.isObject(r.graph) || (a.object != nil && r.uses(a, r.graph))) {
			return r.interfaceEntity(a, representation)
		}
	}
	i := slices.IndexFunc(r.types, func(t *worldType) bool { return t.name == name && t.entity })
	if i < 0 || !r.types[i].enterable(r.graph) {
		return nil, fmt.Errorf("subgraph %d has no entity %q", r.graph, name)
	}
	t := r.types[i]
	index, err := t.find(r.graph, representation)
	if err != nil {
		return nil, err
	}
	external := r.externals(t, r.graph)
	for field := range representation {
		if field != "__typename" && !slices.Contains(t.keyFields(r.graph), field) &&
			!slices.ContainsFunc(external, func(f *worldField) bool { return f.name == field }) {
			return nil, fmt.Errorf("subgraph %d is given the field %s.%s, which it has no use for", r.graph, name, field)
		}
	}
	return &worldObject{worldResolver: r, t: t, index: index, representation: representation}, nil
}

// worldObject is an object as one subgraph sees it; t is nil for the root.
type worldObject struct {
	*worldResolver
	root           ast.Operation // where t is nil
	t              *worldType
	index          int
	representation map[string]any // by which it was asked for, nil if it was not
	provided       *worldField    // it came along
	seenBy         []int          // the subgraphs that may lead here
}

// Typename returns the name of the type.
func (o *worldObject) Typename() string {
	if o.t == nil {
		return map[ast.Operation]string{ast.Query: "Query", ast.Mutation: "Mutation"}[o.root]
	}
	return o.t.name
}

// Field resolves a field that the subgraph owns, or that was provided.
func (o *worldObject) Field(name string, args map[string]any) (any, error) {
	fields := o.rootFields(o.root)
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
	if o.root == ast.Mutation {
		return o.change(f, args)
	}
	if o.graph == monolith && o.t != nil && o.t.keyless(o.index) && !slices.Contains(f.graphs, o.seenBy[0]) {
		return nil, nil // no subgraph can be asked for it
	}
	if o.graph != monolith && !slices.Contains(f.graphs, o.graph) && o.provided != f {
		return nil, fmt.Errorf("subgraph %d does not own %s.%s", o.graph, o.Typename(), name)
	}
	switch {
	case f.again:
		return &worldObject{worldResolver: o.worldResolver, root: ast.Query}, nil
	case f.to == nil:
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
		return o.leaf(f.requires, map[string]any{"n": f.requiresN})
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
	p := f.provides[o.graph]
	if known := f.to.knownIn(o.candidates(f)); len(known) > 0 {
		found := o.as(f.to, known[random%len(known)], random/8%population)
		if member, ok := found.(*worldObject); ok && member.t == p.of {
			member.provided = p.leaf
		}
		return found
	}
	return &worldObject{worldResolver: o.worldResolver, t: f.to, index: random / 8 % population, provided: p.leaf, seenBy: f.graphs}
}

// candidates lists the subgraphs that may be asked for a link: what it leads to must not depend on which of them is. A
// value is known to those only that led to it.
func (o *worldObject) candidates(f *worldField) []int {
	return slices.DeleteFunc(slices.Clone(f.graphs), func(g int) bool {
		return o.t != nil && !o.t.entity && !slices.Contains(o.seenBy, g)
	})
}

// hash returns a number that is the same in every subgraph.
func (o *worldObject) hash(f *worldField, salt int) int {
	h := fnv.New32a()
	fmt.Fprintf(h, "%s.%s.%d.%d", o.Typename(), f.name, o.index, salt)
	return int(h.Sum32() >> 1)
}
