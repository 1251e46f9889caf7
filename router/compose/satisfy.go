package compose

import (
	"cmp"
	"context"
	"slices"

	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
)

// maxStates bounds the search through a supergraph.
const maxStates = 200_000

// state is a place that an operation can get to: an object, and all that subgraphs can answer of it there.
type state struct {
	object *supergraph.Type
	views  []view
	parent *state
	field  *supergraph.Field // of the parent's object; nil for a root
}

// unsatisfied is a field that an operation can select but no subgraph answers at that place.
type unsatisfied struct {
	at    *state
	field *supergraph.Field
}

// satisfiable checks that every operation which the API schema allows can be answered. It walks through all places
// that operations can get to, and reports each field that cannot be answered somewhere, with an example.
func satisfiable(ctx context.Context, m *supergraph.Model, nodes func(typeName, field string) []Node) Errors {
	var p problems
	checkRuntimeTypes(m, nodes, &p)
	seen := map[*supergraph.Field]bool{}
	for _, labels := range []bool{false, true} {
		w := &walker{ctx: ctx, reach: newReach(m, labels), visited: map[*supergraph.Type][]map[string]bool{}}
		for _, root := range []*supergraph.Type{m.Query, m.Mutation, m.Subscription} {
			if root != nil {
				w.walkRoot(root, root != m.Query)
			}
		}
		for _, u := range w.found {
			if !seen[u.field] {
				seen[u.field] = true
				p.add("SATISFIABILITY_ERROR", nodes(u.field.Parent.Name, u.field.Name), "%s", w.reach.explain(u))
			}
		}
		if w.stopped != "" {
			p.add("MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED", nil, "Could not check whether the supergraph can answer every operation: %s.", w.stopped)
		}
		if !hasLabels(m) {
			break
		}
	}
	return p.errs
}

func hasLabels(m *supergraph.Model) bool {
	for _, t := range m.Types {
		for _, f := range t.Order {
			for _, in := range f.In {
				if in.OverrideLabel != "" {
					return true
				}
			}
		}
	}
	return false
}

// walker collects what cannot be answered.
type walker struct {
	ctx     context.Context
	reach   *reach
	visited map[*supergraph.Type][]map[string]bool // the keys of the views of each state
	states  int
	found   []unsatisfied
	stopped string // why the search was given up
}

// walkRoot walks from a root type. A field of a mutation or subscription is sent to one subgraph only, so that one of
// those which have it must be able to start all that follows.
func (w *walker) walkRoot(root *supergraph.Type, single bool) {
	start := &state{object: root}
	for _, in := range root.Graphs {
		start.views = append(start.views, view{graph: in.Graph, as: root})
	}
	if !single {
		w.walk([]*state{start})
		return
	}
	for _, f := range root.Order {
		steps := w.reach.steps(root, f.Name, start.views)
		if f.Inaccessible {
			continue
		}
		if len(steps) == 0 {
			w.found = append(w.found, unsatisfied{start, f})
		}
		var first []unsatisfied
		for i, s := range steps {
			trial := &walker{ctx: w.ctx, reach: w.reach, visited: map[*supergraph.Type][]map[string]bool{}}
			trial.walk(trial.next(start, f, []step{s}))
			w.stopped = cmp.Or(w.stopped, trial.stopped)
			if i == 0 {
				first = trial.found
			}
			if len(trial.found) == 0 {
				first = nil
				break
			}
		}
		w.found = append(w.found, first...)
	}
}

// walk visits the states and all that follow, those with the shortest way first.
func (w *walker) walk(queue []*state) {
	for len(queue) > 0 && w.stopped == "" {
		at := queue[0]
		queue = queue[1:]
		if w.known(at) {
			continue
		}
		w.states++
		if err := w.ctx.Err(); err != nil {
			w.stopped = err.Error()
		} else if w.states > maxStates {
			w.stopped = "it has too many ways through its subgraphs"
		}
		for _, f := range at.object.Order {
			if f.Inaccessible {
				continue
			}
			steps := w.reach.steps(at.object, f.Name, at.views)
			if len(steps) == 0 {
				w.found = append(w.found, unsatisfied{at, f})
				continue
			}
			queue = append(queue, w.next(at, f, steps)...)
		}
	}
}

// known tells whether the object was visited with these views or fewer of them: what fewer could answer, these can.
func (w *walker) known(at *state) bool {
	keys := map[string]bool{}
	for _, v := range at.views {
		keys[v.key()] = true
	}
	for _, fewer := range w.visited[at.object] {
		contained := true
		for k := range fewer {
			contained = contained && keys[k]
		}
		if contained {
			return true
		}
	}
	w.visited[at.object] = append(w.visited[at.object], keys)
	return false
}

// next returns the states below a field, in the order of their types. Where subgraphs disagree on what an abstract field
// can return, only what all of them know counts: no plan selects anything on the other types.
func (w *walker) next(at *state, f *supergraph.Field, steps []step) []*state {
	var states []*state
	for object, views := range w.reach.below(steps) {
		if !object.Inaccessible && len(views) == len(steps) {
			states = append(states, &state{object: object, views: w.reach.close(object, views), parent: at, field: f})
		}
	}
	slices.SortFunc(states, func(x, y *state) int { return cmp.Compare(x.object.ID, y.object.ID) })
	return states
}

// checkRuntimeTypes refuses a shared field of an abstract type whose subgraphs can never return the same object.
func checkRuntimeTypes(m *supergraph.Model, nodes func(typeName, field string) []Node, p *problems) {
	for _, t := range m.Types {
		for _, f := range t.Order {
			if t.Kind != ast.Object || !f.Base.Abstract() {
				continue
			}
			var common []*supergraph.Type
			resolving := 0
			for _, in := range f.In {
				base := f.Base
				if in.Type != nil {
					base = m.Type(in.Type.Name())
				}
				own := base.In(in.Graph)
				if in.External || in.UsedOverridden || own == nil || own.InterfaceObject || len(own.Runtime) == 0 {
					continue
				}
				if resolving == 0 {
					common = slices.Clone(own.Runtime)
				}
				resolving++
				common = slices.DeleteFunc(common, func(o *supergraph.Type) bool { return !slices.Contains(own.Runtime, o) })
			}
			if resolving > 1 && len(common) == 0 {
				p.add("SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES", nodes(t.Name, f.Name),
					"For the shared field \"%s.%s\" of type %q the subgraphs declare no runtime type in common.", t.Name, f.Name, f.Type)
			}
		}
	}
}
