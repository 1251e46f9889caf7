package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/launch/launchtest"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/subgraphs/cart"
	"github.com/soukhq/souk/subgraphs/cart/postgres"
)

func TestMain(m *testing.M) { os.Exit(launchtest.Main(m)) }

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// put adds pieces of as many variants as wanted.
func put(variants int) func(*cart.Cart) error {
	offers := cart.Offers{}
	var items []cart.Addition
	for i := range variants {
		v := gid.New()
		offers[v] = &cart.Offer{
			Price: money.Money{Minor: 9_007_199_254_740_993, Currency: "EUR"}, CompareAt: &money.Money{Minor: int64(i), Currency: "EUR"},
			Snapshot: cart.Snapshot{
				Product: gid.New(), Title: "Tëa \"x\" <&>", VariantTitle: "Big", SKU: new("T-1"), Handle: "tea", TaxClass: "standard",
				Image:   &cart.Picture{URL: "tea.jpg", AltText: new("a pot"), Width: new(5)},
				Options: []cart.Option{{Name: "Size", Value: "Big"}}, RequiresShipping: true, Weight: 120, TakenAt: noon,
			},
		}
		items = append(items, cart.Addition{MerchandiseID: gid.Format("ProductVariant", v), Attributes: []cart.Attribute{{Key: "a", Value: "\"b\""}}})
	}
	return func(c *cart.Cart) error { _, err := c.Add(items, offers); return err }
}

// open keeps a new cart with so many lines.
func open(t *testing.T, s cart.Store, lines int) *cart.Cart {
	t.Helper()
	c := cart.Open("EUR", "gid://souk/Customer/1", noon)
	if err := put(lines)(c); err != nil {
		t.Fatal(err)
	}
	if err := s.Insert(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWhatIsKeptIsReadBack(t *testing.T) {
	t.Parallel()
	s := postgres.New(outboxtest.New(t, postgres.Migrations))
	want := open(t, s, 3)
	guest := cart.Open("USD", "", noon)
	if err := s.Insert(t.Context(), guest); err != nil {
		t.Fatal(err)
	}
	got, err := s.ByIDs(t.Context(), []uuid.UUID{want.UUID, guest.UUID, want.UUID, gid.New()})
	if diff := cmp.Diff(map[uuid.UUID]*cart.Cart{want.UUID: want, guest.UUID: guest}, got); err != nil || diff != "" {
		t.Fatalf("ByIDs: %v (-want +got):\n%s", err, diff)
	}
	later := noon.Add(time.Minute)
	want, err = s.Update(t.Context(), want.UUID, later, func(c *cart.Cart) error {
		c.Lines[0].Quantity = 5
		return errors.Join(c.Remove([]string{c.Lines[1].ID()}), put(1)(c), c.SetNote("a note"),
			c.SetAttributes([]cart.Attribute{{Key: "k", Value: "v"}}), c.SetBuyer(cart.BuyerChange{Email: new("a@b.example"), CountryCode: new("DE")}, c.Buyer.Customer, ""))
	})
	if err != nil || want.Version != 2 || !want.UpdatedAt.Equal(later) || len(want.Lines) != 3 || want.Lines[0].Quantity != 5 {
		t.Fatalf("Update = %+v, %v", want, err)
	}
	got, err = s.ByIDs(t.Context(), []uuid.UUID{want.UUID})
	if diff := cmp.Diff(want, got[want.UUID]); err != nil || diff != "" {
		t.Errorf("ByIDs after the update: %v (-want +got):\n%s", err, diff)
	}
}

func TestUpdateThatHasNoEffect(t *testing.T) {
	t.Parallel()
	s := postgres.New(outboxtest.New(t, postgres.Migrations))
	c := open(t, s, 1)
	t.Run("a fault comes with the cart as it is, G-2", func(t *testing.T) {
		got, err := s.Update(t.Context(), c.UUID, noon, func(c *cart.Cart) error {
			return errors.Join(c.SetNote("x"), c.Remove([]string{"none"}))
		})
		if diff := cmp.Diff(c, got); err == nil || diff != "" {
			t.Errorf("Update = %v (-want +got):\n%s", err, diff)
		}
	})
	t.Run("a cart that does not exist", func(t *testing.T) {
		got, err := s.Update(t.Context(), gid.New(), noon, func(*cart.Cart) error { return nil })
		if got != nil || err == nil || !strings.HasPrefix(err.Error(), "CART_NOT_FOUND") {
			t.Errorf("Update = %v, %v", got, err)
		}
	})
	t.Run("nothing is written, C-1", func(t *testing.T) {
		ctx := database.WithCount(t.Context())
		got, err := s.Update(ctx, c.UUID, noon.Add(time.Hour), func(*cart.Cart) error { return nil })
		if diff := cmp.Diff(c, got); err != nil || diff != "" || database.Counted(ctx) != 3 {
			t.Errorf("Update = %v in %d statements (-want +got):\n%s", err, database.Counted(ctx), diff)
		}
	})
}

func TestParallelCommandsRunOneAfterAnother(t *testing.T) { // Rule C-1.
	t.Parallel()
	s := postgres.New(outboxtest.New(t, postgres.Migrations))
	c := open(t, s, 1)
	const callers = 20
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			if _, err := s.Update(t.Context(), c.UUID, noon, func(c *cart.Cart) error { c.Lines[0].Quantity++; return nil }); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got, err := s.ByIDs(t.Context(), []uuid.UUID{c.UUID})
	if err != nil {
		t.Fatal(err)
	}
	if l := got[c.UUID]; l.Lines[0].Quantity != 1+callers || l.Version != 1+callers {
		t.Errorf("quantity %d, version %d, want %d", l.Lines[0].Quantity, l.Version, 1+callers)
	}
}

func TestACartThatOthersHoldIsBusy(t *testing.T) { // Rule C-1.
	t.Parallel()
	db := outboxtest.New(t, postgres.Migrations)
	s := postgres.New(db)
	c := open(t, s, 1)
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
	got, err := s.Update(t.Context(), c.UUID, noon, func(c *cart.Cart) error { return c.SetNote("late") })
	close(done)
	wg.Wait()
	if err == nil || !strings.HasPrefix(err.Error(), "CART_BUSY") || time.Since(started) < 2*time.Second {
		t.Errorf("Update = %v after %v, want CART_BUSY after 2 s", err, time.Since(started))
	}
	if diff := cmp.Diff(c, got); diff != "" {
		t.Errorf("the cart as it is (-want +got):\n%s", diff)
	}
}

func TestStatements(t *testing.T) { // Rule F-4.
	t.Parallel()
	s := postgres.New(outboxtest.New(t, postgres.Migrations))
	for _, lines := range []int{1, 50, 200} {
		t.Run(fmt.Sprint(lines, " lines"), func(t *testing.T) {
			t.Parallel()
			ids := []uuid.UUID{open(t, s, lines).UUID, open(t, s, lines).UUID}
			ctx := database.WithCount(t.Context())
			if _, err := s.ByIDs(ctx, ids); err != nil || database.Counted(ctx) != 1 {
				t.Errorf("ByIDs took %d statements, want 1 (%v)", database.Counted(ctx), err)
			}
			ctx = database.WithCount(t.Context())
			_, err := s.Update(ctx, ids[0], noon, func(c *cart.Cart) error {
				for i := range c.Lines {
					c.Lines[i].Quantity++
				}
				return nil
			})
			if err != nil || database.Counted(ctx) != 6 {
				t.Errorf("Update took %d statements, want 6 (%v)", database.Counted(ctx), err)
			}
		})
	}
}
