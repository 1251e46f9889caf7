package plan

import (
	"cmp"
	"slices"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan/solve"
	"github.com/soukhq/souk/router/rawjson"
	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
)

// Leaf tells how a value without fields is checked and written.
type Leaf uint8

// Kinds of leaf; NoLeaf is a composite value.
const (
	NoLeaf Leaf = iota
	StringLeaf
	IntLeaf
	FloatLeaf
	BooleanLeaf
	IDLeaf
	EnumLeaf
	CustomLeaf
	TypenameLeaf   // the object's type; not in a slot
	ReflectionLeaf // __schema or __type: answered from the schema, not from a subgraph
)

// Output tells how the objects of one place are written for the client.
type Output struct {
	Type     string
	Abstract bool
	// Fields are those of an object type; of an abstract one those that are written while the runtime type is unknown.
	Fields []OutputField
	// NeedsType says that an object of unknown runtime type cannot be written.
	NeedsType bool
	Types     []OutputType // of an abstract type, sorted by ID
	// Virtual says that null is written for objects that nobody has confirmed.
	Virtual bool
}

// OutputType tells how objects of one runtime type are written.
type OutputType struct {
	ID     uint16
	Name   string
	Fields []OutputField
	Hidden bool // the type is inaccessible: null is written
	// Dropped says that some fields are asked of no subgraph, because not every subgraph that leads here knows the type.
	Dropped bool
}

// OutputField tells how one field is written.
type OutputField struct {
	Response   string
	Key        string // `,"response":`
	Coordinate string // `Type.field`
	Slot       int
	Type       *ast.Type
	Leaf       Leaf
	Plain      rawjson.Kind // values of this kind are written as they are; Absent for none
	Enum       *supergraph.Type
	Sub        *Output
	AST        *ast.Field // of ReflectionLeaf
}

// Find returns how objects of the type are written, or nil if no object here can be of that type.
func (o *Output) Find(id uint16) *OutputType {
	i, ok := slices.BinarySearchFunc(o.Types, id, func(t OutputType, id uint16) int { return cmp.Compare(t.ID, id) })
	if !ok {
		return nil
	}
	return &o.Types[i]
}

// typeID numbers types in values, where 0 means unknown.
func typeID(t *supergraph.Type) uint16 { return uint16(t.ID) + 1 }

// projector makes Outputs and gives every response key its slot.
type projector struct {
	places     *places
	selections *solve.Selections
	texts      *texts
}

// placeOutput is how the objects of a place are written where the client selects this of them.
type placeOutput struct {
	sel    *operation.Selection
	output *Output
}

func (p *projector) output(sel *operation.Selection, at *place) *Output {
	for _, made := range at.outputs {
		if made.sel == sel {
			return made.output
		}
	}
	o := &Output{Type: sel.Type.Name, Abstract: sel.Type.Abstract()}
	at.outputs = append(at.outputs, placeOutput{sel, o})
	o.Fields = p.fields(sel.Type, sel.Common, at)
	if !o.Abstract {
		return o
	}
	o.NeedsType = len(sel.Per) > 0 || slices.ContainsFunc(sel.Common, func(f *operation.Field) bool { return f.Name == solve.Typename })
	o.Types = make([]OutputType, 0, len(sel.Type.Runtime))
	for _, t := range sel.Type.Runtime {
		ot := OutputType{ID: typeID(t), Name: t.Name, Hidden: t.Inaccessible}
		if !t.Inaccessible {
			ot.Fields = p.fields(t, p.selections.Narrow(sel, t).Common, at)
		}
		o.Types = append(o.Types, ot)
	}
	slices.SortFunc(o.Types, func(a, b OutputType) int { return cmp.Compare(a.ID, b.ID) })
	return o
}

func (p *projector) fields(t *supergraph.Type, fields []*operation.Field, at *place) []OutputField {
	inOrder := func(a, b *operation.Field) int { return cmp.Compare(a.Order, b.Order) }
	if !slices.IsSortedFunc(fields, inOrder) {
		fields = slices.Clone(fields)
		slices.SortStableFunc(fields, inOrder)
	}
	at.slots = slices.Grow(at.slots, len(fields))
	r := make([]OutputField, 0, len(fields))
	for _, f := range fields {
		o := OutputField{Response: f.Response, Key: p.texts.join(`,"`, f.Response, `":`)}
		switch {
		case f.Name == solve.Typename:
			o.Leaf = TypenameLeaf
		case f.Def == nil:
			o.Leaf, o.AST = ReflectionLeaf, f.AST
		default:
			p.field(&o, t, f, at)
		}
		r = append(r, o)
	}
	return r
}

func (p *projector) field(o *OutputField, t *supergraph.Type, f *operation.Field, at *place) {
	def := f.Def
	if own := t.Fields[f.Name]; own != nil {
		def = own
	}
	o.Slot, o.Type, o.Coordinate = at.slotOf(f), def.Type, p.texts.join(t.Name, ".", f.Name)
	if f.Sub != nil {
		o.Sub = p.output(p.selections.Narrow(f.Sub, narrower(f.Sub.Type, def.Base)), p.places.child(at, o.Slot))
		return
	}
	o.Leaf = leafKind(def)
	if def.Type.Elem == nil {
		o.Plain = plainKind(o.Leaf)
	}
	if o.Leaf == EnumLeaf {
		o.Enum = def.Base
	}
}

// finish notes which fields no subgraph is asked for.
func (p *projector) finish() {
	for _, at := range p.places.all {
		for _, made := range at.outputs {
			made.output.Virtual = at.virtual
			types := made.output.Types
			for i := range types {
				types[i].Dropped = slices.Contains(at.dropped, types[i].ID)
			}
		}
	}
}

// narrower returns the type that covers fewer objects.
func narrower(a, b *supergraph.Type) *supergraph.Type {
	if len(b.Runtime) < len(a.Runtime) {
		return b
	}
	return a
}

// plainKind returns the kind of values that need no check.
func plainKind(l Leaf) rawjson.Kind {
	switch l {
	case StringLeaf, IDLeaf:
		return rawjson.String
	case FloatLeaf:
		return rawjson.Number
	}
	return rawjson.Absent
}

func leafKind(f *supergraph.Field) Leaf {
	switch f.Type.Name() {
	case "String":
		return StringLeaf
	case "Int":
		return IntLeaf
	case "Float":
		return FloatLeaf
	case "Boolean":
		return BooleanLeaf
	case "ID":
		return IDLeaf
	}
	if f.Base != nil && f.Base.Kind == ast.Enum {
		return EnumLeaf
	}
	return CustomLeaf
}
