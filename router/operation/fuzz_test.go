package operation_test

import (
	"encoding/json"
	"testing"

	"github.com/soukhq/souk/router/operation"
)

// FuzzParse checks that no document makes Parse panic, and that a valid one has one key for one set of conditions.
func FuzzParse(f *testing.F) {
	for _, query := range []string{
		`{book(id: "1") {...F title @skip(if: true)}} fragment F on Node {id peers(first: 1) {... on Book {pages}}}`,
		`query Q($i: ID!, $b: Boolean = true) {node(id: $i) {... on Node @include(if: $b) {id}}}`,
		`mutation {lend(lines: {id: 1, days: 3}) {id}}`,
		`subscription {lent {author {books {title}}}}`,
		`{__schema {types {name fields {type {ofType {kind}}}}}}`,
		`{books(filter: {not: {ids: ["a", "b"]}}, meta: {a: [E, $v]}, by: {id: """x"""}) {id}}`,
	} {
		f.Add(query, uint64(0))
	}
	m := library(f)
	f.Fuzz(func(t *testing.T, query string, bits uint64) {
		d, errs := operation.Parse(m, query, "", operation.Limits{Tokens: 1_000, Selections: 500})
		if (d == nil) == (len(errs) == 0) {
			t.Fatalf("a document and errors exclude each other: %v", errs)
		}
		if d == nil {
			return
		}
		if a, b := d.Specialise(operation.Bits(bits)), d.Specialise(operation.Bits(bits)); a.Key != b.Key {
			t.Errorf("two keys: %s and %s", a.Key, b.Key)
		}
	})
}

// FuzzCoerce checks that no variables make Coerce panic, that what it accepts is JSON, and that it accepts its own
// result unchanged.
func FuzzCoerce(f *testing.F) {
	for _, variables := range []string{
		``, `null`, `{}`, `{"filter": {"not": {"ids": "x", "pages": 1e2}}, "lines": [{"id": 1}]}`,
		`{"meta": {"a": ["\ud800", 1.50, {}]}, "genres": "NOVEL", "by": {"id": null}}`,
	} {
		f.Add([]byte(variables))
	}
	m := library(f)
	d := parse(f, m, `query($filter: Filter, $meta: JSON, $genres: [Genre!], $by: Choice, $lines: Int, $score: Float) {
		books(filter: $filter, meta: $meta, genres: $genres, by: $by, first: $lines) {id} found(score: $score) {__typename}}`)
	f.Fuzz(func(t *testing.T, variables []byte) {
		first, errs := d.Coerce(variables)
		if len(errs) > 0 {
			return
		}
		text, err := json.Marshal(first.ByName)
		if err != nil {
			t.Fatalf("Coerce(%s) made no JSON: %v", variables, err)
		}
		second, errs := d.Coerce(text)
		if len(errs) > 0 {
			t.Fatalf("Coerce(%s) refuses its own result: %v", text, errs)
		}
		again, err := json.Marshal(second.ByName)
		if err != nil || string(again) != string(text) {
			t.Errorf("coerced again: %s, %v, want %s", again, err, text)
		}
	})
}
