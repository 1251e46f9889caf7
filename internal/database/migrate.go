package database

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// Embedded returns the migrations of a package that embeds them as migrations/*.sql.
func Embedded(files embed.FS) fs.FS {
	migrations, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // The name is a path, and nothing else is asked of it here.
	}
	return migrations
}

// Migrate brings the schema up to date. Its connections are those of the role that owns the schema. Several processes
// may call it at once: one works, the others wait for it. A schema that is ahead of these files is left alone (rule G-10).
func Migrate(ctx context.Context, owner *DB, migrations fs.FS) error {
	return MigrateNamed(ctx, owner, goose.DefaultTablename, migrations)
}

// MigrateNamed is Migrate for files whose versions are kept in a table of that name: several sets in one schema have one
// each.
func MigrateNamed(ctx context.Context, owner *DB, table string, migrations fs.FS) error {
	p, err := provider(owner, table, migrations, goose.WithSessionLocker(schemaLock{}))
	if err != nil {
		return err
	}
	for range lockAttempts {
		if _, err = p.Up(ctx); !Locked(err) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("migrate database: %w", err)
	}
	return nil
}

// A migration waits so long for a table, because all others wait behind it, and tries again (rule G-10).
const (
	setLockTimeout = `SET lock_timeout = '2s'`
	lockAttempts   = 30
)

// ErrBehind says that the schema lacks migrations that this program needs.
var ErrBehind = errors.New("the database schema is older than this program: start the service once with its owner's address, which migrates")

// CheckMigrated answers ErrBehind where the schema lacks one of the migrations (rule G-10).
func CheckMigrated(ctx context.Context, db *DB, migrations fs.FS) error {
	return CheckMigratedNamed(ctx, db, goose.DefaultTablename, migrations)
}

// CheckMigratedNamed is CheckMigrated for MigrateNamed.
func CheckMigratedNamed(ctx context.Context, db *DB, table string, migrations fs.FS) error {
	p, err := provider(db, table, migrations)
	if err != nil {
		return err
	}
	var there int64
	if err := db.Get(ctx, &there, `SELECT coalesce(max(version_id), 0) FROM `+table+` WHERE is_applied`); err != nil {
		if hasCode(err, "42P01", "42501") { // No such table, or not ours to read: nothing was migrated.
			return ErrBehind
		}
		return fmt.Errorf("read schema version: %w", err)
	}
	sources := p.ListSources()
	if len(sources) > 0 && there < sources[len(sources)-1].Version {
		return ErrBehind
	}
	return nil
}

func provider(db *DB, table string, migrations fs.FS, options ...goose.ProviderOption) (*goose.Provider, error) {
	p, err := goose.NewProvider(goose.DialectPostgres, db.x.DB, migrations, append(options, goose.WithAllowOutofOrder(false), goose.WithTableName(table))...)
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return p, nil
}

// schemaLock lets one process at a time migrate a schema. Unlike goose's own lock it waits in Postgres, without polling,
// and schemas of one database do not wait for each other.
type schemaLock struct{}

const lockName = `hashtextextended('souk migrations of ' || current_schema(), 0)`

// SessionLock waits until nobody else migrates.
func (schemaLock) SessionLock(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock(`+lockName+`)`); err != nil {
		return err
	}
	_, err := conn.ExecContext(ctx, setLockTimeout)
	return err
}

// SessionUnlock lets the next one go on.
func (schemaLock) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, `RESET lock_timeout; SELECT pg_advisory_unlock(`+lockName+`)`)
	return err
}
