package validate

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// maxVisits bounds how many selections the merge rule looks at, cached scopes not counted.
const maxVisits = 200_000

// checkMerge applies FieldsInSetCanMerge (GraphQL specification 5.3.2) to a document that passed the other rules.
//
// Instead of comparing fields in pairs it collects each scope once and compares every field with the first of its
// group: all fields of a response key must have one shape; those whose parents may be one object must also be the same
// field with the same arguments. The parts below a group are then one scope, looked at once however often it occurs.
func checkMerge(schema *ast.Schema, document *ast.QueryDocument) *gqlerror.Error {
	m := newMerger(schema)
	m.check(document)
	return m.err
}

func rootType(schema *ast.Schema, kind ast.Operation) *ast.Definition {
	switch kind {
	case ast.Mutation:
		return schema.Mutation
	case ast.Subscription:
		return schema.Subscription
	default:
		return schema.Query
	}
}

// occurrence is a field under one of the types it is selected on.
type occurrence struct {
	field  *ast.Field
	parent *ast.Definition
}

// occurrenceSet is a selection set under a type.
type occurrenceSet struct {
	set    ast.SelectionSet
	parent *ast.Definition
}

// scope holds the fields of one place of the response by response key, in the order of the document.
type scope struct {
	keys   []string
	groups map[string][]occurrence
}

type merger struct {
	schema *ast.Schema
	ids    map[occurrence]int32
	args   map[*ast.Field]string
	shapes map[string]bool // groups that checkShapes has seen
	same   map[string]bool // groups that checkSame has seen
	visits int
	err    *gqlerror.Error
}

func newMerger(schema *ast.Schema) *merger {
	return &merger{
		schema: schema,
		ids:    map[occurrence]int32{},
		args:   map[*ast.Field]string{},
		shapes: map[string]bool{},
		same:   map[string]bool{},
	}
}

func (m *merger) check(document *ast.QueryDocument) {
	for _, op := range document.Operations {
		root := m.collect([]occurrenceSet{{set: op.SelectionSet, parent: rootType(m.schema, op.Operation)}})
		m.checkShapes(root)
		m.checkSame(root)
	}
}

// collect gathers the fields of the sets, entering each fragment once.
func (m *merger) collect(sets []occurrenceSet) scope {
	s := scope{groups: map[string][]occurrence{}}
	fragments, seen := map[string]bool{}, map[occurrence]bool{}
	var walk func(ast.SelectionSet, *ast.Definition)
	walk = func(set ast.SelectionSet, parent *ast.Definition) {
		for _, selection := range set {
			if m.visits++; m.visits > maxVisits {
				m.fail(codeTooComplex, "The document is too complex to validate.", selection.GetPosition())
				return
			}
			switch x := selection.(type) {
			case *ast.Field:
				o := occurrence{x, parent}
				if seen[o] {
					continue
				}
				seen[o] = true
				if s.groups[x.Alias] == nil {
					s.keys = append(s.keys, x.Alias)
				}
				s.groups[x.Alias] = append(s.groups[x.Alias], o)
			case *ast.InlineFragment:
				on := parent
				if x.TypeCondition != "" {
					on = m.schema.Types[x.TypeCondition]
				}
				walk(x.SelectionSet, on)
			case *ast.FragmentSpread:
				if !fragments[x.Name] {
					fragments[x.Name] = true
					walk(x.Definition.SelectionSet, m.schema.Types[x.Definition.TypeCondition])
				}
			}
		}
	}
	for _, set := range sets {
		walk(set.set, set.parent)
	}
	return s
}

// checkShapes applies SameResponseShape to every group of the scope and to what is below it.
func (m *merger) checkShapes(s scope) {
	for _, key := range s.keys {
		group := s.groups[key]
		if m.err != nil || m.known(m.shapes, group) {
			continue
		}
		first := group[0].field
		for _, o := range group[1:] {
			if !m.sameShape(first.Definition.Type, o.field.Definition.Type) {
				m.conflict(key, first, o.field, "they return different types")
				return
			}
		}
		if below := m.below(group); below != nil {
			m.checkShapes(m.collect(below))
		}
	}
}

// checkSame demands the same field with the same arguments wherever two parents may be one object.
func (m *merger) checkSame(s scope) {
	for _, key := range s.keys {
		for _, group := range overlapping(s.groups[key]) {
			if m.err != nil || m.known(m.same, group) {
				continue
			}
			first := group[0].field
			for _, o := range group[1:] {
				switch {
				case first.Name != o.field.Name:
					m.conflict(key, first, o.field, "they are different fields")
					return
				case m.arguments(first) != m.arguments(o.field):
					m.conflict(key, first, o.field, "they have different arguments")
					return
				}
			}
			if below := m.below(group); below != nil {
				m.checkSame(m.collect(below))
			}
		}
	}
}

