package plan

import (
	"slices"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
)

func (s *solver) solveAbstract(sel *operation.Selection, entries []entry, candidates []*view, m mode) *solution {
	buckets, dropped := s.possible(sel, entries, candidates, m)
	if len(buckets) == 0 && onlyTypename(sel.Common) && firstReal(entries) >= 0 {
		return s.finishEmpty(&solution{sel: sel, entries: entries, dropped: dropped}, entries)
	}
	var targets []*view
	if !m.closed {
		for _, v := range s.views.targets(sel.Type) {
			if !isOpen(entries, v) {
				targets = append(targets, v)
			}
		}
	}
	var best *solution
	for k := 0; k <= min(len(targets), maxExtra); k++ {
		if best != nil && (k > best.cost.fetches || s.budget < 0) {
			break
		}
		eachSubset(targets, nil, k, func(wanted []*view) {
			if best != nil && s.budget < 0 {
				return
			}
			s.budget--
			a := abstractPlace{solver: s, sel: sel, buckets: buckets, dropped: dropped, candidates: candidates, mode: m}
			if p := a.try(entries, wanted); p != nil && (best == nil || p.cost.less(best.cost)) {
				best = p
			}
		})
	}
	return best
}

// possible returns the buckets that may be asked for, and the types of the others. A client's bucket is dropped where another plan could come to
// this place through a subgraph that does not know the type: the answer must not depend on the plan.
func (s *solver) possible(sel *operation.Selection, entries []entry, candidates []*view, m mode) (keep []*operation.Bucket, dropped []*supergraph.Type) {
	for i := range sel.Per {
		t := sel.Per[i].Type
		var may bool
		if m.internal {
			may = slices.ContainsFunc(entries, func(e entry) bool { return e.view.io || e.view.canBe(t) })
		} else {
			may = !slices.ContainsFunc(candidates, func(v *view) bool { return !v.io && !v.canBe(t) })
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
	return !slices.ContainsFunc(fields, func(f *operation.Field) bool { return f.Name != typenameField })
}

// firstReal returns the index of the first source that knows the types of its objects, or -1.
func firstReal(sources []entry) int {
	return slices.IndexFunc(sources, func(e entry) bool { return !e.view.io })
}

func (s *solver) finishEmpty(p *solution, sources []entry) *solution {
	i := firstReal(sources)
	if i < 0 {
		return nil
	}
	p.outs = append(p.outs, out{how: existence, from: []int{i}})
	return p
}

// abstractPlace is one place of abstract type while it is solved.
type abstractPlace struct {
	solver     *solver
	sel        *operation.Selection
	buckets    []*operation.Bucket
	dropped    []*supergraph.Type
	candidates []*view
	mode       mode
}

// try solves the place with exactly the wanted views opened.
func (a *abstractPlace) try(entries []entry, wanted []*view) *solution {
	sources, steps, total := a.solver.open(a.sel, entries, wanted)
	if sources == nil {
		return nil
	}
	p := &solution{sel: a.sel, entries: entries, steps: steps, cost: total, dropped: a.dropped}
	needType := len(a.buckets) > 0
	for _, f := range a.sel.Common {
		o, c, ok := a.supply(f, sources)
		if !ok {
			return nil
		}
		needType = needType || o.how == exploded
		p.outs = append(p.outs, o)
		p.cost = p.cost.plus(c)
	}
	for _, b := range a.buckets {
		br, ok := a.branch(b.Type, a.solver.selections.bucket(a.sel, b), sources, allOf(sources))
		if !ok {
			return nil
		}
		p.per = append(p.per, br)
		p.cost = p.cost.plus(br.child.cost)
	}
	if needType && firstReal(sources) < 0 {
		return nil
	}
	if len(p.outs) == 0 && len(p.per) == 0 {
		return a.solver.finishEmpty(p, sources)
	}
	return p
}

// supply finds the cheapest supplier of a common field. It must mean the same for every object of the place, so it
// comes from the interface as a whole, or for each object type from one and the same source.
func (a *abstractPlace) supply(f *operation.Field, sources []entry) (out, cost, bool) {
	s := a.solver
	o, c, ok := a.direct(f, sources)
	if !ok && a.sel.Type.Kind == ast.Interface && !a.mode.closed && f.Name != typenameField {
		o, c, ok = s.supplyRequired(a.sel.Type, f, sources, a.mode)
	}
	if f.Name == typenameField {
		return o, c, ok
	}
	for i := range sources {
		if per, price, can := a.explode(f, sources, i); can && (!ok || price.less(c)) {
			o, c, ok = out{field: f, how: exploded, per: per}, price, true
		}
	}
	return o, c, ok
}

// direct takes the field from the views of the abstract type itself.
func (a *abstractPlace) direct(f *operation.Field, sources []entry) (out, cost, bool) {
	return a.solver.supplyDirect(a.sel.Type, f, sources, a.candidates, a.mode)
}

// explode solves a common field for each object type that one source can give.
func (a *abstractPlace) explode(f *operation.Field, sources []entry, source int) ([]branch, cost, bool) {
	v := sources[source].view
	if v.io {
		return nil, cost{}, false
	}
	var per []branch
	var total cost
	steps := 0
	entered := map[supergraph.GraphID]bool{}
	for _, t := range v.runtime() {
		if !slices.Contains(a.sel.Type.Runtime, t) {
			continue
		}
		br, ok := a.branch(t, a.solver.selections.one(t, f), sources, []int{source})
		if !ok {
			return nil, cost{}, false
		}
		per = append(per, br)
		total = total.plus(br.child.cost)
		for _, st := range br.child.steps {
			steps++
			entered[st.view.graph] = true
		}
	}
	total.fetches += len(entered) - steps // entries of several types into one subgraph are one fetch
	return per, total, len(per) > 0
}

// branch solves a selection for the objects of one type, from those of the given sources that can have them.
func (a *abstractPlace) branch(t *supergraph.Type, sel *operation.Selection, sources []entry, from []int) (branch, bool) {
	s := a.solver
	br := branch{typ: t}
	var entries []entry
	real := false
	for _, i := range from {
		v := sources[i].view
		if !v.io && !v.canBe(t) {
			continue
		}
		real = real || !v.io
		br.from = append(br.from, i)
		entries = append(entries, entry{s.views.narrowed(v, t), sources[i].stage})
	}
	if !real {
		return br, false
	}
	var candidates []*view
	if a.candidates != nil {
		candidates = []*view{}
		for _, v := range a.candidates {
			if v.io || v.canBe(t) {
				candidates = append(candidates, s.views.narrowed(v, t))
			}
		}
	}
	br.child = s.solve(sel, entries, candidates, a.mode)
	return br, br.child != nil
}

func allOf(sources []entry) []int {
	r := make([]int, len(sources))
	for i := range r {
		r[i] = i
	}
	return r
}
