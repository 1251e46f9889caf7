package execute_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/soukhq/souk/router/operation"
)

// world is a random schema, split over graphs, with the data of all of them.
type world struct {
	*rand.Rand
	graphs []map[string]*share // by type
	types  []string            // entities E0…, value types V0…
	fields map[string]map[string]string
	faces  map[string][]string // interfaces and unions with their members
	object int                 // the graph that knows the interface I as an object, or -1
}

// share is what one graph has of a type.
type share struct {
	keys   []string
	fields map[string]string // name to directives
}

// wide lets random queries be as large as they come.
var wide = operation.Limits{Aliases: 10_000}

const objects = 3 // of each type

func graphName(g int) string { return fmt.Sprintf("g%d", g) }

func newWorld(r *rand.Rand) *world {
	w := &world{Rand: r, object: -1, fields: map[string]map[string]string{}, faces: map[string][]string{}}
	w.graphs = make([]map[string]*share, 2+r.IntN(3))
	for i := range w.graphs {
		w.graphs[i] = map[string]*share{}
	}
	for i := range 2 + r.IntN(3) {
		w.types = append(w.types, fmt.Sprintf("E%d", i))
	}
	if r.IntN(2) == 0 {
		w.types = append(w.types, "V0")
	}
	w.faces["U"] = w.types[:2]
	w.faces["I"] = w.types[:2]
	for _, t := range w.types {
		w.fields[t] = map[string]string{"s0": "Int", "s1": "Int", "s2": "Int", "a": "Int"}
		if t[0] == 'E' {
			w.fields[t]["id"], w.fields[t]["code"] = "ID", "ID"
			w.fields[t]["one"] = w.pick(w.types)
			w.fields[t]["many"] = "[" + w.pick(w.types) + "]"
			w.fields[t]["face"] = w.pick([]string{"U", "I"})
		}
	}
	w.fields["Query"] = map[string]string{}
	for _, t := range w.types[:2] {
		w.fields["Query"]["q"+t], w.fields["Query"]["l"+t] = t, "["+t+"]"
	}
	w.fields["Query"]["f"] = "[I]"
	if w.IntN(3) == 0 {
		w.object = len(w.graphs)
	}
	w.split()
	w.require()
	w.provide()
	if w.object >= 0 {
		w.addInterfaceObject()
	}
	return w
}

func (w *world) pick(from []string) string { return from[w.IntN(len(from))] }

func base(typ string) string { return strings.Trim(typ, "[]") }

