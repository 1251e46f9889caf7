package payment_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/fakepay"
	"github.com/soukhq/souk/subgraphs/checkout"
)

const (
	placed    = "PLACED, COMPLETED"
	cancelled = "FAILED PAYMENT_CANCELLED, CANCELLED"
)

// TestOutcomes plays each script of the gateway (rules O-2, O-6, O-9).
func TestOutcomes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		token, want string
		counts      [5]int // authorisations, voids, operations of the gateway, orders, failures that were told
	}{
		"ok":                   {fakepay.OK, placed, [5]int{1, 0, 1, 1, 0}},
		"decline":              {fakepay.Decline, "FAILED PAYMENT_DECLINED, OPEN", [5]int{0, 0, 1, 0, 1}},
		"timeout_then_ok":      {fakepay.TimeoutThenOK, placed, [5]int{1, 0, 1, 1, 0}},
		"timeout_then_decline": {fakepay.TimeoutThenDecline, "FAILED PAYMENT_DECLINED, OPEN", [5]int{0, 0, 1, 0, 1}},
		"nothing to be paid":   {"", placed, [5]int{0, 0, 0, 1, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			completion := s.reserved(c.token)
			if got := s.settle(s.worker("w"), completion); got != c.want {
				t.Errorf("it is %s, want %s", got, c.want)
			}
			if got := s.counts(completion); got != c.counts {
				t.Errorf("counts = %v, want %v", got, c.counts)
			}
			if n, err := s.worker("w").RunOnce(t.Context()); n != 0 || err != nil {
				t.Errorf("what has ended was taken again: %d, %v", n, err)
			}
		})
	}
}

func TestTheSecretOpensTheOrder(t *testing.T) { // Rule A-5.
	t.Parallel()
	s := open(t)
	c := s.reserved(fakepay.OK)
	s.settle(s.worker("w"), c)
	id := *s.read(c).OrderUUID
	orders, err := s.store.Orders(t.Context(), []uuid.UUID{id})
	must(t, err)
	if sum := sha256.Sum256([]byte("opens " + c.UUID.String())); !slices.Equal(orders[id].TokenHash, sum[:]) {
		t.Error("the order does not hold the hash of the secret")
	}
}

// TestAKilledWorker ends a worker at each call of the gateway, before and after it; what it did before is durable. Another
// one that starts under the same name goes on at once (rule O-8).
func TestAKilledWorker(t *testing.T) {
	t.Parallel()
	for _, token := range []string{fakepay.OK, fakepay.Decline, fakepay.TimeoutThenOK} {
		for _, at := range []string{"before authorize", "after authorize", "before lookup", "after lookup"} {
			t.Run(token+" "+at, func(t *testing.T) {
				t.Parallel()
				s := open(t)
				c := s.reserved(token)
				ctx, kill := context.WithCancel(t.Context())
				defer kill()
				die := func(when string) func(string) error {
					return func(call string) error {
						if when+" "+call != at || ctx.Err() != nil {
							return nil
						}
						kill()
						return context.Canceled
					}
				}
				s.gateway.hook(die("before"), die("after"))
				if _, err := s.worker("w").RunOnce(ctx); err != nil {
					t.Fatal(err)
				}
				died := ctx.Err() != nil
				if died && s.standing(c) != "AUTHORIZING, PROCESSING" {
					t.Fatalf("after the kill it is %s", s.standing(c))
				}
				if n, err := s.worker("other").RunOnce(t.Context()); died && n != 0 || err != nil {
					t.Errorf("another worker took %d completions whose lease runs, %v", n, err)
				}
				must(t, s.store.DropLeases(t.Context(), "w")) // As a worker does that starts.
				want, counts := placed, [5]int{1, 0, 1, 1, 0}
				if token == fakepay.Decline {
					want, counts = "FAILED PAYMENT_DECLINED, OPEN", [5]int{0, 0, 1, 0, 1}
				}
				if got := s.settle(s.worker("w"), c); got != want {
					t.Errorf("it is %s, want %s", got, want)
				}
				if got := s.counts(c); got != counts {
					t.Errorf("counts = %v, want %v", got, counts)
				}
			})
		}
	}
}

