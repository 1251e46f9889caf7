package compose

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// copyInterfaceObjectFields gives the fields that an interface object adds to its interface to the implementations
// that lack them.
func (m *merger) copyInterfaceObjectFields() {
	for _, name := range m.names {
		def := m.types[name]
		if def == nil || def.Kind != ast.Object {
			continue
		}
		for _, iface := range def.Interfaces {
			super := m.types[iface]
			if super == nil {
				continue
			}
			for _, f := range super.Fields {
				if def.Fields.ForName(f.Name) != nil || !m.ofInterfaceObject(iface, f.Name) {
					continue
				}
				added := *f
				added.Directives = ast.DirectiveList{join("field")}
				for _, d := range f.Directives {
					if !strings.HasPrefix(d.Name, "join__") {
						added.Directives = append(added.Directives, d)
					}
				}
				def.Fields = append(def.Fields, &added)
			}
		}
	}
}

func (m *merger) ofInterfaceObject(iface, field string) bool {
	return slices.ContainsFunc(m.sources[iface], func(t *subType) bool { return t.interfaceObject && t.fields[field] != nil })
}

// checkInterfaces checks what must hold between interfaces and their implementations once all subgraphs are together.
func (m *merger) checkInterfaces() {
	for _, name := range m.names {
		def := m.types[name]
		if def == nil || def.Kind != ast.Object && def.Kind != ast.Interface {
			continue
		}
		for _, iface := range def.Interfaces {
			if super := m.types[iface]; super != nil && super.Kind == ast.Interface {
				m.checkImplements(def, super)
			}
		}
		if def.Kind == ast.Interface {
			m.checkInterfaceKeys(name)
		}
	}
}

func (m *merger) checkImplements(def, super *ast.Definition) {
	for _, f := range super.Fields {
		own := def.Fields.ForName(f.Name)
		if own == nil {
			if len(m.nodes(def.Name, f.Name)) == 0 {
				m.add("INTERFACE_FIELD_NO_IMPLEM", append(m.nodes(def.Name, ""), m.nodes(super.Name, f.Name)...),
					"Interface field %q is declared in %s but type %q, which implements %q, does not have field %q in any subgraph.",
					super.Name+"."+f.Name, m.subgraphsWith(super.Name, f.Name), def.Name, super.Name, f.Name)
			}
			continue
		}
		if !m.subtype(own.Type, f.Type) {
			m.add("INVALID_GRAPHQL", m.nodes(def.Name, f.Name), "Interface field %q expects type %s but %q of type %s is not a proper subtype.", super.Name+"."+f.Name, f.Type, def.Name+"."+f.Name, own.Type)
		}
	}
}

func (m *merger) subgraphsWith(typeName, field string) string {
	var names []string
	for _, n := range m.nodes(typeName, field) {
		names = append(names, n.Subgraph)
	}
	return subgraphNames(names)
}

// checkInterfaceKeys checks that each implementation has the keys of its interface, and that a subgraph which can be
// entered by an interface knows every implementation.
func (m *merger) checkInterfaceKeys(name string) {
	for _, t := range m.sources[name] {
		if t.interfaceObject || len(t.keys) == 0 {
			continue
		}
		entry := slices.ContainsFunc(t.keys, func(k *subKey) bool { return k.resolvable })
		for _, implementation := range m.names {
			def := m.types[implementation]
			if def == nil || def.Kind != ast.Object || !slices.Contains(def.Interfaces, name) {
				continue
			}
			own := t.graph.types[implementation]
			if own != nil && slices.Contains(own.implements, name) {
				m.checkSameKeys(t, own)
			} else if entry {
				m.add("INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE", []Node{t.node()}, "[%s] Interface type %q has a resolvable key in subgraph %q but that subgraph is missing the supergraph implementation type %q of %q.",
					t.graph.name, name, t.graph.name, implementation, name)
			}
		}
	}
}

func (m *merger) checkSameKeys(iface, implementation *subType) {
	for _, k := range iface.keys {
		if !slices.ContainsFunc(implementation.keys, func(o *subKey) bool { return o.set.String() == k.set.String() }) {
			m.add("INTERFACE_KEY_NOT_ON_IMPLEMENTATION", []Node{implementation.node()}, "[%s] Key @key(fields: %q) on interface type %q is missing on implementation type %q.",
				iface.graph.name, k.set, iface.name, implementation.name)
		}
	}
}
