package graph

import (
	"context"
	"log/slog"
	"maps"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/cache"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/launch/launchtest"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/subgraphs/product"
	"github.com/soukhq/souk/subgraphs/product/graph/generated"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// oneProduct is a store that counts how often it is asked for products.
type oneProduct struct {
	product.Store
	asked atomic.Int64
}

func (s *oneProduct) NextChange(context.Context, product.View) (time.Time, error) {
	return time.Time{}, nil
}

func (s *oneProduct) Products(_ context.Context, view product.View, keys []uuid.UUID) (map[uuid.UUID]*product.Product, error) {
	s.asked.Add(1)
	p := &product.Product{Key: keys[0], Variants: []*product.Variant{{Key: gid.New(), Offer: &product.Price{Amount: money.Money{Currency: view.Currency}}}}}
	p.Link()
	return map[uuid.UUID]*product.Product{keys[0]: p}, nil
}

// with returns our schema with other directives at the type Product.
func with(t *testing.T, directives string) *ast.Schema {
	t.Helper()
	doc := gqlparser.MustLoadSchema(&ast.Source{Input: `
		directive @cacheControl(maxAge: Int, notFoundMaxAge: Int, scope: String) on OBJECT
		directive @cacheVary(on: [String!]!) on OBJECT
		directive @cacheTag(format: String!) repeatable on OBJECT
		type Query { a: Int } type Product ` + directives + ` { a: Int }`})
	ours := *generated.NewExecutableSchema(generated.Config{}).Schema()
	changed := *ours.Types["Product"]
	changed.Directives = doc.Types["Product"].Directives
	ours.Types = maps.Clone(ours.Types)
	ours.Types["Product"] = &changed
	variant := *ours.Types["ProductVariant"] // It is a part of a product and would add its own.
	variant.Directives = nil
	ours.Types["ProductVariant"] = &variant
	return &ours
}

// The directives of the schema say how long products are kept, on what they depend and what makes them old: another
// directive, another lifetime and another key.
func TestTheSchemaSaysHowProductsAreKept(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	key := gid.New()
	for name, c := range map[string]struct {
		directives string
		view       product.View // of the second request; the first is in EUR and English at noon
		tag        string       // that is forgotten between them
		kept       bool
	}{
		"a minute, in time":        {`@cacheControl(maxAge: 60) @cacheVary(on: ["currency"])`, product.View{At: noon.Add(53 * time.Second), Currency: "EUR"}, "", true},
		"a minute, too late":       {`@cacheControl(maxAge: 60) @cacheVary(on: ["currency"])`, product.View{At: noon.Add(60 * time.Second), Currency: "EUR"}, "", false},
		"longer":                   {`@cacheControl(maxAge: 600) @cacheVary(on: ["currency"])`, product.View{At: noon.Add(60 * time.Second), Currency: "EUR"}, "", true},
		"by currency":              {`@cacheControl(maxAge: 60) @cacheVary(on: ["currency"])`, product.View{At: noon, Currency: "USD"}, "", false},
		"not by currency":          {`@cacheControl(maxAge: 60)`, product.View{At: noon, Currency: "USD"}, "", true},
		"not by language":          {`@cacheControl(maxAge: 60) @cacheVary(on: ["currency"])`, product.View{At: noon, Currency: "EUR", Languages: []string{"de"}}, "", true},
		"by language":              {`@cacheControl(maxAge: 60) @cacheVary(on: ["language"])`, product.View{At: noon, Currency: "EUR", Languages: []string{"de"}}, "", false},
		"its tag is forgotten":     {`@cacheControl(maxAge: 60) @cacheTag(format: "this {$key.id}")`, product.View{At: noon, Currency: "EUR"}, "this " + gid.Format("Product", key), false},
		"another tag is forgotten": {`@cacheControl(maxAge: 60) @cacheTag(format: "this {$key.id}")`, product.View{At: noon, Currency: "EUR"}, gid.Format("Product", key), true},
		"nothing said":             {``, product.View{At: noon, Currency: "EUR"}, "", false},
		"PRIVATE (A-8)":            {`@cacheControl(maxAge: 60, scope: "PRIVATE")`, product.View{At: noon, Currency: "EUR"}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kept, err := cache.Open(launchtest.Redis(t), "test-"+uuid.NewString(), slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			defer kept.Close() //nolint:errcheck // It ends with the test.
			kept.Budget = 10 * time.Second
			kept.Resume(kept.Suspensions())
			origin := &oneProduct{}
			store, err := keep(kept, origin, with(t, c.directives), func() time.Time { return noon })
			if err != nil {
				t.Fatal(err)
			}
			ask := func(view product.View) {
				if found, err := store.Products(t.Context(), view, []uuid.UUID{key}); err != nil || found[key] == nil || found[key].Variants[0].Product != found[key] {
					t.Fatalf("%+v, %v", found, err)
				}
			}
			ask(product.View{At: noon, Currency: "EUR"})
			for strings.Contains(c.directives, "maxAge") && !strings.Contains(c.directives, "PRIVATE") && kept.Stats().Stored == 0 {
				ask(product.View{At: noon, Currency: "EUR"}) // Those who come now share what was read, or find it.
			}
			before := origin.asked.Load()
			if c.tag != "" {
				if err := kept.Forget(t.Context(), c.tag); err != nil {
					t.Fatal(err)
				}
			}
			ask(c.view)
			if got := origin.asked.Load() == before; got != c.kept {
				t.Errorf("kept: %v, want %v", got, c.kept)
			}
		})
	}
	if _, err := keep(nil, &oneProduct{}, with(t, `@cacheControl(maxAge: 60) @cacheVary(on: ["moon"])`), time.Now); err == nil || !strings.Contains(err.Error(), "CACHE_VARY_UNKNOWN") {
		t.Errorf("error = %v", err)
	}
}
