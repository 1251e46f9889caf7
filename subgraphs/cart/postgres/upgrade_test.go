package postgres_test

import (
	"fmt"
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database/databasetest"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/subgraphs/cart"
	"github.com/soukhq/souk/subgraphs/cart/postgres"
)

const cartOfBefore = `INSERT INTO carts (id, version, currency, attributes, created_at, updated_at) VALUES ($1, 3, 'EUR', '[]', $2, $2)`

const lineOfBefore = `INSERT INTO cart_lines (id, cart_id, position, variant_id, quantity, attributes, price, product_id, title, variant_title, handle, options,
  requires_shipping, weight, tax_class, taken_at) VALUES ($1, $2, 1, $3, 2, '[]', 999, $4, 'Pot', 'Big', 'pot', '[]', true, 5, 'standard', $5)`

// TestCartsOfBefore holds that carts that were filled before there were offers and events are told of, read, priced and
// written.
func TestCartsOfBefore(t *testing.T) {
	t.Parallel()
	raw := databasetest.Empty(t)
	text, err := fs.ReadFile(postgres.Migrations, "0001_carts.sql")
	if err != nil {
		t.Fatal(err)
	}
	if err := outbox.Migrate(t.Context(), raw, fstest.MapFS{"0001_carts.sql": {Data: text}}); err != nil {
		t.Fatal(err)
	}
	p, id := product(1), gid.New()
	variant, _ := gid.Parse("ProductVariant", p.Variants[0].VariantID)
	key, _ := gid.Parse("Product", p.ProductID)
	if _, err := raw.Exec(t.Context(), cartOfBefore, id.String(), noon); err != nil {
		t.Fatal(err)
	}
	if _, err := raw.Exec(t.Context(), lineOfBefore, gid.New().String(), id.String(), variant.String(), key.String(), noon); err != nil {
		t.Fatal(err)
	}
	if err := outbox.Migrate(t.Context(), raw, postgres.Migrations); err != nil {
		t.Fatal(err)
	}
	db := outbox.Open(raw)
	s := postgres.New(db)
	events := outboxtest.Events(t, db)
	if len(events) != 1 || events[0].Subject != gid.Format("Cart", id) || events[0].AggregateVersion != 1 || events[0].ID.Version() != 7 ||
		string(events[0].Data) != fmt.Sprintf(`{"state": "ACTIVE", "cartId": %q, "version": 3}`, events[0].Subject) {
		t.Errorf("events = %+v, want one that tells of the cart", events)
	}
	got := read(t, s, id, noon.Add(time.Hour))
	if l := got.Lines[0]; got.State != cart.Active || got.Revision != 1 || l.Price.Minor != 999 || l.State != cart.Unavailable || !l.PricedAt.Equal(noon) {
		t.Errorf("before product was heard of: %+v", got)
	}
	tell(t, db, uuid.Nil, state(t, p))
	r, err := s.Update(t.Context(), id, at(noon), change(func(c *cart.Cart) error { return c.SetNote("x") }))
	if err != nil || r.Cart.Version != 4 || r.Cart.Lines[0].Price.Minor != 250 || r.Cart.Lines[0].Snapshot.Facts.Vendor != "Lee" || r.Cart.Lines[0].State != cart.OK {
		t.Errorf("a write: %+v, %v", r.Cart, err)
	}
}
