package compose

import (
	"slices"
	"strings"

	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
)

// view is what one subgraph can answer of an object at some place of an operation.
type view struct {
	graph    supergraph.GraphID
	as       *supergraph.Type       // the object's type, or the interface that the subgraph has as an interface object
	provided []*supergraph.FieldSet // what @provides of the fields above adds here
}

func (v view) key() string {
	texts := make([]string, len(v.provided))
	for i, set := range v.provided {
		texts[i] = set.String()
	}
	slices.Sort(texts)
	return string(rune(v.graph)) + v.as.Name + "(" + strings.Join(slices.Compact(texts), "|") + ")"
}

// step is a field as one view answers it.
type step struct {
	from     view
	typ      *ast.Type // as the subgraph has it
	provided []*supergraph.FieldSet
}

// reach finds out which views open up from others: the question that a planner answers for one operation, for all.
type reach struct {
	model *supergraph.Model
	// labels tells whether the progressive overrides are in force.
	labels  bool
	closed  map[string][]view
	pending map[string]bool // requirements under examination, which cannot be met by themselves
}

func newReach(m *supergraph.Model, labels bool) *reach {
	return &reach{model: m, labels: labels, closed: map[string][]view{}, pending: map[string]bool{}}
}

// direct tells whether the view answers the field, and what it requires for that.
func (r *reach) direct(v view, object *supergraph.Type, name string) (s step, requires *supergraph.FieldSet, ok bool) {
	f := v.as.Fields[name]
	if f == nil {
		return s, nil, false
	}
	in := f.FieldIn(v.graph)
	if in == nil {
		return s, nil, false
	}
	sub, provided := r.provision(v.provided, object, name)
	inactive := in.OverrideLabel != "" && (in.Override != "") != r.labels
	if !provided && (in.External || in.UsedOverridden || inactive) {
		return s, nil, false
	}
	s = step{from: v, typ: f.Type, provided: sub}
	if in.Type != nil {
		s.typ = in.Type
	}
	if in.Provides != nil {
		s.provided = append(s.provided, in.Provides)
	}
	if !provided {
		requires = in.Requires
	}
	return s, requires, true
}

// provision looks the field up in what is provided, and returns what is provided below it.
func (r *reach) provision(sets []*supergraph.FieldSet, object *supergraph.Type, name string) (below []*supergraph.FieldSet, ok bool) {
	for _, set := range sets {
		for _, sel := range set.Fields {
			if sel.Name == name {
				ok = true
				if sel.Sub != nil {
					below = append(below, sel.Sub)
				}
			}
		}
		for _, on := range set.On {
			if r.holds(on.Type, object) {
				more, found := r.provision([]*supergraph.FieldSet{on.Fields}, object, name)
				below, ok = append(below, more...), ok || found
			}
		}
	}
	return below, ok
}

// holds tells whether a type condition holds for the object.
func (r *reach) holds(condition string, object *supergraph.Type) bool {
	t := r.model.Type(condition)
	return t == object || t != nil && slices.Contains(t.Runtime, object)
}

// steps returns how the views answer the field of the object, its requirements met.
func (r *reach) steps(object *supergraph.Type, name string, views []view) []step {
	var steps []step
	for _, v := range views {
		if s, requires, ok := r.direct(v, object, name); ok && (requires == nil || r.canRequire(object, name, v, requires, views)) {
			steps = append(steps, s)
		}
	}
	return steps
}

// canRequire tells whether the requirements of a field can be brought to its subgraph, which takes a key of its own.
func (r *reach) canRequire(object *supergraph.Type, name string, v view, requires *supergraph.FieldSet, views []view) bool {
	guard := object.Name + "." + name + v.key()
	if r.pending[guard] {
		return false
	}
	r.pending[guard] = true
	defer delete(r.pending, guard)
	return r.canEnter(object, v.as.In(v.graph), views) && r.obtainable(object, requires, views)
}

