package consumer_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/soukhq/souk/internal/call"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
)

// parked returns the parked events in their order, with their reasons.
func (w *world) parked(t *testing.T, names map[string]string) []string {
	t.Helper()
	var rows []struct {
		Subject, Reason string
		Version         int64
	}
	if err := w.follower.Select(t.Context(), &rows, `SELECT subject, reason, (event->>'aggregateVersion')::bigint AS version FROM parked ORDER BY seq`); err != nil {
		t.Fatal(err)
	}
	texts := []string{}
	for _, r := range rows {
		texts = append(texts, fmt.Sprintf("%s %d: %s", names[r.Subject], r.Version, r.Reason))
	}
	return texts
}

const behindIt = "an earlier event of the same subject is parked"

// A poisonous event parks its subject, and nothing else. A retry replays it and those behind it in their order.
func TestPoison(t *testing.T) {
	t.Parallel()
	for name, poison := range map[string]func(context.Context, *database.Tx) error{
		"an error":    func(context.Context, *database.Tx) error { return errors.New("poison") },
		"a panic":     func(context.Context, *database.Tx) error { panic("poison") },
		"a statement": func(ctx context.Context, tx *database.Tx) error { _, err := tx.Exec(ctx, `SELECT poison`); return err },
		"a constraint at last": func(ctx context.Context, tx *database.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO late VALUES (1)`)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			exec(t, w.follower, `CREATE TABLE late (n int REFERENCES seen (n) DEFERRABLE INITIALLY DEFERRED)`, `INSERT INTO seen VALUES (1, 'x', 1, gen_random_uuid())`, `DELETE FROM seen`)
			a, b, cured := product(), product(), false
			names := map[string]string{a: "a", b: "b"}
			f := w.react(func(ctx context.Context, tx *database.Tx, e event.Event) ([]event.Event, error) {
				if e.Subject == a && e.AggregateVersion == 2 && !cured {
					return nil, poison(ctx, tx)
				}
				return nil, nil
			})
			drain(t, f)
			exec(t, w.follower, `SELECT setval('seen_n_seq', 100)`)
			w.update(t, a, b, a, b, a, b)
			w.send(t)
			if own := drain(t, f); own != 4 && name != "a constraint at last" || own < 4 {
				t.Errorf("it failed %d times before it was parked, want 4", own)
			}
			equal(t, "handled", []string{"a 1", "b 1", "b 2", "b 3"}, w.seen(t, names))
			parked := w.parked(t, names)
			if len(parked) != 2 || parked[1] != "a 3: "+behindIt || !w.log.has("event parked") {
				t.Errorf("parked %q", parked)
			}
			if at := one[int64](t, w.follower, `SELECT position FROM cursor`); at != 6 {
				t.Errorf("cursor at %d, want 6", at)
			}

			exec(t, w.follower, `UPDATE parked SET retry = true`)
			drain(t, f) // It is still poisonous, so all of it stays.
			if parked := w.parked(t, names); name != "a constraint at last" && len(parked) != 2 {
				t.Errorf("parked after a retry %q", parked)
			}
			w.update(t, a, b)
			w.send(t)
			drain(t, f)

			cured = true
			exec(t, w.follower, `UPDATE parked SET retry = true WHERE seq = (SELECT min(seq) FROM parked)`)
			drain(t, f)
			equal(t, "handled", []string{"a 1", "b 1", "b 2", "b 3", "b 4", "a 2", "a 3", "a 4"}, w.seen(t, names))
			equal(t, "parked", []string{}, w.parked(t, names))
			w.update(t, a)
			w.send(t)
			drain(t, f)
			if seen := w.seen(t, names); seen[len(seen)-1] != "a 5" {
				t.Errorf("the subject is not handled after it was cured: %q", seen)
			}
		})
	}
}

// What is not the fault of an event parks nothing, however often it happens.
func TestInfrastructureErrorsParkNothing(t *testing.T) {
	t.Parallel()
	away := func(err error) func(context.Context, *database.Tx) error {
		return func(context.Context, *database.Tx) error { return err }
	}
	raise := func(code string) func(context.Context, *database.Tx) error {
		return func(ctx context.Context, tx *database.Tx) error {
			_, err := tx.Exec(ctx, `DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '`+code+`'; END $$`)
			return err
		}
	}
	for name, trouble := range map[string]func(context.Context, *database.Tx) error{
		"another service away": away(fmt.Errorf("ask product: %w", call.ErrUnavailable)),
		"a time-out":           away(context.DeadlineExceeded),
		"a lock":               raise("55P03"),
		"a deadlock":           raise("40P01"),
		"a conflict":           raise("40001"),
		"a shutdown":           raise("57P01"),
		"no connection":        raise("08006"),
		"no memory":            raise("53200"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			a, failing := product(), true
			f := w.react(func(ctx context.Context, tx *database.Tx, _ event.Event) ([]event.Event, error) {
				if failing {
					return nil, trouble(ctx, tx)
				}
				return nil, nil
			})
			drain(t, f)
			w.update(t, a)
			w.send(t)
			for range 20 {
				if n, err := f.Step(t.Context(), 0); err == nil && n > 0 {
					t.Fatal("it was passed over")
				}
			}
			if n := one[int](t, w.follower, `SELECT count(*) FROM parked`); n != 0 {
				t.Errorf("%d events parked", n)
			}
			failing = false
			drain(t, f)
			equal(t, "handled", []string{"a 1"}, w.seen(t, map[string]string{a: "a"}))
		})
	}
}

// The connections to the database break while an event is handled, again and again: nothing is parked, and in the end it is
// applied once.
func TestADatabaseThatGoesAwayParksNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, breaks := product(), 8
	f := w.react(func(ctx context.Context, tx *database.Tx, _ event.Event) ([]event.Event, error) {
		if breaks--; breaks < 0 {
			return nil, nil
		}
		_, err := tx.Exec(ctx, `SELECT pg_terminate_backend(pg_backend_pid())`)
		return nil, err
	})
	drain(t, f)
	w.update(t, a)
	w.send(t)
	for breaks >= 0 {
		_, _ = f.Step(t.Context(), 0)
	}
	drain(t, f)
	equal(t, "handled", []string{"a 1"}, w.seen(t, map[string]string{a: "a"}))
	if n := one[int](t, w.follower, `SELECT count(*) FROM parked`); n != 0 {
		t.Errorf("%d events parked", n)
	}
}

// What the follower itself cannot do, such as to move its cursor, is no event's fault, whatever the database says.
func TestAFollowerThatMayNotWriteParksNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := product()
	f := w.react(nil)
	drain(t, f)
	w.update(t, a)
	w.send(t)
	exec(t, w.follower, `ALTER TABLE cursor ADD CONSTRAINT stay CHECK (position = 0)`)
	for range 8 {
		if n, err := f.Step(t.Context(), 0); err == nil {
			t.Fatalf("%d events passed", n)
		}
	}
	exec(t, w.follower, `ALTER TABLE cursor DROP CONSTRAINT stay`)
	drain(t, f)
	equal(t, "handled", []string{"a 1"}, w.seen(t, map[string]string{a: "a"}))
	equal(t, "parked", []string{}, w.parked(t, nil))
}

// An answer that breaks a rule of the outbox is the fault of the event that caused it.
func TestAnAnswerThatCannotBeAppendedIsParked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := product(), product()
	names := map[string]string{a: "a", b: "b"}
	f := w.react(func(_ context.Context, _ *database.Tx, e event.Event) ([]event.Event, error) {
		return []event.Event{event.New(e.Subject, 1, event.CartUpdated{CartID: e.Subject}, noon)}, nil // Twice the same version.
	})
	drain(t, f)
	w.update(t, a, a, b)
	w.send(t)
	drain(t, f)
	equal(t, "handled", []string{"a 1", "b 1"}, w.seen(t, names))
	if parked := w.parked(t, names); len(parked) != 1 || parked[0][:3] != "a 2" {
		t.Errorf("parked %q, want the second of a", parked)
	}
}
