package consumer_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/internal/consumer"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/stream"
	"github.com/soukhq/souk/internal/stream/streamtest"
)

func equal(t *testing.T, what string, want, got []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestAProjectionBeginsWithTheStateFeed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b, gone := product(), product(), product()
	names := map[string]string{a: "a", b: "b", gone: "gone"}
	w.update(t, a, b, a, gone)
	w.send(t)
	exec(t, w.owner, `DELETE FROM product WHERE subject = '`+gone+`'`)
	f := w.follow(nil)
	if f.Ready() {
		t.Error("ready before the state feed was read")
	}
	drain(t, f)
	equal(t, "projection", []string{"a 2", "b 1"}, w.copied(t, names))
	equal(t, "handled", []string{}, w.seen(t, names))
	if !f.Ready() {
		t.Error("not ready")
	}
	w.update(t, b)
	w.send(t)
	drain(t, f)
	equal(t, "projection", []string{"a 2", "b 2"}, w.copied(t, names))
	equal(t, "handled", []string{"b 2"}, w.seen(t, names))
}

func TestAnAggregateIsReadInPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	subjects := make([]string, 250)
	for i := range subjects {
		subjects[i] = product()
	}
	w.update(t, subjects...)
	w.send(t)
	drain(t, w.follow(nil))
	if n := one[int](t, w.follower, `SELECT count(*) FROM copy`); n != 250 {
		t.Errorf("%d products copied, want 250", n)
	}
}

func TestWithoutAProjectionTheLogIsReadFromItsBeginning(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := product()
	w.update(t, a, a, a)
	w.send(t)
	exec(t, w.owner, `DELETE FROM outbox WHERE position = 1`) // As it would after seven days.
	drain(t, w.react(nil))
	equal(t, "handled", []string{"a 2", "a 3"}, w.seen(t, map[string]string{a: "a"}))
}

// What a handler returns is appended in the same transaction, as the answer to the event.
func TestAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, cart := product(), gid.Format("Cart", gid.New())
	f := w.react(func(_ context.Context, _ *database.Tx, e event.Event) ([]event.Event, error) {
		return []event.Event{event.New(cart, e.AggregateVersion, event.CartUpdated{CartID: cart}, noon)}, nil
	})
	w.update(t, a, a)
	w.send(t)
	changed, stop := w.follower.Watch()
	defer stop()
	drain(t, f)
	select {
	case <-changed:
	default:
		t.Error("the relay of the follower was not woken")
	}
	var got []string
	if err := w.follower.Select(t.Context(), &got, `SELECT (event->>'type') || ' because of ' || (event->>'causationId') FROM outbox ORDER BY seq`); err != nil {
		t.Fatal(err)
	}
	var want []string
	if err := w.owner.Select(t.Context(), &want, `SELECT 'cart.updated.v1 because of ' || id FROM outbox ORDER BY seq`); err != nil {
		t.Fatal(err)
	}
	equal(t, "answers", want, got)
}

// The stream may lose anything: what it lacks is read from the log.
func TestALossyStreamLosesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := product()
	f := w.react(nil)
	f.Stream = hasty(w)
	drain(t, f)
	var want []string
	tell := func(n int) {
		for range n {
			w.update(t, a)
			want = append(want, fmt.Sprint("a ", len(want)+1))
		}
		w.send(t)
	}
	flush := func() { forget(t, w, w.epoch(t)) }
	for _, lose := range []func(){
		func() { tell(3) },                   // Nothing is lost.
		func() { tell(2); flush(); tell(2) }, // The beginning: a gap.
		func() { tell(2); flush() },          // All of it: silence.
		func() { flush(); tell(70) },
	} {
		lose()
		drain(t, f)
		for range 5 { // A second of silence each.
			if _, err := f.Step(t.Context(), time.Second); err != nil {
				t.Fatal(err)
			}
		}
		drain(t, f)
		equal(t, "handled", want, w.seen(t, map[string]string{a: "a"}))
	}
}

// brokenStream fails, as a Redis that is away.
type brokenStream struct{ stream.Stream }

func (brokenStream) Read(context.Context, stream.Log, int64, int, time.Duration) ([]event.Entry, error) {
	return nil, context.DeadlineExceeded
}

func TestWithoutAStreamTheLogIsRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := product()
	f := w.react(nil)
	f.Stream = brokenStream{w.redis}
	drain(t, f)
	for i := range 3 {
		w.update(t, a)
		if _, err := w.relay.Number(t.Context()); err != nil {
			t.Fatal(err)
		}
		drain(t, f)
		if got := w.seen(t, map[string]string{a: "a"}); len(got) != i+1 {
			t.Errorf("after %d events %v are handled", i+1, got)
		}
	}
}

// Two relays, and two followers with handlers that answer, all with loops as in a running shop: every event is handled once
// and in order, every answer is there once.
func TestTwoRelaysAndTwoFollowersAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, stop := context.WithCancel(t.Context())
	var loops sync.WaitGroup
	for range 2 {
		relay := &outbox.Relay{Service: "product", DB: outbox.Open(w.owner.DB), Stream: streamtest.Open(t), Log: w.relay.Log}
		loops.Go(func() { _ = relay.Run(ctx) })
		f := w.react(func(_ context.Context, _ *database.Tx, e event.Event) ([]event.Event, error) {
			return []event.Event{event.New(e.Subject, e.AggregateVersion, event.CartUpdated{CartID: e.Subject}, noon)}, nil
		})
		f.Stream = streamtest.Open(t)
		loops.Go(func() { _ = f.Run(ctx) })
	}
	const writers, each = 3, 60
	var all sync.WaitGroup
	for range writers {
		subject := product()
		all.Go(func() {
			for range each {
				w.update(t, subject)
			}
		})
	}
	all.Wait()
	done, _ := w.follower.Watch()
	for one[int](t, w.follower, `SELECT count(*) FROM seen`) < writers*each {
		select {
		case <-done:
		case <-time.After(100 * time.Millisecond): // Another pool's commits are not heard of here.
		}
	}
	stop()
	loops.Wait()
	if n := one[int](t, w.follower, `SELECT count(DISTINCT event) FROM seen`); n != writers*each || n != one[int](t, w.follower, `SELECT count(*) FROM seen`) {
		t.Errorf("%d different events handled, want %d, each once", n, writers*each)
	}
	if n := one[int](t, w.follower, `SELECT count(*) FROM (SELECT version - lag(version, 1, 0) OVER (PARTITION BY subject ORDER BY n) AS step FROM seen) AS steps WHERE step <> 1`); n != 0 {
		t.Errorf("%d events were handled out of order", n)
	}
	if n := one[int](t, w.follower, `SELECT count(*) FROM outbox`); n != writers*each {
		t.Errorf("%d answers, want %d", n, writers*each)
	}
}

// A batch takes a savepoint and its release for each event beside what its handler does, and five statements more.
func TestABatchTakesFewStatements(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := w.react(nil)
	drain(t, f)
	subjects := make([]string, 64)
	for i := range subjects {
		subjects[i] = product()
	}
	w.update(t, subjects...)
	w.send(t)
	ctx := database.WithCount(t.Context())
	n, err := f.Step(ctx, 0)
	const handler = 2
	if got := database.Counted(ctx); err != nil || n != 64 || got > 64*(handler+2)+5 {
		t.Errorf("%d events, %v, %d statements; want 64 in at most %d", n, err, got, 64*(handler+2)+5)
	}
}

// A source whose handlers lock several rows gets a transaction for each event.
func TestEventsCanBeAppliedAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := w.react(nil)
	f.Source.Singly = true
	drain(t, f)
	w.update(t, product(), product())
	w.send(t)
	for range 2 {
		if n, err := f.Step(t.Context(), 0); n != 1 || err != nil {
			t.Errorf("Step = %d, %v, want one event", n, err)
		}
	}
}

func TestEventsWithoutHandlerArePassedOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := w.react(nil)
	f.Source.Handlers = map[string]consumer.Handler{}
	a := product()
	w.update(t, a, a)
	w.send(t)
	drain(t, f)
	if at := one[int64](t, w.follower, `SELECT position FROM cursor`); at != 2 {
		t.Errorf("cursor at %d, want 2", at)
	}
}
