package federationtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"

	"github.com/vektah/gqlparser/v2/ast"
)

// tally counts the mutations that a world has seen: they tell by it in which order they came, and how often.
type tally struct{ atomic.Int64 }

// addMutations adds fields of the root of mutations: leaves, and links to entities.
func (w *World) addMutations(r *rand.Rand) {
	for i := range r.IntN(4) {
		f := &worldField{name: fmt.Sprintf("change%d", i), overrides: -1, arg: r.IntN(3) == 0, fails: r.IntN(4) == 0, graphs: r.Perm(w.graphs)[:1+r.IntN(4)/3]}
		if to := w.types[r.IntN(len(w.types))]; to.entity && r.IntN(3) > 0 {
			f.arg, f.fails = false, false
			w.link(r, f, to, f.graphs)
			f.nonNull = false // otherwise it is open whether those that follow are carried out
		}
		w.mutations = append(w.mutations, f)
	}
}

// change carries out a mutation.
func (o *worldObject) change(f *worldField, args map[string]any) (any, error) {
	if o.graph != monolith && !slices.Contains(f.graphs, o.graph) {
		return nil, fmt.Errorf("subgraph %d does not own %s", o.graph, f.name)
	}
	n := o.tally.Add(1)
	o.index = int(n)
	if f.to != nil {
		return o.follow(f), nil
	}
	return o.leaf(f, args)
}

// rootFields lists the root fields of a kind of operation.
func (w *World) rootFields(kind ast.Operation) []*worldField {
	if kind == ast.Mutation {
		return w.mutations
	}
	return w.roots
}
