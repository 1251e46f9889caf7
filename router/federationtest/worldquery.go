package federationtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Operation returns a random query or mutation of the world with its variables.
func (w *World) Operation(r *rand.Rand) (string, map[string]any) {
	q := &queryWriter{World: w, Rand: r}
	kind := ast.Query
	if len(w.mutations) > 0 && r.IntN(4) == 0 {
		kind = ast.Mutation
	}
	roots := w.rootFields(kind)
	body := "{"
	for i := range 1 + r.IntN(4) {
		if f := roots[r.IntN(len(roots))]; kind == ast.Mutation {
			body += q.change(f, i) + " "
		} else {
			body += q.field(f, 0) + " "
		}
	}
	body += "}"
	text := string(kind) + " ($no: Boolean = false, $yes: Boolean!, $n: Int) "
	variables := map[string]any{"yes": true}
	if r.IntN(2) == 0 {
		variables["n"] = r.IntN(5)
	}
	// Every variable is used, as the rules demand.
	body = strings.TrimSuffix(body, "}") + " __typename @skip(if: $no) t: __typename @include(if: $yes)"
	if q.usesN {
		return text + body + "}" + q.fragments, variables
	}
	return strings.Replace(text, ", $n: Int", "", 1) + body + "}" + q.fragments, variables
}

// queryWriter writes selections that can always be merged: equal response keys mean equal fields.
type queryWriter struct {
	*World
	*rand.Rand
	fragments string
	count     int
	usesN     bool
}

// set writes a selection set for a type.
func (q *queryWriter) set(t *worldType, depth int) string {
	parts := make([]string, 1+q.IntN(4))
	for i := range parts {
		parts[i] = q.selection(t, depth)
	}
	return "{" + strings.Join(parts, " ") + "}"
}

func (q *queryWriter) selection(t *worldType, depth int) string {
	switch n := q.IntN(12); {
	case n == 0:
		return "__typename"
	case n == 1 && depth < 5:
		return "... " + q.condition() + q.set(t, depth+1)
	case n == 2 && depth < 5 && q.count < 8:
		name := fmt.Sprintf("F%d", q.count)
		q.count++
		q.fragments += " fragment " + name + " on " + t.name + " " + q.set(t, depth+1)
		return "..." + name + " " + q.condition()
	case n == 3 && depth < 5:
		return q.wider(t, depth)
	}
	if t.kind != ast.Object {
		return q.narrower(t, depth)
	}
	keys, fields := t.keyFields(monolith), append(slices.Clone(t.fields), q.extras(t)...)
	if i := q.IntN(len(keys) + len(fields)); i < len(keys) {
		if keys[i] == refField {
			return q.alias(refField) + refField + " " + q.condition() + "{__typename serial}"
		}
		return q.alias(keys[i]) + keys[i]
	} else if f := fields[i-len(keys)]; (f.to == nil && !f.again) || depth < 4 {
		return q.field(f, depth)
	}
	return "__typename"
}

// condition returns @skip or @include, mostly nothing.
func (q *queryWriter) condition() string {
	return []string{"", "", "", "@include(if: $yes) ", "@skip(if: $no) ", "@include(if: $no) ", "@skip(if: false) "}[q.IntN(7)]
}

func (q *queryWriter) alias(name string) string {
	if q.IntN(5) == 0 {
		return "x_" + name + ": "
	}
	return ""
}

// wider writes a fragment on an interface or union that the type is a part of.
func (q *queryWriter) wider(t *worldType, depth int) string {
	var wide []*worldType
	for _, a := range q.types {
		if slices.Contains(q.membersOf(a, monolith), t) && q.uses(a, monolith) {
			wide = append(wide, a)
		}
	}
	if len(wide) == 0 {
		return "__typename"
	}
	a := wide[q.IntN(len(wide))]
	return "... on " + a.name + " " + q.set(a, depth+1)
}

// narrower writes a selection on an interface or union.
func (q *queryWriter) narrower(t *worldType, depth int) string {
	n := q.IntN(5)
	switch {
	case t.object != nil && n < 2:
		return q.field(t.object.extra, depth)
	case t.kind == ast.Interface && n == 2:
		return q.alias("id") + "id"
	case t.kind == ast.Interface && n == 3 && q.hasNote(t, monolith):
		return q.alias(noteField) + noteField
	case depth >= 5:
		return "__typename"
	}
	members := q.membersOf(t, monolith)
	m := members[q.IntN(len(members))]
	return "... on " + m.name + " " + q.set(m, depth+1)
}

// change writes a field of a mutation under a response key of its own: each counts.
func (q *queryWriter) change(f *worldField, i int) string {
	text := fmt.Sprintf("m%d: %s", i, f.name)
	if f.arg {
		text += fmt.Sprintf("(n: %d)", q.IntN(5))
	}
	text += " " + q.condition()
	if f.to != nil {
		text += q.set(f.to, 1)
	}
	return text
}

// field writes a field with what is below it.
func (q *queryWriter) field(f *worldField, depth int) string {
	if f.again {
		root := q.roots[q.IntN(len(q.roots))]
		return q.alias(f.name) + f.name + " " + q.condition() + "{__typename " + q.field(root, depth+2) + "}"
	}
	if f.to != nil {
		return q.alias(f.name) + f.name + " " + q.condition() + q.set(f.to, depth+1)
	}
	if !f.arg {
		return q.alias(f.name) + f.name + " " + q.condition()
	}
	switch q.IntN(3) {
	case 0:
		return f.name + " " + q.condition()
	case 1:
		q.usesN = true
		return "v_" + f.name + ": " + f.name + "(n: $n) " + q.condition()
	}
	n := q.IntN(3)
	return fmt.Sprintf("n%d_%s: %s(n: %d) %s", n, f.name, f.name, n, q.condition())
}
