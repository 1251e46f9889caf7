package main

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/subgraph"
	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/schema"
)

// answering returns the address of a server that gives one answer to everything.
func answering(t *testing.T, status int, body string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	return s.URL + "/graphql"
}

// nobody returns an address at which nobody answers.
func nobody(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	return s.URL + "/graphql"
}

func graphOf(t *testing.T, remote map[string]string) *graphConfig {
	t.Helper()
	return &graphConfig{
		remote: remote, stateDir: t.TempDir(), wait: 200 * time.Millisecond, log: slog.New(slog.DiscardHandler),
		env: subgraph.Env{Signer: &identity.Signer{Secret: []byte("secret")}}, transports: map[string]fetch.Transport{},
	}
}

const film = `{"data":{"_service":{"sdl":"type Query { film: String }"}}}`

func TestSubgraphsAreAskedAtStart(t *testing.T) {
	t.Parallel()
	t.Run("one that is away takes no time from the others", func(t *testing.T) {
		t.Parallel()
		c := graphOf(t, map[string]string{"customer": nobody(t), "film": answering(t, 200, film)})
		if err := c.ask(t.Context()); err != nil {
			t.Fatal(err)
		}
		if c.told["film"] != "type Query { film: String }" || c.told["customer"] != schema.SDL("customer") {
			t.Errorf("schemas %q, want that which film tells and our own of customer", c.told)
		}
	})
	for name, c := range map[string]struct {
		status     int
		body, says string
	}{
		"no answer to the question": {200, `{}`, "without a schema"},
		"an empty schema":           {200, `{"data":{"_service":{"sdl":""}}}`, "without a schema"},
		"null":                      {200, `{"data":{"_service":null}}`, "without a schema"},
		"a page":                    {404, `<html>`, "status 404"},
		"an error":                  {200, `{"errors":[{"message":"not today"}]}`, "not today"},
	} {
		t.Run(name+" is no schema", func(t *testing.T) {
			t.Parallel()
			address := answering(t, c.status, c.body)
			err := graphOf(t, map[string]string{"film": address}).ask(t.Context())
			if err == nil || !strings.Contains(err.Error(), "film at "+address) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error = %v, want one that names film, its address and %q", err, c.says)
			}
		})
	}
}

// TestGraphBeginsWithoutASubgraph starts without one that says nothing and takes it in when it tells its schema.
func TestGraphBeginsWithoutASubgraph(t *testing.T) {
	t.Parallel()
	c := graphOf(t, map[string]string{"film": nobody(t), "book": answering(t, 200, `{"data":{"_service":{"sdl":"type Query { book: String }"}}}`)})
	for _, want := range []bool{false, true} {
		text, build, err := c.load(t.Context())
		if err != nil || strings.Contains(text, "film: String") != want || !strings.Contains(text, "book: String") {
			t.Fatalf("load = %q, %v, want film: %v", text, err, want)
		}
		if _, transports, err := build(t.Context()); err != nil || len(transports) == 2 != want {
			t.Errorf("the graph has %d subgraphs (%v), want film: %v", len(transports), err, want)
		}
		c.remote["film"] = answering(t, 200, film)
	}
	c = graphOf(t, map[string]string{"film": nobody(t), "book": answering(t, 200, `{"data":{"_service":{"sdl":"type Query { book: String }"}}}`)})
	c.files = map[string]string{"film": filepath.Join(t.TempDir(), "film.graphql")}
	if err := c.ask(t.Context()); err == nil {
		t.Error("a file that is not there is no error")
	}
}

func TestWhatWasToldStays(t *testing.T) {
	t.Parallel()
	c := graphOf(t, map[string]string{"film": answering(t, 200, film)})
	if _, build, err := c.load(t.Context()); err != nil {
		t.Fatal(err)
	} else if _, _, err := build(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, away := range []string{nobody(t), answering(t, 200, `{}`)} {
		c.remote["film"] = away
		if text, _, err := c.load(t.Context()); err != nil || !strings.Contains(text, "film: String") {
			t.Errorf("load = %q, %v, want the schema that was told before", text, err)
		}
		next := graphOf(t, c.remote)
		next.stateDir = c.stateDir
		if text, _, err := next.load(t.Context()); err != nil || !strings.Contains(text, "film: String") {
			t.Errorf("at the next start load = %q, %v, want the schema of the last one", text, err)
		}
	}
}

// TestABadAddressIsRefusedEachTime looks for a transport that was kept although it could not be made.
func TestABadAddressIsRefusedEachTime(t *testing.T) {
	t.Parallel()
	c := graphOf(t, map[string]string{"film": "localhost:4001"})
	for range 2 {
		if _, err := c.transport("film", false); err == nil {
			t.Error("an address that is none was accepted")
		}
	}
}

// TestClientsMayReadWhatQueriesSay looks for the codes of faults in the sources of what answers queries: product and paging.
// Those of mutations are data of their answers.
func TestClientsMayReadWhatQueriesSay(t *testing.T) {
	t.Parallel()
	ofMutations := map[string]bool{"administration.go": true, "mutation.go": true, "pricing.go": true, "recount.go": true}
	found := 0
	for _, folder := range []string{"internal/paging", "subgraphs/product", "subgraphs/product/graph", "subgraphs/product/postgres"} {
		sources, err := filepath.Glob(folder + "/*.go")
		if err != nil || len(sources) == 0 {
			t.Fatalf("%s has no sources: %v", folder, err)
		}
		for _, source := range sources {
			if ofMutations[filepath.Base(source)] || strings.HasSuffix(source, "_test.go") {
				continue
			}
			text, err := os.ReadFile(source)
			if err != nil {
				t.Fatal(err)
			}
			for _, made := range regexp.MustCompile(`fault\.New\("([A-Z_]+)"`).FindAllSubmatch(text, -1) {
				if found++; !slices.Contains(safeCodes, string(made[1])) {
					t.Errorf("%s makes %s, whose message clients cannot read", source, made[1])
				}
			}
		}
	}
	if found < 4 {
		t.Errorf("only %d faults were found", found)
	}
}

func TestTheSchemeOfATokenIsReadInAnyCase(t *testing.T) {
	t.Parallel()
	issuer, err := identity.NewIssuer("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := identity.NewVerifier(issuer.Public())
	if err != nil {
		t.Fatal(err)
	}
	token, _, err := issuer.Issue("c1", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]string{
		"": "", "Bearer " + token: identity.Claims(identity.Identity{Customer: "c1"}), "bearer " + token: identity.Claims(identity.Identity{Customer: "c1"}),
	} {
		r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
		r.Header.Set("Authorization", header)
		if got, err := authenticate(tokens)(r); err != nil || string(got) != want {
			t.Errorf("%.10s: claims %q, %v, want %q", header, got, err, want)
		}
	}
	for _, header := range []string{"Bearer", "Bearer x", "Basic " + token, token} {
		r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
		r.Header.Set("Authorization", header)
		if got, err := authenticate(tokens)(r); err == nil {
			t.Errorf("%.10s: claims %q, want an error", header, got)
		}
	}
}
