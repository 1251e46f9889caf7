package database_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/database/databasetest"
	"github.com/soukhq/souk/internal/launch/launchtest"
)

func TestMain(m *testing.M) { os.Exit(launchtest.Main(m)) }

var first = fstest.MapFS{"0001_first.sql": {Data: []byte("-- +goose Up\nCREATE TABLE account (name text CONSTRAINT account_key PRIMARY KEY, amount bigint NOT NULL);\n")}}

var second = fstest.MapFS{
	"0001_first.sql":  first["0001_first.sql"],
	"0002_second.sql": {Data: []byte("-- +goose Up\nALTER TABLE account ADD COLUMN note text;\n")},
}

func exec(t *testing.T, q database.Queryer, query string, args ...any) int64 {
	t.Helper()
	n, err := q.Exec(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestStatements(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t, first)
	ctx := database.WithCount(t.Context())
	if n, err := db.Exec(ctx, `INSERT INTO account VALUES ($1, $2), ('b', 2)`, "a", 1); err != nil || n != 2 {
		t.Fatalf("Exec = %d, %v, want 2 rows", n, err)
	}
	var names []string
	if err := db.Select(ctx, &names, `SELECT name FROM account ORDER BY name`); err != nil || strings.Join(names, "") != "ab" {
		t.Errorf("Select = %v, %v", names, err)
	}
	var amount int64
	if err := db.Get(ctx, &amount, `SELECT amount FROM account WHERE name = $1`, "b"); err != nil || amount != 2 {
		t.Errorf("Get = %d, %v", amount, err)
	}
	if err := db.Get(ctx, &amount, `SELECT amount FROM account WHERE name = 'c'`); !errors.Is(err, database.ErrNotFound) {
		t.Errorf("Get of no row: error = %v, want ErrNotFound", err)
	}
	if n := database.Counted(ctx); n != 4 {
		t.Errorf("Counted = %d, want 4", n)
	}
	_, err := db.Exec(ctx, `INSERT INTO account VALUES ('a', 3)`)
	if !database.Duplicate(err, "account_key") || database.Duplicate(err, "other") || database.Unavailable(err) {
		t.Errorf("a second row with the key: %v", err)
	}
}

func TestTransactIsAllOrNothing(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t, first)
	no := errors.New("no")
	err := db.Transact(t.Context(), func(tx *database.Tx) error {
		exec(t, tx, `INSERT INTO account VALUES ('a', 1)`)
		return no
	})
	var n int
	if e := db.Get(t.Context(), &n, `SELECT count(*) FROM account`); !errors.Is(err, no) || e != nil || n != 0 {
		t.Errorf("after a failed change: %v, %d rows (%v), want its error and none", err, n, e)
	}
}

func TestTransactRetriesDeadlocks(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t, first)
	exec(t, db, `INSERT INTO account VALUES ('a', 0), ('b', 0)`)
	add := func(tx *database.Tx, name string) error {
		_, err := tx.Exec(t.Context(), `UPDATE account SET amount = amount + 1 WHERE name = $1`, name)
		return err
	}
	var met sync.WaitGroup // Both hold their first row before either asks for the second: a certain deadlock.
	met.Add(2)
	change := func(rows ...string) error {
		tries := 0
		return db.Transact(t.Context(), func(tx *database.Tx) error {
			if err := add(tx, rows[0]); err != nil {
				return err
			}
			if tries++; tries == 1 {
				met.Done()
				met.Wait()
			}
			return add(tx, rows[1])
		})
	}
	results := make(chan error, 2)
	go func() { results <- change("a", "b") }()
	go func() { results <- change("b", "a") }()
	for range 2 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	var sum int
	if err := db.Get(t.Context(), &sum, `SELECT sum(amount) FROM account`); err != nil || sum != 4 {
		t.Errorf("sum = %d, %v, want 4: each change once", sum, err)
	}
}

func TestLocked(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t, first)
	exec(t, db, `INSERT INTO account VALUES ('a', 0)`)
	err := db.Transact(t.Context(), func(tx *database.Tx) error {
		exec(t, tx, `SELECT * FROM account FOR UPDATE`)
		return db.Transact(t.Context(), func(other *database.Tx) error {
			exec(t, other, `SET LOCAL lock_timeout = '10ms'`)
			_, err := other.Exec(t.Context(), `SELECT * FROM account FOR UPDATE`)
			return err
		})
	})
	if !database.Locked(err) {
		t.Errorf("error = %v, want one that Locked knows", err)
	}
}

