// Package outbox makes an event as durable as the change that caused it, and tells it to the others.
package outbox

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"

	"github.com/soukhq/souk/internal/crash"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
)

//go:embed migrations/*.sql
var files embed.FS

// versionTable holds which migrations of the shared tables were applied; those of the service have a table of their own.
const versionTable = "souk_shared_version"

// Migrate brings the tables that every service has up to date, then those of the service.
func Migrate(ctx context.Context, owner *database.DB, service fs.FS) error {
	if err := database.MigrateNamed(ctx, owner, versionTable, database.Embedded(files)); err != nil {
		return err
	}
	return database.Migrate(ctx, owner, service)
}

// CheckMigrated answers database.ErrBehind where one of the migrations lacks.
func CheckMigrated(ctx context.Context, db *database.DB, service fs.FS) error {
	if err := CheckTables(ctx, db); err != nil {
		return err
	}
	return database.CheckMigrated(ctx, db, service)
}

// DB is the database of a service whose changes are told. It is safe for concurrent use.
type DB struct {
	*database.DB
	changed watchers // of events, whoever committed them
	here    watchers // of those that this process committed
}

// Open makes a database tell its changes.
func Open(db *database.DB) *DB { return &DB{DB: db} }

// Transact runs a change in one transaction with the events that it returns (rule E-1): all becomes durable, or nothing.
// The rows of the aggregates that the events are about must be locked by the change. Like database.Transact it runs
// again where others broke it off; name is that of its fault points.
func (db *DB) Transact(ctx context.Context, name string, change func(*database.Tx) ([]event.Event, error)) error {
	crash.Point(name + ".before")
	err := db.DB.Transact(ctx, func(tx *database.Tx) error {
		events, err := change(tx)
		if err != nil {
			return err
		}
		return Append(ctx, tx, events...)
	})
	if err != nil {
		return err
	}
	crash.Point(name + ".after")
	db.Wake()
	return nil
}

const insertEvents = `INSERT INTO outbox (id, subject, version, event)
SELECT (e->>'id')::uuid, e->>'subject', (e->>'aggregateVersion')::bigint, e FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS x(e, n) ORDER BY n`

// Append writes events into the outbox in the order given, in one statement.
func Append(ctx context.Context, tx *database.Tx, events ...event.Event) error {
	if len(events) == 0 {
		return nil
	}
	text, err := json.Marshal(events)
	if err != nil {
		return fmt.Errorf("write events: %w", err)
	}
	if _, err := tx.Exec(ctx, insertEvents, string(text)); err != nil {
		return fmt.Errorf("append events: %w", err)
	}
	return nil
}
