package outbox_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/launch/launchtest"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/internal/stream"
	"github.com/soukhq/souk/internal/stream/streamtest"
)

func TestMain(m *testing.M) { os.Exit(launchtest.Main(m)) }

var (
	noon       = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	migrations = fstest.MapFS{"0001_first.sql": {Data: []byte("-- +goose Up\nCREATE TABLE t (n int);\n")}}
)

func relayOf(db *outbox.DB, s stream.Stream) *outbox.Relay {
	return &outbox.Relay{Service: "product", DB: db, Stream: s, Log: slog.New(slog.DiscardHandler)}
}

func updated(subject string, version int64) event.Event {
	return event.New(subject, version, event.ProductUpdated{ProductID: subject, Version: version}, noon)
}

func tell(t *testing.T, db *outbox.DB, events ...event.Event) {
	t.Helper()
	if err := db.Transact(t.Context(), "test.tell", func(*database.Tx) ([]event.Event, error) { return events, nil }); err != nil {
		t.Fatal(err)
	}
}

// step takes a step of the relay and fails unless it does so many.
func step(t *testing.T, do func(context.Context) (int, error), want int) {
	t.Helper()
	if n, err := do(t.Context()); err != nil || n != want {
		t.Fatalf("the step did %d, %v; want %d", n, err, want)
	}
}

