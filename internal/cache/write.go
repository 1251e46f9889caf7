package cache

import (
	"context"
	"time"
)

const (
	queueLength  = 1024
	storeBatch   = 128
	storeTimeout = 250 * time.Millisecond
)

// write is an entry that waits to be stored.
type write struct {
	names namespace
	entry entry
	life  time.Duration
}

// store hands entries to the one who stores them. Nobody waits for it; what is too much is dropped.
func (c *Cache) store(w write) {
	select {
	case c.queue <- w:
	default:
		c.meter.dropped.Add(1)
	}
}

// storeAll stores what is handed over, as much at once as waits, until the context ends.
func (c *Cache) storeAll(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case first := <-c.queue:
			c.storeSome(ctx, c.gather(first))
		}
	}
}

func (c *Cache) gather(first write) []write {
	batch := []write{first}
	for len(batch) < storeBatch {
		select {
		case w := <-c.queue:
			batch = append(batch, w)
		default:
			return batch
		}
	}
	return batch
}

func (c *Cache) storeSome(service context.Context, batch []write) {
	n := int64(len(batch))
	if !c.writes.allow() {
		c.meter.dropped.Add(n)
		return
	}
	ctx, stop := context.WithTimeout(service, storeTimeout)
	defer stop()
	p := c.client.Pipeline()
	for _, w := range batch {
		if c.still(w.names) {
			p.Set(ctx, w.names.entry(w.entry.digest), w.entry.encode(), w.life)
		}
	}
	_, err := p.Exec(ctx)
	if service.Err() != nil { // The cache is closed.
		return
	}
	c.writes.done(err == nil)
	if err != nil {
		c.meter.failed.Add(n)
		c.failed(ctx, err)
		return
	}
	c.meter.stored.Add(n)
}
