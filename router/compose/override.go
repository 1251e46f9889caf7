package compose

import (
	"regexp"
	"slices"
	"strconv"
)

var (
	labelName    = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_\-:./]*$`)
	labelPercent = regexp.MustCompile(`^percent\((\d{1,3}(?:\.\d{1,8})?)\)$`)
)

// resolveOverrides takes from subgraphs the fields that others take over.
func (m *merger) resolveOverrides() {
	for _, name := range m.names {
		for _, t := range m.sources[name] {
			for _, f := range t.order {
				if f.override != nil {
					m.resolveOverride(f)
				}
			}
		}
	}
}

func (m *merger) resolveOverride(f *subField) {
	g, o := f.parent.graph, f.override
	nodes := []Node{g.node(o.directive.Position, f.coordinate())}
	if o.label != "" && !validLabel(o.label) {
		m.add("OVERRIDE_LABEL_INVALID", nodes, "Invalid @override label %q on field %q on subgraph %q: it must start with a letter and after that contain letters, digits, or any of _-:./, or be of the form percent(x) where x is between 0 and 100.", o.label, f.coordinate(), g.name)
	}
	if o.from == g.name {
		m.add("OVERRIDE_FROM_SELF_ERROR", nodes, "Source and destination subgraphs %q are the same for overridden field %q.", g.name, f.coordinate())
		return
	}
	i := slices.IndexFunc(m.graphs, func(other *subgraph) bool { return other.name == o.from })
	if i < 0 {
		m.hint("FROM_SUBGRAPH_DOES_NOT_EXIST", "Source subgraph %q for field %q on subgraph %q does not exist.", o.from, f.coordinate(), g.name)
		o.idle = true
		return
	}
	source := m.fieldOf(m.graphs[i], f)
	switch {
	case source == nil:
		m.hint("OVERRIDE_DIRECTIVE_CAN_BE_REMOVED", "Field %q on subgraph %q no longer exists in the from subgraph. The @override directive can be removed.", f.coordinate(), g.name)
	case source.override != nil:
		m.add("OVERRIDE_SOURCE_HAS_OVERRIDE", append(nodes, source.node()), "Field %q on subgraph %q is also marked with directive @override in subgraph %q. Only one @override directive is allowed per field.", f.coordinate(), g.name, o.from)
	case f.external:
		m.collision(f, f, "external", nodes)
	case source.requires != nil:
		m.collision(f, source, "requires", nodes)
	case source.provides != nil:
		m.collision(f, source, "provides", nodes)
	case f.parent.interfaceObject || source.parent.interfaceObject:
		m.collision(f, source, "interfaceObject", nodes)
	case source.external:
		m.hint("OVERRIDE_DIRECTIVE_CAN_BE_REMOVED", "Field %q on subgraph %q is not resolved anymore by the from subgraph (it is marked @external there). The @override directive can be removed.", f.coordinate(), g.name)
	case o.label != "":
		source.label = o.label
		m.hint("OVERRIDE_MIGRATION_IN_PROGRESS", "Field %q is currently being migrated with progressive @override from subgraph %q to subgraph %q.", f.coordinate(), o.from, g.name)
	default:
		source.overridden = true
		if !source.used {
			m.hint("OVERRIDDEN_FIELD_CAN_BE_REMOVED", "Field %q on subgraph %q is overridden. Consider removing it.", f.coordinate(), o.from)
		}
	}
}

func (m *merger) fieldOf(g *subgraph, f *subField) *subField {
	if t := g.types[f.parent.name]; t != nil {
		return t.fields[f.name]
	}
	return nil
}

func (m *merger) collision(f, at *subField, directive string, nodes []Node) {
	m.add("OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE", append(nodes, at.node()), "@override cannot be used on field %q on subgraph %q since %q on subgraph %q is marked with directive @%s.",
		f.coordinate(), f.parent.graph.name, at.coordinate(), at.parent.graph.name, directive)
}

func validLabel(label string) bool {
	if match := labelPercent.FindStringSubmatch(label); match != nil {
		percent, err := strconv.ParseFloat(match[1], 64)
		return err == nil && percent <= 100
	}
	return labelName.MatchString(label)
}
