package router_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/soukhq/souk/router"
	"github.com/soukhq/souk/router/fetch"
)

// BenchmarkServe measures what the router itself costs on a request whose plan is known: the subgraph is a constant.
func BenchmarkServe(b *testing.B) {
	constant := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"data":{"me":{"id":"1","name":"Ada"}}}`))
	})
	transport := fetch.NewLocal(constant, "/", fetch.Options{})
	r, err := router.New(model(b), []fetch.Transport{transport, transport}, router.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, postRequest(`{"query":"query Me {me {id name}}","variables":{}}`))
		if w.Code != http.StatusOK {
			b.Fatal(w.Body)
		}
	}
}
