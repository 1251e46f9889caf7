package rawjson_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/soukhq/souk/router/rawjson"
)

// anything is a key whose value may have any form.
var anything = &rawjson.Key{Lists: 1 << 20}

func parse(text string, key *rawjson.Key) (rawjson.Tree, rawjson.Value, error) {
	d := &rawjson.Doc{Text: []byte(text)}
	v, err := d.Parse(0, key)
	return rawjson.Tree{*d}, v, err
}

func bookShape() *rawjson.Shape {
	author := &rawjson.Shape{Slots: 2, Keys: []rawjson.Key{{Name: "name", Slot: 1}}}
	return &rawjson.Shape{
		Slots: 5,
		Keys: []rawjson.Key{
			{Name: "__typename", Typename: true},
			{Name: "title", Slot: 3},
			{Name: "authors", Slot: 0, Lists: 1, Sub: author},
			{Name: "meta", Slot: 4},
		},
		Types: []rawjson.Type{{Name: "Film", ID: 7}, {Name: "Book", ID: 9}},
	}
}

func TestParseFillsSlots(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"in the expected order": `{"__typename":"Book","title":"a \"b\"","authors":[{"name":"x"},null,{"name":"y"}],"meta":{"a":[1,{}]}}`,
		"in another order":      `{ "meta" : {"a":[1,{}]}, "authors":[ {"other":[[{"deep":"}"}]],"name":"x"} , null,{"name":"y"}] ,"title":"a \"b\"", "__typename":"Book" } `,
		"with escapes in keys":  `{"__typename":"Book","\u0074itle":"a \"b\"","authors":[{"n\u0061me":"x"},null,{"name":"y"}],"meta":{"a":[1,{}]}}`,
		"with repeated keys":    `{"__typename":"Film","title":1,"title":"a \"b\"","authors":null,"authors":[{"name":"x"},null,{"name":"y"}],"__typename":"Book","meta":{"a":[1,{}]}}`,
	}
	for name, text := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree, v, err := parse(text, &rawjson.Key{Sub: bookShape()})
			if err != nil {
				t.Fatal(err)
			}
			if got := tree.Head(v).Type; got != 9 {
				t.Errorf("type %d, want 9", got)
			}
			slots := tree.Slots(v)
			if got, want := string(tree.Bytes(slots[3])), `"a \"b\""`; got != want {
				t.Errorf("title %s, want %s", got, want)
			}
			if got, want := string(tree.Bytes(slots[4])), `{"a":[1,{}]}`; got != want || slots[4].Kind != rawjson.Raw {
				t.Errorf("meta %s, want %s", got, want)
			}
			if slots[1].Kind != rawjson.Absent || slots[2].Kind != rawjson.Absent {
				t.Errorf("slots 1 and 2 are %v and %v, want none", slots[1], slots[2])
			}
			authors := tree.Items(slots[0])
			if len(authors) != 3 || authors[1].Kind != rawjson.Null {
				t.Fatalf("authors %v", authors)
			}
			if got := string(tree.Bytes(tree.Slots(authors[2])[1])); got != `"y"` {
				t.Errorf("name %s", got)
			}
		})
	}
}

func TestParseTypeThatIsNoCandidate(t *testing.T) {
	t.Parallel()
	tree, v, err := parse(`{"__typename":"Cup"}`, &rawjson.Key{Sub: bookShape()})
	if err != nil {
		t.Fatal(err)
	}
	if got := tree.Head(v).Type; got != rawjson.UnknownType {
		t.Errorf("type %d, want unknown", got)
	}
}

func TestParseValuesOfAnUnexpectedForm(t *testing.T) {
	t.Parallel()
	cases := map[string]rawjson.Kind{ // of the authors
		`{"authors":"none"}`:         rawjson.String,
		`{"authors":{"name":"x"}}`:   rawjson.Object,
		`{"authors":[["x"]]}`:        rawjson.List,
		`{"authors":12}`:             rawjson.Number,
		`{"authors":true}`:           rawjson.True,
		`{"authors":null}`:           rawjson.Null,
		`{"title":[1,2]}`:            rawjson.Absent,
		`{"authors":[{"name":[1]}]}`: rawjson.List,
	}
	for text, want := range cases {
		tree, v, err := parse(text, &rawjson.Key{Sub: bookShape()})
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := tree.Slots(v)[0].Kind; got != want {
			t.Errorf("%s: kind %d, want %d", text, got, want)
		}
	}
}