func sorted[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// split gives each field to one or two graphs.
func (w *world) split() {
	for _, t := range append([]string{"Query"}, w.types...) {
		for _, f := range sorted(w.fields[t]) {
			if f == "id" || f == "code" {
				continue
			}
			for range 1 + w.IntN(2) {
				w.own(w.IntN(len(w.graphs)), t, f)
			}
		}
	}
	for g := range w.graphs {
		if len(w.graphs[g]) == 0 {
			w.own(g, w.types[0], "s0")
		}
	}
}

// own gives a field to a graph, with all types that it needs there.
func (w *world) own(g int, t, f string) {
	w.have(g, t).fields[f] = "@shareable"
	if b := base(w.fields[t][f]); b != "Int" {
		members := w.faces[b]
		if members == nil {
			members = []string{b}
		}
		for _, m := range members {
			w.have(g, m)
			if b == "I" { // the interface has s0
				w.graphs[g][m].fields["s0"] = "@shareable"
				if w.object >= 0 && !slices.Contains(w.graphs[g][m].keys, "id") {
					w.graphs[g][m].keys = append(w.graphs[g][m].keys, "id")
					w.graphs[g][m].fields["id"] = "@shareable"
				}
			}
		}
		if members[0] != b {
			w.graphs[g][b] = &share{}
		}
	}
}

func (w *world) have(g int, t string) *share {
	s := w.graphs[g][t]
	if s == nil {
		s = &share{fields: map[string]string{}}
		w.graphs[g][t] = s
		switch {
		case t[0] == 'E':
			s.keys = [][]string{{"id"}, {"id"}, {"id"}, {"id", "code"}, {"id", "code"}, {"code"}}[w.IntN(6)]
			for _, k := range s.keys {
				s.fields[k] = "@shareable"
			}
		case t == "V0":
			s.fields["s0"] = "@shareable"
			if w.IntN(4) > 0 {
				s.fields["s1"], s.fields["s2"], s.fields["a"] = "@shareable", "@shareable", "@shareable"
			}
		}
	}
	return s
}

// require makes some fields depend on one that only other graphs have.
func (w *world) require() {
	for g, shares := range w.graphs {
		for _, t := range sorted(shares) {
			s := shares[t]
			if t[0] != 'E' || w.IntN(2) == 0 {
				continue
			}
			needed := []string{"s1", "s2", "a"}[w.IntN(3)]
			if s.fields[needed] != "" {
				continue
			}
			set := needed
			if needed == "a" {
				set = "a(n: 5)"
			}
			name := fmt.Sprintf("r%d", g)
			w.fields[t][name] = "Int"
			s.fields[needed] = "@external"
			s.fields[name] = `@requires(fields: "` + set + `")`
		}
	}
}

// provide makes some fields bring along a field that other graphs have.
func (w *world) provide() {
	for _, shares := range w.graphs {
		for _, t := range sorted(shares) {
			for _, f := range sorted(shares[t].fields) {
				b := base(w.fields[t][f])
				other := shares[b]
				if b[0] != 'E' || shares[t].fields[f] != "@shareable" || w.IntN(2) == 0 || other.fields["s2"] == "@shareable" {
					continue
				}
				other.fields["s2"] = "@external"
				shares[t].fields[f] += ` @provides(fields: "s2")`
			}
		}
	}
}

// addInterfaceObject adds a graph that gives fields to every type of the interface without knowing the types.
func (w *world) addInterfaceObject() {
	w.graphs = append(w.graphs, map[string]*share{
		"I":     {keys: []string{"id"}, fields: map[string]string{"id": "@shareable", "s0": "@external", "x": "", "y": `@requires(fields: "s0")`}},
		"Query": {fields: map[string]string{"objects": ""}},
	})
	w.fields["Query"]["objects"] = "[I]"
	w.fields["I"] = map[string]string{"id": "ID", "s0": "Int", "x": "Int", "y": "Int"}
	for _, t := range w.faces["I"] {
		w.fields[t]["x"], w.fields[t]["y"] = "Int", "Int"
	}
}

// sdl prints the schema of a graph, for composition or to be executed.
func (w *world) sdl(g int, executable bool) string {
	var b strings.Builder
	var entities []string
	shares := w.graphs[g]
	face := shares["I"] != nil && g != w.object
	for _, t := range sorted(shares) {
		switch {
		case t == "U":
			fmt.Fprintf(&b, "union U = %s\n", strings.Join(w.faces["U"], " | "))
			continue
		case t == "I" && g != w.object:
			key, id := "", ""
			if w.object >= 0 {
				key, id = `@key(fields: "id") `, "id: ID "
			}
			if executable {
				key = ""
			}
			fmt.Fprintf(&b, "interface I %s{ %ss0: Int }\n", key, id)
			continue
		}
		b.WriteString("type " + t)
		if face && slices.Contains(w.faces["I"], t) {
			b.WriteString(" implements I")
		}
		if t == "I" && !executable {
			b.WriteString(" @interfaceObject")
		}
		for _, k := range shares[t].keys {
			if !executable {
				fmt.Fprintf(&b, " @key(fields: %q)", k)
			}
		}
		if len(shares[t].keys) > 0 {
			entities = append(entities, t)
		}
		b.WriteString(" {\n")
		for _, f := range sorted(shares[t].fields) {
			args, directives := "", shares[t].fields[f]
			if f == "a" {
				args = "(n: Int)"
			}
			if executable {
				directives = ""
			}
			fmt.Fprintf(&b, "  %s%s: %s %s\n", f, args, w.fields[t][f], directives)
		}
		b.WriteString("}\n")
	}
	if executable {
		if shares["Query"] == nil {
			b.WriteString("type Query { none: Int }\n")
		}
		if len(entities) > 0 {
			b.WriteString("scalar _Any\nunion _Entity = " + strings.Join(entities, " | ") + "\nextend type Query { _entities(representations: [_Any!]!): [_Entity]! }\n")
		}
	}
	return b.String()
}

func (w *world) String() string {
	var b strings.Builder
	for g := range w.graphs {
		fmt.Fprintf(&b, "\n--- %s\n%s", graphName(g), w.sdl(g, false))
	}
	return b.String()
}
