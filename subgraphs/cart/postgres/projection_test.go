package postgres_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/subgraphs/cart"
	"github.com/soukhq/souk/subgraphs/cart/postgres"
)

var first, second = uuid.UUID{1}, uuid.UUID{2}

// shelf writes the projection as "title: variant price available", in the order of the variants' titles.
func shelf(t *testing.T, db *outbox.DB) string {
	t.Helper()
	var rows []string
	err := db.Select(t.Context(), &rows, `SELECT p.title || ': ' || o.title || ' ' || coalesce(o.prices->0->>'amount', '-') || ' ' || o.available
FROM offers o JOIN products p ON p.id = o.product_id ORDER BY p.title, o.title`)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(rows, ", ")
}

// TestProjection plays states and events of one product: rules B-2, E-12.
func TestProjection(t *testing.T) {
	t.Parallel()
	p := product(2)
	// as makes the product as it is in a version, with so many variants and pieces of the first one in a version of its stock.
	as := func(version int64, variants int, pieces, stock int64) event.ProductUpdated {
		q := p
		q.Version, q.Title = version, fmt.Sprint("v", version)
		q.Variants = append([]event.Variant{}, p.Variants[:variants]...)
		q.Variants[0].Stock = event.Inventory{Version: stock, Tracked: true, Available: pieces}
		return q
	}
	updated := func(q event.ProductUpdated) func(*testing.T, *outbox.DB, uuid.UUID) {
		return func(t *testing.T, db *outbox.DB, epoch uuid.UUID) {
			hear(t, db, epoch, event.New(q.ProductID, q.Version, q, noon))
		}
	}
	fed := func(q event.ProductUpdated) func(*testing.T, *outbox.DB, uuid.UUID) {
		return func(t *testing.T, db *outbox.DB, epoch uuid.UUID) { tell(t, db, epoch, state(t, q)) }
	}
	deleted := func(version int64) func(*testing.T, *outbox.DB, uuid.UUID) {
		return func(t *testing.T, db *outbox.DB, epoch uuid.UUID) {
			hear(t, db, epoch, event.New(p.ProductID, version, event.ProductDeleted{ProductID: p.ProductID}, noon))
		}
	}
	pieces := func(available, version int64) func(*testing.T, *outbox.DB, uuid.UUID) {
		return func(t *testing.T, db *outbox.DB, epoch uuid.UUID) {
			id := p.Variants[0].VariantID
			hear(t, db, epoch, event.New(id, version, event.InventoryChanged{VariantID: id, ProductID: p.ProductID,
				Inventory: event.Inventory{Version: version, Tracked: true, Available: available}}, noon))
		}
	}
	prune := func(t *testing.T, db *outbox.DB, epoch uuid.UUID) {
		if err := db.DB.Transact(t.Context(), func(tx *database.Tx) error { return sources()["product"].Projection.Prune(t.Context(), tx, epoch) }); err != nil {
			t.Fatal(err)
		}
	}
	type step = func(*testing.T, *outbox.DB, uuid.UUID)
	for name, c := range map[string]struct {
		first, second []step // what is told in the first epoch, then in the second
		want          string
	}{
		"a product":                                  {[]step{updated(as(1, 2, 5, 1))}, nil, "v1: Size 0 250 5, v1: Size 1 250 10"},
		"twice":                                      {[]step{updated(as(1, 2, 5, 1)), updated(as(1, 2, 5, 1))}, nil, "v1: Size 0 250 5, v1: Size 1 250 10"},
		"older after newer":                          {[]step{updated(as(3, 1, 5, 3)), updated(as(2, 2, 9, 2))}, nil, "v3: Size 0 250 5"},
		"a variant that left":                        {[]step{updated(as(1, 2, 5, 1)), updated(as(2, 1, 5, 1))}, nil, "v2: Size 0 250 5"},
		"a variant that came back":                   {[]step{updated(as(1, 1, 5, 1)), updated(as(2, 2, 5, 1))}, nil, "v2: Size 0 250 5, v2: Size 1 250 10"},
		"deleted":                                    {[]step{updated(as(1, 2, 5, 1)), deleted(2)}, nil, ""},
		"an older state after it was deleted":        {[]step{deleted(2), updated(as(1, 2, 5, 1))}, nil, ""},
		"pieces":                                     {[]step{updated(as(1, 1, 5, 1)), pieces(4, 2)}, nil, "v1: Size 0 250 4"},
		"older pieces after newer":                   {[]step{updated(as(1, 1, 5, 1)), pieces(3, 3), pieces(4, 2), pieces(3, 3)}, nil, "v1: Size 0 250 3"},
		"a newer product with older pieces":          {[]step{updated(as(1, 1, 5, 1)), pieces(3, 3), updated(as(2, 1, 4, 2))}, nil, "v2: Size 0 250 3"},
		"the same product with newer pieces":         {[]step{updated(as(1, 1, 5, 1)), fed(as(1, 1, 3, 3))}, nil, "v1: Size 0 250 3"},
		"an older product with newer pieces":         {[]step{updated(as(2, 1, 5, 1)), updated(as(1, 1, 3, 3))}, nil, "v2: Size 0 250 3"},
		"pieces of a variant that is not there":      {[]step{pieces(3, 3)}, nil, ""},
		"a lower version of another epoch":           {[]step{updated(as(7, 2, 5, 7))}, []step{fed(as(2, 1, 9, 2))}, "v2: Size 0 250 9"},
		"lower pieces of another epoch":              {[]step{updated(as(7, 1, 5, 7))}, []step{fed(as(2, 1, 9, 2)), pieces(8, 3)}, "v2: Size 0 250 8"},
		"pieces of another epoch before its product": {[]step{updated(as(7, 1, 5, 7))}, []step{pieces(8, 3), fed(as(2, 1, 9, 2))}, "v2: Size 0 250 8"},
		"what another epoch does not tell of":        {[]step{updated(as(7, 2, 5, 7))}, []step{prune}, ""},
		"what another epoch tells of again":          {[]step{updated(as(7, 2, 5, 7))}, []step{fed(as(2, 2, 9, 2)), prune}, "v2: Size 0 250 9, v2: Size 1 250 10"},
		"what another epoch brings back":             {[]step{updated(as(1, 1, 5, 1)), deleted(7)}, []step{fed(as(2, 1, 9, 2)), prune}, "v2: Size 0 250 9"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := outboxtest.New(t, postgres.Migrations)
			for _, s := range c.first {
				s(t, db, first)
			}
			for _, s := range c.second {
				s(t, db, second)
			}
			if diff := cmp.Diff(c.want, shelf(t, db)); diff != "" {
				t.Errorf("the shelf (-want +got):\n%s", diff)
			}
		})
	}
}

