package cache_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/internal/cache"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

const directives = `
enum CacheScope { PUBLIC PRIVATE }
directive @cacheControl(maxAge: Int, scope: CacheScope, inheritMaxAge: Boolean, notFoundMaxAge: Int) on FIELD_DEFINITION | OBJECT
directive @cacheVary(on: [String!]!) on FIELD_DEFINITION | OBJECT
directive @cacheTag(format: String!) repeatable on FIELD_DEFINITION | OBJECT
`

const schema = directives + `
type Query {
	things(first: Int): [Thing] @cacheControl(maxAge: 30, notFoundMaxAge: 60) @cacheVary(on: ["language", "currency", "language"]) @cacheTag(format: "things") @cacheTag(format: "of {$args.shelf} {$key.id}")
	thing: Thing
	shelf: Shelf
	mine: [Thing] @cacheControl(maxAge: 30, scope: PRIVATE)
}
type Thing @cacheControl(maxAge: 300, notFoundMaxAge: 5) @cacheVary(on: ["currency"]) @cacheTag(format: "{$key.id}") {
	id: ID!
	parts: [Part!]!
	shelf: Shelf @cacheControl(maxAge: 1)
}
type Part @cacheControl(maxAge: 100) { left: Int @cacheControl(maxAge: 20) @cacheVary(on: ["channel"])  name: String }
type Shelf { name: String }
type Forever @cacheControl(maxAge: 1000000) { name: String }
`

func load(t *testing.T, text string) cache.Policies {
	t.Helper()
	s, err := gqlparser.LoadSchema(&ast.Source{Input: text})
	if err != nil {
		t.Fatal(err)
	}
	return cache.NewPolicies(s, "currency", "language", "channel")
}

func TestPoliciesAreThoseOfTheDirectives(t *testing.T) {
	t.Parallel()
	p := load(t, schema)
	for name, c := range map[string]struct {
		read func() (cache.Policy, error)
		want cache.Policy
	}{
		"a type": {func() (cache.Policy, error) { return p.Object("Thing") },
			cache.Policy{Kind: "Thing", MaxAge: 5 * time.Minute, NotFound: 5 * time.Second, Vary: []string{"currency"}, Tags: []string{"{$key.id}"}}},
		"a type with what is included: the shortest age, all that they vary on": {func() (cache.Policy, error) { return p.Object("Thing", "Part", "Shelf") },
			cache.Policy{Kind: "Thing", MaxAge: 20 * time.Second, NotFound: 5 * time.Second, Vary: []string{"channel", "currency"}, Tags: []string{"{$key.id}"}}},
		"a type that says nothing": {func() (cache.Policy, error) { return p.Object("Shelf") }, cache.Policy{Kind: "Shelf"}},
		"too long":                 {func() (cache.Policy, error) { return p.Object("Forever") }, cache.Policy{Kind: "Forever", MaxAge: cache.MaxTTL}},
		"a field": {func() (cache.Policy, error) { return p.Field("Query", "things") },
			cache.Policy{Kind: "Query.things", MaxAge: 30 * time.Second, NotFound: 10 * time.Second, Vary: []string{"currency", "language"}, Tags: []string{"things", "of {$args.shelf} {$key.id}"}}},
		"a field that says nothing": {func() (cache.Policy, error) { return p.Field("Query", "thing") },
			cache.Policy{Kind: "Query.thing", MaxAge: 5 * time.Minute, NotFound: 5 * time.Second}},
		"nothing at all": {func() (cache.Policy, error) { return p.Field("Query", "shelf") }, cache.Policy{Kind: "Query.shelf"}},
		"PRIVATE (A-8)":  {func() (cache.Policy, error) { return p.Field("Query", "mine") }, cache.Policy{Kind: "Query.mine"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.read()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPoliciesThatAreWrong(t *testing.T) {
	t.Parallel()
	for want, text := range map[string]string{
		"CACHE_VARY_UNKNOWN": `type Query @cacheControl(maxAge: 1) @cacheVary(on: ["moon"]) { a: Int }`,
		"in braces":          `type Query @cacheControl(maxAge: 1) @cacheTag(format: "{key}") { a: Int }`,
	} {
		if _, err := load(t, directives+text).Object("Query"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %s", err, want)
		}
	}
	p := load(t, schema)
	if _, err := p.Object("Moon"); err == nil {
		t.Error("there is no such type")
	}
	if _, err := p.Field("Query", "moon"); err == nil {
		t.Error("there is no such field")
	}
}

// A tag whose value is not given does not apply; one that is invalidates.
func TestTagsAreFilledIn(t *testing.T) {
	t.Parallel()
	c := open(t, "")
	p := policy
	p.Tags = []string{"{$key.id} of {$args.shelf}", "things"}
	r, o := things(t, c, p), newOrigin("a")
	q := request()
	q.Tagged = map[string]string{"args.shelf": "upper"}
	for i, tag := range []string{"a", "a of lower", "a of upper", "things", cache.Everything} {
		names(t, r, q, o, "a")
		stored(t, c, int64(max(1, i-1)))
		before := len(o.calls())
		if err := c.Forget(t.Context(), tag); err != nil {
			t.Fatal(err)
		}
		names(t, r, q, o, "a")
		if got, want := len(o.calls()) > before, i >= 2; got != want {
			t.Errorf("%q invalidates: %v, want %v", tag, got, want)
		}
		if i >= 2 {
			stored(t, c, int64(i))
		}
	}
}
