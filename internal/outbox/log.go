package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/crash"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
)

const (
	numberBatch   = 1_000
	logLife       = 7 * 24 * time.Hour  // how long events are kept (rule E-10)
	tombstoneLife = 90 * 24 * time.Hour // how long the state feed tells that an aggregate is gone (rule E-12)
	cleanBatch    = 5_000
)

// lockHead locks the head of the log. Where another relay numbers just now there is no row: the advisory lock saves the
// work of waiting for it, while what keeps them apart is the lock of the row.
const lockHead = `SELECT position FROM outbox_head
WHERE pg_try_advisory_xact_lock(hashtextextended('souk relay of ' || current_schema(), 0)) FOR UPDATE`

// number numbers committed events by their order of writing, and puts the last one about each aggregate into the feed.
const number = `WITH next AS (
	SELECT seq, row_number() OVER (ORDER BY seq) AS n FROM outbox WHERE position IS NULL ORDER BY seq LIMIT $2
), numbered AS (
	UPDATE outbox o SET position = $1 + next.n FROM next WHERE o.seq = next.seq
	RETURNING o.position, o.subject, o.version, o.event->>'type' LIKE '%.deleted.v%' AS deleted
), told AS (
	INSERT INTO feed (kind, subject, version, position, deleted_at)
	SELECT DISTINCT ON (subject) split_part(subject, '/', 4), subject, version, position, CASE WHEN deleted THEN now() END
	FROM numbered ORDER BY subject, position DESC
	ON CONFLICT (kind, subject) DO UPDATE SET version = excluded.version, position = excluded.position, deleted_at = excluded.deleted_at
)
SELECT count(*) FROM numbered`

