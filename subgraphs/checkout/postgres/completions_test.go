package postgres

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/subgraphs/checkout"
)

// asking is what a buyer says who agrees to the total, with a key.
func asking(c *checkout.Checkout, key string) checkout.Ask {
	k, r := sha256.Sum256([]byte(key)), sha256.Sum256([]byte("the same request"))
	return checkout.Ask{Key: k[:], Request: r[:], Expected: c.Cost.Total}
}

// requested requests the order of a new checkout.
func requested(t *testing.T, db *outbox.DB, owner string) (*checkout.Checkout, *checkout.Completion) {
	t.Helper()
	s := New(db)
	c := ready(t, s, owner, 2)
	completion, own, err := s.Complete(t.Context(), c.UUID, asking(c, "key"), noon)
	must(t, err)
	if !own {
		t.Fatal("the first completion is not that of its key")
	}
	return c, completion
}

// hears lets checkout hear an event about a completion.
func hears(t *testing.T, db *outbox.DB, c *checkout.Completion, service string, data event.Data) {
	t.Helper()
	e := event.New(c.AttemptID(), 1, data, noon)
	for _, source := range Sources(func() time.Time { return noon }) {
		if source.Service != service || source.Handlers[e.Type] == nil {
			continue
		}
		must(t, db.Transact(t.Context(), "test", func(tx *database.Tx) ([]event.Event, error) {
			return source.Handlers[e.Type](t.Context(), tx, e)
		}))
	}
}

// reserved lets product and cart say yes.
func reserved(t *testing.T, db *outbox.DB, c *checkout.Completion) {
	t.Helper()
	hears(t, db, c, "product", event.StockReserved{CompletionID: c.AttemptID()})
	hears(t, db, c, "cart", event.CartFrozen{CompletionID: c.AttemptID()})
}

func completion(t *testing.T, s checkout.Store, id uuid.UUID) *checkout.Completion {
	t.Helper()
	found, err := s.Completions(t.Context(), []uuid.UUID{id})
	must(t, err)
	return found[id]
}

// standing writes the states of a completion and its checkout.
func standing(t *testing.T, s checkout.Store, id uuid.UUID) string {
	t.Helper()
	c := completion(t, s, id)
	checkouts, err := s.Checkouts(t.Context(), []uuid.UUID{c.CheckoutUUID})
	must(t, err)
	text := c.State
	if c.Failure != nil {
		text += " " + c.Failure.Code
	}
	return text + ", " + checkouts[c.CheckoutUUID].State
}

// told lists the events about orders.
func told(t *testing.T, db *outbox.DB) []string {
	t.Helper()
	var types []string
	for _, e := range outboxtest.Events(t, db) {
		if e.Type != "checkout.started.v1" {
			types = append(types, e.Type)
		}
	}
	return types
}

