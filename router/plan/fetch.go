package plan

import (
	"slices"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan/solve"
	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
)

// fetch is one question to a subgraph while a plan is made.
type fetch struct {
	id    int
	graph supergraph.GraphID
	unit  int  // of a mutation: which root field it serves
	root  bool // asks root fields; else entities
	place *place
	parts []*part
	deps  []*fetch
}

// part is the share of a fetch that asks for objects of one type by one key; a root fetch has one part.
type part struct {
	path    []Step
	repType string // __typename of the representations
	key     *supergraph.FieldSet
	rep     []RepField
	sel     *selection
	decides bool // says whether there are the objects, whatever is asked of them
	// spares are what a fused part was made of, where inputs of one may be missing while those of another are there.
	spares []*part
}

// pieces lists what a part was made of, or itself.
func (p *part) pieces() []*part {
	if p.spares != nil {
		return slices.Clone(p.spares)
	}
	return []*part{p}
}

func (f *fetch) dependOn(o *fetch) {
	if o != f && !slices.Contains(f.deps, o) {
		f.deps = append(f.deps, o)
	}
}

// reaches tells whether f depends on o, directly or not.
func (f *fetch) reaches(o *fetch) bool {
	if slices.Contains(f.deps, o) {
		return true
	}
	seen := map[*fetch]bool{}
	var visit func(*fetch) bool
	visit = func(f *fetch) bool {
		for _, d := range f.deps {
			if d == o {
				return true
			}
			if !seen[d] {
				seen[d] = true
				if visit(d) {
					return true
				}
			}
		}
		return false
	}
	return visit(f)
}

// selection is what a subgraph is asked for at one place.
type selection struct {
	graph    supergraph.GraphID
	typ      *supergraph.Type
	place    *place
	typename bool
	fields   []selectedField
	on       []*selection // for single types of an abstract typ
}

type selectedField struct {
	slot int
	name string
	args []operation.Arg
	typ  *ast.Type  // in the subgraph
	sub  *selection // nil for a leaf
}

func (o *selection) empty() bool {
	return !o.typename && len(o.fields) == 0 && !slices.ContainsFunc(o.on, func(b *selection) bool { return !b.empty() })
}

func (o *selection) fieldIn(slot int) int {
	return slices.IndexFunc(o.fields, func(f selectedField) bool { return f.slot == slot })
}

// field asks for a field and returns it. The next one may move it.
func (o *selection) field(slot int, f *operation.Field) *selectedField {
	if i := o.fieldIn(slot); i >= 0 {
		return &o.fields[i]
	}
	def := o.typ.Fields[f.Name]
	r := selectedField{slot: slot, name: f.Name, args: f.Args, typ: def.Type}
	if in := def.FieldIn(o.graph); in != nil && in.Type != nil {
		r.typ = in.Type
	}
	o.fields = append(o.fields, r)
	return &o.fields[len(o.fields)-1]
}

// below asks for a composite field and returns what is asked for below it.
func (o *selection) below(slot int, field *operation.Field, typ *supergraph.Type, at *place) *selection {
	f := o.field(slot, field)
	if f.sub == nil {
		f.sub = &selection{graph: o.graph, typ: typ, place: at}
	}
	return f.sub
}

// branch returns what is asked for of objects of one type.
func (o *selection) branch(t *supergraph.Type) *selection {
	if o.typ == t {
		return o
	}
	i := slices.IndexFunc(o.on, func(b *selection) bool { return b.typ == t })
	if i < 0 {
		i = len(o.on)
		o.on = append(o.on, &selection{graph: o.graph, typ: t, place: o.place})
	}
	return o.on[i]
}

// graft asks for all that the other asks for.
func (o *selection) graft(other *selection) {
	o.typename = o.typename || other.typename
	for _, f := range other.fields {
		i := o.fieldIn(f.slot)
		switch {
		case i < 0:
			o.fields = append(o.fields, f)
		case f.sub != nil:
			o.fields[i].sub.graft(f.sub)
		}
	}
	for _, b := range other.on {
		o.branch(b.typ).graft(b)
	}
}

// clone returns a copy that does not change with the original.
func (o *selection) clone() *selection {
	c := *o
	c.fields = slices.Clone(o.fields)
	for i, f := range c.fields {
		if f.sub != nil {
			c.fields[i].sub = f.sub.clone()
		}
	}
	c.on = make([]*selection, len(o.on))
	for i, b := range o.on {
		c.on[i] = b.clone()
	}
	return &c
}

// source is an open view while a plan is made. Nothing is asked of it before it is used.
type source struct {
	fetch *fetch
	view  *solve.View
	sel   *selection // nil until it is used

	// above is what it is part of: the objects of the view's type, or those in a field.
	above *source
	field *operation.Field // nil: not those in a field
	slot  int
	place *place // of the objects in the field
}

// use returns what is asked of the source, for something that draws on it.
func (s *source) use(used *usage) *selection {
	if s.sel == nil {
		above := s.above.use(nil)
		if s.field != nil {
			s.sel = above.below(s.slot, s.field, s.view.Type, s.place)
		} else {
			above.typename = true // where sources disagree about null, each must say what its objects are
			s.sel = above.branch(s.view.Type)
		}
	}
	used.add(s.fetch)
	return s.sel
}

// usage collects the fetches that something draws on. It may be nil.
type usage struct{ fetches []*fetch }

func (u *usage) add(f *fetch) {
	if u != nil && !slices.Contains(u.fetches, f) {
		u.fetches = append(u.fetches, f)
	}
}
