// Package rawjson parses JSON into numbered slots without decoding it: strings and numbers stay spans of the text.
package rawjson

import "slices"

// Kind tells what a Value is.
type Kind uint8

// The zero Kind is a slot that nothing was written to.
const (
	Absent Kind = iota
	Null
	False
	True
	Number
	String // its span includes the quotes
	Raw    // any JSON text that is not looked into
	List   // Off and N are an index range of the arena
	Object // Off is the index of its header in the arena, N the number of slots behind the header
	Header // first value of an object: Type is its type, Off holds flags, N is free for marks
)

// UnknownType is the Type of an object whose __typename is none of the candidates.
const UnknownType = 0xFFFF

// Value is one JSON value. It holds no pointers, so that the garbage collector never looks into an arena of them.
type Value struct {
	Kind Kind
	Type uint16 // of a Header: the caller's number for the runtime type, 0 if not known
	Doc  uint32 // the document whose text or arena Off and N refer to
	Off  uint32
	N    uint32
}

// Doc is one text and the values found in it.
type Doc struct {
	Text   []byte
	Values []Value

	items []Value // of the lists being read, innermost last
}

// Reset empties the document for another text. It keeps the memory for values.
func (d *Doc) Reset() { d.Text, d.Values, d.items = nil, d.Values[:0], d.items[:0] }

// Tree is a set of documents whose values refer to each other. The index is Value.Doc.
type Tree []Doc

// Bytes returns the text of a string, number or raw value.
func (t Tree) Bytes(v Value) []byte { return t[v.Doc].Text[v.Off : v.Off+v.N] }

// Items returns the items of a list.
func (t Tree) Items(v Value) []Value { return t[v.Doc].Values[v.Off : v.Off+v.N] }

// Head returns the header of an object.
func (t Tree) Head(v Value) *Value { return &t[v.Doc].Values[v.Off] }

// Slots returns the slots of an object.
func (t Tree) Slots(v Value) []Value { return t[v.Doc].Values[v.Off+1 : v.Off+1+v.N] }

// Flags of an object.
const (
	failed = 1 << iota
	confirmed
)

// SetFailed notes in an object's header that an error has been reported for something that it lacks.
func (t Tree) SetFailed(object Value) { t.Head(object).Off |= failed }

// Failed tells whether SetFailed was called for the object.
func (t Tree) Failed(object Value) bool { return t.Head(object).Off&failed != 0 }

// SetConfirmed notes in an object's header that its owner says that it exists.
func (t Tree) SetConfirmed(object Value) { t.Head(object).Off |= confirmed }

// Confirmed tells whether SetConfirmed was called for the object.
func (t Tree) Confirmed(object Value) bool { return t.Head(object).Off&confirmed != 0 }

// NewObject appends an object with empty slots to the document of that index.
func (t Tree) NewObject(doc uint32, slots int) Value {
	d := &t[doc]
	off := len(d.Values)
	d.Values = appendEmpty(d.Values, slots+1)
	d.Values[off].Kind = Header
	return Value{Kind: Object, Doc: doc, Off: uint32(off), N: uint32(slots)}
}

// NewList appends a list of absent items to the document of that index.
func (t Tree) NewList(doc uint32, items int) Value {
	d := &t[doc]
	off := len(d.Values)
	d.Values = appendEmpty(d.Values, items)
	return Value{Kind: List, Doc: doc, Off: uint32(off), N: uint32(items)}
}

// appendEmpty appends n absent values.
func appendEmpty(values []Value, n int) []Value {
	values = slices.Grow(values, n)
	from := len(values)
	values = values[:from+n]
	clear(values[from:])
	return values
}

// Shape tells which keys of an object are wanted and where their values go. It may refer to itself.
type Shape struct {
	Slots int   // of an object of this shape, those filled by other texts included
	Keys  []Key // in the order in which they are expected
	Types []Type
}

// Key is one wanted key of an object.
type Key struct {
	Name     string
	Slot     int
	Lists    int    // so many levels of arrays become lists; arrays below them are raw
	Sub      *Shape // of objects; nil leaves them raw
	Typename bool   // a string that sets the object's type; it has no slot
}

// Type is a candidate for the type of an object.
type Type struct {
	Name string
	ID   uint16
}

// Find returns the key of that name, or nil. Where keys come in the expected order it looks at one of them only.
func (s *Shape) Find(name []byte, expected int) (int, *Key) {
	for i := range s.Keys {
		at := expected + i
		if at >= len(s.Keys) {
			at -= len(s.Keys)
		}
		if s.Keys[at].Name == string(name) {
			return at, &s.Keys[at]
		}
	}
	return 0, nil
}

func (s *Shape) typeID(name []byte) uint16 {
	for i := range s.Types {
		if s.Types[i].Name == string(name) {
			return s.Types[i].ID
		}
	}
	return UnknownType
}
