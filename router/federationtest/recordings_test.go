package federationtest_test

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/router/federationtest"
)

// TestRecordings asks the mock subgraphs what another gateway once asked the real ones.
func TestRecordings(t *testing.T) {
	t.Parallel()
	for _, s := range federationtest.Suites(t) {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			if len(s.Data) == 0 {
				t.Skip("the suite has state, its requests cannot be repeated")
			}
			resolvers := map[string]federationtest.Resolver{}
			for name, data := range s.Data[0] {
				resolvers[name] = data
			}
			subgraphs, err := s.Subgraphs(resolvers)
			if err != nil {
				t.Fatal(err)
			}
			for _, call := range s.Calls {
				w := httptest.NewRecorder()
				subgraphs[call.Subgraph].ServeHTTP(w, httptest.NewRequest("POST", "/", bytes.NewReader(call.Request)))
				var got struct{ Data, Errors any }
				if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
					t.Fatalf("%s answered %s: %v", call.Subgraph, w.Body, err)
				}
				if diff := cmp.Diff(call.Response.Data, got.Data); diff != "" || (got.Errors == nil) != (call.Response.Errors == nil) {
					t.Errorf("%s answers %s\nwith errors %v, recorded %v, data (-recorded +got)\n%s", call.Subgraph, call.Request, got.Errors, call.Response.Errors, diff)
				}
			}
		})
	}
}
