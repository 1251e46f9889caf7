package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/subgraphs/cart"
	"github.com/soukhq/souk/subgraphs/cart/postgres"
)

func TestWhatIsKeptIsReadBack(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, postgres.Migrations)
	s, p := postgres.New(db), product(4)
	tell(t, db, uuid.Nil, state(t, p))
	want := open(t, s, additions(p)[:3]...)
	guest := open(t, s)
	got, err := s.ByIDs(t.Context(), []uuid.UUID{want.UUID, guest.UUID, want.UUID, gid.New()}, noon)
	if diff := cmp.Diff(map[uuid.UUID]*cart.Cart{want.UUID: want, guest.UUID: guest}, got); err != nil || diff != "" {
		t.Fatalf("ByIDs: %v (-want +got):\n%s", err, diff)
	}
	later, more := noon.Add(time.Minute), additions(p)[3:]
	r, err := s.Update(t.Context(), want.UUID, at(later, more...), func(c *cart.Cart, offers cart.Offers) ([]cart.Warning, error) {
		c.Lines[0].Quantity = 5
		warnings, err := c.Add(more, offers)
		return warnings, errors.Join(err, c.Remove([]string{c.Lines[1].ID()}), c.SetNote("a note"), c.SetAttributes([]cart.Attribute{{Key: "k", Value: "v"}}),
			c.SetBuyer(cart.BuyerChange{Email: new("a@b.example"), CountryCode: new("DE")}, c.Buyer.Customer, ""))
	})
	want = r.Cart
	if err != nil || want.Version != 2 || want.Revision != 2 || !want.UpdatedAt.Equal(later) || len(want.Lines) != 3 || want.Lines[0].Quantity != 5 {
		t.Fatalf("Update = %+v, %v", want, err)
	}
	if diff := cmp.Diff(want, read(t, s, want.UUID, later)); diff != "" {
		t.Errorf("ByIDs after the update (-want +got):\n%s", diff)
	}
	var told []string
	for _, e := range outboxtest.Events(t, db) {
		u, err := event.Read[event.CartUpdated](e)
		if err != nil || u.CartID != e.Subject || strings.Contains(e.Subject, "?") {
			t.Errorf("event %+v, %v", e, err)
		}
		told = append(told, fmt.Sprintf("%t %d %d %s", e.Subject == gid.Format("Cart", want.UUID), e.AggregateVersion, u.Version, u.State))
	}
	if diff := cmp.Diff([]string{"true 1 1 ACTIVE", "false 1 1 ACTIVE", "true 2 2 ACTIVE"}, told); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestUpdateThatHasNoEffect(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, postgres.Migrations)
	s, p := postgres.New(db), product(1)
	tell(t, db, uuid.Nil, state(t, p))
	c := open(t, s, additions(p)...)
	t.Run("a fault comes with the cart as it is, G-2", func(t *testing.T) {
		got, err := s.Update(t.Context(), c.UUID, at(noon), change(func(c *cart.Cart) error {
			return errors.Join(c.SetNote("x"), c.Remove([]string{"none"}))
		}))
		if diff := cmp.Diff(c, got.Cart); err == nil || diff != "" {
			t.Errorf("Update = %v (-want +got):\n%s", err, diff)
		}
	})
	t.Run("a cart that does not exist", func(t *testing.T) {
		got, err := s.Update(t.Context(), gid.New(), at(noon), change(func(*cart.Cart) error { return nil }))
		if got.Cart != nil || err == nil || !strings.HasPrefix(err.Error(), "CART_NOT_FOUND") {
			t.Errorf("Update = %v, %v", got, err)
		}
	})
	t.Run("nothing is written, C-1", func(t *testing.T) {
		ctx := database.WithCount(t.Context())
		got, err := s.Update(ctx, c.UUID, at(noon.Add(time.Minute)), change(func(*cart.Cart) error { return nil }))
		if err != nil || got.Cart.Version != 1 || !got.Cart.UpdatedAt.Equal(noon) || database.Counted(ctx) != 4 {
			t.Errorf("Update = %+v, %v in %d statements", got.Cart, err, database.Counted(ctx))
		}
	})
	if n := len(outboxtest.Events(t, db)); n != 1 {
		t.Errorf("%d events, want that of the opening", n)
	}
}

