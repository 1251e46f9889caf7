package cache

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// loadLimit is how long reading a result may take: what took longer is not kept, so that no result outlives a
	// tombstone.
	loadLimit     = 30 * time.Second
	tombstoneLife = MaxTTL + 2*loadLimit
	forgetTries   = 3
	forgetTimeout = 250 * time.Millisecond // of a try
)

// Everything is the tag of all results of a service.
const Everything = "*"

// The clock in Redis is a hash: n is its value, o the one with which it began. One that was lost begins at the time in
// microseconds, which is higher than any value before; what is older than o may lack its tombstones.
const startClock = `
local function clock()
	if redis.call('EXISTS', KEYS[1]) == 0 then
		local t = redis.call('TIME')
		local n = string.format('%.0f', t[1] * 1000000 + t[2])
		redis.call('HSET', KEYS[1], 'n', n, 'o', n)
	end
end
clock()`

var (
	// makeClock begins the clock where there is none.
	makeClock = redis.NewScript(startClock)

	// setTombstones takes the next value of the clock and notes it for each tag.
	setTombstones = redis.NewScript(startClock + `
local n = redis.call('HINCRBY', KEYS[1], 'n', 1)
for i = 2, #KEYS do redis.call('SET', KEYS[i], string.format('%.0f', n), 'PX', ARGV[1]) end
return n`)
)

// Forget invalidates all results with any of the tags. A result that is being read now will not be kept either. It must be
// called after the change is committed. Where it fails, the cache is suspended: results could be old.
func (c *Cache) Forget(ctx context.Context, tags ...string) error {
	if len(tags) == 0 {
		return nil
	}
	var err error
	for range forgetTries {
		if err = c.forget(ctx, tags); err == nil || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		c.Suspend()
		return fmt.Errorf("forget results: %w", err)
	}
	return nil
}

func (c *Cache) forget(ctx context.Context, tags []string) error {
	ctx, stop := context.WithTimeout(ctx, forgetTimeout)
	defer stop()
	names, err := c.namespace(ctx)
	if err != nil {
		return err
	}
	keys := []string{names.clock()}
	for _, tag := range tags {
		keys = append(keys, names.tombstone(tag))
	}
	if err := setTombstones.Run(ctx, c.client, keys, tombstoneLife.Milliseconds()).Err(); err != nil {
		return err
	}
	if !c.still(names) {
		return errors.New("Redis was started again meanwhile")
	}
	return nil
}
