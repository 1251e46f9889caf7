package plan

import (
	"slices"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan/solve"
)

// place is a composite position of the response while a plan is made. It numbers what its objects hold.
type place struct {
	id       int
	parent   *place
	slot     int // in the parent
	slots    []slot
	children map[int]*place
	dropped  []uint16 // types whose own fields are asked of no subgraph
}

// slot holds the value of one field with its arguments. Client slots have the response key as well; the fields that
// only keys and requirements need share the client's slot where field and arguments are the same.
type slot struct {
	response, name, args string
}

// places numbers the places of one plan.
type places struct {
	all []*place
}

func (p *places) add(parent *place, slot int) *place {
	pl := &place{id: len(p.all), parent: parent, slot: slot, children: map[int]*place{}}
	p.all = append(p.all, pl)
	return pl
}

// child returns the place of the objects in a slot.
func (p *places) child(parent *place, slot int) *place {
	c := parent.children[slot]
	if c == nil {
		c = p.add(parent, slot)
		parent.children[slot] = c
	}
	return c
}

// slotOf returns the slot of a field, a new one if need be.
func (p *place) slotOf(f *operation.Field) int {
	want := slot{f.Response, f.Name, solve.ArgumentText(f.Args)}
	i := slices.IndexFunc(p.slots, func(s slot) bool {
		return s == want || want.response == "" && s.name == want.name && s.args == want.args
	})
	if i < 0 {
		i = len(p.slots)
		p.slots = append(p.slots, want)
	}
	return i
}

// location is a place together with the way to it: where the objects of a fetch hang.
type location struct {
	place *place
	path  []Step
	needs []*fetch // without which the way cannot be walked
}

func (l location) below(c *place) location {
	return location{place: c, path: append(l.path[:len(l.path):len(l.path)], Step{Slot: c.slot}), needs: l.needs}
}

// guarded returns the location of those objects that are of one type, which the given fetch tells.
func (l location) guarded(id uint16, by *fetch) location {
	path := slices.Clone(l.path)
	if len(path) > 0 {
		path[len(path)-1].Guard = id
	}
	return location{place: l.place, path: path, needs: append(l.needs[:len(l.needs):len(l.needs)], by)}
}

// finishPlaces lists the places and marks the slots below which more than one fetch writes.
func finishPlaces(pl *places, fetches []*fetch) []Place {
	r := make([]Place, len(pl.all))
	for i, at := range pl.all {
		r[i].Slots = make([]Slot, len(at.slots))
		for j, s := range at.slots {
			r[i].Slots[j] = Slot{Response: s.response, Name: s.name, Place: -1}
			if c := at.children[j]; c != nil {
				r[i].Slots[j].Place = c.id
			}
		}
	}
	writers := map[[2]int]*selection{}
	var visit func(by, o *selection)
	visit = func(by, o *selection) {
		for _, x := range o.fields {
			if x.sub == nil {
				continue
			}
			k := [2]int{o.place.id, x.slot}
			if first := writers[k]; first == nil {
				writers[k] = by
			} else if first != by {
				r[k[0]].Slots[k[1]].Shared = true
			}
			visit(by, x.sub)
		}
		for _, b := range o.on {
			visit(by, b)
		}
	}
	for _, f := range fetches {
		for _, p := range f.parts {
			for _, piece := range p.pieces() {
				visit(piece.sel, piece.sel)
			}
		}
	}
	return r
}
