package input_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/soukhq/souk/router/operation/input"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// FuzzMembers holds Members against encoding/json: it takes the same texts, and finds the same values.
func FuzzMembers(f *testing.F) {
	for _, text := range []string{
		``, `null`, `{}`, ` { "a" : 1 , "b":[{"c":"}\"]"}], "\u0061": -1.5e3 } `, `{"a":true,"a":null}`, `[1]`, `{"a"}`, `{"":{}}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, ok := input.Members(text)
		var want map[string]json.RawMessage
		wantOK := len(bytes.Trim(text, " \t\r\n")) == 0 || json.Unmarshal(text, &want) == nil
		if ok != wantOK || len(got) != len(want) {
			t.Fatalf("Members(%q) = %q, %v, want %q, %v", text, got, ok, want, wantOK)
		}
		for name, value := range want {
			if string(got[name]) != string(value) {
				t.Errorf("Members(%q)[%q] = %q, want %q", text, name, got[name], value)
			}
		}
	})
}

func TestInvalidNamesThePlace(t *testing.T) {
	t.Parallel()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `
		type Query { x(in: [Node!]): Int }
		input Node { name: String! children: [Node!] }`})
	list := input.NewTypes(schema, 2).Of(schema.Query.Fields.ForName("x").Arguments[0].Type)
	tests := []struct {
		raw    string
		levels int
		want   string
	}{
		{`1`, 9, `got an invalid value: expected an object of type "Node".`},
		{`[{"name":"a"},{"name":1}]`, 9, `got an invalid value at "[1].name": expected a string.`},
		{`[{"name":"a","children":[{"name":"b"},{}]}]`, 9, `got an invalid value at "[0].children[1].name": a value of type "String!" is required.`},
		{`[{"name":"a","x":1}]`, 9, `got an invalid value at "[0].x": type "Node" has no such field.`},
		{`[{"name":"a","children":{"name":"b"}}]`, 3, `got an invalid value at "[0].children.name": it nests too deep.`},
		{`[{"name":"a"},{"name":"b"},{"name":"c"}]`, 9, `got an invalid value: lists may have 2 elements.`},
	}
	for _, test := range tests {
		_, fail := list.Append(nil, []byte(test.raw), test.levels)
		if fail == nil || fail.String() != test.want {
			t.Errorf("Append(%s) %v, want %s", test.raw, fail, test.want)
		}
	}
}