// TestALeaseThatRanOut has a worker take over what one of another name was killed at.
func TestALeaseThatRanOut(t *testing.T) { // Rule O-8.
	t.Parallel()
	s := open(t)
	c := s.reserved(fakepay.OK)
	dead := s.worker("dead")
	if leased, err := s.store.LeaseCompletions(t.Context(), dead.Owner, s.now(), s.now().Add(30*time.Second), 1); len(leased) != 1 || err != nil {
		t.Fatal(leased, err)
	}
	for _, x := range []struct {
		after time.Duration
		want  int
	}{{29 * time.Second, 0}, {time.Second, 1}} {
		s.pass(x.after)
		if n, err := s.worker("w").RunOnce(t.Context()); n != x.want || err != nil {
			t.Errorf("%d were taken, %v, want %d", n, err, x.want)
		}
	}
	if got := s.standing(c); got != placed {
		t.Errorf("it is %s", got)
	}
}

// TestTwoWorkersAuthorizeOnce has ten workers settle one completion at the same time: their leases are over at once.
func TestTwoWorkersAuthorizeOnce(t *testing.T) { // Rules O-1, O-6.
	t.Parallel()
	s := open(t)
	c := s.reserved(fakepay.OK)
	var all sync.WaitGroup
	for i := range 10 {
		w := s.worker(fmt.Sprint(i))
		w.Lease = time.Nanosecond
		w.Now = func() time.Time { s.pass(time.Second); return s.now() }
		all.Go(func() {
			if _, err := w.RunOnce(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := s.settle(s.worker("w"), c); got != placed {
		t.Errorf("it is %s", got)
	}
	if got := s.counts(c); got != [5]int{1, 0, 1, 1, 0} {
		t.Errorf("counts = %v", got)
	}
	t.Logf("the gateway was asked %v", s.gateway.asked())
}

// TestUnknownOutcome asserts that the gateway is never asked to authorise again before it says that there is no payment.
func TestUnknownOutcome(t *testing.T) { // Rule O-6.
	t.Parallel()
	lost := func(calls ...string) func(string) error {
		return func(call string) error {
			if len(calls) > 0 && calls[0] == call {
				calls = calls[1:]
				return fmt.Errorf("%w: a cable", checkout.ErrUnknownOutcome)
			}
			return nil
		}
	}
	for name, c := range map[string]struct {
		before, after func(string) error
		want          string
	}{
		"it was never asked":    {lost("authorize"), nil, "[authorize lookup lookup authorize]"},
		"it has done it":        {nil, lost("authorize"), "[authorize lookup]"},
		"it is silent for long": {lost("authorize", "lookup", "lookup", "lookup"), nil, "[authorize lookup lookup lookup lookup authorize]"},
		"it did it silently":    {lost("lookup", "lookup"), lost("authorize"), "[authorize lookup lookup lookup]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			completion := s.reserved(fakepay.OK)
			s.gateway.hook(c.before, c.after)
			if got := s.settle(s.worker("w"), completion); got != placed {
				t.Errorf("it is %s", got)
			}
			if got := fmt.Sprint(s.gateway.asked()); got != c.want {
				t.Errorf("the gateway was asked %s, want %s", got, c.want)
			}
			if got := s.counts(completion); got != [5]int{1, 0, 1, 1, 0} {
				t.Errorf("counts = %v", got)
			}
		})
	}
}

func TestAGatewayThatIsAway(t *testing.T) { // Rule O-6: it is asked for ever, at least every five seconds.
	t.Parallel()
	s := open(t)
	c := s.reserved(fakepay.OK)
	away := func(string) error { return fmt.Errorf("%w: it is away", checkout.ErrUnreachable) }
	s.gateway.hook(away, nil)
	w := s.worker("w")
	for range 12 {
		if n, err := w.RunOnce(t.Context()); n != 1 || err != nil {
			t.Fatalf("%d were taken, %v", n, err)
		}
		s.pass(5 * time.Second)
	}
	if got := s.standing(c); got != "AUTHORIZING, PROCESSING" || s.read(c).Tries != 12 {
		t.Errorf("it is %s after %d tries", got, s.read(c).Tries)
	}
	s.gateway.hook(nil, nil)
	if got := s.settle(w, c); got != placed {
		t.Errorf("it is %s", got)
	}
	if got := s.counts(c); got != [5]int{1, 0, 1, 1, 0} {
		t.Errorf("counts = %v", got)
	}
}

// TestRun lets the loop do it, woken by what is committed.
func TestRun(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.worker("w").Run(ctx) }()
	changed, unwatch := s.store.Watch()
	defer unwatch()
	var all []*checkout.Completion
	for range 20 {
		all = append(all, s.reserved(fakepay.OK))
		s.db.Wake() // As whoever applied the replies does.
	}
	for _, c := range all {
		for !s.read(c).Ended() {
			<-changed
		}
		if got := s.counts(c); got != [5]int{1, 0, 1, 1, 0} {
			t.Errorf("counts = %v", got)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
