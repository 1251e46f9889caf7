package federationtest

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
)

// worldKey is a key of an entity in one subgraph.
type worldKey struct {
	fields string // id, code, ref { serial }, or two of them
	sealed bool   // nobody can enter by it
}

// refField is the key field whose value is an object.
const refField = "ref"

// firstNames matches the fields of a key, but not what is below them.
var firstNames = regexp.MustCompile(`\b(id|code|ref)\b`)

// names lists the fields of the key without what is below them.
func (k worldKey) names() []string { return firstNames.FindAllString(k.fields, -1) }

// addKeys lets some subgraphs know each entity by keys of their own.
func (w *World) addKeys(r *rand.Rand, entities []*worldType) {
	for _, t := range entities {
		for _, g := range r.Perm(w.graphs)[:1+r.IntN(w.graphs)] {
			if t.fragile {
				t.keys[g] = []worldKey{{fields: "code"}}
				continue
			}
			for _, fields := range [][]string{{"id"}, {"id"}, {"id"}, {"code"}, {"id", "code"}, {"id code"}, {"ref { serial }"}, {"id", "code ref { serial }"}}[r.IntN(8)] {
				t.keys[g] = append(t.keys[g], worldKey{fields: fields, sealed: r.IntN(12) == 0})
			}
		}
	}
}

// usualKey is the key by which a subgraph knows the entity because something there leads to it.
func (t *worldType) usualKey() worldKey {
	if t.fragile {
		return worldKey{fields: "code"}
	}
	return worldKey{fields: "id"}
}

// enterable tells whether the subgraph answers for representations of the entity.
func (t *worldType) enterable(g int) bool {
	return slices.ContainsFunc(t.keys[g], func(k worldKey) bool { return !k.sealed })
}

// keyFields lists the fields of the type's keys in a subgraph.
func (t *worldType) keyFields(g int) []string {
	var fields []string
	for _, field := range []string{"id", "code", refField} {
		for known, keys := range t.keys {
			if (g == monolith || g == known) && slices.ContainsFunc(keys, func(k worldKey) bool { return slices.Contains(k.names(), field) }) {
				fields = append(fields, field)
				break
			}
		}
	}
	return fields
}

// keyType returns the type of a key field.
func (t *worldType) keyType(field string) string {
	switch {
	case field == refField:
		return t.name + "Ref!"
	case t.fragile:
		return "ID"
	}
	return "ID!"
}

// keyless tells whether the object has null for its only key.
func (t *worldType) keyless(index int) bool { return t.fragile && index%2 == 1 }

// key returns the value of a key field.
func (t *worldType) key(field string, index int) any {
	switch {
	case t.keyless(index):
		return nil
	case field == refField:
		return serial{t, index}
	}
	return t.keyText(field, index)
}

func (t *worldType) keyText(field string, index int) string {
	return fmt.Sprintf("%s-%s-%d", field, t.name, index)
}

// serial is the object of a nested key.
type serial struct {
	of    *worldType
	index int
}

// Typename returns the name of the type.
func (s serial) Typename() string { return s.of.name + "Ref" }

// Field resolves the only field.
func (s serial) Field(name string, _ map[string]any) (any, error) {
	return s.of.keyText(name, s.index), nil
}

// find returns the index of the object whose keys a representation gives. It must be exactly one key, and all of it.
func (t *worldType) find(g int, representation map[string]any) (int, error) {
	var given []string
	index := -1
	for _, field := range t.keyFields(g) {
		value, ok := representation[field]
		if !ok {
			continue
		}
		given = append(given, field)
		if nested, ok := value.(map[string]any); ok && field == refField {
			field, value = "serial", nested["serial"]
		}
		k := 0
		for k < population && (value != t.keyText(field, k) || t.keyless(k)) {
			k++
		}
		if k == population || (index >= 0 && index != k) {
			return 0, fmt.Errorf("subgraph %d knows no %s with %s %v", g, t.name, field, value)
		}
		index = k
	}
	if index < 0 || !slices.ContainsFunc(t.keys[g], func(k worldKey) bool { return !k.sealed && slices.Equal(k.names(), given) }) {
		return 0, fmt.Errorf("subgraph %d is given %v, which is no key of %s there", g, given, t.name)
	}
	return index, nil
}