// overlapping splits a group into sets whose parents may be one object: for each object type its own fields and those
// of all abstract types.
func overlapping(group []occurrence) [][]occurrence {
	var abstract []occurrence
	var names []string
	objects := map[string][]occurrence{}
	for _, o := range group {
		if o.parent.Kind != ast.Object {
			abstract = append(abstract, o)
			continue
		}
		if objects[o.parent.Name] == nil {
			names = append(names, o.parent.Name)
		}
		objects[o.parent.Name] = append(objects[o.parent.Name], o)
	}
	if len(names) == 0 {
		return [][]occurrence{abstract}
	}
	sets := make([][]occurrence, 0, len(names))
	for _, name := range names {
		sets = append(sets, append(objects[name], abstract...))
	}
	return sets
}

// below lists the selection sets of the group's fields.
func (m *merger) below(group []occurrence) []occurrenceSet {
	var sets []occurrenceSet
	for _, o := range group {
		if len(o.field.SelectionSet) > 0 {
			sets = append(sets, occurrenceSet{o.field.SelectionSet, m.schema.Types[o.field.Definition.Type.Name()]})
		}
	}
	return sets
}

// known tells whether the group was seen before, and notes it.
func (m *merger) known(seen map[string]bool, group []occurrence) bool {
	ids := make([]int32, len(group))
	for i, o := range group {
		id, ok := m.ids[o]
		if !ok {
			id = int32(len(m.ids))
			m.ids[o] = id
		}
		ids[i] = id
	}
	slices.Sort(ids)
	key := make([]byte, 0, 4*len(ids))
	for _, id := range ids {
		key = binary.LittleEndian.AppendUint32(key, uint32(id))
	}
	if seen[string(key)] {
		return true
	}
	seen[string(key)] = true
	return false
}

// sameShape compares types as SameResponseShape does: what composite types hold is compared further down.
func (m *merger) sameShape(a, b *ast.Type) bool {
	if a.NonNull != b.NonNull || (a.Elem == nil) != (b.Elem == nil) {
		return false
	}
	if a.Elem != nil {
		return m.sameShape(a.Elem, b.Elem)
	}
	if m.leaf(a.NamedType) || m.leaf(b.NamedType) {
		return a.NamedType == b.NamedType
	}
	return true
}

func (m *merger) leaf(name string) bool {
	def := m.schema.Types[name]
	return def == nil || def.IsLeafType()
}

// arguments returns the canonical text of a field's arguments, in which neither their order nor that of input fields
// plays a part.
func (m *merger) arguments(f *ast.Field) string {
	if len(f.Arguments) == 0 {
		return ""
	}
	text, ok := m.args[f]
	if !ok {
		parts := make([]string, len(f.Arguments))
		for i, a := range f.Arguments {
			parts[i] = a.Name + ":" + Canonical(a.Value)
		}
		slices.Sort(parts)
		text = strings.Join(parts, ",")
		m.args[f] = text
	}
	return text
}

// Canonical prints a value with its input fields sorted, so that equal values have equal texts.
func Canonical(v *ast.Value) string {
	if v.Kind != ast.ListValue && v.Kind != ast.ObjectValue {
		return v.String()
	}
	parts := make([]string, len(v.Children))
	for i, c := range v.Children {
		parts[i] = Canonical(c.Value)
		if v.Kind == ast.ObjectValue {
			parts[i] = c.Name + ":" + parts[i]
		}
	}
	if v.Kind == ast.ListValue {
		return "[" + strings.Join(parts, ",") + "]"
	}
	slices.Sort(parts)
	return "{" + strings.Join(parts, ",") + "}"
}

func (m *merger) conflict(key string, a, b *ast.Field, why string) {
	m.fail(codeInvalid, fmt.Sprintf("Fields %q conflict because %s. Use different aliases on the fields to fetch both if this was intentional.", key, why), a.Position, b.Position)
}

func (m *merger) fail(code, message string, at ...*ast.Position) {
	m.err = &gqlerror.Error{Message: message, Extensions: map[string]any{"code": code}}
	for _, p := range at {
		if p != nil {
			m.err.Locations = append(m.err.Locations, gqlerror.Location{Line: p.Line, Column: p.Column})
		}
	}
}
