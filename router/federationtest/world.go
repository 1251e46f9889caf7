package federationtest

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// World is a random graph that is spread over subgraphs, with data that every subgraph computes alike.
type World struct {
	graphs int
	types  []*worldType // objects first, then interfaces and unions
	roots  []*worldField
}

// worldType is a type of a World.
type worldType struct {
	name    string
	kind    ast.DefinitionKind
	entity  bool
	members []*worldType     // of an interface or union
	keys    map[int][]string // of an entity, by subgraph: id, code, or both in one
	fields  []*worldField    // beside the keys
	object  *interfaceObject // of an interface, mostly nil
}

// worldField is a field of an object, or of the root. It returns a String where it leads to no type.
type worldField struct {
	name          string
	to            *worldType
	list, nonNull bool
	arg           bool
	fails         bool           // it is an error or null for some objects, even where it must not be
	graphs        []int          // that resolve it
	overrides     int            // the subgraph that it was taken from, none if negative
	requires      *worldField    // of the same type, resolved elsewhere
	requiresBelow *worldField    // of the type that the required field leads to; nil where that is a leaf
	provides      map[int]string // field of the type it leads to, by subgraph
}

// noteField is a field that all members of an interface share.
const noteField = "note"

// NewWorld makes a world. It may not compose: some parts may not be reachable.
func NewWorld(r *rand.Rand) *World {
	w := &World{graphs: 2 + r.IntN(3)}
	for i := range 2 + r.IntN(4) {
		w.types = append(w.types, &worldType{name: fmt.Sprintf("E%d", i), kind: ast.Object, entity: true, keys: map[int][]string{}})
	}
	entities := slices.Clone(w.types)
	for i := range r.IntN(3) {
		w.types = append(w.types, &worldType{name: fmt.Sprintf("V%d", i), kind: ast.Object})
	}
	for i := range r.IntN(3) {
		t := &worldType{name: fmt.Sprintf("A%d", i), kind: []ast.DefinitionKind{ast.Interface, ast.Union}[r.IntN(2)]}
		for _, j := range r.Perm(len(entities))[:1+r.IntN(len(entities))] {
			t.members = append(t.members, entities[j])
		}
		slices.SortFunc(t.members, func(a, b *worldType) int { return slices.Index(w.types, a) - slices.Index(w.types, b) })
		w.types = append(w.types, t)
	}
	for _, t := range entities {
		for _, g := range r.Perm(w.graphs)[:1+r.IntN(w.graphs)] {
			t.keys[g] = [][]string{{"id"}, {"id"}, {"id"}, {"code"}, {"id", "code"}, {"id code"}}[r.IntN(6)]
		}
	}
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
	w.addInterfaceObjects(r)
	w.addRequirements(r)
	return w
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
		return
	}
	t.fields = append(t.fields, &worldField{name: noteField, overrides: -1, graphs: places(1 + r.IntN(2))})
	for i := range r.IntN(3) {
		f := &worldField{name: fmt.Sprintf("%sto%d", lower(t.name), i), overrides: -1, list: r.IntN(2) == 0}
		w.link(r, f, w.types[r.IntN(len(w.types))], places(1+r.IntN(5)/4))
		t.fields = append(t.fields, f)
	}
}

// link lets a field lead to a type, and makes the subgraphs that resolve it know the type.
func (w *World) link(r *rand.Rand, f *worldField, to *worldType, graphs []int) {
	f.to, f.graphs = to, graphs
	f.nonNull = r.IntN(5) == 0
	for _, g := range graphs {
		for _, t := range append([]*worldType{to}, to.members...) {
			if t.entity && len(t.keys[g]) == 0 {
				t.keys[g] = []string{"id"}
			}
			if t.entity && to.kind == ast.Interface && !slices.Contains(t.keyFields(g), "id") {
				t.keys[g] = append(t.keys[g], "id")
			}
		}
		for _, v := range to.fields {
			if !to.entity && !slices.Contains(v.graphs, g) {
				v.graphs = append(v.graphs, g)
			}
		}
	}
}

