package plan

import (
	"slices"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan/solve"
	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
)

// builder turns solutions into fetches.
type builder struct {
	views      *solve.Views
	selections *solve.Selections
	places     *places
	texts      *texts
	fetches    []*fetch
	unit       int
}

func (b *builder) newFetch(g supergraph.GraphID, at *place, root bool) *fetch {
	f := &fetch{id: len(b.fetches), graph: g, unit: b.unit, place: at, root: root}
	b.fetches = append(b.fetches, f)
	return f
}

// roots builds the fetches for all root fields. Those of a mutation follow each other: each waits for everything that
// belongs to the one before.
func (b *builder) roots(op *operation.Op, choices []solve.Root, top *place) {
	shared := map[supergraph.GraphID]*source{}
	for i, c := range choices {
		before := b.fetches
		if op.Kind == ast.Mutation {
			b.unit = i
			clear(shared)
		}
		sources, from := make([]*source, len(c.Views)), make([]int, len(c.Views))
		for i, v := range c.Views {
			src := shared[v.Graph]
			if src == nil {
				src = b.openRoot(v, top)
				shared[v.Graph] = src
				if op.Kind == ast.Mutation {
					for _, f := range before {
						src.fetch.dependOn(f)
					}
				}
			}
			sources[i], from[i] = src, i
		}
		b.out(&solve.Out{Field: c.Field, How: solve.Direct, From: from, Child: c.Child}, sources, location{place: top}, nil)
	}
}

func (b *builder) openRoot(v *solve.View, top *place) *source {
	f := b.newFetch(v.Graph, top, true)
	sel := &selection{graph: v.Graph, typ: v.Type, place: top}
	f.parts = []*part{{sel: sel}}
	return &source{fetch: f, view: v, sel: sel}
}

// solution builds what a solution needs at a location. Fetches that the result draws on are added to used.
func (b *builder) solution(p *solve.Solution, entries []*source, at location, used *usage) {
	sources := entries
	if len(p.Steps) > 0 {
		sources = append(make([]*source, 0, len(entries)+len(p.Steps)), entries...)
	}
	for i := range p.Steps {
		sources = append(sources, b.step(&p.Steps[i], sources, at))
	}
	if p.Selection.Type.Abstract() {
		b.abstract(p, sources, at, used)
		return
	}
	for i := range p.Outs {
		b.out(&p.Outs[i], sources, at, used)
	}
}

// abstract builds a solution for a place of abstract type. The type comes from the first source that knows it.
func (b *builder) abstract(p *solve.Solution, sources []*source, at location, used *usage) {
	typed := -1
	if needsType(p) {
		typed = earliestReal(sources)
	}
	if typed >= 0 {
		sources[typed].use(used).typename = true
	}
	for _, t := range p.Dropped {
		at.place.dropped = append(at.place.dropped, typeID(t))
	}
	for i := range p.Outs {
		o := &p.Outs[i]
		for i := range o.Per {
			b.branch(&o.Per[i], sources, at, typed, used)
		}
		if o.How != solve.Exploded {
			b.out(o, sources, at, used)
		}
	}
	for i := range p.Per {
		b.branch(&p.Per[i], sources, at, typed, used)
	}
}

// needsType tells whether the runtime type of the objects must be asked for: somebody distinguishes by it, or it may be
// one that clients must not see.
func needsType(p *solve.Solution) bool {
	if len(p.Per) > 0 || len(p.Selection.Per) > 0 {
		return true
	}
	for _, o := range p.Outs {
		if o.How == solve.Exploded || o.How == solve.Existence || o.Field.Name == solve.Typename {
			return true
		}
	}
	return slices.ContainsFunc(p.Selection.Type.Runtime, func(t *supergraph.Type) bool { return t.Inaccessible })
}

func earliestReal(sources []*source) int {
	return slices.IndexFunc(sources, func(s *source) bool { return !s.view.InterfaceObject })
}

// branch builds the part of an abstract place that is of one type, as told by the source typed.
func (b *builder) branch(br *solve.Branch, sources []*source, at location, typed int, used *usage) {
	narrowed := make([]*source, len(br.From))
	for i, from := range br.From {
		narrowed[i] = b.narrow(sources[from], br.Type)
	}
	b.solution(br.Child, narrowed, at.guarded(typeID(br.Type), sources[typed].fetch), used)
}

