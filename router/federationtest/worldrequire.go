package federationtest

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// addRequirements makes some fields need others, some links bring fields along, and some fields move or fail.
func (w *World) addRequirements(r *rand.Rand) {
	for _, t := range w.types {
		if !t.entity || t.fragile {
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
			if r.IntN(3) == 0 {
				w.provide(r, f, g)
			}
		}
	}
	w.addFailures(r)
}

// provide lets a link bring a leaf along: of the type it leads to, or of a member of that.
func (w *World) provide(r *rand.Rand, f *worldField, g int) {
	of := f.to
	if known := of.membersIn(g); len(known) > 0 && !of.isObject(g) {
		of = known[r.IntN(len(known))]
	}
	if !of.entity || of.fragile {
		return
	}
	h := of.fields[r.IntN(len(of.fields))]
	if h.plain() && h.requires == nil && h.name != noteField && h.overrides != g && !slices.Contains(h.graphs, g) {
		if f.provides == nil {
			f.provides = map[int]provision{}
		}
		f.provides[g] = provision{of, h}
	}
}

// fields writes the provision as a field set for the link.
func (p provision) fields(f *worldField) string {
	if p.of == f.to {
		return p.leaf.name
	}
	return "... on " + p.of.name + " { " + p.leaf.name + " }"
}

// plain tells whether the field is a leaf without arguments.
func (f *worldField) plain() bool { return f.to == nil && !f.arg }

// require makes a field need another one of its type, or a leaf behind that.
func (w *World) require(r *rand.Rand, t *worldType, f, h *worldField) {
	g := f.graphs[0]
	if f.to != nil || f.requires != nil || len(f.graphs) > 1 || slices.Contains(h.graphs, g) || h.overrides == g || f.overrides >= 0 {
		return
	}
	if h.to != nil {
		if !h.to.entity || h.to.fragile || h.to == t {
			return
		}
		below := h.to.fields[r.IntN(len(h.to.fields))]
		if !below.plain() || below.requires != nil || slices.Contains(below.graphs, g) || below.overrides == g {
			return
		}
		if len(h.to.keys[g]) == 0 {
			h.to.keys[g] = []worldKey{h.to.usualKey()}
		}
		f.requiresBelow = below
	}
	f.requires, f.requiresN = h, r.IntN(4)
}

// requirement writes what the field requires as a field set.
func (f *worldField) requirement() string {
	text := f.requires.name
	if f.requires.arg {
		text += fmt.Sprintf("(n: %d)", f.requiresN)
	}
	if f.requiresBelow != nil {
		text += " { " + f.requiresBelow.name + " }"
	}
	return text
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
		if p, ok := f.provides[g]; ok && p.of == t && slices.Contains(f.graphs, g) {
			add(p.leaf)
		}
	}
	return external
}

// provided tells whether some link brings the field along.
func (w *World) provided(f *worldField) bool {
	return slices.ContainsFunc(w.links(), func(l *worldField) bool {
		for _, p := range l.provides {
			if p.leaf == f {
				return true
			}
		}
		return false
	})
}

// spreadValues lets the subgraphs that share a link know different parts of the value it leads to.
func (w *World) spreadValues(r *rand.Rand) {
	for _, t := range w.types {
		if t.entity || t.kind != ast.Object || r.IntN(2) == 0 {
			continue
		}
		for _, f := range t.fields[1:] {
			if len(f.graphs) > 1 {
				f.graphs = slices.Clone(f.graphs)
				i := r.IntN(len(f.graphs))
				f.graphs = slices.Delete(f.graphs, i, i+1)
			}
		}
	}
}
