package subgraphs_test

import (
	"testing"

	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
)

// A price that an administrator's program sets is that of the next read of product, and of carts when they were told (rules
// P-4, P-6, B-2).
func TestAPriceChangeReachesCarts(t *testing.T) {
	t.Parallel()
	service, product := start(t, "cart", sellIn("USD")), start(t, "product", sellIn("USD"))
	s := cartService{service, newShop(t, service.address)}
	s.env.Calls.AddHandler("product", product.handler)
	db, lantern := demonstrate(t, product, "nur-lantern")
	tell := func() {
		for _, e := range outboxtest.Events(t, outbox.Open(db)) {
			if e.Type == event.TypeOf[event.ProductUpdated]() {
				s.product.hear(e)
			}
		}
		s.product.take(true)
	}
	tell()
	id := s.create(t, nobody, map[string]any{"lines": []any{line(lantern, 2)}}).Cart.ID
	var set struct {
		PricesSet struct {
			UserErrors []problem
			Variants   []struct{ Price struct{ Amount string } }
		}
	}
	erp := identity.Identity{Client: "erp", Scopes: []string{identity.ProductsWrite}}
	product.ask(t, erp, `mutation($v: ID!) { pricesSet(prices: [{variantId: $v, currencyCode: EUR, amount: "41.50"}]) { variants { price { amount } } userErrors { code } } }`,
		map[string]any{"v": lantern}, &set)
	if p := set.PricesSet; len(p.UserErrors) > 0 || len(p.Variants) != 1 || p.Variants[0].Price.Amount != "41.50" {
		t.Fatalf("pricesSet = %+v", p)
	}
	var read struct {
		Product struct {
			PriceRange struct {
				MinVariantPrice struct{ Amount string }
			}
		}
	}
	product.ask(t, nobody, `{ product(handle: "nur-lantern") { priceRange { minVariantPrice { amount } } } }`, nil, &read)
	if got := read.Product.PriceRange.MinVariantPrice.Amount; got != "41.50" {
		t.Errorf("the next read has %s", got)
	}
	tell()
	if got := s.add(t, id, line(lantern, 1)); len(got.UserErrors) > 0 || got.Cart.Cost.TotalAmount.Amount != "124.50" {
		t.Errorf("the cart has %+v, %+v", got.Cart.Cost.TotalAmount, got.UserErrors)
	}
}
