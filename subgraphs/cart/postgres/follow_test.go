package postgres_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/idempotency"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/subgraphs/cart"
	"github.com/soukhq/souk/subgraphs/cart/postgres"
)

// attempt is one to make an order of a cart, as checkout tells of it.
type attempt struct {
	id, cart string
	version  int
}

func (a attempt) requested() event.Event {
	return event.New(a.id, 1, event.CompletionRequested{CompletionID: a.id, CartID: a.cart, CartVersion: a.version}, noon)
}

func (a attempt) failed() event.Event {
	return event.New(a.id, 2, event.CompletionFailed{CompletionID: a.id, CartID: a.cart}, noon)
}

func (a attempt) placed() event.Event {
	return event.New("gid://souk/Order/1", 1, event.OrderPlaced{OrderID: "gid://souk/Order/1", CompletionID: a.id, CartID: a.cart}, noon)
}

func attemptAt(c *cart.Cart) attempt {
	return attempt{gid.Format("CheckoutCompletion", gid.New()), gid.Format("Cart", c.UUID), c.Version}
}

// answers writes what is told of attempts, without what is told of carts.
func answers(events []event.Event) string {
	var texts []string
	for _, e := range events {
		if e.Type != event.TypeOf[event.CartUpdated]() {
			texts = append(texts, fmt.Sprint(strings.TrimSuffix(e.Type, ".v1"), " ", e.AggregateVersion))
		}
	}
	return strings.Join(texts, ", ")
}

// TestAnAttemptThroughTheDatabase asserts rules O-2, O-2f, C-10; what is said twice has one effect.
func TestAnAttemptThroughTheDatabase(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, postgres.Migrations)
	s, p := postgres.New(db), product(1)
	tell(t, db, uuid.Nil, state(t, p))
	c := open(t, s, additions(p)...)
	note := func() string {
		_, err := s.Update(t.Context(), c.UUID, at(noon), change(func(c *cart.Cart) error { return c.SetNote(gid.New().String()) }))
		if err == nil {
			return ""
		}
		code, _, _ := strings.Cut(err.Error(), " ")
		return strings.TrimSuffix(code, ":")
	}
	one, two, wrong := attemptAt(c), attemptAt(c), attemptAt(c)
	wrong.version = 7
	for i, step := range []struct {
		event event.Event
		want  string
		write string // what a write answers afterwards
	}{
		{wrong.requested(), "cart.rejected 1", "-"},
		{one.requested(), "cart.frozen 1", "CART_LOCKED"},
		{one.requested(), "", "CART_LOCKED"},
		{two.requested(), "cart.rejected 1", "CART_LOCKED"},
		{two.failed(), "", "CART_LOCKED"},
		{attempt{id: one.id}.failed(), "", "CART_LOCKED"}, // Checkout knows no more of which cart it was.
		{one.failed(), "cart.thawed 2", "-"},
		{one.failed(), "", "-"},
		{one.requested(), "", "-"},
	} {
		if diff := cmp.Diff(step.want, answers(hear(t, db, uuid.Nil, step.event))); diff != "" {
			t.Errorf("step %d (-want +got):\n%s", i, diff)
		}
		if step.write != "-" && note() != step.write {
			t.Errorf("step %d: a write does not answer %s", i, step.write)
		}
	}
	if got := read(t, s, c.UUID, noon); got.State != cart.Active || got.Version != 1 || got.Revision != 3 {
		t.Fatalf("the cart is %s in version %d, revision %d", got.State, got.Version, got.Revision)
	}
	three := attemptAt(c)
	got := []string{answers(hear(t, db, uuid.Nil, three.requested())), answers(hear(t, db, uuid.Nil, one.failed())), answers(hear(t, db, uuid.Nil, one.placed())), note()}
	if diff := cmp.Diff([]string{"cart.frozen 1", "", "", "CART_LOCKED"}, got); diff != "" {
		t.Errorf("a late end of the first attempt (-want +got):\n%s", diff)
	}
	got = []string{answers(hear(t, db, uuid.Nil, three.placed())), answers(hear(t, db, uuid.Nil, three.placed())), note(), answers(hear(t, db, uuid.Nil, attemptAt(c).requested()))}
	if diff := cmp.Diff([]string{"cart.completed 2", "", "CART_COMPLETED", "cart.rejected 1"}, got); diff != "" {
		t.Errorf("an order (-want +got):\n%s", diff)
	}
	if got := read(t, s, c.UUID, noon); got.State != cart.Completed || got.Version != 1 || len(got.Lines) != 1 {
		t.Errorf("the cart is %+v, want it to be read as it was ordered", got)
	}
	late := attemptAt(open(t, s))
	if a, b := answers(hear(t, db, uuid.Nil, late.failed())), answers(hear(t, db, uuid.Nil, late.requested())); a != "" || b != "cart.rejected 1" {
		t.Errorf("a request after its failure: %q, %q", a, b)
	}
}