func TestParallelCommandsRunOneAfterAnother(t *testing.T) { // Rule C-1.
	t.Parallel()
	db := outboxtest.New(t, postgres.Migrations)
	s, p := postgres.New(db), product(1)
	tell(t, db, uuid.Nil, state(t, p))
	c := open(t, s, additions(p)...)
	const callers = 20
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			if _, err := s.Update(t.Context(), c.UUID, at(noon), change(func(c *cart.Cart) error { c.Lines[0].Quantity++; return nil })); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if l := read(t, s, c.UUID, noon); l.Lines[0].Quantity != 1+callers || l.Version != 1+callers {
		t.Errorf("quantity %d, version %d, want %d", l.Lines[0].Quantity, l.Version, 1+callers)
	}
}

func TestACartThatOthersHoldIsBusy(t *testing.T) { // Rule C-1.
	t.Parallel()
	db := outboxtest.New(t, postgres.Migrations)
	s := postgres.New(db)
	c := open(t, s)
	held, done := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		err := db.DB.Transact(context.WithoutCancel(t.Context()), func(tx *database.Tx) error {
			_, err := tx.Exec(t.Context(), `SELECT FROM carts WHERE id = $1 FOR UPDATE`, c.UUID.String())
			close(held)
			<-done
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-held
	started := time.Now()
	got, err := s.Update(t.Context(), c.UUID, at(noon), change(func(c *cart.Cart) error { return c.SetNote("late") }))
	close(done)
	wg.Wait()
	if err == nil || !strings.HasPrefix(err.Error(), "CART_BUSY") || time.Since(started) < 2*time.Second {
		t.Errorf("Update = %v after %v, want CART_BUSY after 2 s", err, time.Since(started))
	}
	if diff := cmp.Diff(c, got.Cart); diff != "" {
		t.Errorf("the cart as it is (-want +got):\n%s", diff)
	}
}

func TestStatements(t *testing.T) { // Rule F-4.
	t.Parallel()
	db := outboxtest.New(t, postgres.Migrations)
	s, p := postgres.New(db), product(200)
	tell(t, db, uuid.Nil, state(t, p))
	for _, lines := range []int{1, 50, 200} {
		t.Run(fmt.Sprint(lines, " lines"), func(t *testing.T) {
			t.Parallel()
			ids := []uuid.UUID{open(t, s, additions(p)[:lines]...).UUID, open(t, s, additions(p)[:lines]...).UUID}
			ctx := database.WithCount(t.Context())
			if _, err := s.ByIDs(ctx, ids, noon); err != nil || database.Counted(ctx) != 2 {
				t.Errorf("ByIDs took %d statements, want 2 (%v)", database.Counted(ctx), err)
			}
			ctx = database.WithCount(t.Context())
			_, err := s.Update(ctx, ids[0], at(noon), change(func(c *cart.Cart) error {
				for i := range c.Lines {
					c.Lines[i].Quantity++
				}
				return nil
			}))
			if err != nil || database.Counted(ctx) != 8 {
				t.Errorf("Update took %d statements, want 8 (%v)", database.Counted(ctx), err)
			}
		})
	}
}

// TestReadingWritesNothing asserts rules P-6 and O-2d: a cart shows what things cost now, and stays in its version.
func TestReadingWritesNothing(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, postgres.Migrations)
	s, p := postgres.New(db), product(1)
	end := noon.Add(time.Minute)
	first := &p.Variants[0].Prices[0]
	first.ValidUntil = &end
	p.Variants[0].Prices = append(p.Variants[0].Prices, event.Price{PriceID: gid.New().String(), CurrencyCode: "EUR", Amount: "2.00", ValidFrom: end})
	tell(t, db, uuid.Nil, state(t, p))
	c := open(t, s, additions(p)...)
	for now, want := range map[time.Time]int64{noon: 250, end.Add(-time.Microsecond): 250, end: 200, end.Add(time.Hour): 200} {
		if got := read(t, s, c.UUID, now); got.Lines[0].Price.Minor != want || got.Version != 1 || got.Revision != 1 || got.Lines[0].State != cart.OK {
			t.Errorf("at %v the cart is %+v, want a price of %d", now, got, want)
		}
	}
	if n := len(outboxtest.Events(t, db)); n != 1 {
		t.Errorf("%d events, want that of the opening", n)
	}
	r, err := s.Update(t.Context(), c.UUID, at(end), change(func(c *cart.Cart) error { return c.SetNote("x") }))
	if err != nil || r.Cart.Lines[0].Price.Minor != 200 || r.Cart.Version != 2 || !r.Cart.Lines[0].PricedAt.Equal(end) {
		t.Errorf("a write takes the price that holds: %+v, %v", r.Cart, err)
	}
}
