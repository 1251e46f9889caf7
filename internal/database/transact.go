package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

const (
	attempts   = 3
	firstPause = 20 * time.Millisecond // before the second attempt, at least
)

// Transact runs change in one transaction at READ COMMITTED: all of it becomes durable when change returns nil, nothing
// of it otherwise. Where Postgres breaks the transaction off because of others (40001, 40P01), change runs again, three
// times in all; it must not do anything but use the transaction.
func (db *DB) Transact(ctx context.Context, change func(*Tx) error) error {
	for i := 0; ; i++ {
		err := db.once(ctx, change)
		if i == attempts-1 || !retryable(err) {
			return err
		}
		// Whoever stood in the way goes first: at once again, both could meet in the same way.
		select {
		case <-ctx.Done():
			return err
		case <-time.After(firstPause<<i + rand.N(firstPause)):
		}
	}
}

func (db *DB) once(ctx context.Context, change func(*Tx) error) (err error) {
	x, err := db.x.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	defer func() {
		if rollback := x.Rollback(); err == nil && !errors.Is(rollback, sql.ErrTxDone) {
			err = rollback
		}
	}()
	if err := change(&Tx{queries[*sqlx.Tx]{x}}); err != nil {
		return err
	}
	if err := x.Commit(); err != nil {
		return fmt.Errorf("commit transaction: %w", err)
	}
	return nil
}

func retryable(err error) bool { return hasCode(err, "40001", "40P01") }

// Transient tells whether an error says nothing about what was tried, so that the same may work later: the database is
// away, others stood in the way, or the time was up.
func Transient(err error) bool {
	return Unavailable(err) || retryable(err) || Locked(err) || hasCode(err, "25P03", "25P04") ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// Locked tells whether a statement gave up waiting for a row that another transaction holds (lock_timeout).
func Locked(err error) bool { return hasCode(err, "55P03") }

// Duplicate tells whether a row broke the unique constraint or index of that name.
func Duplicate(err error, constraint string) bool {
	var server *pq.Error
	return errors.As(err, &server) && server.Code == "23505" && server.Constraint == constraint
}

func hasCode(err error, codes ...pq.ErrorCode) bool {
	var server *pq.Error
	if !errors.As(err, &server) {
		return false
	}
	for _, code := range codes {
		if server.Code == code {
			return true
		}
	}
	return false
}

func isBroken(err error) bool {
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
