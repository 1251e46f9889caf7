package outbox

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
)

// Stale is what events say is old, behind the place up to which it was forgotten.
type Stale struct {
	// All says that everything may be old: there is no such place in this log.
	All  bool
	Tags []Tagged
	// More says that there is more than was read.
	More bool

	epoch    uuid.UUID
	position int64
}

// Tagged are the cache tags of an event that was committed; it may still wait for its position.
type Tagged struct {
	Seq      int64 // where it was written
	Position int64 // 0: it waits
	Tags     []string
}

const (
	staleHead = `SELECT h.epoch, h.position, f.position AS forgotten, coalesce((SELECT min(position) FROM outbox), h.position + 1) AS first,
	EXISTS (SELECT FROM outbox WHERE position IS NULL) AS waiting
FROM outbox_head h LEFT JOIN forgotten f ON f.epoch = h.epoch`

	// staleTags is one statement, so that no event is missed that gets its position meanwhile.
	staleTags = `(SELECT seq, position, coalesce(event->'cacheTags', '[]')::text AS tags FROM outbox WHERE position > $1 ORDER BY position LIMIT $2)
UNION ALL
(SELECT seq, 0, coalesce(event->'cacheTags', '[]')::text FROM outbox WHERE position IS NULL ORDER BY seq LIMIT $2)`

	noteForgotten = `INSERT INTO forgotten AS f (epoch, position) VALUES ($1, $2) ON CONFLICT (one) DO UPDATE
SET epoch = excluded.epoch, position = CASE WHEN f.epoch = excluded.epoch THEN greatest(f.position, excluded.position) ELSE excluded.position END`
)

// Stale reads what events say is old and was not forgotten yet, also of those that were committed just now, of at most so
// many events with a position and so many without. Several may read and note: what is forgotten twice is no harm.
func (db *DB) Stale(ctx context.Context, limit int) (Stale, error) {
	var head struct {
		Epoch           uuid.UUID
		Position, First int64
		Forgotten       *int64
		Waiting         bool
	}
	if err := db.Get(ctx, &head, staleHead); err != nil {
		return Stale{}, fmt.Errorf("read what is old: %w", err)
	}
	s := Stale{epoch: head.Epoch, position: head.Position}
	if head.Forgotten == nil || *head.Forgotten > head.Position || *head.Forgotten+1 < head.First {
		s.All = true
		return s, nil
	}
	if s.position = *head.Forgotten; s.position == head.Position && !head.Waiting {
		return s, nil
	}
	var rows []struct {
		Seq, Position int64
		Tags          string
	}
	if err := db.Select(ctx, &rows, staleTags, s.position, limit); err != nil {
		return Stale{}, fmt.Errorf("read what is old: %w", err)
	}
	numbered := 0
	for _, r := range rows {
		tagged := Tagged{Seq: r.Seq, Position: r.Position}
		if err := json.Unmarshal([]byte(r.Tags), &tagged.Tags); err != nil {
			return Stale{}, fmt.Errorf("read cache tags: %w", err)
		}
		s.Tags = append(s.Tags, tagged)
		if r.Position > 0 {
			s.position = r.Position
			numbered++
		}
	}
	s.More = numbered == limit || len(rows)-numbered == limit
	return s, nil
}

// Forgotten notes that what was read was forgotten. Events that wait for their position come again.
func (db *DB) Forgotten(ctx context.Context, s Stale) error {
	if _, err := db.Exec(ctx, noteForgotten, s.epoch, s.position); err != nil {
		return fmt.Errorf("note what was forgotten: %w", err)
	}
	return nil
}
