package compose

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// maxMinor is the newest known version 2.x of Federation.
const maxMinor = 14

// element is a directive of Federation.
type element struct {
	since int    // the minor version 2.x that brought it
	shape string // its arguments and places
}

const (
	anywhere = " on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION"
	guarded  = " on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM"
)

var elements = map[string]element{
	"key":              {0, "(fields: String!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE"},
	"requires":         {0, "(fields: String!) on FIELD_DEFINITION"},
	"provides":         {0, "(fields: String!) on FIELD_DEFINITION"},
	"external":         {0, "(reason: String) on OBJECT | INTERFACE | FIELD_DEFINITION"},
	"extends":          {0, " on OBJECT | INTERFACE"},
	"shareable":        {0, " repeatable on OBJECT | FIELD_DEFINITION"},
	"override":         {0, "(from: String!, label: String) on FIELD_DEFINITION"},
	"inaccessible":     {0, anywhere},
	"tag":              {0, "(name: String!) repeatable" + anywhere + " | SCHEMA"},
	"composeDirective": {1, "(name: String) repeatable on SCHEMA"},
	"interfaceObject":  {3, " on OBJECT"},
	"authenticated":    {5, guarded},
	"requiresScopes":   {5, "(scopes: [[String!]!]!)" + guarded},
	"policy":           {6, "(policies: [[String!]!]!)" + guarded},
	"context":          {8, "(name: String!) repeatable on OBJECT | INTERFACE | UNION"},
	"fromContext":      {8, "(field: String) on ARGUMENT_DEFINITION"},
	"cost":             {9, "(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR"},
	"listSize":         {9, "(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION"},
	"cacheTag":         {12, "(format: String!) repeatable on FIELD_DEFINITION | OBJECT"},
}

// elementTypes are the types that a schema may import from Federation.
var elementTypes = []string{"FieldSet", "Scope", "Policy", "ContextFieldValue"}

// oldElements are the directives of Federation 1.
var oldElements = []string{"key", "requires", "provides", "external", "extends", "tag", "inaccessible"}

// machinery are the types by which a subgraph serves its federation.
var machinery = []string{"_Any", "_Entity", "_Service", "_FieldSet"}

// readLinks finds out which version of Federation the schema uses, and what it calls its elements.
func (l *loader) readLinks() {
	links, errs := supergraph.ReadLinks(l.doc)
	for _, err := range errs {
		n := Node{Subgraph: l.g.name}
		if len(err.Locations) > 0 {
			n.Line, n.Column = err.Locations[0].Line, err.Locations[0].Column
		}
		l.add("INVALID_LINK_DIRECTIVE_USAGE", []Node{n}, "%s", err.Message)
	}
	l.g.links = links
	for _, link := range links {
		if links.For(link.Identity) != link {
			l.add("INVALID_LINK_DIRECTIVE_USAGE", []Node{l.g.node(link.Directive.Position, "schema")},
				"[%s] Cannot link feature %q since it has already been linked in the schema.", l.g.name, link.Identity)
			continue
		}
		l.checkLink(link)
	}
	l.g.old = links.For(supergraph.FederationSpec) == nil
}

func (l *loader) checkLink(link *supergraph.Link) {
	nodes := []Node{l.g.node(link.Directive.Position, "schema")}
	last := link.Identity[strings.LastIndexByte(link.Identity, '/')+1:]
	address, err := url.Parse(link.Identity)
	switch {
	case link.Directive.Name == "core":
		l.add("INVALID_LINK_DIRECTIVE_USAGE", nodes, "@core is not supported; use @link.")
		return
	case err != nil || address.Host == "" || strings.Trim(address.Path, "/") == "":
		l.add("INVALID_LINK_IDENTIFIER", nodes, "%q is not the address of a specification.", link.Identity)
		return
	case len(last) > 1 && last[0] == 'v' && last[1] >= '0' && last[1] <= '9':
		l.add("INVALID_LINK_IDENTIFIER", nodes, "Expected a version of the form v1.2, got %q in %q.", last, link.Identity)
		return
	}
	known := link.Version != supergraph.Version{}
	switch link.Identity {
	case supergraph.FederationSpec:
		if !known {
			l.add("INVALID_LINK_IDENTIFIER", nodes, "%q has no version of the form v1.2.", link.Identity)
		} else if link.Version.Major != 2 || link.Version.Minor > maxMinor {
			l.add("UNKNOWN_FEDERATION_LINK_VERSION", nodes, "Invalid version v%d.%d for the federation feature in @link.", link.Version.Major, link.Version.Minor)
		} else {
			l.checkImports(link, nodes)
		}
	case supergraph.LinkSpec:
		if link.Version.Major != 1 {
			l.add("UNKNOWN_LINK_VERSION", nodes, "Version v%d.%d of @link is not known.", link.Version.Major, link.Version.Minor)
		}
	case supergraph.TagSpec, supergraph.InaccessibleSpec:
	default:
		if link.Purpose != "" {
			l.add("UNSUPPORTED_LINKED_FEATURE", nodes, "The schema needs %s for %s, which is not supported.", link.Identity, link.Purpose)
		}
	}
}