func TestACompletionIsRequestedOnce(t *testing.T) { // Rules O-1, O-4.
	t.Parallel()
	for name, key := range map[string]func(int) string{
		"twenty times one key": func(int) string { return "key" },
		"twenty keys":          func(i int) string { return fmt.Sprint("key", i) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := outboxtest.New(t, Migrations)
			s := New(db)
			c := ready(t, s, "", 1)
			found := make([]uuid.UUID, 20)
			var all sync.WaitGroup
			for i := range found {
				all.Go(func() {
					completion, _, err := s.Complete(t.Context(), c.UUID, asking(c, key(i)), noon)
					if err != nil {
						t.Error(err)
						return
					}
					found[i] = completion.UUID
				})
			}
			all.Wait()
			if slices.ContainsFunc(found, func(id uuid.UUID) bool { return id != found[0] }) {
				t.Errorf("completions %v, want one", found)
			}
			if diff := cmp.Diff([]string{"completion.requested.v1"}, told(t, db)); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheEventOfARequest(t *testing.T) { // Rule O-2, step 1.
	t.Parallel()
	db := outboxtest.New(t, Migrations)
	c, completion := requested(t, db, ada)
	events := outboxtest.Events(t, db)
	got, err := event.Read[event.CompletionRequested](events[len(events)-1])
	must(t, err)
	want := event.CompletionRequested{
		CompletionID: completion.AttemptID(), CheckoutID: c.ID(), CartID: "gid://souk/Cart/" + c.CartUUID.String(), CartVersion: c.CartVersion,
		CurrencyCode: "EUR", PricedAt: c.PricedAt, Lines: c.Demand(),
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got.Lines) != 2 {
		t.Errorf("event (-want +got):\n%s", diff)
	}
	if now := standing(t, New(db), completion.UUID); now != "REQUESTED, PROCESSING" {
		t.Errorf("it is %s", now)
	}
}

func TestKeysOfACart(t *testing.T) { // Rules O-4, G-4.
	t.Parallel()
	db := outboxtest.New(t, Migrations)
	s := New(db)
	c, first := requested(t, db, "")
	complete := func(key string) (*checkout.Completion, bool) {
		t.Helper()
		got, own, err := s.Complete(t.Context(), c.UUID, asking(c, key), noon)
		must(t, err)
		return got, own
	}
	other := asking(c, "key")
	other.Request = []byte("another request")
	if _, _, err := s.Complete(t.Context(), c.UUID, other, noon); code(err) != "IDEMPOTENCY_KEY_REUSED" {
		t.Errorf("the key with another request: %v", err)
	}
	if got, own := complete("key"); got.UUID != first.UUID || !own {
		t.Errorf("the same key: %+v, own %v", got, own)
	}
	if got, own := complete("key 2"); got.UUID != first.UUID || own || got.Ended() {
		t.Errorf("another key while it goes on: %+v, own %v", got, own)
	}
	must(t, s.FailCompletion(t.Context(), first.UUID, checkout.Failure{Code: "PAYMENT_DECLINED"}, noon))
	if got, own := complete("key"); got.UUID != first.UUID || !own || got.Failure.Code != "PAYMENT_DECLINED" {
		t.Errorf("the old key after the failure: %+v, own %v", got, own)
	}
	second, own := complete("key 2")
	if second.UUID == first.UUID || !own || second.State != checkout.Requested {
		t.Errorf("another key after the failure: %+v, own %v", second, own)
	}
	if got, own := complete("key"); got.UUID != first.UUID || !own {
		t.Errorf("the old key while the second goes on: %+v, own %v", got, own)
	}
	placed(t, db, second)
	for key, want := range map[string]uuid.UUID{"key": first.UUID, "key 2": second.UUID, "key 3": second.UUID} {
		if got, _ := complete(key); got.UUID != want || !got.Ended() {
			t.Errorf("%s after the order: %+v, want %v", key, got, want)
		}
	}
	last, err := s.LastCompletions(t.Context(), []uuid.UUID{c.CartUUID, uuid.New()})
	must(t, err)
	if diff := cmp.Diff(map[uuid.UUID]*checkout.Completion{c.CartUUID: completion(t, s, second.UUID)}, last); diff != "" {
		t.Errorf("the last completion of the cart (-want +got):\n%s", diff)
	}
}

// placed takes a completion that was requested to its order.
func placed(t *testing.T, db *outbox.DB, c *checkout.Completion) {
	t.Helper()
	s := New(db)
	reserved(t, db, c)
	if moved, err := s.AuthorizeCompletion(t.Context(), c.UUID, noon); err != nil || !moved {
		t.Fatalf("authorize = %v, %v", moved, err)
	}
	must(t, s.PlaceOrder(t.Context(), c.UUID, checkout.Placement{TokenHash: []byte("hash"), Payment: checkout.Payment{ID: "p1", Status: checkout.PaymentAuthorized, Amount: c.Charge.Amount}}, noon))
}

func code(err error) string {
	faults, _ := fault.Split(err)
	if len(faults) == 0 {
		return ""
	}
	return faults[0].Code
}

func TestWhatStandsAgainstARequestConsumesNothing(t *testing.T) { // Rule O-3.
	t.Parallel()
	db := outboxtest.New(t, Migrations)
	s := New(db)
	c := ready(t, s, "", 1)
	before, err := s.Checkouts(t.Context(), []uuid.UUID{c.UUID})
	must(t, err)
	cents := func(n int64) money.Money { return money.Money{Minor: c.Cost.Total.Minor + n, Currency: "EUR"} }
	for name, x := range map[string]struct {
		change func(*checkout.Ask)
		now    time.Time
		want   string
	}{
		"a lower total was agreed to":  {func(a *checkout.Ask) { a.Expected, a.AcceptLower = cents(-1), true }, noon, "TOTAL_CHANGED"},
		"a higher total was agreed to": {func(a *checkout.Ask) { a.Expected = cents(1) }, noon, "TOTAL_CHANGED"},
		"another currency":             {func(a *checkout.Ask) { a.Expected.Currency = "USD" }, noon, "CURRENCY_MISMATCH"},
		"another payment":              {func(a *checkout.Ask) { a.Session = new(uuid.New()) }, noon, "PAYMENT_SESSION_INVALID"},
		"the prices hold no more":      {func(*checkout.Ask) {}, c.PriceLockedUntil, "CHECKOUT_EXPIRED"},
	} {
		ask := asking(c, "key")
		x.change(&ask)
		if _, _, err := s.Complete(t.Context(), c.UUID, ask, x.now); code(err) != x.want {
			t.Errorf("%s: %v, want %s", name, err, x.want)
		}
	}
	if _, _, err := s.Complete(t.Context(), uuid.New(), asking(c, "key"), noon); code(err) != "NOT_FOUND" {
		t.Errorf("no checkout: %v", err)
	}
	after, err := s.Checkouts(t.Context(), []uuid.UUID{c.UUID})
	must(t, err)
	if diff := cmp.Diff(before, after); diff != "" || len(told(t, db)) > 0 {
		t.Errorf("events %v, checkout (-before +after):\n%s", told(t, db), diff)
	}
	ask := asking(c, "key")
	ask.Expected, ask.AcceptLower, ask.Session = cents(1), true, &c.PaymentSession.UUID
	if got, _, err := s.Complete(t.Context(), c.UUID, ask, noon); err != nil || got.Charge != (checkout.Charge{Gateway: "fakepay", Session: "s1", Amount: cents(0)}) {
		t.Errorf("a lower total that is accepted: %+v, %v", got, err)
	}
}
