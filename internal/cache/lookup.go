package cache

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// unit is one result that is looked for.
type unit struct {
	id     string
	digest digest
	tags   []string // Everything among them
}

// look is what Redis said about some units at one moment.
type look struct {
	names      namespace
	seq        int64            // the clock: what is read from the database from now on is as new as this
	origin     int64            // the value with which the clock began
	entries    []*entry         // by unit; nil where there is none
	tombstones map[string]int64 // by tag
}

// newest returns the lowest value of the clock at which a result with these tags is not old.
func (l *look) newest(tags []string) int64 {
	newest := l.origin
	for _, tag := range tags {
		newest = max(newest, l.tombstones[tag])
	}
	return newest
}

var errNoClock = errors.New("there is no clock")

// look asks Redis for units, in one pipeline within the budget. There is none where Redis is not asked, or does not answer.
func (c *Cache) look(ctx context.Context, units []unit) (*look, Counts) {
	n := int64(len(units))
	if c.Suspended() || bypassed(ctx) || !c.reads.allow() {
		return nil, Counts{Bypasses: n}
	}
	within, stop := context.WithTimeout(ctx, c.Budget)
	defer stop()
	l, err := c.ask(within, units)
	if errors.Is(err, errNoClock) {
		if err = makeClock.Run(within, c.client, []string{l.names.clock()}).Err(); err == nil || errors.Is(err, redis.Nil) {
			l, err = c.ask(within, units)
		}
	}
	switch {
	case err == nil:
		c.reads.done(true)
	case ctx.Err() != nil: // The caller has gone.
		c.reads.release()
		return nil, Counts{Bypasses: n}
	default:
		c.reads.done(false)
		c.failed(ctx, err)
		if errors.Is(within.Err(), context.DeadlineExceeded) {
			return nil, Counts{Bypasses: n, Timeouts: n}
		}
		return nil, Counts{Bypasses: n, Errors: n}
	}
	if !c.still(l.names) || c.Suspended() { // Something happened meanwhile: nothing is known about the tombstones.
		return nil, Counts{Bypasses: n}
	}
	return l, Counts{}
}

func (c *Cache) ask(ctx context.Context, units []unit) (*look, error) {
	names, err := c.namespace(ctx)
	if err != nil {
		return nil, err
	}
	l := &look{names: names, entries: make([]*entry, len(units)), tombstones: map[string]int64{}}
	p := c.client.Pipeline()
	clock := p.HMGet(ctx, names.clock(), "n", "o")
	values := make([]*redis.StringCmd, len(units))
	tombstones := map[string]*redis.StringCmd{}
	for i, u := range units {
		values[i] = p.Get(ctx, names.entry(u.digest))
		for _, tag := range u.tags {
			if tombstones[tag] == nil {
				tombstones[tag] = p.Get(ctx, names.tombstone(tag))
			}
		}
	}
	if _, err := p.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return nil, err
	}
	numbers := clock.Val()
	if len(numbers) != 2 || numbers[0] == nil || numbers[1] == nil {
		return l, errNoClock
	}
	if l.seq, err = number(numbers[0]); err == nil {
		l.origin, err = number(numbers[1])
	}
	if err != nil {
		return nil, err
	}
	for tag, t := range tombstones {
		switch n, err := t.Int64(); {
		case errors.Is(err, redis.Nil):
		case err != nil:
			return nil, err
		default:
			l.tombstones[tag] = n
		}
	}
	return l, c.open(l, units, values)
}

// open reads the entries.
func (c *Cache) open(l *look, units []unit, values []*redis.StringCmd) error {
	for i, v := range values {
		b, err := v.Bytes()
		switch {
		case errors.Is(err, redis.Nil):
			continue
		case err != nil:
			return err
		}
		e, err := decodeEntry(b)
		if err != nil {
			continue // It is overwritten.
		}
		if e.digest != units[i].digest {
			c.meter.collisions.Add(1)
			continue
		}
		l.entries[i] = &e
	}
	return nil
}

func number(value any) (int64, error) {
	text, _ := value.(string)
	return strconv.ParseInt(text, 10, 64)
}

// fresh tells whether an entry holds at a moment, and whether it was invalidated.
func (l *look) fresh(u unit, e *entry, at time.Time) (fresh, rejected bool) {
	switch {
	case e == nil || !at.Before(e.expires):
		return false, false
	case e.seq < l.newest(u.tags):
		return false, true
	}
	return true, false
}
