package postgres

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/subgraphs/checkout"
)

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
