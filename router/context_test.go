package router_test

import (
	"bytes"
	"encoding/base64"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/soukhq/souk/router"
	"github.com/soukhq/souk/router/fetch"
)

// placeContext has every kind of source. The graph has no type Colour.
func placeContext() router.Context {
	return router.Context{
		Directives: `directive @in(place: ID, size: Int = 3, colour: Colour) on QUERY | MUTATION | SUBSCRIPTION`,
		Values: []router.ContextValue{
			{Name: "place", Sources: []router.ContextSource{
				{Directive: "in", Argument: "place"},
				{Header: "Place", Read: func(s string) string { text, _, _ := strings.Cut(s, ","); return text }},
				{Claim: "home"},
				{Default: "nowhere"},
			}},
			{Name: "colour", Sources: []router.ContextSource{{Directive: "in", Argument: "colour"}, {Header: "Colour"}}},
			{Name: "amount", Sources: []router.ContextSource{{Directive: "in", Argument: "size"}}},
		},
	}
}

func TestContext(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	w := newWorld(t, router.Options{
		Context:      placeContext(),
		Log:          slog.New(slog.NewTextHandler(&log, nil)),
		Authenticate: func(q *http.Request) ([]byte, error) { return []byte(q.Header.Get("Authorization")), nil },
	}, nil)
	if !strings.Contains(log.String(), "argument=colour type=Colour") {
		t.Errorf("the log does not say what was left out: %s", log.String())
	}
	claims := base64.RawURLEncoding.EncodeToString([]byte(`{"home":"<rome>","age":3}`))
	tests := []struct {
		name, body string
		headers    []string
		want       string
	}{
		{"default", `{"query":"{me {name}}"}`, nil, `{"place":"nowhere"}`},
		{"literal", `{"query":"query @in(place: \"h\\\"u\") {me {name}}"}`, []string{"Place", "paris"}, `{"amount":"3","place":"h\"u"}`},
		{"a number for an id", `{"query":"query @in(place: 5, size: 7) {me {name}}"}`, nil, `{"amount":"7","place":"5"}`},
		{"variable", `{"query":"query ($p: ID, $n: Int) @in(place: $p, size: $n) {me {name}}","variables":{"p":"here","n":4}}`, nil, `{"amount":"4","place":"here"}`},
		{"variable with a default", `{"query":"query ($p: ID = \"x\") @in(place: $p) {me {name}}"}`, nil, `{"amount":"3","place":"x"}`},
		{"variable without a value", `{"query":"query ($p: ID, $n: Int) @in(place: $p, size: $n) {me {name}}"}`, []string{"Place", "paris, rome"}, `{"amount":"3","place":"paris"}`},
		{"variable that is null", `{"query":"query ($p: ID, $n: Int) @in(place: $p, size: $n) {me {name}}","variables":{"p":null,"n":null}}`, []string{"Place", "paris"}, `{"place":"paris"}`},
		{"null", `{"query":"query @in(place: null) {me {name}}"}`, nil, `{"amount":"3","place":"nowhere"}`},
		{"mutation", `{"query":"mutation @in(place: \"x\") {rename(name: \"y\") {name}}"}`, nil, `{"amount":"3","place":"x"}`},
		{"header", `{"query":"{me {name}}"}`, []string{"Place", "paris", "Authorization", claims}, `{"place":"paris"}`},
		{"claim in base64", `{"query":"{me {name}}"}`, []string{"Authorization", claims}, `{"place":"\u003crome\u003e"}`},
		{"claim in JSON", `{"query":"{me {name}}"}`, []string{"Authorization", `{"home":"oslo"}`}, `{"place":"oslo"}`},
		{"claim of another kind", `{"query":"{me {name}}"}`, []string{"Authorization", `{"home":["oslo"]}`}, `{"place":"nowhere"}`},
		{"claims of another kind", `{"query":"{me {name}}"}`, []string{"Authorization", `%`}, `{"place":"nowhere"}`},
		{"all sorted", `{"query":"query @in(size: 1) {me {name}}"}`, []string{"Colour", "red"}, `{"amount":"1","colour":"red","place":"nowhere"}`},
		{"a long header", `{"query":"{me {name}}"}`, []string{"Colour", strings.Repeat("x", 257)}, `{"place":"nowhere"}`},
		{"a header that is no text", `{"query":"{me {name}}"}`, []string{"Colour", "\xff"}, `{"place":"nowhere"}`},
		{"forged", `{"query":"{me {name}}"}`, []string{"X-Router-Context", "forged"}, `{"place":"nowhere"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			q := postRequest(test.body)
			for i := 0; i < len(test.headers); i += 2 {
				q.Header.Set(test.headers[i], test.headers[i+1])
			}
			if got := w.do(t, q); got.codes() != "" {
				t.Fatal(got.body)
			}
			got, err := base64.RawURLEncoding.DecodeString(w.seen.Load().Get("X-Router-Context"))
			if err != nil || string(got) != test.want {
				t.Errorf("context %s, %v, want %s", got, err, test.want)
			}
		})
	}
}

// TestContextIsNoPartOfThePlan sends nothing of the directive to subgraphs.
func TestContextIsNoPartOfThePlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t, router.Options{Dev: true, Context: placeContext()}, nil)
	for query, code := range map[string]string{
		`query @in(place: "x") {me {name age}}`:                         "",
		`query ($p: ID) @in(place: $p) {me {name age}}`:                 "",
		`query @in(place: {a: 1}) {me {name}}`:                          "GRAPHQL_VALIDATION_FAILED",
		`query @in(colour: "red") {me {name}}`:                          "GRAPHQL_VALIDATION_FAILED",
		`query @in(place: "x") @in(place: "y") {me {name}}`:             "GRAPHQL_VALIDATION_FAILED",
		`query ($p: Boolean) @in(place: $p) {me {name}}`:                "GRAPHQL_VALIDATION_FAILED",
		`{me @in(place: "x") {name}}`:                                   "GRAPHQL_VALIDATION_FAILED",
		`query @out {me {name}}`:                                        "GRAPHQL_VALIDATION_FAILED",
		`query ($p: ID!) @in(place: $p) {me {name}}`:                    "BAD_USER_INPUT",
		`{__type(name: "Query") {name}}`:                                "",
		`query @in(size: 99999999999) {me {name}}`:                      "GRAPHQL_VALIDATION_FAILED",
		`query ($unused: ID) @in(place: "x") {me {name}}`:               "GRAPHQL_VALIDATION_FAILED",
		`query ($p: ID) @in(place: $p) {me {name @include(if: true)}}`:  "",
		`fragment F on Query @in(place: "x") {me {name}} query {...F}`:  "GRAPHQL_VALIDATION_FAILED",
		`subscription @in(place: "x") {renamed {id}}`:                   "SUBSCRIPTION_TRANSPORT_NOT_SUPPORTED",
		`query ($p: ID = "1") @in(place: $p) {person(id: $p) {id age}}`: "",
	} {
		if got := w.post(t, query); got.codes() != code {
			t.Errorf("%s: %s, want the code %q", query, got.body, code)
		}
	}
	got := w.post(t, `{__schema {directives {name locations args {name type {name}}}}}`)
	want := `{"name":"in","locations":["QUERY","MUTATION","SUBSCRIPTION"],"args":[{"name":"place","type":{"name":"ID"}},{"name":"size","type":{"name":"Int"}}]}`
	if !strings.Contains(got.body, want) {
		t.Errorf("introspection shows %s, want %s", got.body, want)
	}
}

func TestNewRefusesContexts(t *testing.T) {
	t.Parallel()
	change := func(directives string, sources ...router.ContextSource) router.Context {
		return router.Context{Directives: directives, Values: []router.ContextValue{{Name: "v", Sources: sources}}}
	}
	argument := router.ContextSource{Directive: "in", Argument: "a"}
	for name, c := range map[string]router.Context{
		"an unknown directive":   change(`directive @out(a: ID) on QUERY`, argument),
		"an unknown argument":    change(`directive @in(b: ID) on QUERY`, argument),
		"an argument for naught": change(`directive @in(a: ID, b: ID) on QUERY`, argument),
		"no SDL":                 change(`directive`, argument),
		"a type":                 change(`directive @in(a: ID) on QUERY scalar A`, argument),
		"a list":                 change(`directive @in(a: [ID]) on QUERY`, argument),
		"an object":              change(`directive @in(a: Person) on QUERY`, argument),
		"another place":          change(`directive @in(a: ID) on FIELD`, argument),
		"repeatable":             change(`directive @in(a: ID) repeatable on QUERY`, argument),
		"an empty source":        change(``, router.ContextSource{}),
		"two sources in one":     change(``, router.ContextSource{Header: "A", Default: "b"}),
		"half an argument":       change(``, router.ContextSource{Directive: "in"}),
		"a reader of nothing":    change(``, router.ContextSource{Claim: "a", Read: strings.ToLower}),
		"no name":                {Values: []router.ContextValue{{}}},
		"a name twice":           {Values: []router.ContextValue{{Name: "a"}, {Name: "a"}}},
	} {
		if _, err := router.New(model(t), make([]fetch.Transport, 2), router.Options{Context: c}); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
