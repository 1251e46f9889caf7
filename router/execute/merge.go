package execute

import (
	"fmt"

	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/rawjson"
)

// merge puts the answer of a call into the tree.
func (r *run) merge(c *call) {
	if c.err != nil {
		r.fail(c, c.err)
		return
	}
	tree := r.result.Tree
	slots := tree.Slots(c.answer)
	data := slots[plan.DataSlot]
	if data.Kind != rawjson.Object {
		r.markFailed(c)
	} else {
		switch root := c.group.Root; {
		case root == nil:
			r.mergeEntities(c, data, hasErrors(slots[plan.ErrorsSlot]))
		case len(root.Path) == 0:
			r.mergeObject(0, r.result.Root, data, false)
		default:
			for _, t := range c.aliases[0].targets {
				r.mergeObject(root.Place, t.object, data, true)
			}
		}
	}
	r.report(c, tree.Slots(c.answer)[plan.ErrorsSlot])
}

// mergeEntities gives every entity to the objects that wait for it. Where there are none and the subgraph has reported
// errors, those say why.
func (r *run) mergeEntities(c *call, data rawjson.Value, reported bool) {
	for i, a := range c.group.Aliases {
		set := &c.aliases[i]
		if len(set.spans) == 0 {
			continue
		}
		list := r.result.Tree.Slots(data)[i]
		for j, m := range a.Members {
			if !set.has(j) {
				continue
			}
			items := list
			if len(a.Members) > 1 && list.Kind == rawjson.Raw {
				items = r.reread(c, list, m)
			}
			if items.Kind != rawjson.List {
				items.N = 0
			}
			if n := int(items.N); n != len(set.spans) && (n > 0 || !reported) {
				r.fail(c, &failure{codeInvalid, invalidMessage, fmt.Errorf("%d entities for %d representations", n, len(set.spans))})
			}
			r.mergeMember(set, j, m, items, reported)
		}
	}
}

// reread parses the entities once more into the slots of another path.
func (r *run) reread(c *call, list rawjson.Value, m *plan.Member) rawjson.Value {
	items, err := r.result.Tree[c.doc].ParseSpan(list, &rawjson.Key{Lists: 1, Sub: m.Shape})
	if err != nil {
		return rawjson.Value{}
	}
	return items
}

// mergeMember gives the entities to the objects of one member. Where one is missing after errors were reported, no more
// is said of what its objects lack.
func (r *run) mergeMember(set *entities, member int, m *plan.Member, items rawjson.Value, reported bool) {
	for i := range set.spans {
		var entity rawjson.Value
		if i < int(items.N) {
			entity = r.result.Tree.Items(items)[i]
		}
		if entity.Kind != rawjson.Object && !reported {
			continue
		}
		for t := set.first[i]; t >= 0; t = set.targets[t].next {
			switch {
			case set.targets[t].member != member:
			case entity.Kind == rawjson.Object:
				r.mergeObject(m.Place, set.targets[t].object, entity, true)
				if m.Decides {
					r.result.Tree.SetConfirmed(set.targets[t].object)
				}
			default:
				r.result.Tree.SetFailed(set.targets[t].object)
			}
		}
	}
}

// mergeObject writes what src has into dst. If src is shared, dst gets its own copies of what others may write to.
func (r *run) mergeObject(place int, dst, src rawjson.Value, shared bool) {
	tree := r.result.Tree
	if t := tree.Head(src).Type; t != 0 {
		tree.Head(dst).Type = t
	}
	slots := r.in.Plan.Places[place].Slots
	to := tree.Slots(dst)
	for i, v := range tree.Slots(src) {
		if v.Kind == rawjson.Absent {
			continue
		}
		if to[i].Kind == rawjson.Absent && !(shared && slots[i].Shared) {
			to[i] = v
			continue
		}
		v = r.mergeValue(&slots[i], to[i], v, shared)
		to = tree.Slots(dst) // what was copied may have moved it
		to[i] = v
	}
}

// mergeValue returns the value of a slot that had old and is now given v.
func (r *run) mergeValue(slot *plan.Slot, old, v rawjson.Value, shared bool) rawjson.Value {
	tree := r.result.Tree
	switch {
	case old.Kind == rawjson.Absent || old.Kind == rawjson.Null && slot.Place >= 0:
		if shared && slot.Shared {
			return r.copy(slot.Place, v)
		}
		return v
	case old.Kind == rawjson.Object && v.Kind == rawjson.Object:
		if old != v {
			r.mergeObject(slot.Place, old, v, shared)
		}
	case old.Kind == rawjson.List && v.Kind == rawjson.List && slot.Place >= 0:
		if old.N != v.N {
			r.inconsistent(slot)
			return old
		}
		for i := range old.N {
			merged := r.mergeValue(slot, tree.Items(old)[i], tree.Items(v)[i], shared)
			tree.Items(old)[i] = merged
		}
	}
	return old
}

// copy returns a value of its own for one parent, down to where only one fetch writes.
func (r *run) copy(place int, v rawjson.Value) rawjson.Value {
	tree := r.result.Tree
	switch v.Kind {
	case rawjson.List:
		c := tree.NewList(0, int(v.N))
		for i := range v.N {
			item := r.copy(place, tree.Items(v)[i])
			tree.Items(c)[i] = item
		}
		return c
	case rawjson.Object:
		c := tree.NewObject(0, int(v.N))
		tree.Head(c).Type = tree.Head(v).Type
		for i := range v.N {
			value := tree.Slots(v)[i]
			if slot := &r.in.Plan.Places[place].Slots[i]; slot.Shared {
				value = r.copy(slot.Place, value)
			}
			tree.Slots(c)[i] = value
		}
		return c
	}
	return v
}

func (r *run) inconsistent(slot *plan.Slot) {
	e := Error{Message: "Subgraphs disagree on the length of a list.", Code: codeList}
	if slot.Response != "" {
		e.Message = "Subgraphs disagree on the length of the list " + slot.Response + "."
	}
	r.addError(e)
}
