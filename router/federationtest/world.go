package federationtest

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// World is a random graph that is spread over subgraphs, with data that every subgraph computes alike.
type World struct {
	graphs    int
	types     []*worldType // objects first, then interfaces and unions
	roots     []*worldField
	mutations []*worldField
}

// worldType is a type of a World.
type worldType struct {
	name    string
	kind    ast.DefinitionKind
	entity  bool
	members []*worldType         // of an interface or union
	unknown map[int][]*worldType // members that a subgraph does not know as such
	keys    map[int][]worldKey   // of an entity, by subgraph
	fragile bool                 // some of its objects have null for their only key
	fields  []*worldField        // beside the keys
	object  *interfaceObject     // of an interface, mostly nil
}

// worldField is a field of an object, or of the root. It returns a String where it leads to no type.
type worldField struct {
	name          string
	to            *worldType
	list, nonNull bool
	arg           bool
	again         bool              // it leads back to the root of queries
	fails         bool              // it is an error or null for some objects, even where it must not be
	graphs        []int             // that resolve it
	overrides     int               // the subgraph that it was taken from, none if negative
	requires      *worldField       // of the same type, resolved elsewhere
	requiresN     int               // the argument of the required field, if it has one
	requiresBelow *worldField       // of the type that the required field leads to; nil where that is a leaf
	provides      map[int]provision // by subgraph
}

// provision is a leaf that a link brings along, though it belongs to other subgraphs.
type provision struct {
	of   *worldType // the type that the link leads to, or a member of it
	leaf *worldField
}

// noteField is a field that all members of an interface share.
const noteField = "note"

// NewWorld makes a world. It may not compose: some parts may not be reachable.
func NewWorld(r *rand.Rand) *World {
	w := &World{graphs: 2 + r.IntN(3)}
	for i := range 2 + r.IntN(4) {
		w.types = append(w.types, &worldType{name: fmt.Sprintf("E%d", i), kind: ast.Object, entity: true, keys: map[int][]worldKey{}, fragile: i > 0 && r.IntN(8) == 0})
	}
	entities := slices.Clone(w.types)
	for i := range r.IntN(3) {
		w.types = append(w.types, &worldType{name: fmt.Sprintf("V%d", i), kind: ast.Object})
	}
	w.addAbstract(r, entities)
	w.addKeys(r, entities)
	for _, t := range slices.Backward(w.types) { // links give the fields of values their places
		if t.kind == ast.Object {
			w.addFields(r, t)
		}
	}
	for i := range 1 + r.IntN(3) {
		f := &worldField{name: fmt.Sprintf("root%d", i), overrides: -1, list: r.IntN(2) == 0}
		w.link(r, f, w.types[r.IntN(len(w.types))], r.Perm(w.graphs)[:1+r.IntN(2)])
		w.roots = append(w.roots, f)
	}
	w.addMutations(r)
	w.addInterfaceObjects(r)
	w.addRequirements(r)
	w.spreadValues(r)
	w.addReturns(r)
	return w
}

// addAbstract adds interfaces and unions of entities.
func (w *World) addAbstract(r *rand.Rand, entities []*worldType) {
	entities = slices.DeleteFunc(slices.Clone(entities), func(t *worldType) bool { return t.fragile })
	for i := range r.IntN(3) {
		t := &worldType{name: fmt.Sprintf("A%d", i), kind: []ast.DefinitionKind{ast.Interface, ast.Union}[r.IntN(2)], unknown: map[int][]*worldType{}}
		for _, j := range r.Perm(len(entities))[:1+r.IntN(len(entities))] {
			t.members = append(t.members, entities[j])
		}
		slices.SortFunc(t.members, func(a, b *worldType) int { return slices.Index(w.types, a) - slices.Index(w.types, b) })
		if r.IntN(2) == 0 {
			for g := range w.graphs {
				for _, m := range t.members[1:] { // all know the first
					if r.IntN(3) == 0 {
						t.unknown[g] = append(t.unknown[g], m)
					}
				}
			}
		}
		w.types = append(w.types, t)
	}
}