func TestMigrations(t *testing.T) {
	t.Parallel()
	db := databasetest.Empty(t)
	if err := database.CheckMigrated(t.Context(), db, first); !errors.Is(err, database.ErrBehind) {
		t.Errorf("an empty schema: %v, want ErrBehind", err)
	}
	results := make(chan error, 4)
	for range 4 {
		go func() { results <- database.Migrate(t.Context(), db, first) }()
	}
	for range 4 {
		if err := <-results; err != nil {
			t.Errorf("four at once: %v", err)
		}
	}
	if err := database.CheckMigrated(t.Context(), db, first); err != nil {
		t.Errorf("after migrating: %v", err)
	}
	if err := database.CheckMigrated(t.Context(), db, second); !errors.Is(err, database.ErrBehind) {
		t.Errorf("one migration is missing: %v, want ErrBehind", err)
	}
	if err := database.Migrate(t.Context(), db, second); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(database.Migrate(t.Context(), db, first), database.CheckMigrated(t.Context(), db, first)); err != nil {
		t.Errorf("a database that is ahead (G-10): %v", err)
	}
	broken := fstest.MapFS{"0001_first.sql": first["0001_first.sql"], "0002_second.sql": second["0002_second.sql"],
		"0003_third.sql": {Data: []byte("-- +goose Up\nNO SQL;\n")}}
	if err := database.Migrate(t.Context(), db, broken); err == nil {
		t.Error("a broken migration gave no error")
	}
}

func TestUnavailable(t *testing.T) {
	t.Parallel()
	_, err := database.Open(t.Context(), "postgres://nobody:secret@127.0.0.1:1/none", 1, 0)
	if err == nil || !database.Unavailable(err) || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "127.0.0.1:1/none") {
		t.Errorf("nobody listens: %v, want it unavailable, with the place and without the password", err)
	}
	if _, err := database.Open(t.Context(), "mysql://x", 1, 0); err == nil {
		t.Error("a mysql address was accepted")
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := database.Open(ctx, "postgres://nobody@127.0.0.1:1/none", 1, time.Minute); err == nil {
		t.Error("a cancelled context still waits")
	}
	db := databasetest.New(t, first)
	var killed int
	err = db.Transact(t.Context(), func(tx *database.Tx) error {
		var pid int
		if err := tx.Get(t.Context(), &pid, `SELECT pg_backend_pid()`); err != nil {
			return err
		}
		exec(t, db, fmt.Sprintf(`SELECT pg_terminate_backend(%d)`, pid))
		return tx.Get(t.Context(), &killed, `SELECT 1`)
	})
	if !database.Unavailable(err) {
		t.Errorf("a connection that was cut: %v, want it unavailable", err)
	}
}

// TestTransactionThatStandsStill lets a transaction hold a row and do nothing: others get the row after a while, which is
// shorter here than it is by default, and the transaction is told.
func TestTransactionThatStandsStill(t *testing.T) {
	t.Parallel()
	address := databasetest.Address(t)
	others, err := database.Open(t.Context(), address, 2, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = others.Close() }) // Nothing is under way any more.
	var longest string
	if err := others.Get(t.Context(), &longest, `SHOW idle_in_transaction_session_timeout`); err != nil || longest != "15s" {
		t.Errorf("by default a transaction may stand still for %q, %v", longest, err)
	}
	exec(t, others, `CREATE TABLE shelf (pieces bigint)`)
	exec(t, others, `INSERT INTO shelf VALUES (1)`)

	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("idle_in_transaction_session_timeout", "200ms")
	u.RawQuery = q.Encode()
	still, err := database.Open(t.Context(), u.String(), 1, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = still.Close() }) // Its connection was cut.
	err = still.Transact(t.Context(), func(tx *database.Tx) error {
		if n := exec(t, tx, `UPDATE shelf SET pieces = 0`); n != 1 {
			t.Errorf("%d rows were locked", n)
		}
		exec(t, others, `UPDATE shelf SET pieces = pieces + 1`) // It waits for the row.
		_, err := tx.Exec(t.Context(), `UPDATE shelf SET pieces = 0`)
		return err
	})
	if !database.Transient(err) {
		t.Errorf("the transaction that stood still ended with %v", err)
	}
	var pieces int
	if err := others.Get(t.Context(), &pieces, `SELECT pieces FROM shelf`); err != nil || pieces != 2 {
		t.Errorf("%d pieces, %v, want 2", pieces, err)
	}
}

// A migration that has to wait for a table lets others pass meanwhile (rule G-10).
func TestAMigrationDoesNotStopReaders(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t, first)
	ended := make(chan error, 1)
	err := db.Transact(t.Context(), func(tx *database.Tx) error {
		exec(t, tx, `LOCK TABLE account IN ACCESS SHARE MODE`) // A reader who takes his time.
		go func() { ended <- database.Migrate(t.Context(), db, second) }()
		for waits := false; !waits; {
			const waiting = `SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'account'::regclass AND mode = 'AccessExclusiveLock' AND NOT granted)`
			if err := db.Get(t.Context(), &waits, waiting); err != nil {
				return err
			}
		}
		var n int
		return db.Get(t.Context(), &n, `SELECT count(*) FROM account`) // It stands behind the migration, until that gives up.
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	exec(t, db, `INSERT INTO account VALUES ('a', 1, 'the new column')`)
}
