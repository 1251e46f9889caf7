package postgres

import (
	"crypto/sha256"
	"errors"
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
		if source.Service != service {
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
	must(t, s.PlaceOrder(t.Context(), c.UUID, checkout.Placement{TokenHash: []byte("hash"), PaymentID: "p1"}, noon))
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

func TestRepliesMakeACompletionReservedOrFailed(t *testing.T) { // Rules O-2 step 3, O-2a.
	t.Parallel()
	yes := map[string]event.Data{"product": event.StockReserved{}, "cart": event.CartFrozen{}}
	for name, c := range map[string]struct {
		replies []string
		no      map[string]event.Data
		want    string
	}{
		"one yes":           {[]string{"product"}, nil, "REQUESTED, PROCESSING"},
		"twice the same":    {[]string{"cart", "cart"}, nil, "REQUESTED, PROCESSING"},
		"both":              {[]string{"cart", "product"}, nil, "RESERVED, PROCESSING"},
		"out of stock":      {[]string{"product"}, map[string]event.Data{"product": event.StockRejected{Lines: []event.RejectedVariant{{Reason: "OUT_OF_STOCK"}}}}, "FAILED OUT_OF_STOCK, OPEN"},
		"changed cart":      {[]string{"product", "cart"}, map[string]event.Data{"cart": event.CartRejected{Code: "CART_CHANGED"}}, "FAILED CART_CHANGED, OPEN"},
		"a yes after a no":  {[]string{"cart", "product"}, map[string]event.Data{"cart": event.CartRejected{Code: "CART_LOCKED"}}, "FAILED CART_LOCKED, OPEN"},
		"a no after a no":   {[]string{"cart", "product"}, map[string]event.Data{"cart": event.CartRejected{Code: "CART_LOCKED"}, "product": event.StockRejected{}}, "FAILED CART_LOCKED, OPEN"},
		"a no after a yes":  {[]string{"cart", "product"}, map[string]event.Data{"product": event.StockRejected{Lines: []event.RejectedVariant{{Reason: "UNAVAILABLE"}}}}, "FAILED MERCHANDISE_UNAVAILABLE, OPEN"},
		"both, and so on":   {[]string{"cart", "product", "cart", "product"}, nil, "RESERVED, PROCESSING"},
		"a no that is late": {[]string{"cart", "product", "late"}, map[string]event.Data{"late": event.StockRejected{}}, "RESERVED, PROCESSING"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := outboxtest.New(t, Migrations)
			_, completion := requested(t, db, "")
			for _, service := range c.replies {
				data := yes[service]
				if no := c.no[service]; no != nil {
					data = no
				}
				if service == "late" {
					service = "product"
				}
				hears(t, db, completion, service, data)
			}
			if got := standing(t, New(db), completion.UUID); got != c.want {
				t.Errorf("it is %s, want %s", got, c.want)
			}
		})
	}
}

func TestRepliesThatAreForNobody(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, Migrations)
	hears(t, db, &checkout.Completion{UUID: uuid.New()}, "cart", event.CartFrozen{}) // Of a database that was restored.
	for _, source := range Sources(time.Now) {
		for kind, handler := range source.Handlers {
			e := event.Event{Type: kind, Subject: "gid://souk/Cart/1", Data: []byte("{}")}
			err := db.Transact(t.Context(), "test", func(tx *database.Tx) ([]event.Event, error) { return handler(t.Context(), tx, e) })
			if err == nil || database.Transient(err) {
				t.Errorf("%s about a cart: %v, want an error of the event", kind, err)
			}
		}
	}
}