func TestParseSpan(t *testing.T) {
	t.Parallel()
	tree, v, err := parse(`{"meta":[{"name":"x"}]}`, &rawjson.Key{Sub: bookShape()})
	if err != nil {
		t.Fatal(err)
	}
	sub := &rawjson.Shape{Slots: 1, Keys: []rawjson.Key{{Name: "name"}}}
	list, err := tree[0].ParseSpan(tree.Slots(v)[4], &rawjson.Key{Lists: 1, Sub: sub})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(tree.Bytes(tree.Slots(tree.Items(list)[0])[0])); got != `"x"` {
		t.Errorf("name %s", got)
	}
}

func TestParseRefusesWhatIsNotJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, ` `, `{`, `[`, `{"a"}`, `{"a":}`, `{"a":1,}`, `[1,]`, `[1 2]`, `{"a":1 "b":2}`, `{a:1}`, `'a'`, `"a`, `"\x"`, `"\u12"`,
		"\"\n\"", `01`, `1.`, `.5`, `-`, `1e`, `+1`, `tru`, `nul`, `null x`, `[]]`, `{"a":01}`, `{"other":[1,{"x":tru}]}`,
		"\ufeff1", `{"title":"a` + "\x01" + `"}`, `[1}`, `{"a":1]`,
	} {
		for _, key := range []*rawjson.Key{anything, {Sub: bookShape()}} {
			var syntax *rawjson.SyntaxError
			if _, _, err := parse(text, key); !errors.As(err, &syntax) {
				t.Errorf("%q: error %v, want a syntax error", text, err)
			}
		}
	}
}

func TestParseRefusesDeepNesting(t *testing.T) {
	t.Parallel()
	for _, key := range []*rawjson.Key{anything, {}, {Sub: bookShape()}} {
		fits := strings.Repeat("[", rawjson.MaxDepth) + strings.Repeat("]", rawjson.MaxDepth)
		if _, _, err := parse(fits, key); err != nil {
			t.Errorf("depth %d: %v", rawjson.MaxDepth, err)
		}
		if _, _, err := parse("["+fits+"]", key); !errors.Is(err, rawjson.ErrDepth) {
			t.Errorf("depth %d: error %v, want %v", rawjson.MaxDepth+1, err, rawjson.ErrDepth)
		}
	}
}

// FuzzParse holds the parser against encoding/json: both accept the same texts, and what is written back means the same.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		`{"__typename":"Book","title":"a","authors":[{"name":"x"}],"meta":{"a":[1,{}]}}`, `[[1,-0.5e+3],"\u00e9\ud83d\ude00",{}]`,
		`{"title":"\"}","other":{"x":"]"}}`, `1E400`, `-`, `"\`, "\"\xff\"", `{"a":{"a":{"a":[null,true,false]}}}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, key := range []*rawjson.Key{anything, {}, {Sub: bookShape()}} {
			tree, v, err := parse(text, key)
			if errors.Is(err, rawjson.ErrDepth) {
				return
			}
			if valid := json.Valid([]byte(text)); valid != (err == nil) {
				t.Fatalf("%q: error %v, but valid is %v", text, err, valid)
			}
			if err != nil || key.Sub != nil {
				continue
			}
			var want, got any
			if json.Unmarshal([]byte(text), &want) != nil {
				continue // a number that is too large for encoding/json
			}
			if err := json.Unmarshal(write(nil, tree, v), &got); err != nil || !reflect.DeepEqual(got, want) {
				t.Fatalf("%q: read back as %v, want %v, error %v", text, got, want, err)
			}
		}
	})
}

// write writes a value that holds no objects but raw ones.
func write(b []byte, tree rawjson.Tree, v rawjson.Value) []byte {
	switch v.Kind {
	case rawjson.Null:
		return append(b, "null"...)
	case rawjson.List:
		b = append(b, '[')
		for i, item := range tree.Items(v) {
			if i > 0 {
				b = append(b, ',')
			}
			b = write(b, tree, item)
		}
		return append(b, ']')
	}
	return append(b, tree.Bytes(v)...)
}
