package plan

import (
	"slices"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan/solve"
	"github.com/soukhq/souk/router/supergraph"
)

// representation tells how the inputs of a step are written, given what its condition selects.
func (b *builder) representation(sel *operation.Selection, at *place, key *supergraph.FieldSet) []RepField {
	r := make([]RepField, 0, len(sel.Common))
	add := func(f *operation.Field, when uint16) {
		if f.Name == solve.Typename {
			return
		}
		rf := RepField{Name: f.Name, Text: b.texts.join(`,"`, f.Name, `":`), Slot: at.slotOf(f), When: when}
		rf.Key = key != nil && slices.ContainsFunc(key.Fields, func(k supergraph.FieldSel) bool { return k.Name == f.Name })
		if f.Sub != nil {
			rf.Sub = b.representation(f.Sub, b.places.child(at, rf.Slot), nil)
			rf.Typename = f.Sub.Type.Abstract()
		}
		r = append(r, rf)
	}
	if b.overlap(sel) {
		for _, t := range sel.Type.Runtime {
			for _, f := range b.selections.Narrow(sel, t).Common {
				add(f, typeID(t))
			}
		}
		return r
	}
	for _, f := range sel.Common {
		add(f, 0)
	}
	for _, bucket := range sel.Per {
		for _, f := range bucket.Fields {
			add(f, typeID(bucket.Type))
		}
	}
	return r
}

// overlap tells whether a field is selected for all types and for one of them once more.
func (b *builder) overlap(sel *operation.Selection) bool {
	for _, bucket := range sel.Per {
		for _, f := range bucket.Fields {
			if slices.ContainsFunc(sel.Common, func(c *operation.Field) bool { return c.Name == f.Name }) {
				return true
			}
		}
	}
	return false
}
