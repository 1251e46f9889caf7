package postgres_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/consumer"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/launch/launchtest"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/subgraphs/cart"
	"github.com/soukhq/souk/subgraphs/cart/postgres"
)

func TestMain(m *testing.M) { os.Exit(launchtest.Main(m)) }

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// sources are what carts follow, by service.
func sources() map[string]consumer.Source {
	byName := map[string]consumer.Source{}
	for _, s := range postgres.Follow(func() time.Time { return noon }) {
		byName[s.Service] = s
	}
	return byName
}

// product is one that costs 2.50 EUR in each of so many variants, of which ten pieces are left.
func product(variants int) event.ProductUpdated {
	p := event.ProductUpdated{
		ProductID: gid.Format("Product", gid.New()), Version: 1, Handle: "tea", Title: "Tëa \"x\" <&>", DescriptionHTML: "<p>Tea</p>", Vendor: "Lee",
		ProductType: "Drink", Tags: []string{"hot"}, PublishedAt: new("2026-01-02T03:04:05Z"), CreatedAt: noon, UpdatedAt: noon,
		Image: &event.Image{Source: "tea.jpg", Alt: new("a pot"), Width: new(5)},
	}
	for i := range variants {
		p.Variants = append(p.Variants, event.Variant{
			VariantID: gid.Format("ProductVariant", gid.New()), Title: fmt.Sprint("Size ", i), SKU: new(fmt.Sprint("T-", i)), Barcode: new("4006381333931"),
			SelectedOptions: []event.Option{{Name: "Size", Value: fmt.Sprint(i)}}, Image: p.Image, RequiresShipping: true, TaxClass: "standard",
			WeightGrams: 120, Weight: &event.Weight{Value: 120, Unit: "GRAMS"},
			Prices: []event.Price{{PriceID: gid.New().String(), CurrencyCode: "EUR", Amount: "2.50", CompareAt: new("3.00"), ValidFrom: noon.Add(-time.Hour)}},
			Stock:  event.Inventory{Version: 1, Tracked: true, Available: 10},
		})
	}
	return p
}

// state is how the feed of product tells of one.
func state(t *testing.T, p event.ProductUpdated) event.State {
	t.Helper()
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return event.State{Kind: "Product", Subject: p.ProductID, Version: p.Version, Data: data}
}

// tell writes products into the projection as they are in an epoch, and returns the number of statements.
func tell(t *testing.T, db *outbox.DB, epoch uuid.UUID, states ...event.State) int64 {
	t.Helper()
	ctx := database.WithCount(t.Context())
	if err := db.DB.Transact(ctx, func(tx *database.Tx) error { return sources()["product"].Projection.Apply(ctx, tx, epoch, states) }); err != nil {
		t.Fatal(err)
	}
	return database.Counted(ctx)
}

// hear lets a handler apply an event, as the runner does, and returns what it tells.
func hear(t *testing.T, db *outbox.DB, epoch uuid.UUID, e event.Event) []event.Event {
	t.Helper()
	var told []event.Event
	ctx := consumer.WithEpoch(context.WithoutCancel(t.Context()), epoch)
	err := db.Transact(ctx, "cart.test", func(tx *database.Tx) (_ []event.Event, err error) {
		told, err = sources()[e.Service()].Handlers[e.Type](ctx, tx, e)
		return told, err
	})
	if err != nil {
		t.Error(err)
	}
	return told
}

// additions put one piece of each variant of a product into a cart.
func additions(p event.ProductUpdated) []cart.Addition {
	var items []cart.Addition
	for _, v := range p.Variants {
		items = append(items, cart.Addition{MerchandiseID: v.VariantID, Attributes: []cart.Attribute{{Key: "a", Value: "\"b\""}}})
	}
	return items
}

// at is a command without a key.
func at(now time.Time, named ...cart.Addition) cart.Command {
	return cart.Command{Now: now, Currency: "EUR", Named: cart.Named(named, nil)}
}

// open keeps a new cart with these things.
func open(t *testing.T, s cart.Store, items ...cart.Addition) *cart.Cart {
	t.Helper()
	r, err := s.Create(t.Context(), at(noon, items...), func(offers cart.Offers) (*cart.Cart, []cart.Warning, error) {
		c := cart.Open("EUR", "gid://souk/Customer/1", noon)
		warnings, err := c.Fill(cart.Content{Lines: items}, offers)
		return c, warnings, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return r.Cart
}

// change makes a change of a cart that needs no offers.
func change(f func(*cart.Cart) error) func(*cart.Cart, cart.Offers) ([]cart.Warning, error) {
	return func(c *cart.Cart, _ cart.Offers) ([]cart.Warning, error) { return nil, f(c) }
}

// read returns a cart as it is at a moment.
func read(t *testing.T, s cart.Store, id uuid.UUID, now time.Time) *cart.Cart {
	t.Helper()
	carts, err := s.ByIDs(t.Context(), []uuid.UUID{id}, now)
	if err != nil {
		t.Fatal(err)
	}
	return carts[id]
}