// log returns the log as "position subject version", with subjects by the names given.
func log(t *testing.T, db *outbox.DB, names map[string]string) []string {
	t.Helper()
	head, entries, _, err := db.Events(t.Context(), event.Place{Epoch: headOf(t, db).Epoch, Position: headOf(t, db).First - 1}, 10_000, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{}
	for i, e := range entries {
		if e.Position != head.First+int64(i) {
			t.Errorf("entry %d has position %d", i, e.Position)
		}
		texts = append(texts, fmt.Sprintf("%d %s %d", e.Position, names[e.Event.Subject], e.Event.AggregateVersion))
	}
	return texts
}

func headOf(t *testing.T, db *outbox.DB) event.Head {
	t.Helper()
	head, err := db.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return head
}

func product() string { return gid.Format("Product", gid.New()) }

func TestALateTransactionGetsALaterNumber(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, migrations)
	r := relayOf(db, streamtest.Open(t))
	a, b := product(), product()
	err := db.Transact(t.Context(), "test.late", func(tx *database.Tx) ([]event.Event, error) {
		if err := outbox.Append(t.Context(), tx, updated(a, 1)); err != nil { // It has the lower seq, but is not committed.
			return nil, err
		}
		tell(t, db, updated(b, 1), updated(b, 2))
		step(t, r.Number, 2)
		return nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	step(t, r.Number, 1)
	step(t, r.Number, 0)
	if diff := cmp.Diff([]string{"1 b 1", "2 b 2", "3 a 1"}, log(t, db, map[string]string{a: "a", b: "b"})); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

func TestNumberingTakesFewStatements(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, migrations)
	r := relayOf(db, streamtest.Open(t))
	events := make([]event.Event, 900)
	for i := range events {
		events[i] = updated(product(), 1)
	}
	tell(t, db, events...)
	ctx := database.WithCount(t.Context())
	if n, err := r.Number(ctx); n != 900 || err != nil || database.Counted(ctx) > 4 {
		t.Errorf("%d events, %v, %d statements; want 900 in at most 4", n, err, database.Counted(ctx))
	}
	ctx = database.WithCount(t.Context())
	for sent := 0; sent < 900; {
		n, err := r.Publish(ctx)
		if err != nil || n == 0 {
			t.Fatal(n, err)
		}
		sent += n
	}
	if n := database.Counted(ctx); n > 12 { // Three for each of four batches.
		t.Errorf("%d statements to publish 900 events", n)
	}
}

// Two relays, each with a pool of its own, work at the same time while events are told: each event has one position, and is
// in the stream once, at that position.
func TestTwoRelaysAtOnce(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, migrations)
	redis := streamtest.Open(t)
	const writers, each = 4, 60
	ctx, stop := context.WithCancel(t.Context())
	var relays, all sync.WaitGroup
	for range 2 {
		r := relayOf(db, redis)
		relays.Go(func() {
			for ctx.Err() == nil {
				_, err := r.Number(ctx)
				if err == nil {
					_, err = r.Publish(ctx)
				}
				if err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		})
	}
	for range writers {
		subject := product()
		all.Go(func() {
			for v := range int64(each) {
				tell(t, db, updated(subject, v+1))
			}
		})
	}
	all.Wait()
	head := headOf(t, db)
	entries := []event.Entry{}
	for len(entries) < writers*each {
		more, err := redis.Read(t.Context(), stream.Log{Service: "product", Epoch: head.Epoch}, int64(len(entries)), 1000, 5*time.Second)
		if err != nil || len(more) == 0 {
			t.Fatalf("after %d entries: %v", len(entries), err)
		}
		entries = append(entries, more...)
	}
	stop()
	relays.Wait()
	_, want, _, err := db.Events(t.Context(), event.Place{Epoch: head.Epoch}, 1000, 1<<30)
	if err != nil || len(want) != writers*each {
		t.Fatalf("%d events in the log, %v", len(want), err)
	}
	versions := map[string]int64{}
	for i, e := range entries {
		if e.Position != int64(i+1) || e.Event.ID != want[i].Event.ID {
			t.Fatalf("entry %d of the stream is %d %s, of the log %d %s", i, e.Position, e.Event.ID, want[i].Position, want[i].Event.ID)
		}
		if versions[e.Event.Subject]++; versions[e.Event.Subject] != e.Event.AggregateVersion {
			t.Errorf("version %d of %s came too early", e.Event.AggregateVersion, e.Event.Subject)
		}
	}
}

// lateStream holds a relay back between reading events and publishing them.
type lateStream struct {
	stream.Stream
	late func()
}

func (s lateStream) Publish(ctx context.Context, l stream.Log, entries []event.Entry) error {
	s.late()
	return s.Stream.Publish(ctx, l, entries)
}

func TestALateLeaderCannotPublish(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, migrations)
	redis := streamtest.Open(t)
	names := map[string]string{}
	for i := range 3 {
		subject := product()
		names[subject] = fmt.Sprint(i)
		tell(t, db, updated(subject, 1))
	}
	other := relayOf(db, redis)
	late := relayOf(db, lateStream{redis, func() {
		step(t, other.Publish, 3)
		tell(t, db, updated(product(), 1))
		step(t, other.Number, 1)
		step(t, other.Publish, 1)
	}})
	step(t, late.Number, 3)
	step(t, late.Publish, 3) // All of it was known.
	entries, err := redis.Read(t.Context(), stream.Log{Service: "product", Epoch: headOf(t, db).Epoch}, 0, 100, 0)
	if err != nil || len(entries) != 4 {
		t.Fatalf("%d entries, %v; want 4", len(entries), err)
	}
	step(t, other.Publish, 0)
	step(t, late.Publish, 0)
	var sent int64
	if err := db.Get(t.Context(), &sent, `SELECT sent FROM outbox_head`); err != nil || sent != 4 {
		t.Errorf("sent %d, %v; want 4: it never goes back", sent, err)
	}
}

func TestWhatWasPublishedBeforeACrashIsNotPublishedTwice(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, migrations)
	redis := streamtest.Open(t)
	r := relayOf(db, redis)
	tell(t, db, updated(product(), 1), updated(product(), 1))
	step(t, r.Number, 2)
	step(t, r.Publish, 2)
	if _, err := db.Exec(t.Context(), `UPDATE outbox_head SET sent = 0`); err != nil { // As if it crashed before.
		t.Fatal(err)
	}
	step(t, relayOf(db, redis).Publish, 2)
	head := headOf(t, db)
	entries, err := redis.Read(t.Context(), stream.Log{Service: "product", Epoch: head.Epoch}, 0, 100, 0)
	if err != nil || len(entries) != 2 || head.Started != 0 {
		t.Errorf("%d entries, %v, epoch began behind %d; want 2 in the first epoch", len(entries), err, head.Started)
	}
}

// A commit is heard by those who watch in this process and, while relays run, in others.
func TestWatchHearsOfCommits(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, migrations)
	other := outbox.Open(db.DB)
	ctx, stop := context.WithCancel(t.Context())
	var relays sync.WaitGroup
	for _, d := range []*outbox.DB{db, other} {
		relays.Go(func() {
			if err := relayOf(d, streamtest.Open(t)).Run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	here, stopHere := db.Watch()
	defer stopHere()
	there, stopThere := other.Watch()
	defer stopThere()
	heard := false
	for !heard { // Until the other one listens notifications are lost.
		tell(t, db, updated(product(), 1))
		select {
		case <-here:
		case <-time.After(time.Minute):
			t.Fatal("this process did not hear of its own commit")
		}
		select {
		case <-there:
			heard = true
		case <-time.After(100 * time.Millisecond):
		case <-t.Context().Done():
			t.Fatal("the other process never heard of a commit")
		}
	}
	stop()
	relays.Wait()
}
