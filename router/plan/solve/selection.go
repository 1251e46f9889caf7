package solve

import (
	"slices"
	"strings"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
)

// Selections makes the selections that the solver asks for beside the client's: key and required field sets, and parts
// of other selections. What is made twice is the same pointer, so that the solver can remember by pointer.
type Selections struct {
	model  *supergraph.Model
	sets   map[setKey]*operation.Selection
	parts  map[partKey]*operation.Selection
	single map[singleKey]*operation.Selection
	merged map[[2]*operation.Selection]*operation.Selection
}

type setKey struct {
	typ               *supergraph.Type
	key, requirements *supergraph.FieldSet
}

type partKey struct {
	of     *operation.Selection
	typ    *supergraph.Type
	bucket bool
}

type singleKey struct {
	typ   *supergraph.Type
	field *operation.Field
}

func newSelections(m *supergraph.Model) *Selections {
	return &Selections{model: m,
		sets:   map[setKey]*operation.Selection{},
		parts:  map[partKey]*operation.Selection{},
		single: map[singleKey]*operation.Selection{},
		merged: map[[2]*operation.Selection]*operation.Selection{},
	}
}

// fieldSet returns the selection of a key and of requirements (either may be nil) on objects of type t.
func (s *Selections) fieldSet(t *supergraph.Type, key, requirements *supergraph.FieldSet) *operation.Selection {
	k := setKey{t, key, requirements}
	sel := s.sets[k]
	if sel == nil {
		sel = s.collect(t, key, requirements)
		s.sets[k] = sel
	}
	return sel
}

func (s *Selections) collect(t *supergraph.Type, sets ...*supergraph.FieldSet) *operation.Selection {
	sel := &operation.Selection{Type: t}
	for _, set := range sets {
		if set != nil {
			s.add(sel, set)
		}
	}
	slices.SortFunc(sel.Per, func(a, b operation.Bucket) int { return int(a.Type.ID) - int(b.Type.ID) })
	return sel
}

func (s *Selections) add(sel *operation.Selection, set *supergraph.FieldSet) {
	t := sel.Type
	sel.Common = s.addFields(sel.Common, t, set)
	for _, on := range set.On {
		cond := s.model.Type(on.Type)
		switch {
		case cond == nil:
		case cond == t, !t.Abstract() && covers(cond, t):
			s.add(sel, on.Fields)
		case t.Abstract():
			for _, member := range t.Runtime {
				if covers(cond, member) {
					s.addBucket(sel, member, on.Fields)
				}
			}
		}
	}
}

func (s *Selections) addBucket(sel *operation.Selection, member *supergraph.Type, set *supergraph.FieldSet) {
	i := slices.IndexFunc(sel.Per, func(b operation.Bucket) bool { return b.Type == member })
	if i < 0 {
		i = len(sel.Per)
		sel.Per = append(sel.Per, operation.Bucket{Type: member})
	}
	own := &operation.Selection{Type: member, Common: sel.Per[i].Fields}
	s.add(own, set)
	sel.Per[i].Fields = own.Common
}

func (s *Selections) addFields(fields []*operation.Field, t *supergraph.Type, set *supergraph.FieldSet) []*operation.Field {
	for i := range set.Fields {
		sel := &set.Fields[i]
		f := &operation.Field{Name: sel.Name, Def: t.Fields[sel.Name], Args: arguments(sel.Args)}
		if f.Def == nil && f.Name != Typename {
			continue
		}
		if sel.Sub != nil && f.Def != nil && f.Def.Base != nil {
			f.Sub = s.collect(f.Def.Base, sel.Sub)
		}
		fields = s.addField(fields, f)
	}
	return fields
}

// addField adds a field, or what it selects to the equal field that is already there.
func (s *Selections) addField(fields []*operation.Field, f *operation.Field) []*operation.Field {
	for i, old := range fields {
		if old.Response == f.Response && sameField(old, f) {
			both := *old
			both.Order = min(old.Order, f.Order)
			if f.Sub != nil && old.Sub != f.Sub {
				both.Sub = s.merge(old.Sub, f.Sub)
			}
			if both.Order != old.Order || both.Sub != old.Sub {
				fields[i] = &both
			}
			return fields
		}
	}
	return append(fields, f)
}