func TestAnOrderIsPlacedOnce(t *testing.T) { // Rules O-1, O-2 step 4, A-5.
	t.Parallel()
	for _, owner := range []string{"", ada} {
		db := outboxtest.New(t, Migrations)
		s := New(db)
		c, requested := requested(t, db, owner)
		early := s.PlaceOrder(t.Context(), requested.UUID, checkout.Placement{}, noon)
		if early != nil || standing(t, s, requested.UUID) != "REQUESTED, PROCESSING" {
			t.Errorf("too early: %v, %s", early, standing(t, s, requested.UUID))
		}
		placed(t, db, requested)
		must(t, s.PlaceOrder(t.Context(), requested.UUID, checkout.Placement{}, noon))
		must(t, s.FailCompletion(t.Context(), requested.UUID, checkout.Failure{Code: "PAYMENT_DECLINED"}, noon))
		hears(t, db, requested, "product", event.StockRejected{})
		if got := standing(t, s, requested.UUID); got != "PLACED, COMPLETED" {
			t.Errorf("it is %s", got)
		}
		if diff := cmp.Diff([]string{"completion.requested.v1", "order.placed.v1"}, told(t, db)); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		id := *completion(t, s, requested.UUID).OrderUUID
		orders, err := s.Orders(t.Context(), []uuid.UUID{id})
		must(t, err)
		o := orders[id]
		if o == nil || o.CompletionUUID != requested.UUID || o.CheckoutUUID != c.UUID || len(o.Lines) != 2 || o.Payment.Authorized != c.Cost.Total.Minor {
			t.Fatalf("the order is %+v", o)
		}
		if opens := string(o.TokenHash) == "hash"; opens != (owner == "") {
			t.Errorf("the order of %q opens with a secret: %v", owner, opens)
		}
		if err := s.CancelCheckout(t.Context(), c.UUID, noon); code(err) != "INVALID_STATE" {
			t.Errorf("cancel after the order: %v", err)
		}
	}
}

func TestCancel(t *testing.T) { // Rule O-2c.
	t.Parallel()
	for name, c := range map[string]struct {
		before func(*testing.T, *outbox.DB, *checkout.Completion)
		want   string
	}{
		"REQUESTED": {func(*testing.T, *outbox.DB, *checkout.Completion) {}, "FAILED PAYMENT_CANCELLED, CANCELLED"},
		"RESERVED":  {reserved, "FAILED PAYMENT_CANCELLED, CANCELLED"},
		"AUTHORIZING": {func(t *testing.T, db *outbox.DB, c *checkout.Completion) {
			reserved(t, db, c)
			_, err := New(db).AuthorizeCompletion(t.Context(), c.UUID, noon)
			must(t, err)
		}, "AUTHORIZING, PROCESSING"},
		"FAILED": {func(t *testing.T, db *outbox.DB, c *checkout.Completion) {
			must(t, New(db).FailCompletion(t.Context(), c.UUID, checkout.Failure{Code: "PAYMENT_DECLINED"}, noon))
		}, "FAILED PAYMENT_DECLINED, CANCELLED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := outboxtest.New(t, Migrations)
			s := New(db)
			_, completion := requested(t, db, "")
			c.before(t, db, completion)
			for range 2 { // The second changes nothing.
				must(t, s.CancelCheckout(t.Context(), completion.CheckoutUUID, noon))
				if got := standing(t, s, completion.UUID); got != c.want {
					t.Errorf("it is %s, want %s", got, c.want)
				}
			}
			if err := s.PlaceOrder(t.Context(), completion.UUID, checkout.Placement{}, noon); name == "AUTHORIZING" != errors.Is(err, checkout.ErrCancelled) {
				t.Errorf("place = %v", err)
			}
			must(t, s.FailCompletion(t.Context(), completion.UUID, checkout.Failure{Code: "PAYMENT_DECLINED"}, noon))
			if got := standing(t, s, completion.UUID); name == "AUTHORIZING" && got != "FAILED PAYMENT_DECLINED, CANCELLED" {
				t.Errorf("in the end it is %s", got)
			}
		})
	}
}

func TestACheckoutWithoutCompletionIsCancelled(t *testing.T) {
	t.Parallel()
	s := New(outboxtest.New(t, Migrations))
	c := ready(t, s, "", 1)
	must(t, s.CancelCheckout(t.Context(), c.UUID, noon))
	must(t, s.CancelCheckout(t.Context(), c.UUID, noon))
	checkouts, err := s.Checkouts(t.Context(), []uuid.UUID{c.UUID})
	must(t, err)
	if got := checkouts[c.UUID]; got.State != checkout.Cancelled || got.Version != c.Version+1 {
		t.Errorf("it is %s in version %d, want CANCELLED in %d", got.State, got.Version, c.Version+1)
	}
	if _, _, err := s.Complete(t.Context(), c.UUID, asking(c, "key"), noon); code(err) != "INVALID_STATE" {
		t.Errorf("complete after that: %v", err)
	}
	if err := s.CancelCheckout(t.Context(), uuid.New(), noon); code(err) != "NOT_FOUND" {
		t.Errorf("no checkout: %v", err)
	}
}

