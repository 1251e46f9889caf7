package call_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/soukhq/souk/internal/call"
	"github.com/soukhq/souk/internal/identity"
)

// answering serves one answer and tells who asked.
func answering(status int, body string, asked *atomic.Int64, asker *atomic.Value) http.Handler {
	return signer.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		asker.Store(identity.From(r.Context()))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
}

var signer = &identity.Signer{Secret: []byte("secret")}

func TestAskInProcessAndOverHTTP(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, body string
		status     int
		fails      bool
	}{
		{"an answer", `{"data":{"n":3}}`, 200, false},
		{"a GraphQL error", `{"data":{"n":null},"errors":[{"message":"no"}]}`, 200, true},
		{"an HTTP error", `{}`, 500, true},
		{"no JSON", `<html>`, 200, true},
		{"no data", `{}`, 200, true},
		{"null", `{"data":null}`, 200, true},
	} {
		for _, over := range []string{"process", "http"} {
			t.Run(c.name+" over "+over, func(t *testing.T) {
				t.Parallel()
				var asked atomic.Int64
				var asker atomic.Value
				d := call.NewDirectory(signer)
				h := answering(c.status, c.body, &asked, &asker)
				if over == "http" {
					s := httptest.NewServer(h)
					t.Cleanup(s.Close)
					if err := d.AddURL("b", s.URL+"/graphql"); err != nil {
						t.Fatal(err)
					}
				} else {
					d.AddHandler("b", h)
				}
				var data struct{ N int }
				err := d.Client("a", "b").Ask(t.Context(), "{n}", map[string]any{"x": 1}, &data)
				if c.fails != errors.Is(err, call.ErrUnavailable) || !c.fails && data.N != 3 {
					t.Errorf("Ask = %v, n %d", err, data.N)
				}
				if got := asker.Load(); got.(identity.Identity).Service != "a" || asked.Load() != 1 {
					t.Errorf("%v asked %d times, want service a once", got, asked.Load())
				}
			})
		}
	}
}

func TestAskUnknownOrRefusedIsUnavailable(t *testing.T) {
	t.Parallel()
	d := call.NewDirectory(signer)
	if err := d.Client("a", "b").Ask(t.Context(), "{n}", nil, new(struct{})); !errors.Is(err, call.ErrUnavailable) {
		t.Errorf("unknown service: error = %v, want ErrUnavailable", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + l.Addr().String() + "/graphql"
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.AddURL("b", address); err != nil {
		t.Fatal(err)
	}
	if err := d.Client("a", "b").Ask(t.Context(), "{n}", nil, new(struct{})); !errors.Is(err, call.ErrUnavailable) {
		t.Errorf("refused connection: error = %v, want ErrUnavailable", err)
	}
	if err := d.AddURL("b", "localhost:4001"); err == nil {
		t.Error("an address without http is accepted")
	}
}

func TestBreakerOpensAfterManyFailures(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	var asker atomic.Value
	d := call.NewDirectory(signer)
	d.AddHandler("b", answering(500, "{}", &asked, &asker))
	client := d.Client("a", "b")
	for range 40 {
		if err := client.Ask(t.Context(), "{n}", nil, new(struct{})); !errors.Is(err, call.ErrUnavailable) {
			t.Fatalf("error = %v, want ErrUnavailable", err)
		}
	}
	if n := asked.Load(); n != 20 {
		t.Errorf("the service was asked %d times, want 20: then the breaker is open", n)
	}
	if err := client.Ask(t.Context(), "{n}", nil, new(struct{})); err == nil || !strings.Contains(err.Error(), "circuit breaker") {
		t.Errorf("error = %v, want it to name the breaker", err)
	}
}
