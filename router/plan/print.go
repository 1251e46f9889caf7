package plan

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/soukhq/souk/router/plan/solve"
	"github.com/soukhq/souk/router/rawjson"
	"github.com/vektah/gqlparser/v2/ast"
)

// printer writes selections in GraphQL and the shapes of their answers, one after the other. Two fields at one place
// that may not have the same response key get different ones: the shape leads each to its slot.
type printer struct {
	text   []byte
	places []*place // that were reached
	vars   []string // of the last text, in order of first use
}

// printedKey is what has one response key at a place: a slot, and the kind of value that GraphQL wants to be the same
// under one key.
type printedKey struct {
	slot      int
	typ       *ast.Type
	composite bool
	index     int // in the shape's keys
}

// root prints the selection of root fields with its braces, escaped for a JSON string, and makes the shape of its
// objects.
func (p *printer) root(sel *selection) (string, *rawjson.Shape) {
	p.text, p.vars = p.text[:0], p.vars[:0]
	shape := p.print(sel)
	p.finishShapes()
	return escape(string(p.text)), shape
}

// entities prints the selection of an `_entities` field likewise.
func (p *printer) entities(sel *selection) (string, *rawjson.Shape) {
	p.text, p.vars = append(p.text[:0], "{... on "...), p.vars[:0]
	p.text = append(p.text, sel.typ.Name...)
	shape := p.print(sel)
	p.text = append(p.text, '}')
	p.finishShapes()
	return escape(string(p.text)), shape
}

// print writes the selection with its braces and returns the shape of its objects.
func (p *printer) print(sel *selection) *rawjson.Shape {
	shape := p.shapeOf(sel)
	p.text = append(p.text, '{')
	n := len(p.text)
	if sel.typename || sel.empty() {
		p.separate(n)
		p.text = append(p.text, solve.Typename...)
		if sel.typename {
			addTypename(shape, sel)
		}
	}
	for i := range sel.fields {
		p.separate(n)
		p.field(sel, &sel.fields[i], shape)
	}
	for _, b := range sel.on {
		if !b.empty() {
			p.separate(n)
			p.text = append(p.text, "... on "...)
			p.text = append(p.text, b.typ.Name...)
			p.print(b)
		}
	}
	p.text = append(p.text, '}')
	return shape
}

func (p *printer) separate(start int) {
	if len(p.text) > start {
		p.text = append(p.text, ' ')
	}
}

func (p *printer) shapeOf(sel *selection) *rawjson.Shape {
	at := sel.place
	if at.printed == nil {
		at.printed = &rawjson.Shape{Keys: make([]rawjson.Key, 0, len(sel.fields)+1)}
		at.keys = slices.Grow(at.keys, len(sel.fields))
		p.places = append(p.places, at)
	}
	return at.printed
}

// finishShapes sets the sizes of the shapes, as by now every slot is known, and prepares for the next text.
func (p *printer) finishShapes() {
	for _, at := range p.places {
		at.printed.Slots = len(at.slots)
		at.printed, at.keys = nil, at.keys[:0]
	}
	p.places = p.places[:0]
}

func addTypename(s *rawjson.Shape, sel *selection) {
	if !slices.ContainsFunc(s.Keys, func(k rawjson.Key) bool { return k.Typename }) {
		s.Keys = append(s.Keys, rawjson.Key{Name: solve.Typename, Typename: true})
	}
	for _, t := range sel.typ.Runtime {
		if !slices.ContainsFunc(s.Types, func(x rawjson.Type) bool { return x.Name == t.Name }) {
			s.Types = append(s.Types, rawjson.Type{Name: t.Name, ID: typeID(t)})
		}
	}
}

func (p *printer) field(sel *selection, f *selectedField, shape *rawjson.Shape) {
	i := keyOf(sel.place, f, shape)
	if name := shape.Keys[i].Name; name != f.name {
		p.text = append(p.text, name...)
		p.text = append(p.text, ':')
	}
	p.text = append(p.text, f.name...)
	p.text = append(p.text, solve.ArgumentText(f.args)...)
	for _, a := range f.args {
		for _, v := range a.Vars {
			if !slices.Contains(p.vars, v) {
				p.vars = append(p.vars, v)
			}
		}
	}
	if f.sub != nil {
		sub := p.print(f.sub)
		shape.Keys[i].Sub = sub
	}
}

// keyOf returns the index of a field's key in the shape. A new one has the client's name if it is free at this place.
func keyOf(at *place, f *selectedField, shape *rawjson.Shape) int {
	for _, k := range at.keys {
		if k.slot == f.slot && k.composite == (f.sub != nil) && sameKind(k.typ, f.typ, k.composite) {
			return k.index
		}
	}
	name := at.slots[f.slot].response
	if name == "" {
		name = f.name
	}
	for n := 1; isTaken(shape, name); n++ {
		name = "_" + strconv.Itoa(n)
	}
	i := len(shape.Keys)
	shape.Keys = append(shape.Keys, rawjson.Key{Name: name, Slot: f.slot, Lists: listDepth(f.typ)})
	at.keys = append(at.keys, printedKey{f.slot, f.typ, f.sub != nil, i})
	return i
}

func isTaken(shape *rawjson.Shape, name string) bool {
	return name == solve.Typename || slices.ContainsFunc(shape.Keys, func(k rawjson.Key) bool { return k.Name == name })
}

// sameKind tells whether values of both types may share a response key: equal leaf types, or any composites, in equal
// lists.
func sameKind(a, b *ast.Type, composite bool) bool {
	if a == b {
		return true
	}
	if a.NonNull != b.NonNull || (a.Elem == nil) != (b.Elem == nil) {
		return false
	}
	if a.Elem != nil {
		return sameKind(a.Elem, b.Elem, composite)
	}
	return composite || a.NamedType == b.NamedType
}

func listDepth(t *ast.Type) int {
	n := 0
	for ; t.Elem != nil; t = t.Elem {
		n++
	}
	return n
}

// escape writes text as it stands between the quotes of a JSON string.
func escape(text string) string {
	special := func(c rune) bool { return c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf }
	if !strings.ContainsFunc(text, special) {
		return text
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		panic(err) // a string can always be written
	}
	return strings.Trim(b.String(), "\"\n")
}
