package outbox_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/internal/stream"
	"github.com/soukhq/souk/internal/stream/streamtest"
)

// snapshot keeps the log and the feed of a database as they are; the function brings them back, as a restore does.
func snapshot(t *testing.T, db *outbox.DB) (restore func()) {
	t.Helper()
	exec := func(statements ...string) {
		t.Helper()
		for _, s := range statements {
			if _, err := db.Exec(t.Context(), s); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, table := range []string{"outbox", "outbox_head", "feed"} {
		exec(`CREATE TABLE kept_` + table + ` AS SELECT * FROM ` + table)
	}
	return func() {
		t.Helper()
		for _, table := range []string{"outbox", "outbox_head", "feed"} {
			exec(`DELETE FROM `+table, strings.ReplaceAll(`INSERT INTO x OVERRIDING SYSTEM VALUE SELECT * FROM kept_x`, "x", table))
		}
	}
}

// A database that was restored to an older state finds out by the stream, and begins a new epoch where the logs part.
func TestARestoredDatabaseBeginsANewEpoch(t *testing.T) {
	t.Parallel()
	for name, more := range map[string]int{"before it tells more": 0, "when it tells other events": 2, "when it is as far again": 3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := outboxtest.New(t, migrations)
			redis := streamtest.Open(t)
			r := relayOf(db, redis)
			tell(t, db, updated(product(), 1), updated(product(), 1))
			step(t, r.Number, 2)
			step(t, r.Publish, 2)
			restore := snapshot(t, db)
			tell(t, db, updated(product(), 1), updated(product(), 1), updated(product(), 1))
			step(t, r.Number, 3)
			step(t, r.Publish, 3)
			old := headOf(t, db).Epoch
			restore()
			for range more {
				tell(t, db, updated(product(), 1))
			}
			r = relayOf(db, redis)
			step(t, r.Number, more)
			step(t, r.Publish, 0)
			head := headOf(t, db)
			if head.Epoch == old || head.Started != 2 || head.Position != int64(2+more) {
				t.Errorf("head %+v, want a new epoch that began behind 2", head)
			}
			step(t, r.Publish, 0) // What was numbered before is read from the log.
			tell(t, db, updated(product(), 1))
			step(t, r.Number, 1)
			step(t, r.Publish, 1)
			entries, err := redis.Read(t.Context(), stream.Log{Service: "product", Epoch: head.Epoch}, 0, 10, 0)
			if err != nil || len(entries) != 1 || entries[0].Position != head.Position+1 {
				t.Errorf("stream of the new epoch: %v, %v", entries, err)
			}
		})
	}
}

func TestAReaderWhoSawMoreStartsANewEpoch(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, migrations)
	r := relayOf(db, streamtest.Open(t))
	tell(t, db, updated(product(), 1), updated(product(), 1))
	step(t, r.Number, 2)
	head, entries, told, err := db.Events(t.Context(), event.Place{Epoch: headOf(t, db).Epoch, Position: 1}, 10, 1<<20)
	if err != nil || told || len(entries) != 1 {
		t.Fatalf("%d entries, %v, %v", len(entries), told, err)
	}
	id := entries[0].Event.ID
	for name, c := range map[string]struct {
		place event.Place
		begin bool
	}{
		"at the end":                    {event.Place{Position: 2, Event: id}, false},
		"at the end, without the event": {event.Place{Position: 2}, false},
		"of another epoch":              {event.Place{Epoch: uuid.New(), Position: 9}, false},
		"beyond the end":                {event.Place{Position: 3}, true},
		"with another event":            {event.Place{Position: 2, Event: uuid.New()}, true},
	} {
		t.Run(name, func(t *testing.T) {
			head = headOf(t, db)
			if c.place.Epoch == uuid.Nil {
				c.place.Epoch = head.Epoch
			}
			got, _, told, err := db.Events(t.Context(), c.place, 10, 1<<20)
			if err != nil || told != c.begin || (got.Epoch != head.Epoch) != c.begin || c.begin && got.Started != 0 {
				t.Errorf("head %+v, a new epoch %v, %v", got, told, err)
			}
		})
	}
}
