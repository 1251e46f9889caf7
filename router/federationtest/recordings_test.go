package federationtest_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
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
			if len(s.Data) == 0 || len(s.Calls) == 0 {
				t.Skip("the suite has state, so that requests cannot be repeated, or no recorded ones")
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

// TestCopies holds the suites that come with the code against the shared ones.
func TestCopies(t *testing.T) {
	t.Parallel()
	shared := federationtest.Shared(t)
	if shared == "" {
		t.Skip("the shared fixtures are not here")
	}
	copied := 0
	err := filepath.WalkDir("testdata", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Dir(path) == "testdata" {
			return err
		}
		copied++
		got, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		inside, err := filepath.Rel("testdata", path)
		if err != nil {
			return err
		}
		want, err := os.ReadFile(filepath.Join(shared, inside))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is no copy of the shared fixture: %v", path, err)
		}
		return nil
	})
	if err != nil || copied == 0 {
		t.Fatalf("%d files, %v", copied, err)
	}
}
