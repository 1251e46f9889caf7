package outbox

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/run"
)

const (
	channel     = "souk_changed"
	notifyPause = 20 * time.Millisecond // between two notifications of a process
)

// watchers are those who are told that something changed.
type watchers struct {
	mu  sync.Mutex
	all map[chan struct{}]struct{}
}

func (w *watchers) add() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all == nil {
		w.all = map[chan struct{}]struct{}{}
	}
	w.all[c] = struct{}{}
	return c, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.all, c)
	}
}

func (w *watchers) tell() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.all {
		select {
		case c <- struct{}{}:
		default: // It was told and has not looked yet.
		}
	}
}

// Watch returns a channel that gets something after events were committed to this database, by this process or, while the
// relay of this one runs, by another; several commits may be told as one. A notification can be lost: who waits for
// something also looks by itself now and then. stop ends it.
func (db *DB) Watch() (changed <-chan struct{}, stop func()) { return db.changed.add() }

// Wake tells those who watch that there are new events.
func (db *DB) Wake() {
	db.changed.tell()
	db.here.tell()
}

// notify tells the other processes of what this one committed, at most every 20 ms and in a statement of its own: NOTIFY
// in a transaction would let all transactions commit one after another.
func (db *DB) notify(ctx context.Context, process uuid.UUID, here <-chan struct{}) error {
	select {
	case <-ctx.Done():
		return nil
	case <-here:
	}
	if _, err := db.Exec(ctx, `SELECT pg_notify('`+channel+`', current_schema() || ' ' || $1)`, process.String()); err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	run.Pause(ctx, notifyPause)
	return nil
}

// listen passes on what other processes commit.
func (db *DB) listen(ctx context.Context, process uuid.UUID) error {
	var schema string
	if err := db.Get(ctx, &schema, `SELECT current_schema()`); err != nil {
		return fmt.Errorf("read name of schema: %w", err)
	}
	own, prefix := schema+" "+process.String(), schema+" "
	return db.Listen(ctx, channel, func(payload string) {
		if payload != own && (payload == "" || len(payload) > len(prefix) && payload[:len(prefix)] == prefix) {
			db.changed.tell()
		}
	})
}
