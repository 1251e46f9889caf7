package supergraph_test

import (
	"errors"
	"testing"

	"github.com/soukhq/souk/router/supergraph"
)

func TestParseFieldSet(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"id", "id"},
		{" b,  a ", "a b"},
		{"owner { name id } owner { age }", "owner { age id name }"},
		{"price(currency: EUR, at: {day: 1})", "price(at: {day:1}, currency: EUR)"},
		{"... on B { b } ... on A { a } id", "id ... on A { a } ... on B { b }"},
		{"... { a }", "a"},
		{"__typename id # the key", "__typename id"},
	} {
		set, err := supergraph.ParseFieldSet(c.text)
		if err != nil {
			t.Errorf("ParseFieldSet(%q): %v", c.text, err)
			continue
		}
		if got := set.String(); got != c.want {
			t.Errorf("ParseFieldSet(%q) = %q, want %q", c.text, got, c.want)
		}
		again, err := supergraph.ParseFieldSet(c.want)
		if err != nil || again.String() != c.want {
			t.Errorf("the canonical text %q reads as %q, %v", c.want, again, err)
		}
	}
}

func TestParseFieldSetRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "a {", "a } query q { b", "x: a", "...F", "a(x: 1) a(x: 2)", "a @skip(if: true)", "a } fragment F on T { b"} {
		if set, err := supergraph.ParseFieldSet(text); err == nil {
			t.Errorf("ParseFieldSet(%q) = %q, want an error", text, set)
		}
	}
	if _, err := supergraph.ParseFieldSet("a { ... @skip(if: true) { b } }"); !errors.Is(err, supergraph.ErrDirectiveInFieldSet) {
		t.Errorf("a directive gives %v, want ErrDirectiveInFieldSet", err)
	}
}

// FuzzFieldSet checks that what ParseFieldSet accepts can be printed, and that the print means the same.
func FuzzFieldSet(f *testing.F) {
	for _, text := range []string{"id", "b a { c } a { d }", "... on B { b(x: [1, {y: $z}]) } id", "... { __typename }", `a(s: """b\"c""") # d`, "} {"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		set, err := supergraph.ParseFieldSet(text)
		if err != nil {
			return
		}
		printed := set.String()
		again, err := supergraph.ParseFieldSet(printed)
		if err != nil || again.String() != printed {
			t.Errorf("%q is printed as %q, and that as %q: %v", text, printed, again, err)
		}
	})
}