func TestManyProductsAreWrittenAtOnce(t *testing.T) { // Rule F-4.
	t.Parallel()
	db := outboxtest.New(t, postgres.Migrations)
	for _, n := range []int{1, 100} {
		var states []event.State
		for range n {
			states = append(states, state(t, product(3)))
		}
		if got := tell(t, db, first, append(states, states[0])...); got != 2 {
			t.Errorf("%d products took %d statements, want 2", n, got)
		}
	}
	if n := strings.Count(shelf(t, db), ","); n != 302 {
		t.Errorf("%d offers, want 303", n+1)
	}
}

func TestWhatCannotBeReadIsRefused(t *testing.T) { // Rule E-11: the event is to be parked.
	t.Parallel()
	db := outboxtest.New(t, postgres.Migrations)
	price := product(1)
	price.Variants[0].Prices[0].Amount = "2.505"
	variant := product(1)
	variant.Variants[0].VariantID = "x"
	for name, s := range map[string]event.State{
		"no product": {Subject: "gid://souk/Cart/1"}, "no data": {Subject: price.ProductID, Data: []byte("[]")},
		"a price in fractions": state(t, price), "no variant": state(t, variant),
	} {
		err := db.DB.Transact(t.Context(), func(tx *database.Tx) error {
			return sources()["product"].Projection.Apply(t.Context(), tx, first, []event.State{s})
		})
		if err == nil || database.Unavailable(err) {
			t.Errorf("%s: %v, want an error of the event itself", name, err)
		}
	}
}

