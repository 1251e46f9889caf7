package federationtest_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/soukhq/souk/router/federationtest"
	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
)

// queriesPerSuite is how many random queries each suite is asked with each of its supergraphs.
const queriesPerSuite = 40

// TestAnything asks the suites random queries: each can be planned, and no subgraph is asked for what it does not have.
// Set SOUK_QUERIES to ask more, and SOUK_SEED to begin elsewhere than with today's date.
func TestAnything(t *testing.T) {
	t.Parallel()
	n, seed := setting(t, "SOUK_QUERIES", queriesPerSuite), setting(t, "SOUK_SEED", today())
	for _, s := range federationtest.Suites(t) {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			if len(s.Data) == 0 {
				t.Skip("the suite has state")
			}
			for name, m := range map[string]*supergraph.Model{"given": read(t, s), "composed": composed(t, s)} {
				subgraphs, err := s.Subgraphs(resolversOf(s.Data[0]))
				if err != nil {
					t.Fatal(err)
				}
				h := federationtest.NewHarness(t, m, subgraphs, federationtest.Way{})
				r := rand.New(rand.NewPCG(uint64(seed), 0))
				for range n {
					q := anyQuery{Rand: r, schema: m.API()}
					query := q.set(q.schema.Query, 0)
					body, err := json.Marshal(map[string]string{"query": query})
					if err != nil {
						t.Fatal(err)
					}
					answer, err := h.Ask(string(body))
					if err != nil {
						t.Fatal(err)
					}
					if strings.Contains(string(answer), "OPERATION_NOT_PLANNABLE") || strings.Contains(string(answer), "VALIDATION") || h.Refused() > 0 {
						t.Fatalf("seed %d, %s supergraph, %d requests were not valid:\n%s\n%s", seed, name, h.Refused(), query, answer)
					}
				}
			}
		})
	}
}

// anyQuery writes random queries of a schema. Each field has a response key of its own.
type anyQuery struct {
	*rand.Rand
	schema *ast.Schema
	count  int
}

// set writes a selection set for a type.
func (q *anyQuery) set(def *ast.Definition, depth int) string {
	parts := []string{"{"}
	for range 1 + q.IntN(4) {
		parts = append(parts, q.selection(def, depth))
	}
	return strings.Join(append(parts, "}"), " ")
}

func (q *anyQuery) selection(def *ast.Definition, depth int) string {
	if n := q.IntN(8); n == 0 && depth > 0 {
		return "__typename"
	} else if (n < 3 || len(def.Fields) == 0) && depth > 0 && depth < 8 {
		if narrower := q.overlapping(def); len(narrower) > 0 {
			to := narrower[q.IntN(len(narrower))]
			return "... on " + to.Name + " " + q.set(to, depth+1)
		}
	}
	fields := slices.DeleteFunc(slices.Clone(def.Fields), func(f *ast.FieldDefinition) bool {
		return strings.HasPrefix(f.Name, "__") || depth >= 6 && q.schema.Types[f.Type.Name()].IsCompositeType()
	})
	if len(fields) == 0 {
		return "__typename"
	}
	f := fields[q.IntN(len(fields))]
	q.count++
	text := fmt.Sprintf("f%d: %s%s", q.count, f.Name, q.arguments(f))
	if below := q.schema.Types[f.Type.Name()]; below.IsCompositeType() {
		text += " " + q.set(below, depth+1)
	}
	return text
}

// overlapping lists the types that objects of the type can be of, in order.
func (q *anyQuery) overlapping(def *ast.Definition) []*ast.Definition {
	possible := q.schema.GetPossibleTypes(def)
	var types []*ast.Definition
	for _, other := range q.schema.Types {
		if other.IsCompositeType() && !strings.HasPrefix(other.Name, "__") && slices.ContainsFunc(q.schema.GetPossibleTypes(other), func(o *ast.Definition) bool { return slices.Contains(possible, o) }) {
			types = append(types, other)
		}
	}
	slices.SortFunc(types, func(a, b *ast.Definition) int { return strings.Compare(a.Name, b.Name) })
	return types
}

func (q *anyQuery) arguments(f *ast.FieldDefinition) string {
	var parts []string
	for _, a := range f.Arguments {
		if a.Type.NonNull && a.DefaultValue == nil || q.IntN(2) == 0 {
			parts = append(parts, a.Name+": "+q.value(a.Type, 0))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// value writes a literal.
func (q *anyQuery) value(t *ast.Type, depth int) string {
	if t.Elem != nil {
		return "[" + q.value(t.Elem, depth) + "]"
	}
	switch def := q.schema.Types[t.Name()]; {
	case def.Kind == ast.Enum:
		return def.EnumValues[q.IntN(len(def.EnumValues))].Name
	case def.Kind == ast.InputObject:
		var parts []string
		for _, f := range def.Fields {
			if f.Type.NonNull || depth < 3 && q.IntN(2) == 0 {
				parts = append(parts, f.Name+": "+q.value(f.Type, depth+1))
			}
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case def.Name == "Boolean":
		return "true"
	case def.Name == "Int" || def.Name == "Float":
		return fmt.Sprint(1 + q.IntN(3))
	}
	return fmt.Sprintf(`"%d"`, 1+q.IntN(3))
}
