package idempotency

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/soukhq/souk/internal/fault"
)

// Life is how long what came of a call is remembered (rule G-4).
const Life = 24 * time.Hour

// Queryer runs statements: a transaction, except for Purge.
type Queryer interface {
	Select(ctx context.Context, dst any, query string, args ...any) error
	Exec(ctx context.Context, query string, args ...any) (int64, error)
}

// Outcome is what most mutations remember: enough to read the resource again and to tell the caller the same.
type Outcome struct {
	ID       string          `json:"id,omitempty"`       // of the resource, without its secret
	Faults   []*fault.Error  `json:"faults,omitempty"`   // what the caller was told to correct
	Warnings json.RawMessage `json:"warnings,omitempty"` // as the service writes them
}

// Done is the outcome of a change of the resource with that id: with the faults for which the state of things refused it,
// or an error where something else went wrong. To be returned by the function that Once runs.
func Done(id string, err error) (Outcome, error) {
	faults, err := fault.Split(err)
	return Outcome{ID: id, Faults: faults}, err
}

// Err returns the faults, for the caller to be told; nil where there is none.
func (o Outcome) Err() error { return fault.List(o.Faults).Err() }

const claim = `INSERT INTO idempotency AS i (scope, key, request_hash, expires_at) VALUES ($1, $2, $3, $5)
ON CONFLICT (scope, key) DO UPDATE SET request_hash = excluded.request_hash, outcome = NULL, expires_at = excluded.expires_at
WHERE i.expires_at <= $4`

const selectOutcome = `SELECT request_hash, outcome FROM idempotency WHERE scope = $1 AND key = $2`

const keep = `UPDATE idempotency SET outcome = $3 WHERE scope = $1 AND key = $2`

// Once runs the effect of a mutation once for each key. The transaction must be that of the effect, at READ COMMITTED,
// and Once the first to lock anything in it.
//
// The first call runs, and its outcome is remembered when the transaction commits. A later call with the same key and the
// same request gets that outcome and repeated = true, without an effect; one with another request gets the fault
// IDEMPOTENCY_KEY_REUSED. A call at the same time waits for the first, lock_timeout permitting, and is then a later one, or the
// first one where that failed. An error of run is returned as it is; as it ends the transaction, the key is free again:
// what the caller can correct in the input is told that way, and what the state of things forbids within T. T must
// survive JSON. Without a key, run runs.
func Once[T any](ctx context.Context, tx Queryer, key Key, now time.Time, run func() (T, error)) (outcome T, repeated bool, err error) {
	if !key.Given() {
		outcome, err = run()
		return outcome, false, err
	}
	first, err := tx.Exec(ctx, claim, key.scope, key.key, key.request, now, now.Add(Life))
	if err != nil {
		return outcome, false, fmt.Errorf("claim idempotency key: %w", err)
	}
	if first == 0 {
		outcome, err = remembered[T](ctx, tx, key)
		return outcome, err == nil, err
	}
	if outcome, err = run(); err != nil {
		return outcome, false, err
	}
	text, err := json.Marshal(outcome)
	if err != nil {
		return outcome, false, fmt.Errorf("write outcome: %w", err)
	}
	if _, err := tx.Exec(ctx, keep, key.scope, key.key, string(text)); err != nil {
		return outcome, false, fmt.Errorf("keep outcome: %w", err)
	}
	return outcome, false, nil
}

func remembered[T any](ctx context.Context, tx Queryer, key Key) (outcome T, err error) {
	var rows []struct {
		Request []byte `db:"request_hash"`
		Outcome []byte `db:"outcome"`
	}
	if err := tx.Select(ctx, &rows, selectOutcome, key.scope, key.key); err != nil {
		return outcome, fmt.Errorf("read outcome: %w", err)
	}
	if len(rows) != 1 { // The claim has locked it.
		return outcome, errors.New("read outcome: the row is gone")
	}
	if !slices.Equal(rows[0].Request, key.request) {
		return outcome, fault.New("IDEMPOTENCY_KEY_REUSED", "This idempotency key was used for another request.", "idempotencyKey")
	}
	if err := json.Unmarshal(rows[0].Outcome, &outcome); err != nil {
		return outcome, fmt.Errorf("read outcome: %w", err)
	}
	return outcome, nil
}

const purge = `DELETE FROM idempotency WHERE (scope, key) IN (
SELECT scope, key FROM idempotency WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)`

const purged = 1_000 // calls in one statement

// PurgeAll forgets all calls that are too old to be repeated.
func PurgeAll(ctx context.Context, db Queryer, now time.Time) error {
	for {
		if n, err := Purge(ctx, db, now, purged); err != nil || n < purged {
			return err
		}
	}
}

// Purge forgets at most limit calls that are too old to be repeated, and tells how many.
func Purge(ctx context.Context, db Queryer, now time.Time, limit int) (int64, error) {
	n, err := db.Exec(ctx, purge, now, limit)
	if err != nil {
		return 0, fmt.Errorf("purge idempotency keys: %w", err)
	}
	return n, nil
}