// addFields gives an object leaves and links.
func (w *World) addFields(r *rand.Rand, t *worldType) {
	places := func(n int) []int { // subgraphs that know the type
		known := t.in(w)
		if len(known) == 0 {
			return nil
		}
		r.Shuffle(len(known), func(i, j int) { known[i], known[j] = known[j], known[i] })
		known = known[:min(n, len(known))]
		slices.Sort(known)
		return known
	}
	for i := range 1 + r.IntN(3) {
		f := &worldField{name: fmt.Sprintf("%sf%d", lower(t.name), i), overrides: -1, arg: r.IntN(4) == 0, nonNull: r.IntN(4) == 0, graphs: places(1 + r.IntN(5)/4)}
		t.fields = append(t.fields, f)
	}
	if !t.entity {
		if abstract := w.abstractTypes(); len(abstract) > 0 && r.IntN(2) == 0 {
			t.fields = append(t.fields, &worldField{name: lower(t.name) + "any", overrides: -1, to: abstract[r.IntN(len(abstract))], list: r.IntN(2) == 0})
		}
		return
	}
	t.fields = append(t.fields, &worldField{name: noteField, overrides: -1, graphs: places(1 + r.IntN(2))})
	for i := range r.IntN(3) {
		f := &worldField{name: fmt.Sprintf("%sto%d", lower(t.name), i), overrides: -1, list: r.IntN(2) == 0}
		graphs := places(1 + r.IntN(5)/4)
		if t.fragile {
			graphs = graphs[:min(1, len(graphs))] // without a key, plans differ in what they lose of a shared link
		}
		w.link(r, f, w.types[r.IntN(len(w.types))], graphs)
		t.fields = append(t.fields, f)
	}
	for _, f := range t.fields {
		f.nonNull = f.nonNull && !t.fragile
	}
}

// addReturns adds fields of entities that lead back to the root, in subgraphs that have one.
func (w *World) addReturns(r *rand.Rand) {
	for _, t := range w.types {
		known := slices.DeleteFunc(t.in(w), func(g int) bool {
			return !slices.ContainsFunc(w.roots, func(f *worldField) bool { return slices.Contains(f.graphs, g) })
		})
		if t.entity && len(known) > 0 && r.IntN(5) == 0 {
			t.fields = append(t.fields, &worldField{name: lower(t.name) + "back", overrides: -1, again: true, graphs: []int{known[r.IntN(len(known))]}})
		}
	}
}

// link lets a field lead to a type, and makes the subgraphs that resolve it know the type.
func (w *World) link(r *rand.Rand, f *worldField, to *worldType, graphs []int) {
	if to.fragile {
		graphs = graphs[:min(1, len(graphs))] // what can be had of such an object depends on who leads to it
	}
	f.to, f.graphs = to, graphs
	f.nonNull = r.IntN(5) == 0
	for _, g := range graphs {
		w.introduce(to, g)
	}
}

// introduce makes a subgraph know a type: all of a value, and entities by a key.
func (w *World) introduce(to *worldType, g int) {
	for _, t := range append([]*worldType{to}, to.membersIn(g)...) {
		if t.entity && len(t.keys[g]) == 0 {
			t.keys[g] = []worldKey{t.usualKey()}
		}
		if t.entity && to.kind == ast.Interface && !slices.Contains(t.keyFields(g), "id") {
			t.keys[g] = append(t.keys[g], worldKey{fields: "id"})
		}
	}
	for _, f := range to.fields {
		if !to.entity && !slices.Contains(f.graphs, g) {
			f.graphs = append(f.graphs, g)
			if f.to != nil {
				w.introduce(f.to, g)
			}
		}
	}
}

// Abstract tells whether there are interfaces or unions.
func (w *World) Abstract() bool { return len(w.abstractTypes()) > 0 }

// abstractTypes lists the interfaces and unions.
func (w *World) abstractTypes() []*worldType {
	return slices.DeleteFunc(slices.Clone(w.types), func(t *worldType) bool { return t.kind == ast.Object })
}

// membersIn lists the members of an interface or union that a subgraph knows as such.
func (t *worldType) membersIn(g int) []*worldType {
	return slices.DeleteFunc(slices.Clone(t.members), func(m *worldType) bool { return slices.Contains(t.unknown[g], m) })
}

// knownIn lists the members that all the subgraphs know.
func (t *worldType) knownIn(graphs []int) []*worldType {
	return slices.DeleteFunc(slices.Clone(t.members), func(m *worldType) bool {
		return slices.ContainsFunc(graphs, func(g int) bool { return slices.Contains(t.unknown[g], m) })
	})
}

// links lists all fields that lead to a type.
func (w *World) links() []*worldField {
	links := slices.DeleteFunc(slices.Concat(w.roots, w.mutations), func(f *worldField) bool { return f.to == nil })
	for _, t := range w.types {
		for _, f := range t.fields {
			if f.to != nil {
				links = append(links, f)
			}
		}
	}
	return links
}

// in lists the subgraphs that know the object type, in order.
func (t *worldType) in(w *World) []int {
	var graphs []int
	for g := range w.graphs {
		if len(t.keys[g]) > 0 || (!t.entity && slices.ContainsFunc(t.fields, func(f *worldField) bool { return slices.Contains(f.graphs, g) })) {
			graphs = append(graphs, g)
		}
	}
	return graphs
}

// field returns the field of that name, or nil.
func (t *worldType) field(name string) *worldField {
	i := slices.IndexFunc(t.fields, func(f *worldField) bool { return f.name == name })
	if i < 0 {
		return nil
	}
	return t.fields[i]
}

func lower(name string) string { return string(name[0]|0x20) + name[1:] }
