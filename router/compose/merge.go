package compose

import (
	"fmt"
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// merger makes one schema of the subgraphs.
type merger struct {
	problems
	graphs  []*subgraph
	names   []string              // of all types, sorted
	sources map[string][]*subType // by name, in the order of the graphs
	supers  map[string][]string   // the interfaces and unions that a type belongs to anywhere
	types   map[string]*ast.Definition
	// directives are the merged ones that clients can use.
	directives ast.DirectiveDefinitionList
	custom     map[string]*custom
	hints      []Hint
}

func newMerger(graphs []*subgraph) *merger {
	m := &merger{graphs: graphs, sources: map[string][]*subType{}, supers: map[string][]string{}, types: map[string]*ast.Definition{}, custom: map[string]*custom{}}
	for _, g := range graphs {
		for _, t := range g.order {
			m.sources[t.name] = append(m.sources[t.name], t)
			for _, super := range t.implements {
				m.supers[t.name] = append(m.supers[t.name], super)
			}
			for _, member := range t.members {
				m.supers[member] = append(m.supers[member], t.name)
			}
		}
	}
	m.names = slices.Sorted(maps.Keys(m.sources))
	return m
}

func (m *merger) hint(code, format string, args ...any) {
	m.hints = append(m.hints, Hint{Code: code, Message: fmt.Sprintf(format, args...)})
}

// merge fills in the types and directives. Enums come last, because what becomes of their values depends on where the
// merged schema uses them.
func (m *merger) merge() Errors {
	m.checkNames()
	m.mergeCustom()
	for _, name := range m.names {
		m.checkKinds(name)
	}
	if len(m.errs) > 0 {
		return m.errs
	}
	m.resolveOverrides()
	for _, name := range m.names {
		if m.sources[name][0].kind != ast.Enum {
			m.types[name] = m.mergeType(name)
		}
	}
	m.mergeDirectives()
	m.mergeEnums()
	m.copyInterfaceObjectFields()
	m.checkInterfaces()
	m.checkTransitiveAuth()
	if !slices.ContainsFunc(m.sources["Query"], func(t *subType) bool { return len(t.order) > 0 }) {
		m.add("NO_QUERIES", typeNodes(m.sources["Query"]), "No queries found in any subgraph: a supergraph must have a query root type.")
	}
	return m.errs
}

var kindNames = map[ast.DefinitionKind]string{
	ast.Object: "Object Type", ast.Interface: "Interface Type", ast.Union: "Union Type",
	ast.Enum: "Enum Type", ast.InputObject: "Input Object Type", ast.Scalar: "Scalar Type",
}

func (m *merger) checkKinds(name string) {
	types := m.sources[name]
	var kinds, graphs []string
	interfaceObjects, interfaces, defined := 0, 0, isRoot(name)
	for _, t := range types {
		kind := kindNames[t.kind]
		if t.interfaceObject {
			interfaceObjects++
		} else if t.kind == ast.Interface {
			interfaces++
		}
		kinds, graphs = append(kinds, kind), append(graphs, t.graph.name)
		defined = defined || !t.extension
	}
	if len(slices.Compact(slices.Sorted(slices.Values(kinds)))) > 1 {
		m.add("TYPE_KIND_MISMATCH", typeNodes(types), "Type %q has mismatched kind: it is defined as %s.", name, versions("", kinds, graphs))
		return
	}
	if interfaceObjects > 0 && interfaces == 0 {
		m.add("INTERFACE_OBJECT_USAGE_ERROR", typeNodes(types), "Type %q is declared with @interfaceObject in all the subgraphs in which it is defined (it is defined in %s but should be defined as an interface in at least one subgraph).", name, subgraphNames(graphs))
	}
	if !defined {
		m.add("EXTENSION_WITH_NO_BASE", typeNodes(types), "Type %q is an extension type, but there is no type definition for %q in any subgraph.", name, name)
	}
}

func (m *merger) mergeType(name string) *ast.Definition {
	types := m.sources[name]
	def := &ast.Definition{Name: name, Kind: types[0].kind, Position: types[0].pos}
	def.Description = m.description(name, descriptionsOf(types))
	for _, t := range types {
		for _, iface := range t.implements {
			def.Directives = append(def.Directives, join("implements", "graph", enum(t.graph.enum), "interface", text(iface)))
			if !slices.Contains(def.Interfaces, iface) {
				def.Interfaces = append(def.Interfaces, iface)
			}
		}
	}
	def.Directives = append(def.Directives, joinTypes(types)...)
	var applied []ast.DirectiveList
	for _, t := range types {
		applied = append(applied, t.applied)
	}
	def.Directives = append(def.Directives, m.mergeApplied(name, applied)...)
	switch def.Kind {
	case ast.Object, ast.Interface:
		for _, field := range fieldNames(types) {
			if f := m.mergeField(name, field, types); f != nil {
				def.Fields = append(def.Fields, f)
			}
		}
	case ast.InputObject:
		m.mergeInput(def, types)
	case ast.Union:
		mergeUnion(def, types)
	}
	return def
}

func mergeUnion(def *ast.Definition, types []*subType) {
	for _, t := range types {
		for _, member := range t.members {
			def.Directives = append(def.Directives, join("unionMember", "graph", enum(t.graph.enum), "member", text(member)))
			if !slices.Contains(def.Types, member) {
				def.Types = append(def.Types, member)
			}
		}
	}
}

// joinTypes says in which subgraphs the type is, once for every key.
func joinTypes(types []*subType) ast.DirectiveList {
	var list ast.DirectiveList
	for _, t := range types {
		bare := []any{"graph", enum(t.graph.enum)}
		var end []any
		if t.interfaceObject {
			end = []any{"isInterfaceObject", truth(true)}
		}
		for _, k := range t.keys {
			args := append(slices.Clone(bare), "key", text(k.set.String()))
			if k.extension {
				args = append(args, "extension", truth(true))
			}
			if !k.resolvable {
				args = append(args, "resolvable", truth(false))
			}
			list = append(list, join("type", append(args, end...)...))
		}
		if len(t.keys) == 0 {
			list = append(list, join("type", append(bare, end...)...))
		}
	}
	return list
}

// fieldNames returns the names of the fields of all the types in order of their first appearance.
func fieldNames(types []*subType) []string {
	var names []string
	seen := map[string]bool{}
	for _, t := range types {
		for _, f := range t.order {
			if !seen[f.name] {
				seen[f.name] = true
				names = append(names, f.name)
			}
		}
	}
	return names
}

func descriptionsOf(types []*subType) []string {
	texts := make([]string, len(types))
	for i, t := range types {
		texts[i] = t.description
	}
	return texts
}

// description returns the text that most subgraphs have, the first of them where there are as many of another.
func (m *merger) description(what string, texts []string) string {
	counts := map[string]int{}
	best := ""
	for _, t := range texts {
		if t != "" {
			counts[t]++
		}
	}
	for _, t := range texts {
		if counts[t] > counts[best] {
			best = t
		}
	}
	if len(counts) > 1 {
		m.hint("INCONSISTENT_DESCRIPTION", "Element %q has inconsistent descriptions across subgraphs.", what)
	}
	return best
}

// nodes returns where the subgraphs define a field, or a type where the field's name is empty.
func (m *merger) nodes(typeName, field string) []Node {
	var nodes []Node
	for _, t := range m.sources[typeName] {
		if f := t.fields[field]; f != nil {
			nodes = append(nodes, f.node())
		} else if field == "" {
			nodes = append(nodes, t.node())
		}
	}
	return nodes
}

// join makes a directive of the join specification of names and values.
func join(name string, args ...any) *ast.Directive {
	d := &ast.Directive{Name: "join__" + name}
	for i := 0; i < len(args); i += 2 {
		d.Arguments = append(d.Arguments, &ast.Argument{Name: args[i].(string), Value: args[i+1].(*ast.Value)})
	}
	return d
}

func text(s string) *ast.Value { return &ast.Value{Kind: ast.StringValue, Raw: s} }
func enum(s string) *ast.Value { return &ast.Value{Kind: ast.EnumValue, Raw: s} }
func truth(b bool) *ast.Value  { return &ast.Value{Kind: ast.BooleanValue, Raw: fmt.Sprint(b)} }
