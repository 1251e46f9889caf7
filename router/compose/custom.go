package compose

import (
	"maps"
	"slices"
	"strings"

	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
)

// custom is a directive of somebody else's specification that subgraphs want in the supergraph.
type custom struct {
	link       *supergraph.Link
	element    string // its name in the specification
	definition *ast.DirectiveDefinition
	node       Node
}

// readCustom collects what @composeDirective names.
func (l *loader) readCustom() {
	l.g.custom = map[string]*custom{}
	for _, def := range slices.Concat(l.doc.Schema, l.doc.SchemaExtension) {
		for _, d := range def.Directives {
			if l.g.element(d.Name) == "composeDirective" {
				l.readComposeDirective(d)
			}
		}
	}
}

func (l *loader) readComposeDirective(d *ast.Directive) {
	name, at := strings.CutPrefix(argument(d, "name"), "@")
	node := l.g.node(d.Position, "@"+name)
	refuse := func(why string) {
		l.add("DIRECTIVE_COMPOSITION_ERROR", []Node{node}, "[%s] Cannot compose directive %q: %s.", l.g.name, argument(d, "name"), why)
	}
	link, element := l.g.links.Directive(name)
	definition := l.doc.Directives.ForName(name)
	switch {
	case name == "":
		refuse("the argument of @composeDirective is null or empty")
	case !at:
		refuse("the argument of @composeDirective must have a leading \"@\"")
	case mergeable[l.g.element(name)].definition != "":
		// It reaches the supergraph anyway.
	case link == nil || mergeable[name].definition != "":
		refuse("it is not a member of a linked specification")
	case link.Identity == supergraph.FederationSpec || link.Identity == supergraph.LinkSpec:
		refuse("composing directives of Federation is not supported")
	case definition == nil:
		refuse("the schema does not define it")
	default:
		for _, a := range definition.Arguments {
			if slices.ContainsFunc(a.Directives, func(d *ast.Directive) bool { return l.g.element(d.Name) == "inaccessible" }) {
				l.add("DISALLOWED_INACCESSIBLE", []Node{l.g.node(a.Position, "@"+name)}, "[%s] Composed directive \"@%s\" cannot use @inaccessible.", l.g.name, name)
			}
		}
		l.g.custom[name] = &custom{link: link, element: element, definition: definition, node: node}
	}
}

// mergeCustom decides on one definition for each directive that subgraphs compose: that of the newest version of its
// specification.
func (m *merger) mergeCustom() {
	for _, g := range m.graphs {
		for _, name := range slices.Sorted(maps.Keys(g.custom)) {
			c := g.custom[name]
			if other, why := m.clash(name, c); other != nil {
				m.add("DIRECTIVE_COMPOSITION_ERROR", []Node{other.node, c.node}, "Cannot compose directive \"@%s\" of %s: %s.",
					name, subgraphNames([]string{other.node.Subgraph, c.node.Subgraph}), why)
				continue
			}
			if have := m.custom[name]; have == nil || have.link.Version.Minor < c.link.Version.Minor {
				m.custom[name] = c
			}
		}
	}
}

// clash returns a directive that does not go together with another of that name, and why.
func (m *merger) clash(name string, c *custom) (*custom, string) {
	for _, other := range slices.Sorted(maps.Keys(m.custom)) {
		have := m.custom[other]
		same := have.link.Identity == c.link.Identity
		switch {
		case same && have.link.Version.Major != c.link.Version.Major:
			return have, "their specification has mismatched major versions"
		case other == name && !(same && have.element == c.element):
			return have, "it is not linked by the same specification"
		case other != name && same && have.element == c.element:
			return have, "it has another name there"
		}
	}
	return nil, ""
}

// customLinks returns the links to the specifications of composed directives, each with what is imported from it.
func (m *merger) customLinks() []string {
	newest := map[string]*supergraph.Link{}
	imports := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(m.custom)) {
		c := m.custom[name]
		identity := c.link.Identity
		if have := newest[identity]; have == nil || have.Version.Minor < c.link.Version.Minor {
			newest[identity] = c.link
		}
		imported := text("@" + c.element).String()
		if c.element != name {
			imported = "{name: " + imported + ", as: " + text("@"+name).String() + "}"
		}
		imports[identity] = append(imports[identity], imported)
	}
	var links []string
	for _, identity := range slices.Sorted(maps.Keys(newest)) {
		url := text(argument(newest[identity].Directive, "url")).String()
		links = append(links, "@link(url: "+url+", import: ["+strings.Join(imports[identity], ", ")+"])")
	}
	return links
}

// customDefinitions returns what the supergraph says of composed directives.
func (m *merger) customDefinitions() ast.DirectiveDefinitionList {
	var list ast.DirectiveDefinitionList
	for _, name := range slices.Sorted(maps.Keys(m.custom)) {
		definition := *m.custom[name].definition
		definition.Arguments = nil
		for _, a := range m.custom[name].definition.Arguments {
			plain := *a
			plain.Directives = nil
			definition.Arguments = append(definition.Arguments, &plain)
		}
		list = append(list, &definition)
	}
	return list
}