func sameField(a, b *operation.Field) bool {
	return a.Name == b.Name && ArgumentText(a.Args) == ArgumentText(b.Args)
}

func arguments(list ast.ArgumentList) []operation.Arg {
	args := make([]operation.Arg, 0, len(list))
	for _, a := range list {
		args = append(args, operation.Arg{Name: a.Name, Text: a.Value.String()})
	}
	slices.SortFunc(args, func(a, b operation.Arg) int { return strings.Compare(a.Name, b.Name) })
	return args
}

// ArgumentText prints arguments as they stand in a request, "" for none.
func ArgumentText(args []operation.Arg) string {
	if len(args) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteByte('(')
	for i, a := range args {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(a.Name)
		b.WriteString(": ")
		b.WriteString(a.Text)
	}
	b.WriteByte(')')
	return b.String()
}

// merge returns the selection of everything that a or b selects, for the narrower of their types.
func (s *Selections) merge(a, b *operation.Selection) *operation.Selection {
	if a == nil || a == b {
		return b
	}
	if b == nil {
		return a
	}
	k := [2]*operation.Selection{a, b}
	if sel := s.merged[k]; sel != nil {
		return sel
	}
	t := a.Type
	if len(b.Type.Runtime) < len(t.Runtime) {
		t = b.Type
	}
	a, b = s.Narrow(a, t), s.Narrow(b, t)
	sel := &operation.Selection{Type: t, Common: slices.Clone(a.Common), Per: cloneBuckets(a.Per)}
	for _, f := range b.Common {
		sel.Common = s.addField(sel.Common, f)
	}
	for _, bucket := range b.Per {
		i := slices.IndexFunc(sel.Per, func(o operation.Bucket) bool { return o.Type == bucket.Type })
		if i < 0 {
			i = len(sel.Per)
			sel.Per = append(sel.Per, operation.Bucket{Type: bucket.Type})
		}
		for _, f := range bucket.Fields {
			sel.Per[i].Fields = s.addField(sel.Per[i].Fields, f)
		}
	}
	slices.SortFunc(sel.Per, func(x, y operation.Bucket) int { return int(x.Type.ID) - int(y.Type.ID) })
	s.merged[k] = sel
	return sel
}

func cloneBuckets(per []operation.Bucket) []operation.Bucket {
	r := slices.Clone(per)
	for i := range r {
		r[i].Fields = slices.Clone(r[i].Fields)
	}
	return r
}

// Narrow returns what the selection asks of objects of type t, a type at or below the selection's own.
func (s *Selections) Narrow(sel *operation.Selection, t *supergraph.Type) *operation.Selection {
	if sel == nil || sel.Type == t {
		return sel
	}
	k := partKey{of: sel, typ: t}
	if part := s.parts[k]; part != nil {
		return part
	}
	part := &operation.Selection{Type: t, Common: slices.Clone(sel.Common)}
	for _, bucket := range sel.Per {
		switch {
		case bucket.Type == t:
			for _, f := range bucket.Fields {
				part.Common = s.addField(part.Common, f)
			}
		case t.Abstract() && slices.Contains(t.Runtime, bucket.Type):
			part.Per = append(part.Per, bucket)
		}
	}
	s.parts[k] = part
	return part
}

// bucket returns only what the selection asks of objects of type t in particular.
func (s *Selections) bucket(sel *operation.Selection, b *operation.Bucket) *operation.Selection {
	k := partKey{of: sel, typ: b.Type, bucket: true}
	part := s.parts[k]
	if part == nil {
		part = &operation.Selection{Type: b.Type, Common: b.Fields}
		s.parts[k] = part
	}
	return part
}

// one returns the selection of a single field on objects of type t.
func (s *Selections) one(t *supergraph.Type, f *operation.Field) *operation.Selection {
	k := singleKey{t, f}
	sel := s.single[k]
	if sel == nil {
		sel = &operation.Selection{Type: t, Common: []*operation.Field{f}}
		s.single[k] = sel
	}
	return sel
}
