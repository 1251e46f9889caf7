package plan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/soukhq/souk/router/plan/solve"
	"github.com/soukhq/souk/router/rawjson"
	"github.com/vektah/gqlparser/v2/ast"
)

// printer writes one selection in GraphQL and the shape of its answer. Two fields at one place that may not have the
// same response key get different ones: the shape leads each to its slot.
type printer struct {
	text   strings.Builder
	names  map[*place]*keyNames
	shapes map[*place]*rawjson.Shape
	vars   []string // in order of first use
}

// keyNames holds the response keys of one place in one request.
type keyNames struct {
	taken map[string]bool
	given map[keyUse]string
}

// keyUse is what has one response key: a slot, and the kind of value that GraphQL wants to be the same under one key.
type keyUse struct {
	slot  int
	value string
}

func newPrinter() *printer {
	return &printer{names: map[*place]*keyNames{}, shapes: map[*place]*rawjson.Shape{}}
}

// print writes the selection with its braces and returns the shape of its objects.
func (p *printer) print(sel *selection) *rawjson.Shape {
	shape := p.shapeOf(sel)
	p.text.WriteByte('{')
	n := p.text.Len()
	if sel.typename || sel.empty() {
		p.separate(n)
		p.text.WriteString(solve.Typename)
		if sel.typename {
			p.addTypename(shape, sel)
		}
	}
	for _, f := range sel.fields {
		p.separate(n)
		p.field(sel, f, shape)
	}
	for _, b := range sel.on {
		if !b.empty() {
			p.separate(n)
			p.text.WriteString("... on ")
			p.text.WriteString(b.typ.Name)
			p.print(b)
		}
	}
	p.text.WriteByte('}')
	return shape
}

func (p *printer) separate(start int) {
	if p.text.Len() > start {
		p.text.WriteByte(' ')
	}
}

func (p *printer) shapeOf(sel *selection) *rawjson.Shape {
	s := p.shapes[sel.place]
	if s == nil {
		s = &rawjson.Shape{}
		p.shapes[sel.place] = s
	}
	return s
}

func (p *printer) addTypename(s *rawjson.Shape, sel *selection) {
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
	name := p.name(sel.place, f)
	if name != f.name {
		p.text.WriteString(name)
		p.text.WriteByte(':')
	}
	p.text.WriteString(f.name)
	p.text.WriteString(solve.ArgumentText(f.args))
	for _, a := range f.args {
		for _, v := range a.Vars {
			if !slices.Contains(p.vars, v) {
				p.vars = append(p.vars, v)
			}
		}
	}
	i := slices.IndexFunc(shape.Keys, func(k rawjson.Key) bool { return k.Name == name })
	if i < 0 {
		i = len(shape.Keys)
		shape.Keys = append(shape.Keys, rawjson.Key{Name: name, Slot: f.slot, Lists: listDepth(f.typ)})
	}
	if f.sub != nil {
		sub := p.print(f.sub)
		shape.Keys[i].Sub = sub
	}
}

// name returns the response key of a field: the client's if it is free at this place.
func (p *printer) name(at *place, f *selectedField) string {
	names := p.names[at]
	if names == nil {
		names = &keyNames{taken: map[string]bool{solve.Typename: true}, given: map[keyUse]string{}}
		p.names[at] = names
	}
	use := keyUse{f.slot, valueKind(f.typ, f.sub != nil)}
	if name, ok := names.given[use]; ok {
		return name
	}
	name := at.slots[f.slot].response
	if name == "" {
		name = f.name
	}
	for n := 1; names.taken[name]; n++ {
		name = "_" + strconv.Itoa(n)
	}
	names.taken[name] = true
	names.given[use] = name
	return name
}

// valueKind tells which values may share a response key: equal leaf types, or any composites, in equal lists.
func valueKind(t *ast.Type, composite bool) string {
	s := t.String()
	if composite {
		s = strings.Replace(s, t.Name(), "{}", 1)
	}
	return s
}

func listDepth(t *ast.Type) int {
	n := 0
	for ; t.Elem != nil; t = t.Elem {
		n++
	}
	return n
}
