package postgres

import (
	"errors"
	"strings"
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
		n, err := s.ExpireCompletions(t.Context(), noon.Add(after))
		must(t, err)
		if want := []int{0, 1, 0}[i]; n != want {
			t.Errorf("%d: %d ended after %v, want %d", i, n, after, want)
		}
	}
	if a, b := standing(t, s, waiting.UUID), standing(t, s, answered.UUID); a != "FAILED COMPLETION_TIMED_OUT, OPEN" || b != "RESERVED, PROCESSING" {
		t.Errorf("they are %s and %s", a, b)
	}
}

// TestOneThatCannotEndKeepsNoOther has a completion whose end the database refuses.
func TestOneThatCannotEndKeepsNoOther(t *testing.T) { // Rule O-2b.
	t.Parallel()
	db := outboxtest.New(t, Migrations)
	s := New(db)
	_, stuck := requested(t, db, "")
	_, err := db.Exec(t.Context(), `ALTER TABLE completions ADD CHECK (state <> 'FAILED' OR id <> '`+stuck.UUID.String()+`')`)
	must(t, err)
	_, err = db.Exec(t.Context(), `UPDATE completions SET created_at = created_at - interval '1 second'`)
	must(t, err)
	_, other := requested(t, db, "")
	n, err := s.ExpireCompletions(t.Context(), noon.Add(checkout.CompletionDeadline))
	if n != 1 || err == nil || !strings.Contains(err.Error(), stuck.UUID.String()) {
		t.Errorf("%d ended, %v", n, err)
	}
	if got := standing(t, s, other.UUID); got != "FAILED COMPLETION_TIMED_OUT, OPEN" {
		t.Errorf("the other is %s", got)
	}
}

// TestAuthorizeThatRunsAgain breaks the first transaction off at its end, while the buyer waits to give up: the second one
// finds the completion ended, and must not tell that it may be paid.
func TestAuthorizeThatRunsAgain(t *testing.T) { // Rule O-2c.
	t.Parallel()
	db := outboxtest.New(t, Migrations)
	s := New(db)
	_, c := requested(t, db, "")
	reserved(t, db, c)
	_, err := db.Exec(t.Context(), `CREATE SEQUENCE attempts;
CREATE FUNCTION breaks() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NEW.state = 'AUTHORIZING' AND nextval('attempts') = 1 THEN
    WHILE NOT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))) LOOP PERFORM pg_sleep(0.01); END LOOP;
    RAISE EXCEPTION 'broken off' USING ERRCODE = '40P01';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER breaks AFTER UPDATE ON completions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION breaks()`)
	must(t, err)
	gaveUp := make(chan error, 1)
	go func() {
		n := 0
		for n == 0 { // Until the first transaction is about to commit, and so has the lock.
			if err := db.Get(t.Context(), &n, `SELECT last_value::int * is_called::int FROM attempts`); err != nil {
				gaveUp <- err
				return
			}
		}
		gaveUp <- s.CancelCheckout(t.Context(), c.CheckoutUUID, noon)
	}()
	moved, err := s.AuthorizeCompletion(t.Context(), c.UUID, noon)
	must(t, err)
	must(t, <-gaveUp)
	if got := standing(t, s, c.UUID); moved != (got == "AUTHORIZING, PROCESSING") {
		t.Errorf("moved = %v, it is %s", moved, got)
	} else if moved {
		t.Log("the second transaction was faster than the buyer")
	}
}
