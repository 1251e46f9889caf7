package solve

import (
	"slices"

	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
)

// Typename is the field that tells the type of an object.
const Typename = "__typename"

// View is how one subgraph shows the objects at one place: the type it gives them and what a @provides above adds to it.
// Views are interned: equal views are the same pointer.
type View struct {
	Type            *supergraph.Type
	Graph           supergraph.GraphID
	InterfaceObject bool // the subgraph knows the interface as an object, and not of what type its objects are
	Virtual         bool // the subgraph is virtual: its objects are names, of which only keys are taken

	id       int
	provided *provided
	keys     []*supergraph.FieldSet // by which its objects are entered
	supplies map[string]supply      // what is known of its fields so far
}

// Runtime lists the object types that the view's objects can have.
func (v *View) Runtime() []*supergraph.Type {
	if v.Type.Kind == ast.Object {
		return []*supergraph.Type{v.Type}
	}
	if in := v.Type.In(v.Graph); in != nil {
		return in.Runtime
	}
	return nil
}

// CanBe tells whether an object of the view can be of object type t.
func (v *View) CanBe(t *supergraph.Type) bool { return slices.Contains(v.Runtime(), t) }

// supply is the answer to whether a view has a field.
type supply struct {
	ok       bool
	child    *View                // nil for leaves
	requires *supergraph.FieldSet // the field can be had only with these as input
}

func (s supply) direct() bool { return s.ok && s.requires == nil }

// typeViews is what is known of the views of one type so far.
type typeViews struct {
	made    []*View
	targets []*View // nil if they are not known yet
	holders []*View // likewise
}

// Views makes and interns the views of one model, and remembers what each supplies.
type Views struct {
	model      *supergraph.Model
	labels     map[string]bool
	provisions *provisions
	types      map[*supergraph.Type]*typeViews
	count      int
}

func newViews(m *supergraph.Model, labels map[string]bool) *Views {
	return &Views{model: m, labels: labels, provisions: newProvisions(m), types: map[*supergraph.Type]*typeViews{}}
}

func (vs *Views) of(t *supergraph.Type) *typeViews {
	r := vs.types[t]
	if r == nil {
		r = &typeViews{}
		vs.types[t] = r
	}
	return r
}

func (vs *Views) get(t *supergraph.Type, g supergraph.GraphID, p *provided) *View {
	known := vs.of(t)
	for _, v := range known.made {
		if v.Graph == g && v.provided == p {
			return v
		}
	}
	v := &View{Type: t, Graph: g, Virtual: vs.model.Graphs[g].Virtual, id: vs.count, provided: p, supplies: map[string]supply{}}
	if in := t.In(g); in != nil {
		v.InterfaceObject, v.keys = in.InterfaceObject, keys(in)
	}
	vs.count++
	known.made = append(known.made, v)
	return v
}

// Narrowed returns the view of those objects of v that are of object type t.
func (vs *Views) Narrowed(v *View, t *supergraph.Type) *View {
	if v.InterfaceObject || v.Type == t {
		return v
	}
	return vs.get(t, v.Graph, vs.provisions.forType(v.provided, t))
}

// supply tells whether the view has the field, and under what condition.
func (vs *Views) supply(v *View, field string) supply {
	s, ok := v.supplies[field]
	if !ok {
		s = vs.find(v, field)
		v.supplies[field] = s
	}
	return s
}

// Child returns the view that a field leads to, nil for a leaf and where the view does not have the field.
func (vs *Views) Child(v *View, field string) *View { return vs.supply(v, field).child }

func (vs *Views) find(v *View, name string) supply {
	if name == Typename {
		return supply{ok: !v.InterfaceObject}
	}
	f := v.Type.Fields[name]
	if f == nil {
		return supply{}
	}
	in := f.FieldIn(v.Graph)
	if in == nil {
		return supply{}
	}
	below, provided := vs.provisions.forType(v.provided, v.Type).provides(name)
	if v.Type.Kind == ast.Interface && !v.InterfaceObject {
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
		s.child = vs.get(base, v.Graph, vs.provisions.merge(below, vs.provisions.parse(in.Provides)))
	}
	return s
}

// inactive tells whether a labelled @override gives the field to the other subgraph at present.
func (vs *Views) inactive(in *supergraph.FieldInGraph) bool {
	return in.OverrideLabel != "" && (in.Override != "") != vs.labels[in.OverrideLabel]
}

// uniform tells whether every object type of a real interface view has the field without conditions, so that it means
// the same for each of them, and returns what all of them provide below it.
func (vs *Views) uniform(v *View, name string) (*provided, bool) {
	var common *provided
	for i, t := range v.Runtime() {
		s := vs.supply(vs.Narrowed(v, t), name)
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
// interfaces that are interface objects. The query type needs no key.
func (vs *Views) targets(t *supergraph.Type) []*View {
	known := vs.of(t)
	if known.targets != nil {
		return known.targets
	}
	r := vs.resolvable(make([]*View, 0, len(t.Graphs)), t, false)
	if t == vs.model.Query {
		for i := range t.Graphs {
			r = append(r, vs.get(t, t.Graphs[i].Graph, nil))
		}
	}
	for _, i := range t.Interfaces {
		if !t.Abstract() {
			r = vs.resolvable(r, i, true)
		}
	}
	known.targets = r
	return r
}

// resolvable appends the views of a type that have a resolvable key.
func (vs *Views) resolvable(r []*View, t *supergraph.Type, onlyInterfaceObjects bool) []*View {
	for i := range t.Graphs {
		in := &t.Graphs[i]
		if onlyInterfaceObjects && !in.InterfaceObject {
			continue
		}
		if v := vs.get(t, in.Graph, nil); len(v.keys) > 0 {
			r = append(r, v)
		}
	}
	return r
}

// holders lists the views in which a requirement of a field of t can be declared, entered or not.
func (vs *Views) holders(t *supergraph.Type) []*View {
	known := vs.of(t)
	if known.holders != nil {
		return known.holders
	}
	r := make([]*View, 0, len(t.Graphs))
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
	known.holders = r
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
