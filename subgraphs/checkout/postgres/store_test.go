package postgres

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/idempotency"
	"github.com/soukhq/souk/internal/launch/launchtest"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/internal/paging"
	"github.com/soukhq/souk/subgraphs/checkout"
)

func TestMain(m *testing.M) { os.Exit(launchtest.Main(m)) }

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const ada, bob = "gid://souk/Customer/1", "gid://souk/Customer/2"

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// facts are a cart with so many lines.
func facts(owner string, lines int) checkout.Facts {
	f := checkout.Facts{Version: 3, State: checkout.CartActive, CurrencyCode: "EUR", Customer: owner, CountryCode: "DE", Email: new("a@b.test")}
	for range lines {
		f.Lines = append(f.Lines, checkout.Line{ID: gid.Format("CartLine", gid.New()), Availability: checkout.Available, Goods: checkout.Goods{
			VariantID: gid.Format("ProductVariant", gid.New()), PriceID: gid.New().String(), Quantity: 2,
			UnitPrice: money.Money{Minor: 9_007_199_254_741, Currency: "EUR"}, Title: "Tëa \"x\" <&>", SKU: new("T-1"), TaxClass: "standard",
			Image: &checkout.Image{URL: "http://m.test/t.jpg", Width: new(5)}, SelectedOptions: []checkout.SelectedOption{{Name: "Size", Value: "Big"}},
			Attributes: []checkout.Attribute{{Key: "a", Value: "\"b\""}}, RequiresShipping: true, WeightGrams: 120,
		}})
	}
	return f
}

// begin begins the checkout of a cart, or resumes it.
func begin(ctx context.Context, s checkout.Store, cart uuid.UUID, f checkout.Facts, key idempotency.Key) (*checkout.Checkout, error) {
	shop, err := s.Shop(ctx)
	if err != nil {
		return nil, err
	}
	return s.Begin(ctx, cart, key, noon,
		func() (*checkout.Checkout, error) { return checkout.Begin(cart, f, shop, noon) },
		func(c *checkout.Checkout) error { return c.Resume(f, shop, noon) })
}

// ready keeps a checkout that can be completed.
func ready(t *testing.T, s checkout.Store, owner string, lines int) *checkout.Checkout {
	t.Helper()
	c, err := begin(t.Context(), s, gid.New(), facts(owner, lines), idempotency.Key{})
	must(t, err)
	shop, err := s.Shop(t.Context())
	must(t, err)
	c, err = s.Update(t.Context(), c.UUID, idempotency.Key{}, noon, func(c *checkout.Checkout) error {
		a := checkout.Address{LastName: new("Ada"), Address1: new("Way 1"), City: new("B"), Zip: new("10115"), CountryCode: new("DE")}
		must(t, c.Update(checkout.Change{ShippingAddress: &a, Phone: new("12345")}, shop))
		must(t, c.Begun(checkout.PaymentSession{UUID: gid.New(), Gateway: "fakepay", Reference: "s1", CreatedAt: noon}))
		return c.SelectDelivery([]checkout.Selection{{GroupID: c.DeliveryGroups()[0].ID, OptionHandle: "standard"}}, shop)
	})
	must(t, err)
	return c
}

// place makes an order of a new checkout.
func place(t *testing.T, db *outbox.DB, owner string, lines int) *checkout.Order {
	t.Helper()
	c := ready(t, New(db), owner, lines)
	var o *checkout.Order
	must(t, db.Transact(t.Context(), "test", func(tx *database.Tx) ([]event.Event, error) {
		n, err := nextOrderNumber(t.Context(), tx)
		if err != nil {
			return nil, err
		}
		o = checkout.NewOrder(c, gid.New(), n, noon, checkout.Placement{TokenHash: []byte("hash")})
		return []event.Event{o.Placed()}, insertOrder(t.Context(), tx, o)
	}))
	return o
}

func TestWhatIsKeptIsReadBack(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, Migrations)
	s := New(db)
	c := ready(t, s, ada, 3)
	read, err := s.Checkouts(t.Context(), []uuid.UUID{c.UUID, gid.New(), c.UUID})
	must(t, err)
	if diff := cmp.Diff(map[uuid.UUID]*checkout.Checkout{c.UUID: c}, read); diff != "" {
		t.Errorf("checkout (-kept +read):\n%s", diff)
	}
	for i, owner := range []string{ada, ""} {
		o := place(t, db, owner, 3)
		orders, err := s.Orders(t.Context(), []uuid.UUID{o.UUID, gid.New()})
		must(t, err)
		if diff := cmp.Diff(map[uuid.UUID]*checkout.Order{o.UUID: o}, orders); diff != "" {
			t.Errorf("order (-kept +read):\n%s", diff)
		}
		if o.Serial != 10001+int64(i) || (o.TokenHash == nil) != (owner != "") {
			t.Errorf("order %d has number %d, secret %t; want 10001 and on, and one for a guest (rules O-11, A-5)", i, o.Serial, o.TokenHash != nil)
		}
	}
}