// canEnter tells whether the views give a key by which the subgraph answers the type.
func (r *reach) canEnter(object *supergraph.Type, in *supergraph.TypeInGraph, views []view) bool {
	return in != nil && slices.ContainsFunc(in.Keys, func(k supergraph.Key) bool {
		return k.Resolvable && r.obtainable(object, k.Fields, views)
	})
}

// obtainable tells whether the views, and what opens up below them, answer the whole set.
func (r *reach) obtainable(object *supergraph.Type, set *supergraph.FieldSet, views []view) bool {
	for _, sel := range set.Fields {
		if sel.Name == "__typename" {
			continue
		}
		steps := r.steps(object, sel.Name, views)
		if len(steps) == 0 {
			return false
		}
		if sel.Sub == nil {
			continue
		}
		for below, opened := range r.below(steps) {
			if !r.obtainable(below, sel.Sub, r.close(below, opened)) {
				return false
			}
		}
	}
	for _, on := range set.On {
		if r.holds(on.Type, object) && !r.obtainable(object, on.Fields, views) {
			return false
		}
	}
	return true
}

// below returns the views that the steps open, by the type of the object that they may lead to.
func (r *reach) below(steps []step) map[*supergraph.Type][]view {
	opened := map[*supergraph.Type][]view{}
	for _, s := range steps {
		base := r.model.Type(s.typ.Name())
		if base == nil || !base.Composite() || base.In(s.from.graph) == nil {
			continue
		}
		if in := base.In(s.from.graph); in.InterfaceObject {
			for _, object := range base.Runtime {
				opened[object] = append(opened[object], view{s.from.graph, base, s.provided})
			}
		} else {
			for _, object := range in.Runtime {
				opened[object] = append(opened[object], view{s.from.graph, object, s.provided})
			}
		}
	}
	return opened
}

// close adds the views that keys open from those at hand, until there are no more.
func (r *reach) close(object *supergraph.Type, views []view) []view {
	memo := object.Name + ":" + viewsKey(views)
	if found, ok := r.closed[memo]; ok {
		return found
	}
	views = slices.Clone(views)
	for more := true; more; {
		more = false
		for _, candidate := range r.entries(object) {
			at := func(v view) bool { return v.graph == candidate.graph && v.as == candidate.as }
			if !slices.ContainsFunc(views, at) && r.opens(object, candidate, views) {
				views = append(views, candidate)
				more = true
			}
		}
	}
	if len(r.pending) == 0 {
		r.closed[memo] = views
	}
	return views
}

func viewsKey(views []view) string {
	keys := make([]string, len(views))
	for i, v := range views {
		keys[i] = v.key()
	}
	slices.Sort(keys)
	return strings.Join(slices.Compact(keys), ",")
}

// entries returns the views of an object that a key might open.
func (r *reach) entries(object *supergraph.Type) []view {
	var found []view
	for _, in := range object.Graphs {
		found = append(found, view{graph: in.Graph, as: object})
	}
	for _, iface := range object.Interfaces {
		for _, in := range iface.Graphs {
			if in.InterfaceObject {
				found = append(found, view{graph: in.Graph, as: iface})
			}
		}
	}
	return found
}

// opens tells whether the candidate can be entered from the views. The query root takes no key. Interface objects do not tell which object it is:
// from them alone only the interface itself can be entered.
func (r *reach) opens(object *supergraph.Type, candidate view, views []view) bool {
	if object == r.model.Query {
		return true
	}
	known := slices.ContainsFunc(views, func(v view) bool { return v.as == object })
	if known || candidate.as != object {
		return r.canEnter(object, candidate.as.In(candidate.graph), views)
	}
	return slices.ContainsFunc(views, func(v view) bool {
		in := v.as.In(candidate.graph)
		return in != nil && !in.InterfaceObject && slices.Contains(in.Runtime, object) && r.canEnter(object, in, views)
	})
}
