// Package database opens a service's Postgres database, migrates it, and runs statements and transactions.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// ErrNotFound says that a statement that reads one row found none.
var ErrNotFound = errors.New("no row")

// Queryer runs single statements: a DB each on its own, a Tx all in one transaction.
type Queryer interface {
	// Select reads rows into a slice of structs or values.
	Select(ctx context.Context, dst any, query string, args ...any) error
	// Get reads exactly one row into a struct or value, or answers ErrNotFound.
	Get(ctx context.Context, dst any, query string, args ...any) error
	// Exec changes rows and returns how many.
	Exec(ctx context.Context, query string, args ...any) (int64, error)
}

// DB is the database of one service. It is safe for concurrent use.
type DB struct {
	queries[*sqlx.DB]
	address string // with our defaults, for connections beside the pool
}

// Tx is a running transaction.
type Tx struct {
	queries[*sqlx.Tx]
}

// Open connects to a database with at most the given number of connections and waits up to wait until it answers.
func Open(ctx context.Context, address string, connections int, wait time.Duration) (*DB, error) {
	dsn, err := withDefaults(address)
	if err != nil {
		return nil, err
	}
	x, err := sqlx.Open("postgres", dsn)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	x.SetMaxOpenConns(connections)
	x.SetMaxIdleConns(connections)
	x.SetConnMaxIdleTime(5 * time.Minute)
	if err := answer(ctx, x.DB, wait); err != nil {
		return nil, errors.Join(fmt.Errorf("connect to PostgreSQL at %s: %w", place(address), err), x.Close())
	}
	return &DB{queries: queries[*sqlx.DB]{x}, address: dsn}, nil
}

// Close gives the connections back.
func (db *DB) Close() error { return db.x.Close() }

// Ping tells whether the database answers.
func (db *DB) Ping(ctx context.Context) error { return db.x.PingContext(ctx) }

// queries runs statements on a pool or a transaction and counts them.
type queries[X interface {
	sqlx.QueryerContext
	sqlx.ExecerContext
	SelectContext(ctx context.Context, dst any, query string, args ...any) error
	GetContext(ctx context.Context, dst any, query string, args ...any) error
}] struct{ x X }

func (q queries[X]) Select(ctx context.Context, dst any, query string, args ...any) error {
	count(ctx)
	return q.x.SelectContext(ctx, dst, query, args...)
}

func (q queries[X]) Get(ctx context.Context, dst any, query string, args ...any) error {
	count(ctx)
	err := q.x.GetContext(ctx, dst, query, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

func (q queries[X]) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	count(ctx)
	result, err := q.x.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// withDefaults adds what every connection of ours wants: one round trip for a statement with parameters, no encryption
// unless asked for, a name that shows in pg_stat_activity, and an end of transactions that nobody goes on with.
func withDefaults(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return "", errors.New("a database address begins with postgres://")
	}
	q := u.Query()
	for k, v := range map[string]string{
		"binary_parameters": "yes", "sslmode": "disable", "application_name": "souk", "connect_timeout": "5", "timezone": "UTC",
		"jit": "off", // Statements are short: compiling them takes longer than running them.
		// A process that stands still within a transaction must not hold its rows for ever: others wait for them.
		"idle_in_transaction_session_timeout": "15s",
	} {
		if !q.Has(k) {
			q.Set(k, v)
		}
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// place is an address without its secrets, for messages.
func place(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "an address that cannot be read"
	}
	return u.Host + u.Path
}

// answer pings until the database answers, the time is up, or it says no.
func answer(ctx context.Context, db *sql.DB, wait time.Duration) error {
	deadline := time.Now().Add(wait)
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := db.PingContext(ctx)
		if err == nil || !Unavailable(err) || time.Now().Add(pause).After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// Unavailable tells whether an error means that the database is away for the moment, and not that a statement is wrong.
func Unavailable(err error) bool {
	var network net.Error
	var server *pq.Error
	switch {
	case errors.As(err, &server):
		class := string(server.Code.Class())
		return class == "08" || class == "57" || class == "53" // connection, operator intervention, resources
	case errors.As(err, &network), errors.Is(err, sql.ErrConnDone), errors.Is(err, net.ErrClosed):
		return true
	default:
		return isBroken(err)
	}
}
