package cache

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// linger is how long a result can be shared after it was read: those who did not find it in Redis may still come.
const linger = 250 * time.Millisecond

// flights are the results that are being read just now, or were a moment ago.
type flights struct {
	mu      sync.Mutex
	running map[string]*flight // by name in Redis
}

// flight is one result that is being read.
type flight struct {
	unit  unit
	seq   int64
	batch *batch
	entry entry // when the batch is done
}

// batch are results that are read together. It is given up when nobody waits for it any more.
type batch struct {
	cancel  context.CancelFunc
	flights []*flight
	done    chan struct{}
	err     error // when it is done

	mu      sync.Mutex
	waiting int
}

// begin joins the flights of units where there are, and makes those of a batch for the rest. A flight that began before a
// result of these tags was invalidated is not joined: it may have read what was there before (edge.md M.4).
func (f *flights) begin(l *look, missing []unit, at time.Time) (own *batch, joined []*flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	own = &batch{done: make(chan struct{}), waiting: 1}
	for _, u := range missing {
		name := l.names.entry(u.digest)
		if there := f.running[name]; there != nil && there.seq >= l.newest(u.tags) && there.batch.join(at, there) {
			joined = append(joined, there)
			continue
		}
		flight := &flight{unit: u, seq: l.seq, batch: own}
		f.running[name] = flight
		own.flights = append(own.flights, flight)
	}
	return own, joined
}

// join waits for a batch, too; not for one that failed, was given up, or whose result is too old.
func (b *batch) join(at time.Time, f *flight) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-b.done:
		if b.err != nil || !at.Before(f.entry.expires) {
			return false
		}
	default:
		if b.waiting == 0 {
			return false
		}
	}
	b.waiting++
	return true
}

// leave stops waiting for a batch.
func (b *batch) leave() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waiting--; b.waiting == 0 {
		b.cancel()
	}
}

// wait waits until the batch is done or the context ends.
func (b *batch) wait(ctx context.Context) error {
	defer b.leave()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-b.done:
		return b.err
	}
}

// fly reads a batch, apart from the caller: others may wait for it, too.
func (c *Cache) fly(ctx context.Context, l *look, b *batch, read func(context.Context) error) {
	ctx, b.cancel = context.WithTimeout(context.WithoutCancel(ctx), loadLimit)
	go func() {
		err := guarded(ctx, read)
		b.mu.Lock()
		b.err = err
		close(b.done)
		b.mu.Unlock()
		b.cancel()
		if err != nil {
			c.flights.end(l, b)
			return
		}
		time.AfterFunc(linger, func() { c.flights.end(l, b) })
	}()
}

// end removes the flights of a batch, but for those that others replaced.
func (f *flights) end(l *look, b *batch) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, flight := range b.flights {
		if name := l.names.entry(flight.unit.digest); f.running[name] == flight {
			delete(f.running, name)
		}
	}
}

// guarded makes an error of a panic: nobody above would catch it.
func guarded(ctx context.Context, read func(context.Context) error) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v", panicked)
		}
	}()
	return read(ctx)
}
