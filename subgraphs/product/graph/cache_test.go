package graph_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/subgraphs/product"
	"github.com/soukhq/souk/subgraphs/product/demo"
	"github.com/soukhq/souk/subgraphs/product/exchange"
	"github.com/soukhq/souk/subgraphs/product/postgres"
)

// Answers are the same, byte for byte, whether results are kept or not; when all are there the database is not asked.
func TestAnswersAreTheSameWithTheCache(t *testing.T) {
	t.Parallel()
	k := openKeeper(t, "")
	k.off.load(t, catalogue(30), exchange.Options{})
	var found struct {
		Products struct {
			Nodes []struct {
				ID       string
				Variants struct{ Nodes []struct{ ID string } }
			}
			PageInfo struct{ EndCursor string }
		}
	}
	k.off.data(t, &found, `{ products(first: 5) { pageInfo { endCursor } nodes { id variants(first: 2) { nodes { id } } } } }`, nil)
	first := found.Products.Nodes[0]
	var reps []map[string]any
	for _, p := range found.Products.Nodes {
		reps = append(reps, map[string]any{"__typename": "ProductVariant", "id": p.Variants.Nodes[1].ID})
	}
	reps = append(reps, map[string]any{"__typename": "ProductVariant", "id": reps[0]["id"]})
	const parts = `id handle title description descriptionHtml vendor productType tags availableForSale publishedAt createdAt updatedAt
		seo { title description } options { id name values optionValues { id name firstSelectableVariant { id } } } featuredImage { id url altText width height }
		images(first: 20) { nodes { url } } priceRange { minVariantPrice { amount currencyCode } maxVariantPrice { amount } } compareAtPriceRange { minVariantPrice { amount } }
		variants(first: 50) { totalCount { value } edges { cursor node { id sku barcode title price { amount } compareAtPrice { amount } availableForSale
			currentlyNotInStock quantityAvailable requiresShipping taxClass weight { value unit } image { url } selectedOptions { name value } product { id } } } }
		collections(first: 5) { nodes { id handle title image { url } products(first: 3, sortKey: TITLE, reverse: true) { totalCount { value } nodes { id title } } } }`
	for name, q := range map[string]struct {
		query     string
		variables map[string]any
	}{
		"example: a list":    {example(t, "1-products.graphql"), map[string]any{"first": 12}},
		"example: a product": {example(t, "2-product.graphql"), map[string]any{"handle": "p-003"}},
		"everything":         {`{ products(first: 20) { totalCount { value exact } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { ` + parts + ` } } } }`, nil},
		"by price, backwards": {`query($after: String) { products(first: 7, sortKey: PRICE, reverse: true) { nodes { id } pageInfo { endCursor } }
			rest: products(first: 7, after: $after) { nodes { id } pageInfo { hasPreviousPage } } }`, map[string]any{"after": found.Products.PageInfo.EndCursor}},
		"by id":           {`query($id: ID) { product(id: $id) { ` + parts + ` } }`, map[string]any{"id": first.ID}},
		"what is not":     {`{ product(handle: "nothing") { id } collection(handle: "nothing") { id } other: product(id: "gid://souk/Product/0199e000-0000-7000-8000-000000000000") { id } }`, nil},
		"a collection":    {`{ collection(handle: "group-1") { id title description image { url } products(first: 10, sortKey: PRICE) { totalCount { value } nodes { title } } } }`, nil},
		"collections":     {`{ collections(first: 20, sortKey: TITLE) { totalCount { value } nodes { title updatedAt } pageInfo { endCursor } } }`, nil},
		"entities":        {`query($r: [_Any!]!) { _entities(representations: $r) { ... on ProductVariant { id title price { amount } product { handle } } } }`, map[string]any{"r": reps}},
		"a fault":         {`{ products(first: 500) { nodes { id } } }`, nil},
		"filters, facets": {`{ products(first: 5, filters: [{ available: true }, { price: { min: 2, max: 20 } }]) { totalCount { value } nodes { id } filters { id label type values { id label count } } } }`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			want := k.off.ask(t, q.query, q.variables)
			if want.Extensions.Souk.Cache != nil {
				t.Error("results are kept where they should not be")
			}
			cold := k.on.ask(t, q.query, q.variables)
			if name == "a fault" {
				if len(cold.Errors) != 1 || cold.Errors[0].Message != want.Errors[0].Message {
					t.Errorf("%+v, want %+v", cold.Errors, want.Errors)
				}
				return
			}
			warm := k.warm(t, q.query, q.variables)
			for when, got := range map[string]answer{"cold": cold, "warm": warm} {
				if string(got.Data) != string(want.Data) || len(got.Errors) > 0 {
					t.Errorf("%s: %s %v\nwithout a cache: %s", when, got.Data, got.Errors, want.Data)
				}
			}
			if n := warm.Extensions.Souk.Cache; n == nil || n.Hits == 0 || n.Misses != 0 || n.Bypass != 0 {
				t.Errorf("look-ups of a warm answer: %+v", n)
			}
		})
	}
}

