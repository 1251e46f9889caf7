package operation_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/soukhq/souk/router/operation"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// code returns the code of the first error, "" where there is none.
func code(errs gqlerror.List) string {
	if len(errs) == 0 {
		return ""
	}
	c, _ := errs[0].Extensions["code"].(string)
	return c
}

func TestCoerce(t *testing.T) {
	t.Parallel()
	m := library(t)
	const refused = "refused"
	tests := []struct{ name, variable, given, want string }{
		{"Int", "Int", `{"v": 7}`, `7`},
		{"Int at its lower end", "Int", `{"v": -2147483648}`, `-2147483648`},
		{"Int beyond 32 bits", "Int", `{"v": 2147483648}`, refused},
		{"Int written as a float", "Int", `{"v": 1.0e1}`, `10`},
		{"Int with a fraction", "Int", `{"v": 1.5}`, refused},
		{"Int as a string", "Int", `{"v": "1"}`, refused},
		{"Int as a boolean", "Int", `{"v": true}`, refused},
		{"Float keeps its digits", "Float", `{"v": 1.10}`, `1.10`},
		{"Float of an integer", "Float", `{"v": 3}`, `3`},
		{"Float beyond its range", "Float", `{"v": 1e999}`, refused},
		{"Float as a string", "Float", `{"v": "1"}`, refused},
		{"String", "String", `{"v": "a\u0041<"}`, `"aA<"`},
		{"String as a number", "String", `{"v": 1}`, refused},
		{"ID", "ID", `{"v": "x"}`, `"x"`},
		{"ID of an integer", "ID", `{"v": 123456789012345678901}`, `"123456789012345678901"`},
		{"ID of a float", "ID", `{"v": 1.5}`, refused},
		{"Boolean", "Boolean", `{"v": false}`, `false`},
		{"Boolean as a number", "Boolean", `{"v": 0}`, refused},
		{"enum", "Genre", `{"v": "NOVEL"}`, `"NOVEL"`},
		{"enum in the wrong case", "Genre", `{"v": "novel"}`, refused},
		{"enum as a number", "Genre", `{"v": 1}`, refused},
		{"null", "Int", `{"v": null}`, `null`},
		{"null for a non-null", "Int!", `{"v": null}`, refused},
		{"absent", "Int", `{}`, ``},
		{"absent non-null", "Int!", `{}`, refused},
		{"default", "Int = 5", `{}`, `5`},
		{"null beats the default", "Int = 5", `{"v": null}`, `null`},
		{"default of an enum", "Genre = NOVEL", ``, `"NOVEL"`},
		{"default of a non-null", "Int! = 5", `null`, `5`},
		{"list", "[Int!]", `{"v": [1, 2 ]}`, `[1,2]`},
		{"list of a single value", "[Int!]", `{"v": 1}`, `[1]`},
		{"list of lists of a single value", "[[Int]]", `{"v": 1}`, `[[1]]`},
		{"list with a null", "[Int!]", `{"v": [null]}`, refused},
		{"default of a list", "[ID] = 1", ``, `["1"]`},
		{"input object in the order of the schema", "Filter", `{"v": {"ids": 1, "title": "x"}}`, `{"title":"x","ids":["1"]}`},
		{"input object within itself", "Filter", `{"v": {"not": {"not": {"genre": "POETRY"}}}}`, `{"not":{"not":{"genre":"POETRY"}}}`},
		{"unknown input field", "Filter", `{"v": {"nope": 1}}`, refused},
		{"unknown input field inside", "Filter", `{"v": {"not": {"__typename": "Filter"}}}`, refused},
		{"input object as a string", "Filter", `{"v": "x"}`, refused},
		{"required input field", "Line", `{"v": {"days": 1}}`, refused},
		{"input field with a default", "Line", `{"v": {"id": "1"}}`, `{"id":"1"}`},
		{"input field with a default, null", "Line", `{"v": {"id": "1", "days": null}}`, refused},
		{"one of", "Choice", `{"v": {"id": "1"}}`, `{"id":"1"}`},
		{"one of none", "Choice", `{"v": {}}`, refused},
		{"one of two", "Choice", `{"v": {"id": "1", "title": null}}`, refused},
		{"one of null", "Choice", `{"v": {"id": null}}`, refused},
		{"custom scalar", "JSON", `{"v": {"a": [1, "x y", null]}}`, `{"a":[1,"x y",null]}`},
		{"custom scalar that nests too deep", "JSON", `{"v": ` + strings.Repeat("[", 21) + strings.Repeat("]", 21) + `}`, refused},
		{"input object that nests too deep", "Filter", `{"v": ` + strings.Repeat(`{"not":`, 21) + "null" + strings.Repeat("}", 21) + `}`, refused},
		{"long list", "[Int]", `{"v": [1` + strings.Repeat(",1", 1000) + `]}`, refused},
		{"more variables than declared", "Int", `{"w": 1}`, ``},
		{"the last of equal names", "Int", `{"v": 1, "v": 2}`, `2`},
		{"an escaped name", "Int", `{"\u0076": 1}`, `1`},
		{"no object", "Int", `[1]`, refused},
		{"no JSON", "Int", `{`, refused},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := parse(t, m, `query($v: `+test.variable+`) {books(meta: {v: $v}) {id}}`)
			values, errs := d.Coerce(json.RawMessage(test.given))
			if test.want == refused {
				if code(errs) != "BAD_USER_INPUT" {
					t.Errorf("Coerce(%s) = %s, %v, want it refused", test.given, values.ByName["v"], errs)
				}
				return
			}
			if got := string(values.ByName["v"]); len(errs) > 0 || got != test.want {
				t.Errorf("Coerce(%s) = %s, %v, want %s", test.given, got, errs, test.want)
			}
		})
	}
}

