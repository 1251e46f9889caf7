package federationtest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// GraphName returns the name of a subgraph.
func GraphName(g int) string { return fmt.Sprintf("g%d", g) }

// Graphs returns how many subgraphs there are.
func (w *World) Graphs() int { return w.graphs }

// monolith is the index that stands for no subgraph: all of the world in one schema.
const monolith = -1

const federationLink = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable", "@external", "@requires", "@provides", "@override", "@interfaceObject"])
`

const federationDirectives = `directive @key(fields: String!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
directive @shareable on OBJECT | FIELD_DEFINITION
directive @external on OBJECT | FIELD_DEFINITION
directive @requires(fields: String!) on FIELD_DEFINITION
directive @provides(fields: String!) on FIELD_DEFINITION
directive @override(from: String!) on FIELD_DEFINITION
directive @interfaceObject on OBJECT
scalar _Any
`

// SDL returns the schema of a subgraph as its author would write it.
func (w *World) SDL(g int) string { return federationLink + w.schema(g, "") }

// Exec returns the executable schema of a subgraph.
func (w *World) Exec(g int) string {
	var entities []string
	for _, t := range w.types {
		if t.entity && t.enterable(g) || t.isObject(g) {
			entities = append(entities, t.name)
		}
	}
	root := "  _service: String\n"
	text := federationDirectives
	if len(entities) > 0 {
		root += "  _entities(representations: [_Any!]!): [_Entity]!\n"
		text += "union _Entity = " + strings.Join(entities, " | ") + "\n"
	}
	return text + w.schema(g, root)
}

// Monolith returns the schema of the whole world as one service would have it.
func (w *World) Monolith() string { return w.schema(monolith, "") }

// schema writes what a subgraph has of each type.
func (w *World) schema(g int, root string) string {
	var b strings.Builder
	for _, f := range w.roots {
		if f.in(g) {
			root += w.definition(nil, f, g)
		}
	}
	if root != "" {
		b.WriteString("type Query {\n" + root + "}\n")
	}
	changes := ""
	for _, f := range w.mutations {
		if f.in(g) {
			changes += w.definition(nil, f, g)
		}
	}
	if changes != "" {
		b.WriteString("type Mutation {\n" + changes + "}\n")
	}
	for _, t := range w.types {
		switch {
		case t.kind == ast.Object:
			b.WriteString(w.object(t, g))
		case t.isObject(g):
			b.WriteString("type " + t.name + " @key(fields: \"id\") @interfaceObject {\n  id: ID!\n" + w.definition(nil, t.object.extra, g) + "}\n")
		case w.uses(t, g):
			b.WriteString(w.abstract(t, g))
		}
	}
	return b.String()
}

// uses tells whether a subgraph has the abstract type as such: it resolves a link to it.
func (w *World) uses(t *worldType, g int) bool {
	return !t.isObject(g) && slices.ContainsFunc(w.links(), func(f *worldField) bool {
		return f.to == t && f.in(g)
	})
}

func (w *World) abstract(t *worldType, g int) string {
	if t.kind == ast.Union {
		var names []string
		for _, m := range w.membersOf(t, g) {
			names = append(names, m.name)
		}
		return "union " + t.name + " = " + strings.Join(names, " | ") + "\n"
	}
	text := "interface " + t.name
	if t.object != nil && g != monolith {
		text += ` @key(fields: "id")`
	}
	text += " {\n  id: ID!\n"
	if w.hasNote(t, g) {
		text += "  " + noteField + ": String\n"
	}
	if t.object != nil && g == monolith {
		text += w.definition(nil, t.object.extra, g)
	}
	return text + "}\n"
}

// membersOf lists the members of an interface or union that the subgraph knows, or that any does.
func (w *World) membersOf(t *worldType, g int) []*worldType {
	if g != monolith {
		return t.membersIn(g)
	}
	return slices.DeleteFunc(slices.Clone(t.members), func(m *worldType) bool {
		return !slices.ContainsFunc(slices.Collect(rangeOf(w.graphs)), func(g int) bool { return w.uses(t, g) && !slices.Contains(t.unknown[g], m) })
	})
}

// hasNote tells whether all members of the interface have their note in the subgraph.
func (w *World) hasNote(t *worldType, g int) bool {
	if g == monolith {
		return slices.ContainsFunc(slices.Collect(rangeOf(w.graphs)), func(g int) bool { return w.uses(t, g) && w.hasNote(t, g) })
	}
	return !slices.ContainsFunc(t.membersIn(g), func(m *worldType) bool { return !slices.Contains(m.field(noteField).graphs, g) })
}

func rangeOf(n int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// object writes an object type, or nothing where the subgraph has nothing of it.
func (w *World) object(t *worldType, g int) string {
	var fields strings.Builder
	for _, key := range t.keyFields(g) {
		fields.WriteString("  " + key + ": " + t.keyType(key) + "\n")
	}
	for _, f := range t.fields {
		if f.in(g) || g != monolith && f.overrides == g {
			fields.WriteString(w.definition(t, f, g))
		}
	}
	if g == monolith {
		for _, f := range w.extras(t) {
			fields.WriteString(w.definition(t, f, g))
		}
	} else {
		for _, f := range w.externals(t, g) {
			fields.WriteString("  " + f.name + f.arguments() + ": " + f.typeText() + " @external\n")
		}
	}
	if fields.Len() == 0 {
		return ""
	}
	head := "type " + t.name
	var interfaces []string
	for _, a := range w.types {
		if a.kind == ast.Interface && slices.Contains(w.membersOf(a, g), t) && w.uses(a, g) {
			interfaces = append(interfaces, a.name)
		}
	}
	if len(interfaces) > 0 {
		head += " implements " + strings.Join(interfaces, " & ")
	}
	if g != monolith {
		for _, key := range t.keys[g] {
			head += ` @key(fields: "` + key.fields + `"`
			if key.sealed {
				head += ", resolvable: false"
			}
			head += ")"
		}
	}
	text := head + " {\n" + fields.String() + "}\n"
	if slices.Contains(t.keyFields(g), refField) {
		text += "type " + t.name + "Ref"
		if g != monolith {
			text += " @shareable"
		}
		text += " {\n  serial: ID!\n}\n"
	}
	return text
}

// definition writes a field with the directives that the subgraph needs; t is nil for the root.
func (w *World) definition(t *worldType, f *worldField, g int) string {
	text := "  " + f.name + f.arguments() + ": " + f.typeText()
	if g == monolith {
		return text + "\n"
	}
	if len(f.graphs) > 1 || (t != nil && (!t.entity || w.provided(f))) {
		text += " @shareable"
	}
	if f.overrides == g {
		return text + "\n" // it is still there, and nobody asks for it
	}
	if f.overrides >= 0 {
		text += ` @override(from: "` + GraphName(f.overrides) + `")`
	}
	if f.requires != nil {
		text += ` @requires(fields: "` + f.requirement() + `")`
	}
	if p, ok := f.provides[g]; ok {
		text += ` @provides(fields: "` + p.fields(f) + `")`
	}
	return text + "\n"
}

func (f *worldField) arguments() string {
	if f.arg {
		return "(n: Int = 3)"
	}
	return ""
}

// in tells whether the subgraph resolves the field, or whether any does.
func (f *worldField) in(g int) bool {
	return g == monolith && len(f.graphs) > 0 || slices.Contains(f.graphs, g)
}

func (f *worldField) typeText() string {
	text := "String"
	if f.to != nil {
		text = f.to.name
	}
	if f.again {
		text = "Query"
	}
	if f.list {
		text = "[" + text + "!]"
	}
	if f.nonNull {
		text += "!"
	}
	return text
}
