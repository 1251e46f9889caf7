package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// outage is how long Redis stands still.
const outage = 30 * time.Second

// TestRedisFails flushes Redis, stops it for half a minute and starts it again empty, while orders are placed: they wait
// and settle, with one instance of each service and with two.
func TestRedisFails(t *testing.T) {
	t.Parallel()
	for name, twice := range map[string][]string{
		"one instance of each":  nil,
		"two instances of each": {"product", "cart", "checkout"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := startFleet(t, twice...)
			f.load(stocked(t, 1, 1000))
			shade := f.shades(1)[0]
			f.ordered("", shade, 1, "ok", "before anything")

			t.Run("flushed", func(t *testing.T) {
				f := f.with(t)
				f.redis.do("FLUSHALL")
				f.crowd(shade, 5, func() { f.redis.do("FLUSHALL") })
			})
			t.Run("stopped", func(t *testing.T) {
				f := f.with(t)
				f.redis.stop()
				for began := time.Now(); time.Since(began) < outage; {
					f.crowd(shade, 3, func() { pause(t.Context(), outage/10) })
				}
				f.crowd(shade, 5, f.redis.resume)
			})
			t.Run("killed and empty again", func(t *testing.T) {
				f := f.with(t)
				f.crowd(shade, 5, f.redis.kill)
				f.crowd(shade, 5, f.redis.start)
			})
			if twice != nil {
				t.Run("instances sleep and wake up late", func(t *testing.T) { f.with(t).storyOfSleepers(shade, twice) })
			}
			f.balanced()
		})
	}
}

// storyOfSleepers lets the second instance of each service fall asleep in the middle of an order: the first ones go on with
// what it had taken for itself, and it changes nothing when it wakes up.
func (f *fleet) storyOfSleepers(shade string, twice []string) {
	f.t.Helper()
	const attempts = `SELECT count(*) FROM completions`
	before := f.number("checkout", attempts)
	f.crowd(shade, 10, func() {
		eventually(f.t, "an order is under way", func() bool { return f.number("checkout", attempts) > before })
		for _, name := range twice {
			f.processes[name+" again"].freeze()
		}
		f.t.Logf("what the sleeper took: %s", counted(f.texts("checkout", `SELECT state FROM completions WHERE lease_until > now() AND state NOT IN ('PLACED', 'FAILED')`)))
	})
	f.crowd(shade, 5, func() {})
	for _, name := range twice {
		f.processes[name+" again"].thaw()
	}
	f.crowd(shade, 5, func() {})
}

// crowd lets n buyers order at once while something happens, and demands that all of them get their order.
func (f *fleet) crowd(shade string, n int, happens func()) {
	f.t.Helper()
	buyers := make([]*purchase, n)
	for i := range buyers {
		buyers[i] = f.prepared("", shade, 1, "ok")
	}
	ctx, stop := context.WithTimeout(f.t.Context(), 2*patience)
	defer stop()
	type told struct {
		first payload
		err   error
		last  outcome
		took  time.Duration
	}
	began, all := time.Now(), make(chan []told, 1)
	go func() {
		all <- together(n, func(i int) (t told) {
			key := fmt.Sprintf("order %d of a crowd", i)
			t.first, t.err = buyers[i].place(ctx, key)
			t.last = buyers[i].outcome(ctx, key)
			t.took = time.Since(began)
			return t
		})
	}()
	happens()
	statuses, slowest := []string{}, time.Duration(0)
	for i, t := range <-all {
		if t.err != nil || t.first.Completion == nil || t.last.err != nil || t.last.Status != "COMPLETED" {
			f.t.Errorf("buyer %d was told %+v, %v and then %+v, want COMPLETED", i, t.first, t.err, t.last)
			continue
		}
		statuses, slowest = append(statuses, t.first.Completion.Status), max(slowest, t.took)
	}
	f.t.Logf("first told %s; the last order was placed after %s", counted(statuses), slowest.Round(time.Millisecond))
	f.balanced()
}
