package solve

import (
	"slices"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
)

func (s *Solver) solveAbstract(sel *operation.Selection, entries []entry, candidates []*View, m mode) *Solution {
	buckets, dropped := s.possible(sel, entries, candidates, m)
	if !m.internal && isVirtual(entries) {
		buckets = everyType(sel, buckets, entries)
	}
	if len(buckets) == 0 && onlyTypename(sel.Common) && firstReal(entries) >= 0 {
		return s.finishEmpty(&Solution{Selection: sel, Dropped: dropped}, entries)
	}
	var targets []*View
	if !m.closed {
		for _, v := range s.Views.targets(sel.Type) {
			if !isOpen(entries, v) {
				targets = append(targets, v)
			}
		}
	}
	a := abstractPlace{solver: s, sel: sel, buckets: buckets, dropped: dropped, candidates: candidates, mode: m}
	return s.search(sel.Type, entries, targets, nil, func(wanted []*View) *Solution { return a.try(entries, wanted) })
}

// possible returns the buckets that may be asked for, and the types of the others. A client's bucket is dropped where another plan could come to
// this place through a subgraph that does not know the type: the answer must not depend on the plan.
func (s *Solver) possible(sel *operation.Selection, entries []entry, candidates []*View, m mode) (keep []*operation.Bucket, dropped []*supergraph.Type) {
	for i := range sel.Per {
		t := sel.Per[i].Type
		var may bool
		if m.internal {
			may = slices.ContainsFunc(entries, func(e entry) bool { return e.view.InterfaceObject || e.view.CanBe(t) })
		} else {
			may = !slices.ContainsFunc(candidates, func(v *View) bool { return !v.InterfaceObject && !v.CanBe(t) })
		}
		if may {
			keep = append(keep, &sel.Per[i])
		} else {
			dropped = append(dropped, t)
		}
	}
	return keep, dropped
}

func onlyTypename(fields []*operation.Field) bool {
	return !slices.ContainsFunc(fields, func(f *operation.Field) bool { return f.Name != Typename })
}

// firstReal returns the index of the first source that knows the types of its objects, or -1.
func firstReal(sources []entry) int {
	return slices.IndexFunc(sources, func(e entry) bool { return !e.view.InterfaceObject })
}

func (s *Solver) finishEmpty(p *Solution, sources []entry) *Solution {
	i := firstReal(sources)
	if i < 0 {
		return nil
	}
	p.Outs = append(p.Outs, Out{How: Existence, From: []int{i}})
	return p
}

// abstractPlace is one place of abstract type while it is solved.
type abstractPlace struct {
	solver     *Solver
	sel        *operation.Selection
	buckets    []*operation.Bucket
	dropped    []*supergraph.Type
	candidates []*View
	mode       mode
}

// try solves the place with exactly the wanted views opened.
func (a *abstractPlace) try(entries []entry, wanted []*View) *Solution {
	sources, steps, total, ok := a.solver.open(a.sel, entries, wanted)
	if !ok {
		return nil
	}
	p := &Solution{Selection: a.sel, Steps: steps, Dropped: a.dropped, cost: total}
	needType := len(a.buckets) > 0
	for _, f := range a.sel.Common {
		o, c, ok := a.supply(f, sources)
		if !ok {
			return nil
		}
		needType = needType || o.How == Exploded
		p.Outs = append(p.Outs, o)
		p.cost = p.cost.plus(c)
	}
	for _, b := range a.buckets {
		br, ok := a.branch(b.Type, a.solver.Selections.bucket(a.sel, b), sources, allOf(sources))
		if !ok {
			return nil
		}
		p.Per = append(p.Per, br)
		p.cost = p.cost.plus(br.Child.cost)
	}
	if needType && firstReal(sources) < 0 {
		return nil
	}
	if len(p.Outs) == 0 && len(p.Per) == 0 {
		return a.solver.finishEmpty(p, sources)
	}
	return p
}

// supply finds the cheapest supplier of a common field. It must mean the same for every object of the place, so it
// comes from the interface as a whole, or for each object type from one and the same source.
func (a *abstractPlace) supply(f *operation.Field, sources []entry) (Out, cost, bool) {
	s := a.solver
	o, c, ok := a.direct(f, sources)
	if !ok && a.sel.Type.Kind == ast.Interface && !a.mode.closed && f.Name != Typename {
		o, c, ok = s.supplyRequired(a.sel.Type, f, sources, a.mode)
	}
	if f.Name == Typename {
		return o, c, ok
	}
	for i := range sources {
		if per, price, can := a.explode(f, sources, i); can && (!ok || price.less(c)) {
			o, c, ok = Out{Field: f, How: Exploded, Per: per}, price, true
		}
	}
	return o, c, ok
}

// direct takes the field from the views of the abstract type itself.
func (a *abstractPlace) direct(f *operation.Field, sources []entry) (Out, cost, bool) {
	return a.solver.supplyDirect(a.sel.Type, f, sources, a.candidates, a.mode)
}

// explode solves a common field for each object type that one source can give.
func (a *abstractPlace) explode(f *operation.Field, sources []entry, source int) ([]Branch, cost, bool) {
	v := sources[source].view
	if v.InterfaceObject {
		return nil, cost{}, false
	}
	var per []Branch
	var total cost
	steps := 0
	entered := map[supergraph.GraphID]bool{}
	for _, t := range v.Runtime() {
		if !slices.Contains(a.sel.Type.Runtime, t) {
			continue
		}
		br, ok := a.branch(t, a.solver.Selections.one(t, f), sources, []int{source})
		if !ok {
			return nil, cost{}, false
		}
		per = append(per, br)
		total = total.plus(br.Child.cost)
		for _, st := range br.Child.Steps {
			steps++
			entered[st.View.Graph] = true
		}
	}
	total.fetches += len(entered) - steps // entries of several types into one subgraph are one fetch
	return per, total, len(per) > 0
}

// branch solves a selection for the objects of one type, from those of the given sources that can have them.
func (a *abstractPlace) branch(t *supergraph.Type, sel *operation.Selection, sources []entry, from []int) (Branch, bool) {
	s := a.solver
	br := Branch{Type: t}
	var entries []entry
	real := false
	for _, i := range from {
		v := sources[i].view
		if !v.InterfaceObject && !v.CanBe(t) {
			continue
		}
		real = real || !v.InterfaceObject
		br.From = append(br.From, i)
		entries = append(entries, entry{s.Views.Narrowed(v, t), sources[i].stage})
	}
	if !real {
		return br, false
	}
	var candidates []*View
	if a.candidates != nil {
		candidates = []*View{}
		for _, v := range a.candidates {
			if v.InterfaceObject || v.CanBe(t) {
				candidates = append(candidates, s.Views.Narrowed(v, t))
			}
		}
	}
	br.Child = s.solve(sel, entries, candidates, a.mode)
	return br, br.Child != nil
}

func allOf(sources []entry) []int {
	r := make([]int, len(sources))
	for i := range r {
		r[i] = i
	}
	return r
}
