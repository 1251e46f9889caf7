// Package databasetest gives each test a schema of its own in a real Postgres.
package databasetest

import (
	"context"
	"fmt"
	"io/fs"
	"net/url"
	"testing"
	"time"

	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/launch/launchtest"
)

// New returns a database whose schema is fresh and migrated. It is dropped when the test ends.
func New(t testing.TB, migrations fs.FS) *database.DB {
	t.Helper()
	db := Empty(t)
	if err := database.Migrate(t.Context(), db, migrations); err != nil {
		t.Fatal(err)
	}
	return db
}

// Empty returns a database with a fresh schema that holds nothing.
func Empty(t testing.TB) *database.DB {
	t.Helper()
	return Open(t, Address(t))
}

// Address returns the address of a database with a fresh schema that holds nothing, for what opens the database itself.
func Address(t testing.TB) string {
	t.Helper()
	server := launchtest.Postgres(t)
	admin := Open(t, server)
	schema := "test_" + fmt.Sprintf("%x", gid.New())
	if _, err := admin.Exec(t.Context(), `CREATE SCHEMA `+schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // Runs after t.Context() ended.
		ctx, stop := context.WithTimeout(context.Background(), 30*time.Second)
		defer stop()
		if _, err := admin.Exec(ctx, `DROP SCHEMA `+schema+` CASCADE`); err != nil {
			t.Errorf("drop %s: %v", schema, err)
		}
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

// Open opens the database at an address, for as long as the test runs.
func Open(t testing.TB, address string) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), address, 10, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}
