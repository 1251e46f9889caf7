package subgraphs_test

import (
	"testing"
	"time"

	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/internal/subgraph"
	"github.com/soukhq/souk/subgraphs"
)

// sellIn lets a shop sell in more currencies than euros.
func sellIn(more ...string) func(*subgraph.Env) {
	return func(e *subgraph.Env) { e.MoreCurrencies = more }
}

// demonstrate fills a product service with the demonstration catalogue. It returns its database and the variant of the
// product with that handle that is for sale.
func demonstrate(t *testing.T, product *service, handle string) (db *database.DB, variant string) {
	t.Helper()
	db, err := database.Open(t.Context(), product.address, 2, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	env := product.env
	env.MediaDir = t.TempDir()
	if d, err := subgraphs.LoadDemo(t.Context(), db, env, true); d.Made == 0 || len(d.Currencies) != 2 || len(d.Languages) != 2 || err != nil {
		t.Fatalf("LoadDemo = %+v, %v", d, err)
	}
	if d, err := subgraphs.LoadDemo(t.Context(), db, env, true); d.Made != 0 || len(d.Currencies) != 2 || err != nil {
		t.Fatalf("LoadDemo, again = %+v, %v", d, err)
	}
	var data struct {
		Product struct {
			SelectedOrFirstAvailableVariant struct{ ID string }
		}
	}
	product.ask(t, nobody, `query($h: String!) { product(handle: $h) { selectedOrFirstAvailableVariant { id } } }`, map[string]any{"h": handle}, &data)
	return db, data.Product.SelectedOrFirstAvailableVariant.ID
}

// Rule G-3: a cart is opened in the currency of the request or of the buyer's country, and keeps it.
func TestCartIsOpenedInTheCurrencyOfTheBuyer(t *testing.T) {
	t.Parallel()
	more := sellIn("USD")
	service, product := start(t, "cart", more), start(t, "product", more)
	s := cartService{service, newShop(t, service.address)}
	s.env.Calls.AddHandler("product", product.handler)
	db, lantern := demonstrate(t, product, "nur-lantern")
	for _, told := range []bool{false, true} { // Once product is asked for prices, once the cart was told of them.
		if told {
			for _, e := range outboxtest.Events(t, outbox.Open(db)) {
				if e.Type == event.TypeOf[event.ProductUpdated]() {
					s.product.hear(e)
				}
			}
			s.product.take(true)
		}
		for name, c := range map[string]struct {
			in      identity.Context
			country any // of the buyer
			want    string
		}{
			"nothing said":                     {identity.Context{}, nil, "49.00 EUR"},
			"by the country of the request":    {identity.Context{Country: "US"}, nil, "54.00 USD"},
			"by the country of the buyer":      {identity.Context{Country: "DE"}, "US", "54.00 USD"},
			"by the currency of the request":   {identity.Context{Country: "DE", Currency: "USD"}, "FR", "54.00 USD"},
			"of a country that pays otherwise": {identity.Context{}, "CH", "49.00 EUR"},
		} {
			s.in = c.in
			input := map[string]any{"lines": []any{line(lantern, 1)}}
			if c.country != nil {
				input["buyerIdentity"] = map[string]any{"countryCode": c.country}
			}
			created := s.create(t, nobody, input)
			if len(created.UserErrors) > 0 {
				t.Fatalf("%s: %+v", name, created.UserErrors)
			}
			s.in = identity.Context{Country: "US", Currency: "EUR"} // Requests that follow do not change it.
			again := s.add(t, created.Cart.ID, line(lantern, 1))
			if got := created.Cart.Cost.TotalAmount; got.Amount+" "+got.CurrencyCode != c.want || again.Cart.Cost.TotalAmount.CurrencyCode != got.CurrencyCode || len(again.UserErrors) > 0 {
				t.Errorf("%s, told %t: %+v, then %+v; want %s", name, told, got, again, c.want)
			}
		}
	}
}