// TestWriteAndFreezeInParallel holds that a cart is frozen in the version that was asked for, or not at all.
func TestWriteAndFreezeInParallel(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, postgres.Migrations)
	s := postgres.New(db)
	for range 20 {
		c := open(t, s)
		a := attemptAt(c)
		var written error
		var told string
		var wg sync.WaitGroup
		wg.Go(func() {
			_, written = s.Update(t.Context(), c.UUID, at(noon), change(func(c *cart.Cart) error { return c.SetNote("x") }))
		})
		wg.Go(func() { told = answers(hear(t, db, uuid.Nil, a.requested())) })
		wg.Wait()
		got := read(t, s, c.UUID, noon)
		frozen := told == "cart.frozen 1" && got.State == cart.Locked && got.Version == 1 && written != nil && strings.HasPrefix(written.Error(), "CART_LOCKED")
		refused := told == "cart.rejected 1" && got.State == cart.Active && got.Version == 2 && written == nil
		if !frozen && !refused {
			t.Fatalf("told %q, write %v, cart %s in version %d", told, written, got.State, got.Version)
		}
	}
}

// keyed is a command with an idempotency key.
func keyed(t *testing.T, key string, request any) cart.Command {
	t.Helper()
	k, err := idempotency.Read(&key, idempotency.Scope{Resource: "gid://souk/Cart/1", Mutation: "test"}, request)
	if err != nil {
		t.Fatal(err)
	}
	do := at(noon)
	do.Key = k
	return do
}

// TestKeys asserts rule G-4.
func TestKeys(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, postgres.Migrations)
	s, p := postgres.New(db), product(1)
	tell(t, db, uuid.Nil, state(t, p))
	c := open(t, s, additions(p)...)
	update := func(do cart.Command, f func(*cart.Cart) error) (cart.Result, error) {
		return s.Update(t.Context(), c.UUID, do, func(c *cart.Cart, _ cart.Offers) ([]cart.Warning, error) {
			return []cart.Warning{{Code: "W", Target: "x"}}, f(c)
		})
	}
	more := func(c *cart.Cart) error { c.Lines[0].Quantity++; return nil }
	t.Run("a repeated command has no effect", func(t *testing.T) {
		for range 3 {
			r, err := update(keyed(t, "same key", 1), more)
			if err != nil || r.Cart.Lines[0].Quantity != 2 || len(r.Warnings) != 1 {
				t.Errorf("Update = %+v, %v", r, err)
			}
		}
	})
	t.Run("another request", func(t *testing.T) {
		if _, err := update(keyed(t, "same key", 2), more); err == nil || !strings.HasPrefix(err.Error(), "IDEMPOTENCY_KEY_REUSED") {
			t.Errorf("Update = %v", err)
		}
	})
	t.Run("what the state of things forbade stays forbidden", func(t *testing.T) {
		for _, f := range []func(*cart.Cart) error{func(c *cart.Cart) error { return c.Expect(new(99)) }, more} {
			r, err := update(keyed(t, "forbidden", 1), f)
			if err == nil || !strings.HasPrefix(err.Error(), "CART_VERSION_CONFLICT") || r.Cart == nil || r.Cart.Lines[0].Quantity != 2 {
				t.Errorf("Update = %+v, %v", r, err)
			}
		}
	})
	t.Run("input that is wrong does not use a key up", func(t *testing.T) {
		if _, err := update(keyed(t, "wrong input", 1), func(c *cart.Cart) error { return c.SetNote("\x00") }); err == nil {
			t.Error("Update took a note that cannot be kept")
		}
		if r, err := update(keyed(t, "wrong input", 1), more); err != nil || r.Cart.Lines[0].Quantity != 3 {
			t.Errorf("Update = %+v, %v", r, err)
		}
	})
	t.Run("parallel commands with one key", func(t *testing.T) {
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if _, err := update(keyed(t, "parallel", 1), more); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := read(t, s, c.UUID, noon); got.Lines[0].Quantity != 4 {
			t.Errorf("%d pieces, want 4", got.Lines[0].Quantity)
		}
	})
	t.Run("one cart is opened", func(t *testing.T) {
		var ids []uuid.UUID
		for range 2 {
			r, err := s.Create(t.Context(), keyed(t, "open one", 1), func(cart.Offers) (*cart.Cart, []cart.Warning, error) { return cart.Open("EUR", "", noon), nil, nil })
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, r.Cart.UUID)
		}
		if ids[0] != ids[1] || len(outboxtest.Events(t, db)) != 5 {
			t.Errorf("carts %v, %d events, want one cart and 5 events", ids, len(outboxtest.Events(t, db)))
		}
	})
}
