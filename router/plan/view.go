package plan

import (
	"slices"

	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
)

const typenameField = "__typename"

// view is how one subgraph shows the objects at one place: the type it gives them and what a @provides above adds to it.
// Views are interned: equal views are the same pointer.
type view struct {
	id       int
	typ      *supergraph.Type
	graph    supergraph.GraphID
	io       bool // the subgraph knows the interface as an object (@interfaceObject)
	provided *provided
}

// runtime lists the object types that the view's objects can have.
func (v *view) runtime() []*supergraph.Type {
	if v.typ.Kind == ast.Object {
		return []*supergraph.Type{v.typ}
	}
	if in := v.typ.In(v.graph); in != nil {
		return in.Runtime
	}
	return nil
}

// canBe tells whether an object of the view can be of object type t.
func (v *view) canBe(t *supergraph.Type) bool { return slices.Contains(v.runtime(), t) }

// supply is the answer to whether a view has a field.
type supply struct {
	ok       bool
	child    *view                // nil for leaves
	requires *supergraph.FieldSet // the field can be had only with these as input
}

func (s supply) direct() bool { return s.ok && s.requires == nil }

type viewKey struct {
	typ      supergraph.TypeID
	graph    supergraph.GraphID
	provided *provided
}

type supplyKey struct {
	view  *view
	field string
}

// views makes and interns the views of one model, and remembers what each supplies.
type views struct {
	model      *supergraph.Model
	labels     map[string]bool
	provisions *provisions
	interned   map[viewKey]*view
	supplies   map[supplyKey]supply
	entries    map[*supergraph.Type][]*view
}

func newViews(m *supergraph.Model, labels map[string]bool) *views {
	return &views{model: m, labels: labels, provisions: newProvisions(m), interned: map[viewKey]*view{},
		supplies: map[supplyKey]supply{}, entries: map[*supergraph.Type][]*view{}}
}

func (vs *views) get(t *supergraph.Type, g supergraph.GraphID, p *provided) *view {
	k := viewKey{t.ID, g, p}
	v := vs.interned[k]
	if v == nil {
		in := t.In(g)
		v = &view{id: len(vs.interned), typ: t, graph: g, io: in != nil && in.InterfaceObject, provided: p}
		vs.interned[k] = v
	}
	return v
}

// narrowed returns the view of those objects of v that are of object type t.
func (vs *views) narrowed(v *view, t *supergraph.Type) *view {
	if v.io || v.typ == t {
		return v
	}
	return vs.get(t, v.graph, vs.provisions.forType(v.provided, t))
}

// supply tells whether the view has the field, and under what condition.
func (vs *views) supply(v *view, field string) supply {
	k := supplyKey{v, field}
	s, ok := vs.supplies[k]
	if !ok {
		s = vs.find(v, field)
		vs.supplies[k] = s
	}
	return s
}

func (vs *views) find(v *view, name string) supply {
	if name == typenameField {
		return supply{ok: !v.io}
	}
	f := v.typ.Fields[name]
	if f == nil {
		return supply{}
	}
	in := f.FieldIn(v.graph)
	if in == nil {
		return supply{}
	}
	below, provided := vs.provisions.forType(v.provided, v.typ).provides(name)
	if v.typ.Kind == ast.Interface && !v.io {
		if !provided {
			common, ok := vs.uniform(v, name)
			if !ok {
				return supply{}
			}
			below = common
		}
	} else if in.External && !provided || in.UsedOverridden || vs.inactive(in) {
		return supply{}
	}
	s := supply{ok: true}
	if !provided {
		s.requires = in.Requires
	}
	base := f.Base
	if in.Type != nil {
		base = vs.model.Type(in.Type.Name())
	}
	if base != nil && base.Composite() {
		s.child = vs.get(base, v.graph, vs.provisions.merge(below, vs.provisions.parse(in.Provides)))
	}
	return s
}

// inactive tells whether a labelled @override gives the field to the other subgraph at present.
func (vs *views) inactive(in *supergraph.FieldInGraph) bool {
	return in.OverrideLabel != "" && (in.Override != "") != vs.labels[in.OverrideLabel]
}

// uniform tells whether every object type of a real interface view has the field without conditions, so that it means
// the same for each of them, and returns what all of them provide below it.
func (vs *views) uniform(v *view, name string) (*provided, bool) {
	var common *provided
	for i, t := range v.runtime() {
		s := vs.supply(vs.narrowed(v, t), name)
		if !s.direct() {
			return nil, false
		}
		if s.child != nil {
			if i == 0 {
				common = s.child.provided
			} else {
				common = vs.provisions.intersect(common, s.child.provided)
			}
		}
	}
	return common, true
}

// targets lists the views that objects of type t can be entered by: its own with a resolvable key, and those of its
// interfaces that are interface objects.
func (vs *views) targets(t *supergraph.Type) []*view {
	if r, ok := vs.entries[t]; ok {
		return r
	}
	r := vs.resolvable(t, false)
	for _, i := range t.Interfaces {
		if !t.Abstract() {
			r = append(r, vs.resolvable(i, true)...)
		}
	}
	vs.entries[t] = r
	return r
}

func (vs *views) resolvable(t *supergraph.Type, onlyInterfaceObjects bool) []*view {
	var r []*view
	for i := range t.Graphs {
		in := &t.Graphs[i]
		if onlyInterfaceObjects && !in.InterfaceObject || len(keys(in)) == 0 {
			continue
		}
		r = append(r, vs.get(t, in.Graph, nil))
	}
	return r
}

// holders lists the views in which a requirement of a field of t can be declared, entered or not.
func (vs *views) holders(t *supergraph.Type) []*view {
	var r []*view
	for i := range t.Graphs {
		if !t.Abstract() || t.Graphs[i].InterfaceObject {
			r = append(r, vs.get(t, t.Graphs[i].Graph, nil))
		}
	}
	if !t.Abstract() {
		for _, i := range t.Interfaces {
			for j := range i.Graphs {
				if i.Graphs[j].InterfaceObject {
					r = append(r, vs.get(i, i.Graphs[j].Graph, nil))
				}
			}
		}
	}
	return r
}

// keys lists the resolvable keys.
func keys(in *supergraph.TypeInGraph) []*supergraph.FieldSet {
	var r []*supergraph.FieldSet
	for _, k := range in.Keys {
		if k.Resolvable && k.Fields != nil {
			r = append(r, k.Fields)
		}
	}
	return r
}

func (v *view) keys() []*supergraph.FieldSet {
	in := v.typ.In(v.graph)
	if in == nil {
		return nil
	}
	return keys(in)
}