// Number gives committed events that have none their positions, in one transaction, and returns how many (rule E-9).
func (r *Relay) Number(ctx context.Context) (int, error) {
	var waiting bool
	if err := r.DB.Get(ctx, &waiting, `SELECT EXISTS (SELECT FROM outbox WHERE position IS NULL)`); err != nil || !waiting {
		return 0, err
	}
	crash.Point(r.Service + ".relay.number.before")
	n := 0
	err := r.DB.DB.Transact(ctx, func(tx *database.Tx) error {
		n = 0
		var head int64
		if err := tx.Get(ctx, &head, lockHead); err != nil {
			if errors.Is(err, database.ErrNotFound) {
				return nil
			}
			return err
		}
		if err := tx.Get(ctx, &n, number, head, numberBatch); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE outbox_head SET position = $1`, head+int64(n))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("number events: %w", err)
	}
	crash.Point(r.Service + ".relay.number.after")
	return n, nil
}

// Clean removes events that are older than seven days and tombstones that are older than ninety, and returns how many.
func (r *Relay) Clean(ctx context.Context, now time.Time) (events, tombstones int64, err error) {
	events, err = r.clean(ctx, `DELETE FROM outbox WHERE seq IN
		(SELECT seq FROM outbox WHERE created_at < $1 AND position IS NOT NULL ORDER BY position LIMIT $2)`, now.Add(-logLife))
	if err != nil {
		return 0, 0, err
	}
	tombstones, err = r.clean(ctx, `DELETE FROM feed WHERE (kind, subject) IN
		(SELECT kind, subject FROM feed WHERE deleted_at < $1 LIMIT $2)`, now.Add(-tombstoneLife))
	return events, tombstones, err
}

func (r *Relay) clean(ctx context.Context, statement string, before time.Time) (int64, error) {
	for total := int64(0); ; {
		n, err := r.DB.Exec(ctx, statement, before, cleanBatch)
		if err != nil {
			return total, fmt.Errorf("remove what is too old: %w", err)
		}
		if total += n; n < cleanBatch {
			return total, nil
		}
	}
}

// selectEntries reads nothing where the epoch is over: the same snapshot shows the epoch and its entries.
const selectEntries = `SELECT position, event, (SELECT id FROM outbox WHERE position = sized.position - 1) AS after FROM (
	SELECT position, event, sum(octet_length(event)) OVER (ORDER BY position) - octet_length(event) AS before
	FROM (SELECT position, event::text AS event FROM outbox WHERE position > $1 AND (SELECT epoch FROM outbox_head) = $4 ORDER BY position LIMIT $2) AS next
) AS sized WHERE before < $3 ORDER BY position`

// Head says where the log begins and ends.
func (db *DB) Head(ctx context.Context) (event.Head, error) {
	var head event.Head
	err := db.Get(ctx, &head, `SELECT epoch, started, position,
		coalesce((SELECT min(position) FROM outbox), position + 1) AS first FROM outbox_head`)
	if err != nil {
		return head, fmt.Errorf("read head of the log: %w", err)
	}
	return head, nil
}

// Events returns where the log begins and ends and the entries behind a place in it, at most so many and about so many
// bytes. There are none where the place is in another epoch or the entry behind it is not kept. Where the place is not in
// this log at all, as its reader saw events that this database does not know, a new epoch begins, and told says so.
func (db *DB) Events(ctx context.Context, after event.Place, limit, bytes int) (head event.Head, entries []event.Entry, told bool, err error) {
	if head, err = db.Head(ctx); err != nil || head.Epoch != after.Epoch {
		return head, nil, false, err
	}
	lost, err := db.lost(ctx, head, after)
	switch {
	case err != nil:
		return head, nil, false, err
	case lost: // It is not known since when, so the whole log counts as that of the old epoch.
		if told, err = db.NewEpoch(ctx, head.Epoch, head.First-1); err != nil {
			return head, nil, false, err
		}
		head, err = db.Head(ctx)
		return head, nil, told, err
	case after.Position+1 < head.First:
		return head, nil, false, nil
	}
	entries, err = db.entries(ctx, after.Epoch, after.Position, limit, bytes)
	return head, entries, false, err
}

// entries returns the numbered events of an epoch behind a position, at most so many and about so many bytes, but at least one.
func (db *DB) entries(ctx context.Context, epoch uuid.UUID, after int64, limit, bytes int) ([]event.Entry, error) {
	var rows []struct {
		Position int64
		Event    string
		After    uuid.NullUUID
	}
	if err := db.Select(ctx, &rows, selectEntries, after, limit, bytes, epoch); err != nil {
		return nil, fmt.Errorf("read event log: %w", err)
	}
	entries := make([]event.Entry, len(rows))
	for i, row := range rows {
		entries[i].Position, entries[i].After = row.Position, row.After.UUID
		if err := decode(row.Event, &entries[i].Event); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// lost tells whether a reader who was at this place read another log: one that was longer, or had another event there.
func (db *DB) lost(ctx context.Context, head event.Head, after event.Place) (bool, error) {
	if after.Position > head.Position || after.Event == uuid.Nil {
		return after.Position > head.Position, nil
	}
	var id uuid.UUID
	err := db.Get(ctx, &id, `SELECT id FROM outbox WHERE position = $1`, after.Position)
	switch {
	case errors.Is(err, database.ErrNotFound):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("read event log: %w", err)
	}
	return id != after.Event, nil
}

// NewEpoch ends an epoch, where it is still the current one, and begins another behind the position up to which the log is
// the same as before. It tells whether it did.
func (db *DB) NewEpoch(ctx context.Context, old uuid.UUID, common int64) (bool, error) {
	n, err := db.Exec(ctx, `UPDATE outbox_head SET epoch = gen_random_uuid(), started = least($2, position), sent = position WHERE epoch = $1`, old, common)
	if err != nil {
		return false, fmt.Errorf("begin new epoch: %w", err)
	}
	return n > 0, nil
}

func decode(text string, e *event.Event) error {
	if err := json.Unmarshal([]byte(text), e); err != nil {
		return fmt.Errorf("read event of the log: %w", err)
	}
	return nil
}
