package router

import (
	"encoding/json"
	"fmt"
	"maps"
	"testing"
	"unicode/utf8"
)

// scanned returns the members of an object as the router reads them, nil for other texts.
func scanned(text []byte) map[string]string {
	m := object(text)
	if m == nil {
		return nil
	}
	out := map[string]string{}
	for key, value, ok := m.next(); ok; key, value, ok = m.next() {
		out[string(appendString(nil, key))] = string(value)
	}
	return out
}

// FuzzScan compares what the router reads of a body with what the standard library does.
func FuzzScan(f *testing.F) {
	for _, text := range []string{
		`{}`, ` { } `, `{"a":1}`, "\t{ \"a\" : \"b\\\"}\" , \"c\":[{\"d\":[]},{}], \"e\" : null\n}\n", `{"a":1,"a":2}`, `{"\u0061\n\t\b\f\r\\\/\"":"\ud83d\ude00"}`,
		`{"a":"\ud83d"}`, `{"a":"\ud83dx"}`, `{"a":"\ud83d\u0041"}`, `{"a":"\ude00\ud83d"}`, `{"a":-1.5e+3,"b":true,"c":false}`, `[]`, `{"a"}`, `{"a":}`, `nul`, ``, ` `, `"{"`, `{"a":1}}`, `{"é":"日本"}`,
		`{"a":"\uFFFD","b":"\ud800\ud800\udc00"}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if !utf8.Valid(text) {
			return
		}
		var members map[string]json.RawMessage
		var want map[string]string
		if err := json.Unmarshal(text, &members); err == nil && members != nil {
			want = map[string]string{}
			for key, value := range members {
				want[key] = string(value)
			}
		}
		got := scanned(text)
		if (got == nil) != (want == nil) || !maps.Equal(got, want) {
			t.Fatalf("%q: read %v, want %v", text, got, want)
		}
		for _, value := range got {
			if value[0] != '"' {
				continue
			}
			var want string
			if err := json.Unmarshal([]byte(value), &want); err != nil {
				t.Fatal(err)
			}
			if got := string(appendString(nil, []byte(value))); got != want {
				t.Errorf("%s: read %q, want %q", value, got, want)
			}
		}
	})
}

// TestBodiesAreNotMixed reads one body after another into the same memory.
func TestBodiesAreNotMixed(t *testing.T) {
	t.Parallel()
	x := newExchange()
	for i := range 3 {
		x.in.Reset()
		fmt.Fprintf(&x.in, `{"query":"{a%d}","operationName":"n\u006F%d"}`, i, i)
		got, fail := x.decodeBody()
		if fail != nil || got.query != fmt.Sprintf("{a%d}", i) || got.name != fmt.Sprintf("no%d", i) {
			t.Errorf("body %d: %+v, %v", i, got, fail)
		}
	}
}
