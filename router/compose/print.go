package compose

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// joinDefinitions defines the elements of the link and join specifications.
const joinDefinitions = `
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA

directive @join__graph(name: String!, url: String!) on ENUM_VALUE

directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR

directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean, override: String, usedOverridden: Boolean, overrideLabel: String, contextArguments: [join__ContextArgument!]) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION

directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE

directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION

directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE

directive @join__directive(graphs: [join__Graph!], name: String!, args: join__DirectiveArguments) repeatable on SCHEMA | OBJECT | INTERFACE | FIELD_DEFINITION

scalar join__FieldSet

scalar join__FieldValue

scalar join__DirectiveArguments

input join__ContextArgument {
  name: String!
  type: String!
  context: String!
  selection: join__FieldValue
}

scalar link__Import

enum link__Purpose {
  "` + "`SECURITY`" + ` features provide metadata necessary to securely resolve fields."
  SECURITY
  "` + "`EXECUTION`" + ` features provide metadata necessary for operation execution."
  EXECUTION
}
`

// printer writes schema definitions: one element a line, in the order that it gets them.
type printer struct{ strings.Builder }

// supergraph writes the merged schema.
func (m *merger) supergraph() string {
	p := &printer{}
	p.WriteString("schema\n  @link(url: \"https://specs.apollo.dev/link/v1.0\")\n  @link(url: \"https://specs.apollo.dev/join/v0.5\", for: EXECUTION)\n")
	used := m.usedDirectives()
	for i, name := range used {
		if link := mergeable[name].link; !slices.ContainsFunc(used[:i], func(before string) bool { return mergeable[before].link == link }) {
			p.WriteString("  " + link + "\n")
		}
	}
	for _, link := range m.customLinks() {
		p.WriteString("  " + link + "\n")
	}
	p.WriteString("{\n  query: Query\n")
	for _, root := range []string{"Mutation", "Subscription"} {
		if m.types[root] != nil {
			p.WriteString("  " + strings.ToLower(root) + ": " + root + "\n")
		}
	}
	p.WriteString("}\n" + joinDefinitions)
	for _, name := range used {
		p.WriteString("\n" + mergeable[name].definition + "\n")
	}
	p.WriteString("\nenum join__Graph {\n")
	for _, g := range m.graphs {
		fmt.Fprintf(p, "  %s @join__graph(name: %s, url: %s)\n", g.enum, text(g.name), text(g.url))
	}
	p.WriteString("}\n")
	for _, d := range slices.Concat(m.directives, m.customDefinitions()) {
		p.directiveDefinition(d)
	}
	for _, name := range m.names {
		p.definition(m.types[name])
	}
	return p.String()
}

// usedDirectives returns the names of the directives of those other specifications that are used anywhere, sorted.
func (m *merger) usedDirectives() []string {
	links := map[string]bool{}
	doc := &ast.SchemaDocument{Directives: m.directives}
	for _, name := range m.names {
		doc.Definitions = append(doc.Definitions, m.types[name])
	}
	eachDirectives(doc, func(list *ast.DirectiveList) {
		for _, d := range *list {
			if link := mergeable[d.Name].link; link != "" {
				links[link] = true
			}
		}
	})
	return slices.DeleteFunc(slices.Sorted(maps.Keys(mergeable)), func(name string) bool { return !links[mergeable[name].link] })
}

var keywords = map[ast.DefinitionKind]string{
	ast.Object: "type ", ast.Interface: "interface ", ast.InputObject: "input ", ast.Enum: "enum ", ast.Scalar: "scalar ", ast.Union: "union ",
}

func (p *printer) definition(def *ast.Definition) {
	p.WriteString("\n")
	p.description("", def.Description)
	p.WriteString(keywords[def.Kind] + def.Name)
	if len(def.Interfaces) > 0 {
		p.WriteString(" implements " + strings.Join(def.Interfaces, " & "))
	}
	for _, d := range def.Directives {
		p.WriteString("\n  " + directiveText(d))
	}
	if len(def.Types) > 0 {
		p.WriteString("\n  = " + strings.Join(def.Types, " | "))
	}
	if len(def.Fields)+len(def.EnumValues) == 0 {
		p.WriteString("\n")
		return
	}
	if len(def.Directives) > 0 {
		p.WriteString("\n{\n")
	} else {
		p.WriteString(" {\n")
	}
	for _, f := range def.Fields {
		p.description("  ", f.Description)
		p.WriteString("  " + f.Name)
		p.arguments("  ", f.Arguments)
		p.WriteString(": " + f.Type.String() + defaultText(f.DefaultValue) + directivesText(f.Directives) + "\n")
	}
	for _, v := range def.EnumValues {
		p.description("  ", v.Description)
		p.WriteString("  " + v.Name + directivesText(v.Directives) + "\n")
	}
	p.WriteString("}\n")
}

func (p *printer) directiveDefinition(d *ast.DirectiveDefinition) {
	p.WriteString("\n")
	p.description("", d.Description)
	p.WriteString("directive @" + d.Name)
	p.arguments("", d.Arguments)
	if d.IsRepeatable {
		p.WriteString(" repeatable")
	}
	locations := make([]string, len(d.Locations))
	for i, l := range d.Locations {
		locations[i] = string(l)
	}
	p.WriteString(" on " + strings.Join(locations, " | ") + "\n")
}

// arguments writes the arguments on one line, or one a line where any has a description.
func (p *printer) arguments(indent string, args ast.ArgumentDefinitionList) {
	if len(args) == 0 {
		return
	}
	described := slices.ContainsFunc(args, func(a *ast.ArgumentDefinition) bool { return a.Description != "" })
	p.WriteString("(")
	for i, a := range args {
		if described {
			p.WriteString("\n")
			p.description(indent+"  ", a.Description)
			p.WriteString(indent + "  ")
		} else if i > 0 {
			p.WriteString(", ")
		}
		p.WriteString(a.Name + ": " + a.Type.String() + defaultText(a.DefaultValue) + directivesText(a.Directives))
	}
	if described {
		p.WriteString("\n" + indent)
	}
	p.WriteString(")")
}

// description writes one line as a string, and more of them as a block.
func (p *printer) description(indent, description string) {
	if description == "" {
		return
	}
	if !strings.Contains(description, "\n") {
		p.WriteString(indent + text(description).String() + "\n")
		return
	}
	p.WriteString(indent + `"""` + "\n")
	for line := range strings.SplitSeq(strings.ReplaceAll(description, `"""`, `\"""`), "\n") {
		if line != "" {
			line = indent + line
		}
		p.WriteString(line + "\n")
	}
	p.WriteString(indent + `"""` + "\n")
}

func defaultText(v *ast.Value) string {
	if v == nil {
		return ""
	}
	return " = " + canonical(v)
}

func directivesText(list ast.DirectiveList) string {
	var b strings.Builder
	for _, d := range list {
		b.WriteString(" " + directiveText(d))
	}
	return b.String()
}

func directiveText(d *ast.Directive) string {
	if len(d.Arguments) == 0 {
		return "@" + d.Name
	}
	args := make([]string, len(d.Arguments))
	for i, a := range d.Arguments {
		args[i] = a.Name + ": " + canonical(a.Value)
	}
	return "@" + d.Name + "(" + strings.Join(args, ", ") + ")"
}
