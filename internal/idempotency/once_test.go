package idempotency_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/idempotency"
	"github.com/soukhq/souk/internal/launch/launchtest"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
)

func TestMain(m *testing.M) { os.Exit(launchtest.Main(m)) }

var (
	noon  = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	scope = idempotency.Scope{Caller: "gid://souk/Customer/1", Resource: "gid://souk/Cart/1", Mutation: "cartLinesAdd"}
)

var effects = fstest.MapFS{"0001_effects.sql": {Data: []byte("-- +goose Up\nCREATE TABLE effects (n bigint GENERATED ALWAYS AS IDENTITY, name text);\n")}}

func open(t *testing.T) *outbox.DB { return outboxtest.New(t, effects) }

func read(t *testing.T, key string, s idempotency.Scope, request ...any) idempotency.Key {
	t.Helper()
	k, err := idempotency.Read(&key, s, request...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// act runs an effect in a transaction of its own: it writes a row, and its outcome is the row's name.
func act(ctx context.Context, db *outbox.DB, key idempotency.Key, now time.Time, name string, fails error) (outcome idempotency.Outcome, repeated bool, err error) {
	err = db.DB.Transact(ctx, func(tx *database.Tx) error {
		var err error
		outcome, repeated, err = idempotency.Once(ctx, tx, key, now, func() (idempotency.Outcome, error) {
			if _, err := tx.Exec(ctx, `INSERT INTO effects (name) VALUES ($1)`, name); err != nil {
				return idempotency.Outcome{}, err
			}
			return idempotency.Outcome{ID: name}, fails
		})
		return err
	})
	return outcome, repeated, err
}

func count(t *testing.T, db *outbox.DB, table string) (n int) {
	t.Helper()
	if err := db.Get(t.Context(), &n, `SELECT count(*) FROM `+table); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestARepeatedCallHasNoSecondEffect(t *testing.T) { // Rule G-4.
	t.Parallel()
	db := open(t)
	key := read(t, "my order", scope, map[string]int{"quantity": 1})
	first, repeated, err := act(t.Context(), db, key, noon, "first", nil)
	if err != nil || repeated || first.ID != "first" {
		t.Fatalf("the first call = %+v, %v, %v", first, repeated, err)
	}
	ctx := database.WithCount(t.Context())
	again, repeated, err := act(ctx, db, key, noon.Add(idempotency.Life-time.Second), "second", nil)
	if err != nil || !repeated || again.ID != "first" || count(t, db, "effects") != 1 || database.Counted(ctx) != 2 {
		t.Errorf("the same call again = %+v, %v, %v, in %d statements", again, repeated, err, database.Counted(ctx))
	}
	_, repeated, err = act(t.Context(), db, read(t, "my order", scope, map[string]int{"quantity": 2}), noon, "second", nil)
	if faults, _ := fault.Split(err); repeated || len(faults) != 1 || faults[0].Code != "IDEMPOTENCY_KEY_REUSED" || count(t, db, "effects") != 1 {
		t.Errorf("the key with another request: %v, %v", repeated, err)
	}
	for name, other := range map[string]idempotency.Key{
		"another key":      read(t, "my order 2", scope, map[string]int{"quantity": 1}),
		"another caller":   read(t, "my order", idempotency.Scope{Resource: scope.Resource, Mutation: scope.Mutation}, 1),
		"another resource": read(t, "my order", idempotency.Scope{Caller: scope.Caller, Mutation: scope.Mutation}, 1),
		"another mutation": read(t, "my order", idempotency.Scope{Caller: scope.Caller, Resource: scope.Resource, Mutation: "x"}, 1),
		"no key":           {},
		"no key again":     {},
	} {
		if got, repeated, err := act(t.Context(), db, other, noon, name, nil); err != nil || repeated || got.ID != name {
			t.Errorf("%s = %+v, %v, %v, want an effect of its own", name, got, repeated, err)
		}
	}
	var kept string
	if err := db.Get(t.Context(), &kept, `SELECT string_agg(scope || encode(key, 'escape') || encode(request_hash, 'escape') || outcome, ' ') FROM idempotency`); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(kept, "my order") || strings.Contains(kept, "quantity") {
		t.Errorf("the rows tell the key or the request: %s", kept)
	}
}

func TestFailuresDoNotConsumeTheKeyButRefusalsDo(t *testing.T) { // Rule G-4.
	t.Parallel()
	db := open(t)
	key := read(t, "my order", scope)
	broken := errors.New("broken")
	for name, fails := range map[string]error{"something broke": broken, "an input error": fault.New("INVALID", "No.")} {
		if _, _, err := act(t.Context(), db, key, noon, name, fails); !errors.Is(err, fails) || count(t, db, "effects") != 0 || count(t, db, "idempotency") != 0 {
			t.Errorf("%s: %v, want it back and nothing kept", name, err)
		}
	}
	locked := fault.New("CART_LOCKED", "Not now.", "cartId")
	refuse := func(err error) (outcome idempotency.Outcome, repeated bool) {
		if err := db.DB.Transact(t.Context(), func(tx *database.Tx) (e error) {
			outcome, repeated, e = idempotency.Once(t.Context(), tx, key, noon, func() (idempotency.Outcome, error) {
				return idempotency.Done("gid://souk/Cart/1", err)
			})
			return e
		}); err != nil {
			t.Fatal(err)
		}
		return outcome, repeated
	}
	if got, repeated := refuse(locked); repeated || got.Err() == nil {
		t.Errorf("a refusal = %+v, %v", got, repeated)
	}
	got, repeated := refuse(nil)
	faults, _ := fault.Split(got.Err())
	if !repeated || got.ID != "gid://souk/Cart/1" || len(faults) != 1 || faults[0].Error() != locked.Error() || faults[0].Field[0] != "cartId" {
		t.Errorf("the same call when nothing is in the way = %+v, %v, want the refusal again", got, repeated)
	}
	if _, err := idempotency.Done("x", broken); !errors.Is(err, broken) {
		t.Errorf("Done = %v, want what is no fault as an error", err)
	}
}

func TestCallsAtOnceHaveOneEffect(t *testing.T) { // Rule G-4.
	t.Parallel()
	db := open(t)
	key := read(t, "my order", scope)
	var wg sync.WaitGroup
	var ran atomic.Int64
	for range 16 {
		wg.Go(func() {
			got, repeated, err := act(t.Context(), db, key, noon, "effect", nil)
			if err != nil || got.ID != "effect" {
				t.Errorf("a call = %+v, %v", got, err)
			}
			if !repeated {
				ran.Add(1)
			}
		})
	}
	wg.Wait()
	if n := count(t, db, "effects"); n != 1 || ran.Load() != 1 {
		t.Errorf("%d effects, %d calls that had one, want 1 and 1", n, ran.Load())
	}
}

// TestALaterCallWaitsForTheFirst has the first call fail while the second waits for it: the second has the effect.
func TestALaterCallWaitsForTheFirst(t *testing.T) {
	t.Parallel()
	db := open(t)
	key := read(t, "my order", scope)
	broken := errors.New("broken")
	second := make(chan error, 1)
	err := db.DB.Transact(t.Context(), func(tx *database.Tx) error {
		_, _, err := idempotency.Once(t.Context(), tx, key, noon, func() (string, error) {
			go func() {
				got, repeated, err := act(t.Context(), db, key, noon, "second", nil)
				if err == nil && (repeated || got.ID != "second") {
					err = errors.New("the second call had no effect of its own")
				}
				second <- err
			}()
			return "", waitForWaiter(t, db)
		})
		return errors.Join(err, broken)
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if err := <-second; err != nil {
		t.Error(err)
	}
	if n := count(t, db, "effects"); n != 1 {
		t.Errorf("%d effects, want that of the second call", n)
	}
}

// waitForWaiter returns when a statement on the table waits for another transaction.
func waitForWaiter(t *testing.T, db *outbox.DB) error {
	const waiting = `SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO idempotency%'
AND pid IN (SELECT pid FROM pg_locks WHERE relation = 'idempotency'::regclass)`
	for {
		var n int
		if err := db.Get(t.Context(), &n, waiting); err != nil || n > 0 {
			return err
		}
	}
}

func TestKeysAreForgotten(t *testing.T) { // Rule G-4: 24 hours.
	t.Parallel()
	db := open(t)
	late := noon.Add(idempotency.Life)
	key := read(t, "my order", scope)
	if _, _, err := act(t.Context(), db, key, noon, "first", nil); err != nil {
		t.Fatal(err)
	}
	if got, repeated, err := act(t.Context(), db, key, late, "second", nil); err != nil || repeated || got.ID != "second" {
		t.Errorf("the same call after 24 hours = %+v, %v, %v, want a new effect", got, repeated, err)
	}
	for _, other := range []string{"order no. 2", "order no. 3", "order no. 4"} {
		if _, _, err := act(t.Context(), db, read(t, other, scope), noon, other, nil); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []int64{2, 1} {
		if n, err := idempotency.Purge(t.Context(), db, late, 2); n != want || err != nil {
			t.Errorf("purge %d forgot %d, %v, want %d", i, n, err, want)
		}
	}
	if err := idempotency.PurgeAll(t.Context(), db, late); err != nil || count(t, db, "idempotency") != 1 {
		t.Errorf("PurgeAll left %d, %v", count(t, db, "idempotency"), err)
	}
	if _, repeated, err := act(t.Context(), db, key, late, "third", nil); !repeated || err != nil {
		t.Errorf("what is not too old was purged: %v", err)
	}
}