// TestOffers asserts what carts are told of a variant: rules F-2, I-1, P-1, P-4.
func TestOffers(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, postgres.Migrations)
	s, p := postgres.New(db), product(2)
	p.Variants[1].Stock = event.Inventory{Version: 1, Tracked: true}
	p.Variants[1].Prices[0].CurrencyCode = "USD"
	hidden := product(1)
	hidden.PublishedAt = nil
	tell(t, db, first, state(t, p), state(t, hidden))
	c := open(t, s, additions(p)[0])
	o := c.Lines[0].Offer
	want := &cart.Offer{
		OnSale: true, Siblings: true, Description: "<p>Tea</p>", Stock: cart.Stock{Tracked: true, Available: 10}, Price: o.Price,
		Snapshot: cart.Snapshot{
			Product: o.Snapshot.Product, Title: p.Title, VariantTitle: "Size 0", SKU: new("T-0"), Handle: "tea",
			Image: &cart.Picture{URL: "tea.jpg", AltText: new("a pot"), Width: new(5)}, Options: []cart.Option{{Name: "Size", Value: "0"}},
			RequiresShipping: true, Weight: 120, TaxClass: "standard", TakenAt: noon,
			Facts: cart.Facts{
				Barcode: new("4006381333931"), Weight: &cart.WrittenWeight{Value: 120, Unit: "GRAMS"}, Vendor: "Lee", ProductType: "Drink",
				Tags: []string{"hot"}, Picture: &cart.Picture{URL: "tea.jpg", AltText: new("a pot"), Width: new(5)},
				PublishedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), CreatedAt: noon, UpdatedAt: noon,
			},
		},
	}
	if diff := cmp.Diff(want, o); diff != "" || o.Price.ID.String() != p.Variants[0].Prices[0].PriceID || o.Price.Amount.Minor != 250 {
		t.Errorf("price %+v, offer (-want +got):\n%s", o.Price, diff)
	}
	p.Version, p.Variants[0].Stock = 2, event.Inventory{Version: 2, Tracked: true}
	tell(t, db, first, state(t, p))
	if l := read(t, s, c.UUID, noon).Lines[0]; l.Offer.Siblings || l.State != cart.InsufficientStock {
		t.Errorf("nothing is left in the currency of the cart, and the line is %s, siblings %t", l.State, l.Offer.Siblings)
	}
	for name, code := range map[string]string{p.Variants[1].VariantID: "NO_PRICE", hidden.Variants[0].VariantID: "MERCHANDISE_NOT_FOUND"} {
		items := []cart.Addition{{MerchandiseID: name}}
		_, err := s.Update(t.Context(), c.UUID, at(noon, items...), func(c *cart.Cart, offers cart.Offers) ([]cart.Warning, error) { return c.Add(items, offers) })
		if err == nil || !strings.HasPrefix(err.Error(), code) {
			t.Errorf("Add = %v, want %s", err, code)
		}
	}
	items := []cart.Addition{{MerchandiseID: gid.Format("ProductVariant", gid.New())}}
	_, err := s.Update(t.Context(), c.UUID, at(noon, items...), func(c *cart.Cart, offers cart.Offers) ([]cart.Warning, error) { return c.Add(items, offers) })
	if _, is := err.(*cart.Unknown); !is {
		t.Errorf("a variant that is not there: %v, want Unknown (rule B-1 c)", err)
	}
}