func TestCoerceAddsLiterals(t *testing.T) {
	t.Parallel()
	d := parse(t, library(t), `query($f: Int) {books(first: $f, genres: NOVEL, filter: {ids: 1, title: """a "b" """}) {title(upper: true)}}`)
	values, errs := d.Coerce(nil)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	got, err := json.Marshal(values.ByName)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"_0":["NOVEL"],"_1":{"title":"a \"b\" ","ids":["1"]},"_2":true}`
	if string(got) != want {
		t.Errorf("values = %s, want %s", got, want)
	}
}

func TestCoerceConditions(t *testing.T) {
	t.Parallel()
	d := parse(t, library(t), `query($a: Boolean! = true, $b: Boolean = false, $c: Boolean!) {
		book(id: 1) {id @skip(if: $a) pages @include(if: $b) title @include(if: $c)}}`)
	tests := []struct {
		given string
		want  operation.Bits
		code  string
	}{
		{`{"c": true}`, 0b101, ""},
		{`{"a": false, "b": true, "c": false}`, 0b010, ""},
		{`{}`, 0, "BAD_USER_INPUT"},
		{`{"b": null, "c": true}`, 0, "BAD_USER_INPUT"},
		{`{"c": "true"}`, 0, "BAD_USER_INPUT"},
	}
	for _, test := range tests {
		values, errs := d.Coerce(json.RawMessage(test.given))
		if values.Conditions != test.want || code(errs) != test.code {
			t.Errorf("Coerce(%s) = %b, %v, want %b, %q", test.given, values.Conditions, errs, test.want, test.code)
		}
	}
}

func TestCoerceNamesThePlace(t *testing.T) {
	t.Parallel()
	d := parse(t, library(t), `mutation($lines: [Line!]!) {lend(lines: $lines) {id}}`)
	_, errs := d.Coerce(json.RawMessage(`{"lines": [{"id": "1"}, {"id": "2", "days": "x"}]}`))
	want := `Variable "$lines" got an invalid value at "[1].days": expected an integer of 32 bits.`
	if len(errs) != 1 || errs[0].Message != want {
		t.Errorf("errors = %v, want %s", errs, want)
	}
}
