package database

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// How soon a lost connection of Listen is made again, and how late at most.
const (
	firstReconnect = 100 * time.Millisecond
	lastReconnect  = 5 * time.Second
)

// Listen passes the payloads of a channel's notifications to heard until the context ends. It has a connection of its own,
// which is made again where it is lost; as notifications may be lost with it, heard is then called with "".
func (db *DB) Listen(ctx context.Context, channel string, heard func(payload string)) error {
	l := pq.NewListener(db.address, firstReconnect, lastReconnect, nil)
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(closed)
		_ = l.Close() // It says only that it was closed before.
	})
	defer func() {
		if stop() {
			_ = l.Close()
			return
		}
		<-closed
	}()
	if err := l.Listen(channel); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("listen on %s: %w", channel, err)
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case n, open := <-l.Notify:
			switch {
			case !open:
				return nil
			case n == nil:
				heard("")
			default:
				heard(n.Extra)
			}
		}
	}
}
