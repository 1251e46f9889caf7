package consumer_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/consumer"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/outbox"
)

func (w *world) epoch(t *testing.T) uuid.UUID {
	t.Helper()
	return one[uuid.UUID](t, w.owner, `SELECT epoch FROM outbox_head`)
}

// snapshot keeps what a service owns as it is; the function brings it back, as a restore of an older state does.
func snapshot(t *testing.T, db *outbox.DB, tables ...string) (restore func()) {
	t.Helper()
	for _, table := range tables {
		exec(t, db, `CREATE TABLE kept_`+table+` AS SELECT * FROM `+table)
	}
	return func() {
		t.Helper()
		for _, table := range tables {
			exec(t, db, `DELETE FROM `+table, strings.ReplaceAll(`INSERT INTO x OVERRIDING SYSTEM VALUE SELECT * FROM kept_x`, "x", table))
		}
	}
}

// silent lets a follower hear nothing for so long that it asks the owner.
func silent(t *testing.T, f *consumer.Follower) {
	t.Helper()
	drain(t, f)
	if _, err := f.Step(t.Context(), 5e9); err != nil {
		t.Fatal(err)
	}
	drain(t, f)
}

// An operator restores the owner's database and begins a new epoch: projections are built again, and the reactions go on
// where the logs part.
func TestANewEpochAfterARestore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b, c := product(), product(), product()
	names := map[string]string{a: "a", b: "b", c: "c"}
	f := w.follow(nil)
	f.Stream = hasty(w)
	drain(t, f)
	w.update(t, a, b)
	w.send(t)
	drain(t, f)
	restore := snapshot(t, w.owner, "outbox", "outbox_head", "feed", "product")
	w.update(t, a, c, b)
	w.send(t)
	drain(t, f)
	equal(t, "projection", sorted(names, map[string]int{a: 2, b: 2, c: 1}), w.copied(t, names))
	old := w.epoch(t)

	restore()
	if began, err := w.owner.NewEpoch(t.Context(), old, math.MaxInt64); err != nil || !began {
		t.Fatal(began, err)
	}
	w.update(t, b, b, b)
	w.send(t)
	silent(t, f)
	equal(t, "projection", sorted(names, map[string]int{a: 1, b: 4}), w.copied(t, names))
	equal(t, "handled", []string{"a 1", "b 1", "a 2", "c 1", "b 2", "b 2", "b 3", "b 4"}, w.seen(t, names))
	w.update(t, a)
	w.send(t)
	drain(t, f)
	equal(t, "projection", sorted(names, map[string]int{a: 2, b: 4}), w.copied(t, names))
}

// The same without an operator, and with a Redis that lost its memory too: the followers' cursors show what was lost.
func TestARestoreThatNobodyToldOf(t *testing.T) {
	t.Parallel()
	for name, more := range map[string]int{"that tells nothing yet": 0, "that tells less": 1, "that tells as much": 3, "that tells more": 5} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			a, b := product(), product()
			names := map[string]string{a: "a", b: "b"}
			f := w.follow(nil)
			f.Stream = hasty(w)
			drain(t, f)
			w.update(t, a, b)
			w.send(t)
			drain(t, f)
			restore := snapshot(t, w.owner, "outbox", "outbox_head", "feed", "product")
			w.update(t, a, a, a)
			w.send(t)
			drain(t, f)
			old := w.epoch(t)
			forget(t, w, old)
			restore()
			for range more {
				w.update(t, b)
			}
			w.relay = &outbox.Relay{Service: "product", DB: w.owner, Stream: w.redis, Log: w.relay.Log} // It was restarted.
			w.send(t)
			silent(t, f)
			if w.epoch(t) == old || !w.log.has("restored to an older state") {
				t.Fatal("no new epoch began")
			}
			equal(t, "projection", sorted(names, map[string]int{a: 1, b: 1 + more}), w.copied(t, names))
			w.update(t, a)
			w.send(t)
			drain(t, f)
			equal(t, "projection", sorted(names, map[string]int{a: 2, b: 1 + more}), w.copied(t, names))
			handled := map[string]bool{}
			for _, s := range w.seen(t, names) {
				handled[s] = true
			}
			for n := range more { // Nothing that the restored database told is passed over.
				if s := sorted(names, map[string]int{b: n + 2})[0]; !handled[s] {
					t.Errorf("%s was not handled", s)
				}
			}
		})
	}
}

// A follower that was away for longer than the log is kept begins again with the state feed.
func TestACursorOlderThanTheLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := product(), product()
	names := map[string]string{a: "a", b: "b"}
	f, r := w.follow(nil), w.react(nil)
	f.Stream = hasty(w)
	drain(t, f)
	w.update(t, a, b, a, b)
	w.send(t)
	exec(t, w.owner, `DELETE FROM outbox WHERE position <= 3`)
	forget(t, w, w.epoch(t))
	silent(t, f)
	equal(t, "projection", sorted(names, map[string]int{a: 2, b: 2}), w.copied(t, names))
	equal(t, "handled", []string{}, w.seen(t, names))
	if at := one[int64](t, w.follower, `SELECT position FROM cursor`); at != 4 {
		t.Errorf("cursor at %d, want at the head", at)
	}
	exec(t, w.follower, `UPDATE cursor SET position = 0, event_id = NULL`)
	drain(t, r) // Without a projection the rest of the log is all there is.
	equal(t, "handled", []string{"b 2"}, w.seen(t, names))
	if !w.log.has("events lost") {
		t.Error("the loss is not told")
	}
}

// An operator lets a projection be built again: all of it, whatever it was.
func TestRebuild(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := product(), product()
	names := map[string]string{a: "a", b: "b"}
	f := w.follow(nil)
	w.update(t, a)
	w.send(t)
	drain(t, f)
	w.update(t, b)
	w.send(t)
	drain(t, f)
	exec(t, w.follower, `UPDATE copy SET version = 99`, `INSERT INTO copy VALUES ('nonsense', 1, '`+w.epoch(t).String()+`')`, `UPDATE cursor SET rebuild = true`)
	drain(t, f)
	equal(t, "projection", sorted(names, map[string]int{a: 1, b: 1}), w.copied(t, names))
	equal(t, "handled", []string{"b 1"}, w.seen(t, names))
	if one[bool](t, w.follower, `SELECT rebuild FROM cursor`) {
		t.Error("the wish is still there")
	}
}

// What is parked of aggregates that were built again is older than they are now: a retry must not bring it back (rule B-2).
func TestABuildEndsWhatIsParkedOfItsAggregates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := product()
	names := map[string]string{a: "a"}
	cured := false
	f := w.follow(func(context.Context, *database.Tx, event.Event) ([]event.Event, error) {
		if !cured {
			return nil, errors.New("poison")
		}
		return nil, nil
	})
	drain(t, f)
	w.update(t, a)
	w.send(t)
	drain(t, f)
	if parked := w.parked(t, names); len(parked) != 1 {
		t.Fatalf("parked %q", parked)
	}
	cured = true
	w.update(t, a)
	w.send(t)
	exec(t, w.follower, `UPDATE cursor SET rebuild = true`)
	drain(t, f)
	exec(t, w.follower, `UPDATE parked SET retry = true`)
	drain(t, f)
	if parked := w.parked(t, names); len(parked) != 0 {
		t.Errorf("parked %q", parked)
	}
	equal(t, "projection", sorted(names, map[string]int{a: 2}), w.copied(t, names))
}
