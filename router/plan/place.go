package plan

import (
	"slices"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan/solve"
	"github.com/soukhq/souk/router/rawjson"
)

// place is a composite position of the response while a plan is made. It numbers what its objects hold.
type place struct {
	id      int
	slot    int // in the parent
	slots   []slot
	dropped []uint16 // types whose own fields are asked of no subgraph
	virtual bool     // whether there is an object only its owner can say
	outputs []placeOutput
	printed *rawjson.Shape // of the text that is being printed, if it has reached this place
	keys    []printedKey   // of that text
}

// slot holds the value of one field with its arguments. Client slots have the response key as well; the fields that
// only keys and requirements need share the client's slot where field and arguments are the same.
type slot struct {
	response, name, args string

	child  *place     // of composite values
	writer *selection // the first part of a fetch that writes below it
}

// places numbers the places of one plan.
type places struct {
	all []*place
}

func (p *places) add(slot int) *place {
	pl := &place{id: len(p.all), slot: slot}
	p.all = append(p.all, pl)
	return pl
}

// child returns the place of the objects in a slot.
func (p *places) child(parent *place, slot int) *place {
	s := &parent.slots[slot]
	if s.child == nil {
		s.child = p.add(slot)
	}
	return s.child
}

// slotOf returns the slot of a field, a new one if need be. At a virtual place the client's slots are apart: what a
// virtual subgraph says is no answer for clients.
func (p *place) slotOf(f *operation.Field) int {
	args := solve.ArgumentText(f.Args)
	for i := range p.slots {
		s := &p.slots[i]
		if (f.Response == "" && !p.virtual || s.response == f.Response) && s.name == f.Name && s.args == args {
			return i
		}
	}
	p.slots = append(p.slots, slot{response: f.Response, name: f.Name, args: args})
	return len(p.slots) - 1
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

// finish lists the places and marks the slots below which more than one fetch writes.
func (p *places) finish(fetches []*fetch) []Place {
	n := 0
	for _, at := range p.all {
		n += len(at.slots)
	}
	r, slots := make([]Place, len(p.all)), make([]Slot, n)
	for i, at := range p.all {
		r[i].Slots, slots = slots[:len(at.slots):len(at.slots)], slots[len(at.slots):]
		for j, s := range at.slots {
			r[i].Slots[j] = Slot{Response: s.response, Name: s.name, Place: -1}
			if s.child != nil {
				r[i].Slots[j].Place = s.child.id
			}
		}
	}
	for _, f := range fetches {
		for _, part := range f.parts {
			for _, piece := range part.pieces() {
				markShared(r, piece.sel, piece.sel)
			}
		}
	}
	return r
}

// markShared marks what a part, of which the selection is one, writes below a slot where another has written before.
func markShared(r []Place, part, sel *selection) {
	for i := range sel.fields {
		f := &sel.fields[i]
		if f.sub == nil {
			continue
		}
		s := &sel.place.slots[f.slot]
		if s.writer == nil {
			s.writer = part
		} else if s.writer != part {
			r[sel.place.id].Slots[f.slot].Shared = true
		}
		markShared(r, part, f.sub)
	}
	for _, b := range sel.on {
		markShared(r, part, b)
	}
}