func (l *loader) checkImports(link *supergraph.Link, nodes []Node) {
	for _, name := range slices.Sorted(maps.Values(link.Imports)) {
		if directive, ok := strings.CutPrefix(name, "@"); ok {
			if e, known := elements[directive]; known && e.since <= link.Version.Minor || directive == "federation" {
				continue
			}
		} else if slices.Contains(elementTypes, name) {
			continue
		}
		l.add("INVALID_LINK_DIRECTIVE_USAGE", nodes, "Cannot import unknown element %q of federation v2.%d.", name, link.Version.Minor)
	}
}

// element returns the name that Federation has for a directive, or an empty string where it is another's.
func (g *subgraph) element(local string) string {
	if g.old && slices.Contains(oldElements, local) {
		return local
	}
	link, name := g.links.Directive(local)
	if link == nil {
		return ""
	}
	switch link.Identity {
	case supergraph.FederationSpec:
		if e, ok := elements[name]; ok && e.since <= link.Version.Minor {
			return name
		}
	case supergraph.TagSpec, supergraph.InaccessibleSpec:
		return name
	}
	return ""
}

// ofMachinery tells whether the type serves federation and is no part of the graph.
func (g *subgraph) ofMachinery(typeName string) bool {
	if slices.Contains(machinery, typeName) {
		return true
	}
	for _, prefix := range []string{"federation__", "link__", "core__"} {
		if strings.HasPrefix(typeName, prefix) {
			return true
		}
	}
	link, _ := g.links.Type(typeName)
	return link != nil && (link.Identity == supergraph.FederationSpec || link.Identity == supergraph.LinkSpec)
}

// foreign tells whether the directive belongs to a specification that the composer does not know. Such directives are
// accepted and dropped.
func (g *subgraph) foreign(local string) bool {
	link, _ := g.links.Directive(local)
	return link != nil && g.element(local) == "" && link.Identity != supergraph.FederationSpec && link.Identity != supergraph.LinkSpec
}

// complete makes the document valid GraphQL on its own: what serves federation goes, and the directives of linked
// specifications are defined for as far as they are used.
func (l *loader) complete() {
	g := l.g
	defined := l.strip()
	var text strings.Builder
	eachDirectives(l.doc, func(list *ast.DirectiveList) {
		*list = slices.DeleteFunc(*list, func(d *ast.Directive) bool { return g.foreign(d.Name) && !defined[d.Name] })
		for _, d := range *list {
			if name := g.element(d.Name); name != "" && !defined[d.Name] {
				defined[d.Name] = true
				text.WriteString("directive @" + d.Name + elements[name].shape + "\n")
			}
		}
	})
	injected, err := parser.ParseSchemaWithLimit(&ast.Source{Name: g.name, Input: text.String()}, maxTokens)
	if err != nil {
		l.addGraphQL(err)
		return
	}
	l.doc.Merge(injected)
}

// strip removes what serves federation, and returns the names of the directives that remain defined.
func (l *loader) strip() map[string]bool {
	g := l.g
	defined := map[string]bool{}
	l.doc.Directives = slices.DeleteFunc(l.doc.Directives, func(d *ast.DirectiveDefinition) bool {
		gone := g.element(d.Name) != "" || d.Name == "link" || d.Name == "core" || strings.HasPrefix(d.Name, "federation__")
		defined[d.Name] = !gone
		return gone
	})
	drop := func(def *ast.Definition) bool {
		return g.ofMachinery(def.Name) || def.Kind == ast.Scalar && slices.Contains(supergraph.BuiltInScalars, def.Name)
	}
	l.doc.Definitions = slices.DeleteFunc(l.doc.Definitions, drop)
	l.doc.Extensions = slices.DeleteFunc(l.doc.Extensions, drop)
	for _, def := range slices.Concat(l.doc.Schema, l.doc.SchemaExtension) {
		def.Directives = slices.DeleteFunc(def.Directives, func(d *ast.Directive) bool {
			return slices.ContainsFunc(g.links, func(link *supergraph.Link) bool { return link.Directive == d })
		})
	}
	return defined
}

// eachDirectives visits every list of applied directives in the document.
func eachDirectives(doc *ast.SchemaDocument, visit func(*ast.DirectiveList)) {
	for _, s := range slices.Concat(doc.Schema, doc.SchemaExtension) {
		visit(&s.Directives)
	}
	arguments := func(args ast.ArgumentDefinitionList) {
		for _, a := range args {
			visit(&a.Directives)
		}
	}
	for _, d := range doc.Directives {
		arguments(d.Arguments)
	}
	for _, def := range slices.Concat(doc.Definitions, doc.Extensions) {
		visit(&def.Directives)
		for _, f := range def.Fields {
			visit(&f.Directives)
			arguments(f.Arguments)
		}
		for _, v := range def.EnumValues {
			visit(&v.Directives)
		}
	}
}