// Rule F-5 holds for a cold cache, too.
func TestAColdListTakesFewStatements(t *testing.T) {
	t.Parallel()
	k := openKeeper(t, "")
	k.off.load(t, catalogue(60), exchange.Options{})
	k.warm(t, `{ collections(first: 1) { nodes { id } } }`, nil) // It runs.
	for _, n := range []int{1, 50} {
		a := k.on.ask(t, `query($first: Int) { products(first: $first) { totalCount { value } nodes { id title featuredImage { url }
			variants(first: 10) { nodes { id price { amount } compareAtPrice { amount } availableForSale image { url } } } } } }`, map[string]any{"first": n})
		if got := a.Extensions.Souk.Statements; got == 0 || got > 12 {
			t.Errorf("a cold list of %d took %d statements, want at most 12", n, got)
		}
	}
}

// Another program changes prices, texts, stock and collections: answers show it, and never again what was before.
func TestChangesShow(t *testing.T) {
	t.Parallel()
	k := openKeeper(t, "")
	k.off.load(t, catalogue(12), exchange.Options{})
	const query = `query($id: ID) { product(id: $id) { title availableForSale collections(first: 9) { nodes { title } } variants(first: 1) { nodes { id price { amount } quantityAvailable } } }
		products(first: 3, sortKey: PRICE) { nodes { handle } } collection(handle: "new") { title products(first: 3) { nodes { handle } } } gone: product(handle: "p-new") { title } }`
	var p struct {
		Products struct {
			Nodes []struct {
				ID       string
				Variants struct{ Nodes []struct{ ID string } }
			}
		}
	}
	k.off.data(t, &p, `{ products(first: 12) { nodes { id variants(first: 10) { nodes { id } } } } }`, nil)
	last := p.Products.Nodes[11]
	variables := map[string]any{"id": last.ID}
	variant, _ := gid.Parse("ProductVariant", last.Variants.Nodes[0].ID)
	key, _ := gid.Parse("Product", last.ID)
	k.warm(t, query, variables)
	step := func(what, holds string, change func()) {
		t.Helper()
		change()
		took := k.shows(t, what, query, variables, func(data string) bool { return strings.Contains(data, holds) })
		t.Logf("%s: shown after %s", what, took)
		for range 5 {
			if got := string(k.on.ask(t, query, variables).Data); !strings.Contains(got, holds) || got != string(k.off.ask(t, query, variables).Data) {
				t.Fatalf("%s: then %s", what, got)
			}
		}
		k.warm(t, query, variables)
	}
	step("a lower price", `"amount":"0.07"`, func() {
		k.set(k.now().Add(time.Second))
		k.change(t, func(b product.Batch) error {
			return b.SetPrices(t.Context(), []product.PriceChange{{Variant: variant, Currency: "EUR", Price: &product.Price{
				Key: gid.New(), Amount: money.Money{Minor: 7, Currency: "EUR"},
			}}}, k.now())
		})
	})
	step("another title", `"title":"Renamed"`, func() {
		k.change(t, func(b product.Batch) error {
			found, err := b.Load(t.Context(), []string{"p-011"})
			if err != nil {
				return err
			}
			renamed := found["p-011"]
			renamed.Title = "Renamed"
			renamed.Version++
			return b.Save(t.Context(), []*product.Product{renamed}, k.now())
		})
	})
	step("a new collection", `{"title":"New","products":{"nodes":[{"handle":"p-011"}]}}`, func() {
		k.change(t, func(b product.Batch) error {
			_, err := b.Gather(t.Context(), []product.Membership{{Product: key, Collection: "new", Title: "New"}}, k.now())
			return err
		})
	})
	step("pieces that are reserved", `"quantityAvailable":1`, func() { reserve(t, k, last.Variants.Nodes[0].ID, "0.07", 2) })
	step("a product that was not there", `"gone":{"title":"Came"}`, func() {
		k.off.load(t, header+"p-new,Came,,,,,C-1,5.00,,shopify,3,deny,,,,,,,\n", exchange.Options{})
	})
}

