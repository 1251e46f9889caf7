package payment_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/internal/fakepay"
	"github.com/soukhq/souk/subgraphs/checkout"
)

// TestCancelWhileTheGatewayIsAsked has a buyer give up at each moment of the call; the worker may be killed at the void.
func TestCancelWhileTheGatewayIsAsked(t *testing.T) { // Rule O-2c.
	t.Parallel()
	for _, at := range []string{"before authorize", "after authorize"} {
		for _, kill := range []string{"", "before void", "after void"} {
			t.Run(at+" "+kill, func(t *testing.T) {
				t.Parallel()
				s := open(t)
				c := s.reserved(fakepay.OK)
				ctx, die := context.WithCancel(t.Context())
				defer die()
				hook := func(when string) func(string) error {
					return func(call string) error {
						if when+" "+call == at {
							return s.store.CancelCheckout(t.Context(), c.CheckoutUUID, s.now())
						}
						if when+" "+call == kill && ctx.Err() == nil {
							die()
							return context.Canceled
						}
						return nil
					}
				}
				s.gateway.hook(hook("before"), hook("after"))
				if _, err := s.worker("w").RunOnce(ctx); err != nil {
					t.Fatal(err)
				}
				must(t, s.store.DropLeases(t.Context(), "w"))
				if got := s.settle(s.worker("w"), c); got != cancelled {
					t.Errorf("it is %s", got)
				}
				if got := s.counts(c); got != [5]int{1, 1, 2, 0, 1} {
					t.Errorf("counts = %v", got)
				}
			})
		}
	}
}

func TestASessionThatIsNotThere(t *testing.T) {
	t.Parallel()
	s := open(t)
	c := s.reserved(fakepay.OK)
	s.gateway.hook(func(call string) error {
		if call == "authorize" {
			return checkout.ErrSessionInvalid
		}
		return nil
	}, nil)
	if got := s.settle(s.worker("w"), c); got != "FAILED PAYMENT_SESSION_INVALID, OPEN" {
		t.Errorf("it is %s", got)
	}
}

// TestOrphans has money reserved for a completion that failed, as only an error of ours could do. The sweep finds the gateway
// away at first, and is killed once after the void.
func TestOrphans(t *testing.T) { // Rule O-10.
	t.Parallel()
	s := open(t)
	c := s.reserved(fakepay.OK)
	if moved, err := s.store.AuthorizeCompletion(t.Context(), c.UUID, s.now()); !moved || err != nil {
		t.Fatal(moved, err)
	}
	if _, err := s.gateway.Authorize(t.Context(), checkout.Authorization{Session: c.Charge.Session, Reference: c.AttemptID(), Amount: c.Charge.Amount, Key: "k"}); err != nil {
		t.Fatal(err)
	}
	must(t, s.store.FailCompletion(t.Context(), c.UUID, checkout.Failure{Code: "PAYMENT_DECLINED"}, s.now()))
	away := func(string) error { return checkout.ErrUnreachable }
	for i, x := range []struct {
		after         time.Duration
		before, leave func(string) error
		swept, voids  int
		events        []string
	}{
		{after: checkout.OrphanAge - time.Second},
		{after: time.Second, before: away},
		{after: 10*time.Minute - time.Second},
		{after: time.Second, leave: func(call string) error {
			if call == "void" {
				return context.Canceled
			}
			return nil
		}, voids: 1},
		{after: 10 * time.Minute, swept: 1, voids: 1, events: []string{"payment.orphan_resolved.v1"}},
		{after: time.Hour, voids: 1, events: []string{"payment.orphan_resolved.v1"}},
	} {
		s.pass(x.after)
		s.gateway.hook(x.before, x.leave)
		n, err := s.worker("w").SweepOnce(t.Context())
		if n != x.swept || (err != nil) != (x.before != nil || x.leave != nil) {
			t.Errorf("%d: %d were swept, %v, want %d", i, n, err, x.swept)
		}
		if got := s.counts(c); got[1] != x.voids {
			t.Errorf("%d: %d voids, want %d", i, got[1], x.voids)
		}
		if diff := cmp.Diff(x.events, s.told("payment.orphan_resolved.v1")); diff != "" {
			t.Errorf("%d: events (-want +got):\n%s", i, diff)
		}
	}
}

// TestNoOrphans sweeps after a buyer gave up: there is nothing to tell.
func TestNoOrphans(t *testing.T) {
	t.Parallel()
	s := open(t)
	c := s.reserved(fakepay.OK)
	s.gateway.hook(nil, func(call string) error {
		if call == "authorize" {
			return s.store.CancelCheckout(t.Context(), c.CheckoutUUID, s.now())
		}
		return nil
	})
	if got := s.settle(s.worker("w"), c); got != cancelled {
		t.Fatalf("it is %s", got)
	}
	s.pass(time.Hour)
	for _, want := range []int{1, 0} {
		if n, err := s.worker("w").SweepOnce(t.Context()); n != want || err != nil || len(s.told("payment.orphan_resolved.v1")) > 0 {
			t.Errorf("%d were swept, %v, want %d", n, err, want)
		}
	}
}
