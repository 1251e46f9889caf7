package compose

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

func hidden(applied ast.DirectiveList) bool { return applied.ForName("inaccessible") != nil }

// checkInaccessible checks that what remains visible is a schema of its own.
func (m *merger) checkInaccessible() Errors {
	if hidden(m.types["Query"].Directives) {
		m.add("QUERY_ROOT_TYPE_INACCESSIBLE", m.nodes("Query", ""), "Type \"Query\" is @inaccessible but is the query root type, which must be in the API schema.")
	}
	for _, name := range m.names {
		def := m.types[name]
		if hidden(def.Directives) {
			continue
		}
		m.checkChildren(def)
		for _, f := range def.Fields {
			if !hidden(f.Directives) {
				m.checkVisibleField(def, f)
				continue
			}
			if def.Kind == ast.InputObject && f.Type.NonNull && f.DefaultValue == nil {
				m.add("REQUIRED_INACCESSIBLE", m.nodes(name, f.Name), "Input field %q is @inaccessible but is a required input field of its type.", name+"."+f.Name)
			}
			for _, iface := range m.interfacesWith(def, f.Name) {
				m.add("IMPLEMENTED_BY_INACCESSIBLE", m.nodes(name, f.Name), "Field %q is @inaccessible but implements the interface field %q, which is in the API schema.", name+"."+f.Name, iface.Name+"."+f.Name)
			}
		}
	}
	for _, d := range slices.Concat(m.directives, m.customDefinitions()) {
		m.checkArguments("@"+d.Name, d.Arguments, nil)
	}
	return m.errs
}

// checkChildren refuses a visible type of which nothing is visible.
func (m *merger) checkChildren(def *ast.Definition) {
	visible, all := 0, len(def.Fields)+len(def.EnumValues)+len(def.Types)
	for _, f := range def.Fields {
		if !hidden(f.Directives) {
			visible++
		}
	}
	for _, v := range def.EnumValues {
		if !hidden(v.Directives) {
			visible++
		}
	}
	for _, member := range def.Types {
		if !m.hiddenType(member) {
			visible++
		}
	}
	if all > 0 && visible == 0 {
		m.add("ONLY_INACCESSIBLE_CHILDREN", m.nodes(def.Name, ""), "Type %q is in the API schema but all of its children are @inaccessible.", def.Name)
	}
}

func (m *merger) hiddenType(name string) bool {
	def := m.types[name]
	return def != nil && hidden(def.Directives)
}

// interfacesWith returns the visible interfaces of the type that have a visible field of that name.
func (m *merger) interfacesWith(def *ast.Definition, field string) []*ast.Definition {
	var found []*ast.Definition
	for _, name := range def.Interfaces {
		iface := m.types[name]
		if iface == nil || hidden(iface.Directives) {
			continue
		}
		if f := iface.Fields.ForName(field); f != nil && !hidden(f.Directives) {
			found = append(found, iface)
		}
	}
	return found
}

func (m *merger) checkVisibleField(def *ast.Definition, f *ast.FieldDefinition) {
	coordinate, nodes := def.Name+"."+f.Name, m.nodes(def.Name, f.Name)
	if m.hiddenType(f.Type.Name()) {
		m.add("REFERENCED_INACCESSIBLE", append(nodes, m.nodes(f.Type.Name(), "")...), "Type %q is @inaccessible but is referenced by %q, which is in the API schema.", f.Type.Name(), coordinate)
	}
	if def.Kind == ast.InputObject {
		m.checkDefault(coordinate, f.Type, f.DefaultValue, nodes)
	}
	m.checkArguments(coordinate, f.Arguments, nodes)
	for _, a := range f.Arguments {
		if !hidden(a.Directives) {
			continue
		}
		for _, iface := range m.interfacesWith(def, f.Name) {
			if other := iface.Fields.ForName(f.Name).Arguments.ForName(a.Name); other != nil && !hidden(other.Directives) {
				m.add("IMPLEMENTED_BY_INACCESSIBLE", nodes, "Argument \"%s(%s:)\" is @inaccessible but implements an argument of %q, which is in the API schema.", coordinate, a.Name, iface.Name+"."+f.Name)
			}
		}
	}
}

func (m *merger) checkArguments(owner string, args ast.ArgumentDefinitionList, nodes []Node) {
	for _, a := range args {
		coordinate := owner + "(" + a.Name + ":)"
		switch {
		case !hidden(a.Directives):
			if m.hiddenType(a.Type.Name()) {
				m.add("REFERENCED_INACCESSIBLE", append(nodes, m.nodes(a.Type.Name(), "")...), "Type %q is @inaccessible but is referenced by %q, which is in the API schema.", a.Type.Name(), coordinate)
			}
			m.checkDefault(coordinate, a.Type, a.DefaultValue, nodes)
		case a.Type.NonNull && a.DefaultValue == nil:
			m.add("REQUIRED_INACCESSIBLE", nodes, "Argument %q is @inaccessible but is a required argument of its field.", coordinate)
		}
	}
}

// checkDefault refuses a default that names a value or input field which clients do not see.
func (m *merger) checkDefault(coordinate string, t *ast.Type, value *ast.Value, nodes []Node) {
	if value == nil || value.Kind == ast.NullValue {
		return
	}
	if value.Kind == ast.ListValue {
		if t.Elem != nil {
			t = t.Elem
		}
		for _, child := range value.Children {
			m.checkDefault(coordinate, t, child.Value, nodes)
		}
		return
	}
	def := m.types[t.Name()]
	if def == nil {
		return
	}
	used := func(name string) {
		m.add("DEFAULT_VALUE_USES_INACCESSIBLE", nodes, "%q is @inaccessible but is used in the default value of %q, which is in the API schema.", def.Name+"."+name, coordinate)
	}
	if v := def.EnumValues.ForName(value.Raw); def.Kind == ast.Enum && v != nil && hidden(v.Directives) {
		used(v.Name)
	}
	if def.Kind != ast.InputObject || value.Kind != ast.ObjectValue {
		return
	}
	for _, child := range value.Children {
		i := slices.IndexFunc(def.Fields, func(f *ast.FieldDefinition) bool { return f.Name == child.Name })
		if i < 0 {
			continue
		}
		if f := def.Fields[i]; hidden(f.Directives) {
			used(f.Name)
		} else {
			m.checkDefault(coordinate, f.Type, child.Value, nodes)
		}
	}
}
