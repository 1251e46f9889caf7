package outbox

import (
	"context"
	"fmt"
	"time"
)

// Told is the last thing that was told of an aggregate: an item of the state feed before it is rendered.
type Told struct {
	Subject   string
	Version   int64
	Position  int64
	DeletedAt *time.Time `db:"deleted_at"`
}

const selectStates = `SELECT subject, version, position, deleted_at FROM feed WHERE kind = $1 AND position > $2 ORDER BY position LIMIT $3`

// States returns the aggregates of a kind about which something was told behind a position, in the order of the last event
// about each, at most so many.
func (db *DB) States(ctx context.Context, kind string, after int64, limit int) ([]Told, error) {
	var told []Told
	if err := db.Select(ctx, &told, selectStates, kind, after, limit); err != nil {
		return nil, fmt.Errorf("read state feed: %w", err)
	}
	return told, nil
}
