package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// raw sends an operation to the router, and returns the answer as it is, but for where the shop listens and what it cost.
func (s *shop) raw(t *testing.T, query string, variables json.RawMessage) (text string, costs any) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	_, all := exchange(t, http.MethodPost, s.graph, string(body), "Content-Type", "application/json")
	var a struct {
		Data, Errors json.RawMessage
		Extensions   any
	}
	if err := json.Unmarshal(all, &a); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(a.Data)+string(a.Errors), strings.TrimSuffix(s.graph, "/graphql"), "ADDRESS"), a.Extensions
}

// The examples that read are answered alike, byte for byte, with a cold cache, a warm one, one whose Redis has gone, and
// none.
func TestExamplesAreAnsweredAlikeWithoutTheCache(t *testing.T) {
	t.Parallel()
	redis := startRedis(t)
	s := startOne(t, "SOUK_DEMO=on", "SOUK_CACHE=on", "REDIS_URL=redis://"+redis.address)
	reads := map[string]json.RawMessage{
		`{ collections(first: 20) { nodes { title products(first: 5) { totalCount { value } nodes { title collections(first: 3) { nodes { handle } } } } } } }`: nil,
	}
	for _, name := range []string{"1-products", "2-product"} {
		query, err := os.ReadFile(filepath.Join("../../examples/operations", name+".graphql"))
		if err != nil {
			t.Fatal(err)
		}
		variables, err := os.ReadFile(filepath.Join("../../examples/operations", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		reads[string(query)] = variables
	}
	want := map[string]string{}
	compare := func(when string) {
		for query, variables := range reads {
			got, costs := s.raw(t, query, variables)
			if want[query] == "" {
				want[query] = got
				t.Logf("%s: %d bytes, %v", when, len(got), costs)
			}
			if got != want[query] || !strings.HasPrefix(got, "{") || strings.HasPrefix(got, "{}") {
				t.Errorf("%s: %s\nwant %s", when, got, want[query])
			}
		}
	}
	for _, when := range []string{"cold", "warm", "warmer"} {
		compare(when)
	}
	redis.kill()
	for range 3 {
		compare("without Redis")
	}
	redis.start()
	compare("with a new Redis")
	if code := s.processes["souk"].stop(); code != 0 {
		t.Errorf("the shop ended with %d", code)
	}
	s.env["souk"] = []string{"SOUK_CACHE=off", "REDIS_URL=redis://" + redis.address}
	s.startAgain()
	compare("without a cache")
}
