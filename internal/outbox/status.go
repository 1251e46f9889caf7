package outbox

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
)

// Status is how far a service has told its events, and how far it has followed those of others.
type Status struct {
	Epoch      uuid.UUID
	Started    int64 // the position behind which the epoch began
	Position   int64 // of the newest event
	Sent       int64 // up to it the broker was told
	Unnumbered int64 // events that wait for their position
	Sources    []Followed
}

// Followed is how far a service has followed another one.
type Followed struct {
	Source   string
	Epoch    uuid.UUID
	Position int64
	Parked   int64 // events
	Rebuild  bool  // the projection is to be built again
}

// Status tells how far this service is.
func (db *DB) Status(ctx context.Context) (Status, error) {
	var s Status
	err := db.Get(ctx, &s, `SELECT epoch, started, position, sent, (SELECT count(*) FROM outbox WHERE position IS NULL) AS unnumbered FROM outbox_head`)
	if err == nil {
		err = db.Select(ctx, &s.Sources, `SELECT source, epoch, position, rebuild,
			(SELECT count(*) FROM parked WHERE source = cursor.source) AS parked FROM cursor ORDER BY source`)
	}
	if err != nil {
		return Status{}, fmt.Errorf("read status of events: %w", err)
	}
	return s, nil
}

// Parked is an event that could not be applied, or that is about the same aggregate as such a one.
type Parked struct {
	Source   string
	ID       uuid.UUID
	Type     string
	Subject  string
	Position int64
	Reason   string
	ParkedAt time.Time `db:"parked_at"`
}

// Parked returns the parked events in the order in which they were parked, at most so many.
func (db *DB) Parked(ctx context.Context, limit int) ([]Parked, error) {
	var parked []Parked
	err := db.Select(ctx, &parked, `SELECT source, event->>'id' AS id, event->>'type' AS type, subject, position, reason, parked_at FROM parked ORDER BY seq LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("read parked events: %w", err)
	}
	return parked, nil
}

// Retry lets the running service try all its parked events again, and returns how many there are.
func (db *DB) Retry(ctx context.Context) (int64, error) {
	n, err := db.Exec(ctx, `UPDATE parked SET retry = true`)
	if err != nil {
		return 0, fmt.Errorf("ask for a retry: %w", err)
	}
	return n, nil
}

// Rebuild lets the running service build what it keeps of others again, and returns of how many.
func (db *DB) Rebuild(ctx context.Context) (int64, error) {
	n, err := db.Exec(ctx, `UPDATE cursor SET rebuild = true`)
	if err != nil {
		return 0, fmt.Errorf("ask for a rebuild: %w", err)
	}
	return n, nil
}

// CheckTables answers database.ErrBehind where the tables of this package are not up to date.
func CheckTables(ctx context.Context, db *database.DB) error {
	return database.CheckMigratedNamed(ctx, db, versionTable, database.Embedded(files))
}
