package e2e

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"
)

// together runs n functions at once and returns what they return.
func together[T any](n int, f func(i int) T) []T {
	all := make([]T, n)
	var running sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		running.Go(func() {
			<-begin
			all[i] = f(i)
		})
	}
	close(begin)
	running.Wait()
	return all
}

// outcome is what a client was told in the end.
type outcome struct {
	completion
	err error
}

func (p *purchase) outcome(ctx context.Context, key string) outcome {
	c, err := p.settle(ctx, key)
	return outcome{c, err}
}

// TestParallelCompletions asks for one order many times at once, and for five pieces fifty times at once.
func TestParallelCompletions(t *testing.T) {
	t.Parallel()
	f := startFleet(t)
	f.load(stocked(t, 3, 5))
	shades := f.shades(3)
	for _, c := range []struct {
		name, shade string
		key         func(i int) string
	}{
		{"twenty times with one key", shades[0], func(int) string { return "the same key for all" }},
		{"with twenty keys", shades[1], func(i int) string { return fmt.Sprintf("key number %02d", i) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := f.with(t)
			p := f.prepared("", c.shade, 1, "ok")
			ctx, stop := context.WithTimeout(t.Context(), patience)
			defer stop()
			began := time.Now()
			told := map[string]int{}
			for _, o := range together(20, func(i int) outcome { return p.outcome(ctx, c.key(i)) }) {
				if o.err != nil || o.Status != "COMPLETED" || o.Order == nil {
					t.Fatalf("a client was told %+v, %v", o.completion, o.err)
				}
				p.attempt = o.AttemptID
				told[o.AttemptID+" "+o.Order.ID]++
			}
			t.Logf("20 completions took %s", time.Since(began).Round(time.Millisecond))
			if len(told) != 1 {
				t.Errorf("the clients were told of %v, want one attempt and one order", told)
			}
			if n := f.number("checkout", `SELECT count(*) FROM orders WHERE cart_id = $1`, uuidOf(p.cart)); n != 1 {
				t.Errorf("%d orders of the cart", n)
			}
			if l := f.ledger(p.attempt); l != (ledger{Authorizations: 1}) {
				t.Errorf("the gateway's ledger is %+v, want one authorisation", l)
			}
		})
	}
	t.Run("fifty buyers and five pieces", func(t *testing.T) {
		f := f.with(t)
		before := f.number("checkout", `SELECT count(*) FROM orders`)
		ctx, stop := context.WithTimeout(t.Context(), 2*patience)
		defer stop()
		buyers := make([]*purchase, 50)
		for i := range buyers {
			buyers[i] = f.prepared("", shades[2], 1, "ok")
		}
		began := time.Now()
		told := map[string]int{}
		for _, o := range together(len(buyers), func(i int) outcome { return buyers[i].outcome(ctx, "my only key") }) {
			switch {
			case o.err != nil:
				t.Fatal(o.err)
			case o.Failure != nil:
				told[o.Status+" "+o.Failure.Code]++
			default:
				told[o.Status]++
			}
		}
		t.Logf("after %s the buyers were told %v", time.Since(began).Round(time.Millisecond), told)
		if told["COMPLETED"] != 5 || told["FAILED OUT_OF_STOCK"] != 45 {
			t.Errorf("want 5 COMPLETED and 45 FAILED OUT_OF_STOCK")
		}
		if n := f.number("checkout", `SELECT count(*) FROM orders`) - before; n != 5 {
			t.Errorf("%d orders", n)
		}
		f.balanced()
		if n := f.pieces(shades[2]); n != 0 {
			t.Errorf("%d pieces are left", n)
		}
	})
}
