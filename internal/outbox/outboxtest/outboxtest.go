// Package outboxtest gives each test a database that tells its changes.
package outboxtest

import (
	"encoding/json"
	"io/fs"
	"testing"

	"github.com/soukhq/souk/internal/database/databasetest"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/event/eventtest"
	"github.com/soukhq/souk/internal/outbox"
)

// New returns a database whose schema is fresh and migrated. It is dropped when the test ends.
func New(t testing.TB, service fs.FS) *outbox.DB {
	t.Helper()
	db := databasetest.Empty(t)
	if err := outbox.Migrate(t.Context(), db, service); err != nil {
		t.Fatal(err)
	}
	return outbox.Open(db)
}

// Events returns the events that were appended so far, in their order. The test fails for those that their schemas do not
// allow.
func Events(t testing.TB, db *outbox.DB) []event.Event {
	t.Helper()
	var texts []string
	if err := db.Select(t.Context(), &texts, `SELECT event FROM outbox ORDER BY seq`); err != nil {
		t.Fatal(err)
	}
	events := make([]event.Event, len(texts))
	for i, text := range texts {
		if err := json.Unmarshal([]byte(text), &events[i]); err != nil {
			t.Fatal(err)
		}
	}
	eventtest.Check(t, events...)
	return events
}