func TestDeadline(t *testing.T) { // Rule O-2b.
	t.Parallel()
	db := outboxtest.New(t, Migrations)
	s := New(db)
	_, waiting := requested(t, db, "")
	_, answered := requested(t, db, "")
	reserved(t, db, answered)
	for i, after := range []time.Duration{checkout.CompletionDeadline - time.Second, checkout.CompletionDeadline, checkout.CompletionDeadline} {
		n, err := s.ExpireCompletions(t.Context(), noon.Add(after), 10)
		must(t, err)
		if want := []int{0, 1, 0}[i]; n != want {
			t.Errorf("%d: %d ended after %v, want %d", i, n, after, want)
		}
	}
	if a, b := standing(t, s, waiting.UUID), standing(t, s, answered.UUID); a != "FAILED COMPLETION_TIMED_OUT, OPEN" || b != "RESERVED, PROCESSING" {
		t.Errorf("they are %s and %s", a, b)
	}
}

func TestLeases(t *testing.T) { // Rule O-8.
	t.Parallel()
	db := outboxtest.New(t, Migrations)
	s := New(db)
	_, c := requested(t, db, "")
	lease := func(owner string, after time.Duration) int {
		t.Helper()
		now := noon.Add(after)
		leased, err := s.LeaseCompletions(t.Context(), owner, now, now.Add(30*time.Second), 10)
		must(t, err)
		return len(leased)
	}
	if n := lease("a", 0); n != 0 {
		t.Errorf("%d completions were leased that are REQUESTED", n)
	}
	reserved(t, db, c)
	for i, x := range []struct {
		owner string
		after time.Duration
		want  int
	}{{"a", 0, 1}, {"b", 29 * time.Second, 0}, {"b", 30 * time.Second, 1}, {"a", 59 * time.Second, 0}} {
		if n := lease(x.owner, x.after); n != x.want {
			t.Errorf("%d: %s leased %d after %v, want %d", i, x.owner, n, x.after, x.want)
		}
	}
	must(t, s.DropLeases(t.Context(), "a"))
	if n := lease("a", 31*time.Second); n != 0 {
		t.Error("the lease of another was dropped")
	}
	must(t, s.DropLeases(t.Context(), "b"))
	if n := lease("a", 31*time.Second); n != 1 {
		t.Error("a lease that was dropped is held")
	}
	must(t, s.PostponeCompletion(t.Context(), c.UUID, noon.Add(40*time.Second)))
	if lease("a", 39*time.Second) != 0 || lease("a", 40*time.Second) != 1 || completion(t, s, c.UUID).Tries != 1 {
		t.Error("a completion that was postponed is taken too early or too late")
	}
	must(t, s.FailCompletion(t.Context(), c.UUID, checkout.Failure{Code: "PAYMENT_DECLINED"}, noon))
	if n := lease("a", time.Hour); n != 0 {
		t.Error("a completion that ended was leased")
	}
}

// TestTwoWorkersLeaseNothingTwice has many ask at once.
func TestTwoWorkersLeaseNothingTwice(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, Migrations)
	s := New(db)
	for range 6 {
		_, c := requested(t, db, "")
		reserved(t, db, c)
	}
	leased := make([][]*checkout.Completion, 8)
	var all sync.WaitGroup
	for i := range leased {
		all.Go(func() {
			var err error
			if leased[i], err = s.LeaseCompletions(t.Context(), fmt.Sprint(i), noon, noon.Add(time.Minute), 2); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	owners := map[uuid.UUID]int{}
	for _, l := range leased {
		for _, c := range l {
			owners[c.UUID]++
		}
	}
	for id, n := range owners {
		if n != 1 {
			t.Errorf("%d workers have %v", n, id)
		}
	}
}

func TestStatementsOfCompletions(t *testing.T) { // Rule F-4.
	t.Parallel()
	db := outboxtest.New(t, Migrations)
	s := New(db)
	var carts []uuid.UUID
	for range 3 {
		c, _ := requested(t, db, "")
		carts = append(carts, c.CartUUID)
	}
	for _, n := range []int{1, 3} {
		ctx := database.WithCount(t.Context())
		if found, err := s.LastCompletions(ctx, carts[:n]); err != nil || len(found) != n || database.Counted(ctx) != 1 {
			t.Errorf("%d carts: %d completions in %d statements, %v", n, len(found), database.Counted(ctx), err)
		}
	}
}
