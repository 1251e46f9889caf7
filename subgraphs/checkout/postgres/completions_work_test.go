package postgres

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/event/eventtest"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/subgraphs/checkout"
)

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

// TestForgottenCompletions lets services answer completions that a restored database does not know: each that said yes is told
// once that no order comes of it, and so frees what it holds.
func TestForgottenCompletions(t *testing.T) { // Rule O-2.
	t.Parallel()
	const cart = "gid://souk/Cart/019a0000-0000-7000-8000-000000000001"
	for name, c := range map[string]struct {
		heard []event.Data
		want  []event.CompletionFailed
	}{
		"product, then cart": {[]event.Data{event.StockReserved{}, event.CartFrozen{CartID: cart}}, []event.CompletionFailed{{}, {CartID: cart}}},
		"cart, then product": {[]event.Data{event.CartFrozen{CartID: cart}, event.StockReserved{}}, []event.CompletionFailed{{CartID: cart}, {}}},
		"each twice":         {[]event.Data{event.StockReserved{}, event.StockReserved{}, event.CartFrozen{CartID: cart}, event.StockReserved{}, event.CartFrozen{CartID: cart}}, []event.CompletionFailed{{}, {CartID: cart}}},
		"cart refused":       {[]event.Data{event.CartRejected{CartID: cart, Code: "CART_CHANGED"}, event.StockReserved{}}, []event.CompletionFailed{{}}},
		"both refused":       {[]event.Data{event.CartRejected{CartID: cart}, event.StockRejected{}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := outboxtest.New(t, Migrations)
			lost := &checkout.Completion{UUID: uuid.New()}
			for _, data := range c.heard {
				hears(t, db, lost, "product", data)
				hears(t, db, lost, "cart", data)
			}
			events := outboxtest.Events(t, db)
			eventtest.Check(t, events...)
			var got []event.CompletionFailed
			for i, e := range events {
				told, err := event.Read[event.CompletionFailed](e)
				must(t, err)
				if e.Subject != lost.AttemptID() || e.AggregateVersion != int64(2+i) || told.CompletionID != e.Subject || told.Code != "NOT_FOUND" {
					t.Errorf("event %d = %+v", i, e)
				}
				got = append(got, event.CompletionFailed{CartID: told.CartID})
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
		})
	}
}

// TestLeasesAreFair has more completions that always fail than a worker takes at once.
func TestLeasesAreFair(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, Migrations)
	s := New(db)
	var last *checkout.Completion
	for range 5 {
		_, last = requested(t, db, "")
		reserved(t, db, last)
	}
	_, err := db.Exec(t.Context(), `UPDATE completions SET created_at = created_at + interval '1 second' WHERE id = $1`, last.UUID)
	must(t, err)
	for i := range 3 {
		now := noon.Add(time.Duration(i) * time.Minute)
		leased, err := s.LeaseCompletions(t.Context(), "a", now, now.Add(30*time.Second), 2)
		must(t, err)
		for _, c := range leased {
			if c.UUID == last.UUID {
				return
			}
			must(t, s.PostponeCompletion(t.Context(), c.UUID, now.Add(5*time.Second)))
		}
	}
	t.Error("one that came later is never taken")
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
