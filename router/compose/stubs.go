package compose

import (
	"fmt"
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// Stubs returns a subgraph that stands in for owners which are not among the sources, or nil where none is missed: it
// has the fields that sources hold as @external without anybody resolving them, on types with the same keys, and no
// root field. Whoever composes with it has to serve it, and answers null for every entity.
//
// A type has an owner among the sources if one of them resolves a field that is external to another, or answers the
// type from its query root without holding external fields of it. Such a type gets no stub, so that a field which its
// owner does not have (any more) remains an error. Sources that cannot be read get none either: Compose tells why.
func Stubs(sources []Source) []Source {
	graphs, errs := loadAll(sources)
	if len(errs) > 0 || len(upgrade(graphs)) > 0 {
		return nil
	}
	s := stub{graphs: graphs, types: map[string]*stubType{}}
	for _, g := range graphs {
		for _, t := range g.order {
			s.addMissing(t)
		}
	}
	if len(s.types) == 0 {
		return nil
	}
	return []Source{{Name: freeName("stub", sources), SDL: s.sdl(), Stub: true}}
}

// freeName returns the name, with a number where one of the sources has it.
func freeName(name string, sources []Source) string {
	free := name
	for n := 2; slices.ContainsFunc(sources, func(src Source) bool { return src.Name == free }); n++ {
		free = fmt.Sprintf("%s%d", name, n)
	}
	return free
}

// stub is a subgraph in the making.
type stub struct {
	graphs []*subgraph
	types  map[string]*stubType
}

type stubType struct {
	from   *subType
	entry  bool            // it can be reached by its keys
	keys   map[string]bool // their canonical texts
	fields map[string]*subField
}

// addMissing adds the external fields of the type that have no owner.
func (s *stub) addMissing(t *subType) {
	if t.kind != ast.Object || s.owned(t.name) {
		return
	}
	for _, f := range t.order {
		if !f.external || s.resolved(f) {
			continue
		}
		st := s.add(t)
		st.entry = true
		s.addKeys(st, t)
		s.addField(st, f)
	}
}

func (s *stub) resolved(f *subField) bool {
	return slices.ContainsFunc(s.graphs, func(g *subgraph) bool {
		t := g.types[f.parent.name]
		return t != nil && t.fields[f.name] != nil && !t.fields[f.name].external
	})
}

// owned tells whether the owner of the type is among the graphs.
func (s *stub) owned(name string) bool {
	return slices.ContainsFunc(s.graphs, func(g *subgraph) bool {
		t := g.types[name]
		if t == nil {
			return false
		}
		if slices.ContainsFunc(t.order, s.ownsForAnother) {
			return true
		}
		borrows := slices.ContainsFunc(t.order, func(f *subField) bool { return f.external })
		return !borrows && slices.ContainsFunc(g.types["Query"].order, func(f *subField) bool { return f.typ.Name() == name })
	})
}

// ownsForAnother tells whether a subgraph resolves a field that is external to another. Keys are held by all.
func (s *stub) ownsForAnother(f *subField) bool {
	return !f.external && !f.inKey && slices.ContainsFunc(s.graphs, func(g *subgraph) bool {
		t := g.types[f.parent.name]
		return t != nil && t.fields[f.name] != nil && t.fields[f.name].external
	})
}

func (s *stub) add(t *subType) *stubType {
	st := s.types[t.name]
	if st == nil {
		st = &stubType{from: t, keys: map[string]bool{}, fields: map[string]*subField{}}
		s.types[t.name] = st
	}
	return st
}

func (s *stub) addKeys(st *stubType, t *subType) {
	for _, k := range t.keys {
		if k.set == nil {
			continue
		}
		st.keys[k.set.String()] = true
		for _, sel := range k.set.Fields {
			if f := t.fields[sel.Name]; f != nil {
				s.addField(st, f)
			}
		}
	}
}

func (s *stub) addField(st *stubType, f *subField) {
	st.fields[f.name] = f
	s.need(f.base())
	for _, a := range f.args {
		s.need(f.parent.graph.types[a.Type.Name()])
	}
}

// need adds a type that a field leads to: entities with their keys only, as others resolve the rest; all else whole.
func (s *stub) need(t *subType) {
	if t == nil || s.types[t.name] != nil {
		return
	}
	st := s.add(t)
	if t.kind == ast.Object && len(t.keys) > 0 {
		s.addKeys(st, t)
		return
	}
	for _, f := range t.order {
		if f.requires == nil {
			s.addField(st, f)
		}
	}
	if t.abstract() {
		for _, o := range t.implementations() {
			s.need(o)
			for _, f := range t.order {
				if own := o.fields[f.name]; own != nil {
					s.addField(s.types[o.name], own)
				}
			}
		}
	}
}

func (s *stub) sdl() string {
	var directives ast.DirectiveDefinitionList
	first := s.graphs[0]
	for _, d := range first.directives {
		if !slices.ContainsFunc(s.graphs, func(g *subgraph) bool { return g.directive(d.Name) == nil }) {
			directives = append(directives, s.directive(first, d))
		}
	}
	p := &printer{}
	p.WriteString("extend schema @link(url: \"https://specs.apollo.dev/federation/v2.3\", import: [\"@key\", \"@shareable\", \"@inaccessible\"])\n")
	for _, d := range directives {
		p.directiveDefinition(d)
	}
	for _, name := range slices.Sorted(maps.Keys(s.types)) {
		p.definition(s.definition(s.types[name]))
	}
	return p.String()
}

// directive repeats a directive of the other subgraphs: one that a single subgraph lacks would be lost to clients.
func (s *stub) directive(g *subgraph, d *ast.DirectiveDefinition) *ast.DirectiveDefinition {
	out := &ast.DirectiveDefinition{Name: d.Name, Locations: d.Locations, IsRepeatable: d.IsRepeatable, Arguments: plainArguments(d.Arguments)}
	for _, a := range d.Arguments {
		s.need(g.types[a.Type.Name()])
	}
	return out
}

func plainArguments(args []*ast.ArgumentDefinition) ast.ArgumentDefinitionList {
	var out ast.ArgumentDefinitionList
	for _, a := range args {
		out = append(out, &ast.ArgumentDefinition{Name: a.Name, Type: a.Type, DefaultValue: a.DefaultValue})
	}
	return out
}

func (s *stub) definition(st *stubType) *ast.Definition {
	t := st.from
	def := &ast.Definition{Kind: t.kind, Name: t.name, Types: t.members}
	for _, text := range slices.Sorted(maps.Keys(st.keys)) {
		def.Directives = append(def.Directives, key(text, st.entry))
	}
	for _, v := range t.values {
		def.EnumValues = append(def.EnumValues, &ast.EnumValueDefinition{Name: v.Name})
	}
	for _, name := range slices.Sorted(maps.Keys(st.fields)) {
		f := st.fields[name]
		fd := &ast.FieldDefinition{Name: name, Type: f.typ, DefaultValue: f.value, Arguments: plainArguments(f.args)}
		if t.kind == ast.Object {
			fd.Directives = append(fd.Directives, &ast.Directive{Name: "shareable"})
		}
		if base := f.base(); base != nil && hidden(base.applied) {
			fd.Directives = append(fd.Directives, &ast.Directive{Name: "inaccessible"})
		}
		def.Fields = append(def.Fields, fd)
	}
	for _, name := range t.implements {
		if s.implements(st, name) {
			def.Interfaces = append(def.Interfaces, name)
		}
	}
	return def
}

// implements tells whether the stub has the interface, and on the type all that it demands.
func (s *stub) implements(st *stubType, name string) bool {
	iface := s.types[name]
	if iface == nil {
		return false
	}
	for field := range iface.fields {
		if st.fields[field] == nil {
			return false
		}
	}
	return !slices.ContainsFunc(iface.from.implements, func(super string) bool { return !s.implements(st, super) })
}

func key(fields string, resolvable bool) *ast.Directive {
	d := &ast.Directive{Name: "key", Arguments: ast.ArgumentList{{Name: "fields", Value: text(fields)}}}
	if !resolvable {
		d.Arguments = append(d.Arguments, &ast.Argument{Name: "resolvable", Value: truth(false)})
	}
	return d
}