func TestACartHasOneCheckout(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, Migrations)
	s, cart := New(db), gid.New()
	ids := make([]uuid.UUID, 8)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			c, err := begin(t.Context(), s, cart, facts("", 1), idempotency.Key{})
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = c.UUID
		})
	}
	all.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("checkouts %v of one cart, want one", ids)
		}
	}
	started := 0
	for _, e := range outboxtest.Events(t, db) {
		if e.Type == event.TypeOf[event.CheckoutStarted]() && e.Subject == gid.Format("Checkout", ids[0]) {
			started++
		}
	}
	if started != 1 {
		t.Errorf("checkout.started was told %d times, want once", started)
	}
	set := func(state string) {
		_, err := s.Update(t.Context(), ids[0], idempotency.Key{}, noon, func(c *checkout.Checkout) error { c.State = state; return nil })
		must(t, err)
	}
	set(checkout.Processing)
	c, err := begin(t.Context(), s, cart, facts("", 1), idempotency.Key{})
	if faults, other := fault.Split(err); other != nil || len(faults) != 1 || faults[0].Code != "CART_LOCKED" || c == nil || c.UUID != ids[0] {
		t.Errorf("beginning while the order is being placed = %v, %v, want CART_LOCKED and the checkout", c, err)
	}
	set(checkout.Cancelled)
	c, err = begin(t.Context(), s, cart, facts("", 1), idempotency.Key{})
	if err != nil || c.UUID == ids[0] {
		t.Errorf("beginning after giving up = %v, %v, want another checkout", c, err)
	}
}

func TestARepeatedKeyHasNoSecondEffect(t *testing.T) { // Rule G-4.
	t.Parallel()
	db := outboxtest.New(t, Migrations)
	s, cart := New(db), gid.New()
	key := func(request string) idempotency.Key {
		k, err := idempotency.Read(new("checkout-1"), idempotency.Scope{Resource: "cart", Mutation: "checkoutCreate"}, request)
		must(t, err)
		return k
	}
	first, err := begin(t.Context(), s, cart, facts("", 2), key("a"))
	must(t, err)
	again, err := begin(t.Context(), s, cart, checkout.Facts{State: "COMPLETED"}, key("a"))
	if err != nil || again.UUID != first.UUID || again.Version != first.Version {
		t.Errorf("the repeated call = %+v, %v, want the checkout as it was", again, err)
	}
	_, err = begin(t.Context(), s, cart, facts("", 2), key("b"))
	if faults, _ := fault.Split(err); len(faults) != 1 || faults[0].Code != "IDEMPOTENCY_KEY_REUSED" {
		t.Errorf("the key for another request = %v, want IDEMPOTENCY_KEY_REUSED", err)
	}
	n := 0
	change := func(c *checkout.Checkout) error {
		n++
		return fault.New("DELIVERY_OPTION_UNAVAILABLE", "No.")
	}
	k, err := idempotency.Read(new("checkout-2"), idempotency.Scope{Resource: "checkout", Mutation: "x"})
	must(t, err)
	for range 2 {
		c, err := s.Update(t.Context(), first.UUID, k, noon, change)
		if faults, _ := fault.Split(err); len(faults) != 1 || faults[0].Code != "DELIVERY_OPTION_UNAVAILABLE" || c == nil {
			t.Errorf("a refused change = %v, %v, want the fault and the checkout each time", c, err)
		}
	}
	if n != 1 {
		t.Errorf("the change ran %d times, want once", n)
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, Migrations)
	s := New(db)
	c := ready(t, s, "", 1)
	if _, err := s.Update(t.Context(), gid.New(), idempotency.Key{}, noon, func(*checkout.Checkout) error { return nil }); err == nil || !strings.Contains(err.Error(), "NOT_FOUND") {
		t.Errorf("a checkout that is not there: %v, want NOT_FOUND", err)
	}
	const rivals = 8
	var all sync.WaitGroup
	for range rivals {
		all.Go(func() {
			_, err := s.Update(t.Context(), c.UUID, idempotency.Key{}, noon, func(c *checkout.Checkout) error {
				c.Email = new(fmt.Sprint(c.Version))
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	read, err := s.Checkouts(t.Context(), []uuid.UUID{c.UUID})
	must(t, err)
	if got := read[c.UUID].Version; got != c.Version+rivals {
		t.Errorf("version %d after %d changes of version %d: one was lost", got, rivals, c.Version)
	}
}

// TestStatementsDoNotGrow counts statements with 1 and with 50 lines, and with 1 and 50 of a kind (rules F-4, F-5).
func TestStatementsDoNotGrow(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, Migrations)
	s := New(db)
	counted := func(work func(context.Context) error) int64 {
		ctx := database.WithCount(t.Context())
		must(t, work(ctx))
		return int64(database.Counted(ctx))
	}
	var checkouts, orders []uuid.UUID
	for i := range 50 {
		checkouts = append(checkouts, ready(t, s, "", 1+49*(i%2)).UUID)
		orders = append(orders, place(t, db, ada, 1+49*(i%2)).UUID)
	}
	for name, work := range map[string]func(context.Context, int) error{
		"begin": func(ctx context.Context, n int) error {
			_, err := begin(ctx, s, gid.New(), facts("", n), idempotency.Key{})
			return err
		},
		"update": func(ctx context.Context, n int) error {
			_, err := s.Update(ctx, checkouts[n/50], idempotency.Key{}, noon, func(c *checkout.Checkout) error { c.Email = new(fmt.Sprint(n)); return nil })
			return err
		},
		"checkouts": func(ctx context.Context, n int) error { _, err := s.Checkouts(ctx, checkouts[:n]); return err },
		"orders":    func(ctx context.Context, n int) error { _, err := s.Orders(ctx, orders[:n]); return err },
		"history": func(ctx context.Context, n int) error {
			_, err := s.OrdersOf(ctx, ada, false, paging.Args{First: &n})
			return err
		},
	} {
		one := counted(func(ctx context.Context) error { return work(ctx, 1) })
		fifty := counted(func(ctx context.Context) error { return work(ctx, 50) })
		if one != fifty || one == 0 {
			t.Errorf("%s takes %d statements for 1 and %d for 50", name, one, fifty)
		}
	}
}
