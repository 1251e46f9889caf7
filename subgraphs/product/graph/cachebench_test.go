package graph_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/soukhq/souk/subgraphs/product/demo"
)

// BenchmarkKept compares requests a second with a warm cache to those without one: go test -bench Kept. It reports how many
// times as many there are.
func BenchmarkKept(b *testing.B) {
	k := openKeeper(b, "")
	if _, err := demo.Load(b.Context(), k.store, b.TempDir(), k.now()); err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name, query string
		variables   map[string]any
	}{
		{"list", example(b, "1-products.graphql"), map[string]any{"first": 12}},
		{"page of 50", example(b, "1-products.graphql"), map[string]any{"first": 50}},
		{"product", example(b, "2-product.graphql"), map[string]any{"handle": "nur-lantern"}},
		{"facets", `{ products(first: 12, filters: [{ available: true }]) { totalCount { value } nodes { id title } filters { id label values { label count } } } }`, nil},
	} {
		body, err := json.Marshal(map[string]any{"query": c.query, "variables": c.variables})
		if err != nil {
			b.Fatal(err)
		}
		rates := map[string]float64{}
		for name, s := range map[string]*shop{"off": k.off, "on": k.on} {
			b.Run(c.name+"/"+name, func(b *testing.B) {
				if s == k.on {
					k.warm(b, c.query, c.variables)
				}
				var asked atomic.Int64
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
						r.Header.Set("Content-Type", "application/json")
						w := httptest.NewRecorder()
						s.handler.ServeHTTP(w, r)
						text, _ := io.ReadAll(w.Body)
						if !bytes.Contains(text, []byte(`"statements":0}`)) {
							asked.Add(1)
						}
					}
				})
				rates[name] = float64(b.N) / b.Elapsed().Seconds()
				b.ReportMetric(rates[name], "requests/s")
				b.ReportMetric(float64(asked.Load()), "asked-the-database")
			})
		}
		b.Run(c.name+"/ratio", func(b *testing.B) {
			b.ReportMetric(rates["on"]/rates["off"], "times")
		})
	}
}