// reserve reserves pieces as the events of checkout do.
func reserve(t *testing.T, k *keeper, variantID, price string, quantity int) {
	t.Helper()
	id := gid.Format("CheckoutCompletion", uuid.New())
	priceID := ""
	variant, _ := gid.Parse("ProductVariant", variantID)
	if err := k.off.db.Get(t.Context(), &priceID, `SELECT id FROM prices WHERE variant_id = $1 AND valid_until IS NULL`, variant); err != nil {
		t.Fatal(err)
	}
	e := event.New(id, 1, event.CompletionRequested{
		CompletionID: id, CheckoutID: gid.Format("Checkout", uuid.New()), CurrencyCode: "EUR", PricedAt: k.now(),
		Lines: []event.CompletionLine{{VariantID: variantID, Quantity: quantity, PriceID: priceID, UnitPrice: price}},
	}, k.now())
	err := k.off.db.Transact(t.Context(), "test.reserve", func(tx *database.Tx) ([]event.Event, error) {
		return postgres.Checkout(k.now)[e.Type](t.Context(), tx, e)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Rule E-8: a price that begins later is shown from then on, without any event.
func TestAPriceThatBeginsLaterShowsThen(t *testing.T) {
	t.Parallel()
	k := openKeeper(t, "")
	k.off.load(t, catalogue(2), exchange.Options{})
	const query = `{ products(first: 1) { nodes { variants(first: 1) { nodes { id price { amount } } } } } }`
	var p struct {
		Products struct {
			Nodes []struct {
				Variants struct{ Nodes []struct{ ID string } }
			}
		}
	}
	k.off.data(t, &p, query, nil)
	variant, _ := gid.Parse("ProductVariant", p.Products.Nodes[0].Variants.Nodes[0].ID)
	begins := k.now().Add(30 * time.Second)
	k.change(t, func(b product.Batch) error {
		return b.SetPrices(t.Context(), []product.PriceChange{{Variant: variant, Currency: "EUR", Price: &product.Price{
			Key: gid.New(), Amount: money.Money{Minor: 99, Currency: "EUR"},
		}}}, begins)
	})
	for _, c := range []struct {
		at   time.Time
		want string
	}{{k.now(), `"0.50"`}, {begins.Add(-time.Millisecond), `"0.50"`}, {begins, `"0.99"`}} {
		k.set(c.at)
		if got := string(k.warm(t, query, nil).Data); !strings.Contains(got, c.want) {
			t.Errorf("at %s: %s, want %s", c.at, got, c.want)
		}
	}
}

// What is shown in one currency or language is not shown in another one.
func TestContextsDoNotMix(t *testing.T) {
	t.Parallel()
	k := openKeeper(t, "")
	if _, err := demo.Load(t.Context(), k.store, t.TempDir(), k.now()); err != nil {
		t.Fatal(err)
	}
	k.warm(t, lantern, nil)
	seen := map[string]bool{}
	for round := range 2 {
		for _, c := range []identity.Context{{}, {Country: "US"}, {Language: "de-AT"}, {Country: "US", Language: "de"}, {Currency: "XXX"}} {
			on, off := k.on.askAs(t, identity.Identity{}, c, lantern, nil), k.off.askAs(t, identity.Identity{}, c, lantern, nil)
			if string(on.Data) != string(off.Data) || len(on.Errors) > 0 {
				t.Errorf("round %d, %+v: %s %v\nwithout a cache: %s", round, c, on.Data, on.Errors, off.Data)
			}
			seen[string(on.Data)] = true
		}
	}
	if len(seen) < 4 {
		t.Errorf("%d different answers, want one for each currency and language", len(seen))
	}
}
