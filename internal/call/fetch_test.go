package call_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/soukhq/souk/internal/call"
	"github.com/soukhq/souk/internal/identity"
)

// Fetch asks beside the graph, with a signature that covers the query.
func TestFetch(t *testing.T) {
	t.Parallel()
	var asked string
	h := signer.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.Method + " " + r.RequestURI + " by " + identity.From(r.Context()).Service
		if r.URL.Path == "/none" {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, `{"n":3}`)
	}))
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	d := call.NewDirectory(signer)
	if err := d.AddURL("b", s.URL+"/graphql"); err != nil {
		t.Fatal(err)
	}
	c := d.Client("a", "b")
	var data struct{ N int }
	if err := c.Fetch(t.Context(), "/events?after=x%3A1&limit=2", &data); err != nil || data.N != 3 {
		t.Errorf("Fetch = %v, n %d", err, data.N)
	}
	if want := "GET /events?after=x%3A1&limit=2 by a"; asked != want {
		t.Errorf("asked %q, want %q", asked, want)
	}
	if err := c.Fetch(t.Context(), "/none", &data); !errors.Is(err, call.ErrUnavailable) {
		t.Errorf("not found: %v, want ErrUnavailable", err)
	}
	var list []int
	if err := c.Fetch(t.Context(), "/x", &list); !errors.Is(err, call.ErrUnavailable) {
		t.Errorf("another shape: %v, want ErrUnavailable", err)
	}
	if err := d.Client("a", "nobody").Fetch(t.Context(), "/x", &data); !errors.Is(err, call.ErrUnavailable) {
		t.Errorf("nobody: %v, want ErrUnavailable", err)
	}
}