// narrow returns the source for objects of one type.
func (b *builder) narrow(s *source, t *supergraph.Type) *source {
	if s.view.InterfaceObject || s.view.Type == t {
		return s
	}
	return &source{fetch: s.fetch, view: b.views.Narrowed(s.view, t), above: s}
}

// out builds one field.
func (b *builder) out(o *solve.Out, sources []*source, at location, used *usage) {
	switch o.How {
	case solve.Constant:
	case solve.Existence:
		sources[o.From[0]].use(used).typename = true
	case solve.Required:
		s := b.step(o.Step, sources[:o.Step.Sources], at)
		b.field(o, []*source{s}, at, used)
	case solve.Direct:
		from := make([]*source, 0, 4)
		for _, i := range o.From {
			from = append(from, sources[i])
		}
		b.field(o, from, at, used)
	}
}

// field asks the sources for a field, and if it is no leaf for what is wanted below it.
func (b *builder) field(o *solve.Out, from []*source, at location, used *usage) {
	f := o.Field
	if f.Name == solve.Typename {
		from[0].use(used).typename = true
		return
	}
	slot := at.place.slotOf(f)
	if o.Child == nil {
		from[0].use(used).field(slot, f)
		return
	}
	below := b.places.child(at.place, slot)
	children := make([]*source, len(from))
	for i, s := range from {
		children[i] = &source{fetch: s.fetch, view: b.views.Child(s.view, f.Name), above: s, field: f, slot: slot, place: below}
	}
	below.virtual = !slices.ContainsFunc(children, func(s *source) bool { return !s.view.Virtual })
	b.solution(o.Child, children, at.below(below), used)
	asked := slices.ContainsFunc(children, func(s *source) bool { return s.sel != nil })
	abstract := f.Sub.Type.Abstract()
	if !asked || abstract && !o.Child.Selection.Type.Abstract() {
		children[0].use(used).typename = true
	} else if real := earliestReal(children); abstract && f.Response == "" && real >= 0 {
		children[real].use(used).typename = true // part of a representation
	}
}

// step builds an entity fetch and returns what it opens.
func (b *builder) step(st *solve.Step, sources []*source, at location) *source {
	if st.Condition == nil {
		return b.rootStep(st, sources[st.At], at)
	}
	var used usage
	b.solution(st.Condition, sources[:st.Sources], at, &used)
	f := b.newFetch(st.View.Graph, at.place, false)
	sel := &selection{graph: st.View.Graph, typ: st.View.Type, place: at.place}
	rep := b.representation(st.Condition.Selection, at.place, st.Key)
	f.parts = b.partTypes(st, sources[:st.Sources], at, &used)
	for _, p := range f.parts {
		p.key, p.rep, p.sel, p.decides = st.Key, rep, sel, st.Decides
	}
	f.deps = used.fetches
	for _, d := range at.needs {
		f.dependOn(d)
	}
	return &source{fetch: f, view: st.View, sel: sel}
}

// rootStep builds a fetch for root fields that belong to objects below the root.
func (b *builder) rootStep(st *solve.Step, existing *source, at location) *source {
	existing.use(nil).typename = true
	src := b.openRoot(st.View, at.place)
	src.fetch.parts[0].path = at.path
	src.fetch.dependOn(existing.fetch)
	for _, d := range at.needs {
		src.fetch.dependOn(d)
	}
	return src
}

// partTypes tells for which objects a step asks, and what their representations are called. An interface that is an
// entity is entered under the names of its object types where they are known.
func (b *builder) partTypes(st *solve.Step, sources []*source, at location, used *usage) []*part {
	placeType := st.Condition.Selection.Type
	v := st.View
	if v.InterfaceObject || !placeType.Abstract() {
		return []*part{{path: at.path, repType: v.Type.Name}}
	}
	i := earliestReal(sources)
	if i < 0 {
		return []*part{{path: at.path, repType: v.Type.Name}}
	}
	sources[i].use(used).typename = true
	var parts []*part
	for _, t := range v.Runtime() {
		if slices.ContainsFunc(sources, func(s *source) bool { return !s.view.InterfaceObject && s.view.CanBe(t) }) {
			parts = append(parts, &part{path: at.guarded(typeID(t), sources[i].fetch).path, repType: t.Name})
		}
	}
	return parts
}