// addRequirements makes some fields need others, some links bring fields along, and some fields move or fail.
func (w *World) addRequirements(r *rand.Rand) {
	for _, t := range w.types {
		if !t.entity {
			continue
		}
		for i, f := range t.fields {
			if f.to == nil && len(f.graphs) == 1 && f.name != noteField && i > 0 && r.IntN(2) == 0 {
				w.require(r, t, f, t.fields[r.IntN(i)])
			}
		}
		for _, f := range t.fields[1:] {
			if known := t.in(w); f.name != noteField && f.to != nil && t.fields[0].requires == nil && r.IntN(2) == 0 {
				w.require(r, t, t.fields[0], f)
			} else if g := known[r.IntN(len(known))]; f.to == nil && len(f.graphs) == 1 && f.graphs[0] != g && !slices.Contains(w.externals(t, g), f) && r.IntN(4) == 0 {
				f.overrides = g
			}
		}
	}
	for _, f := range w.links() {
		for _, g := range f.graphs {
			if !f.to.entity || r.IntN(3) > 0 {
				continue
			}
			h := f.to.fields[r.IntN(len(f.to.fields))]
			if h.plain() && h.requires == nil && h.name != noteField && h.overrides != g && !slices.Contains(h.graphs, g) {
				if f.provides == nil {
					f.provides = map[int]string{}
				}
				f.provides[g] = h.name
			}
		}
	}
	w.addFailures(r)
}

// plain tells whether the field is a leaf without arguments.
func (f *worldField) plain() bool { return f.to == nil && !f.arg }

// require makes a field need another one of its type, or a leaf behind that.
func (w *World) require(r *rand.Rand, t *worldType, f, h *worldField) {
	g := f.graphs[0]
	if f.to != nil || f.requires != nil || len(f.graphs) > 1 || slices.Contains(h.graphs, g) || h.overrides == g || f.overrides >= 0 || h.arg {
		return
	}
	if h.to != nil {
		if !h.to.entity || h.to == t {
			return
		}
		below := h.to.fields[r.IntN(len(h.to.fields))]
		if !below.plain() || below.requires != nil || slices.Contains(below.graphs, g) || below.overrides == g {
			return
		}
		if len(h.to.keys[g]) == 0 {
			h.to.keys[g] = []string{"id"}
		}
		f.requiresBelow = below
	}
	f.requires = h
}

// addFailures lets fields fail that no other field depends on.
func (w *World) addFailures(r *rand.Rand) {
	needed := map[*worldField]bool{}
	for _, t := range w.types {
		for _, f := range t.fields {
			needed[f.requires], needed[f.requiresBelow] = true, true
		}
	}
	for _, t := range w.types {
		for _, f := range t.fields {
			f.fails = f.to == nil && !needed[f] && r.IntN(3) == 0
		}
	}
}

// links lists all fields that lead to a type.
func (w *World) links() []*worldField {
	links := slices.Clone(w.roots)
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
		if len(t.keys[g]) > 0 || (!t.entity && len(t.fields) > 0 && slices.Contains(t.fields[0].graphs, g)) {
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

// externals lists the fields that a subgraph does not resolve but names in @requires or @provides.
func (w *World) externals(t *worldType, g int) []*worldField {
	var external []*worldField
	add := func(f *worldField) {
		if f != nil && !slices.Contains(external, f) {
			external = append(external, f)
		}
	}
	for _, f := range t.fields {
		if slices.Contains(f.graphs, g) {
			add(f.requires)
		}
	}
	for _, other := range w.types {
		for _, f := range other.fields {
			if f.requiresBelow != nil && f.requires.to == t && slices.Contains(f.graphs, g) {
				add(f.requiresBelow)
			}
		}
	}
	for _, f := range w.links() {
		if f.to == t && f.provides[g] != "" && slices.Contains(f.graphs, g) {
			add(t.field(f.provides[g]))
		}
	}
	return external
}

// provided tells whether some link brings the field along.
func (w *World) provided(t *worldType, f *worldField) bool {
	return slices.ContainsFunc(w.links(), func(l *worldField) bool {
		for _, name := range l.provides {
			if l.to == t && name == f.name {
				return true
			}
		}
		return false
	})
}

func lower(name string) string { return string(name[0]|0x20) + name[1:] }
