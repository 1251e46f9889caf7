// Package cache keeps results in Redis until an event says that they are old.
//
// It is right at any moment, not only in the end: a result carries the value that a clock in Redis had before the database
// was asked, an invalidation sets a tombstone to the next value, and a result that is older than a tombstone is not one. So
// a slow reader cannot bring back what it read before a change (edge.md M.3). Where Redis fails nothing is wrong: results
// are read from the database.
package cache

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
)

// lookupBudget is how long a look-up may take.
const lookupBudget = 25 * time.Millisecond

// Cache is a service's part of Redis. It is safe for concurrent use. It begins suspended: see Resume.
type Cache struct {
	// Budget is how long a look-up may take; then the database is asked.
	Budget time.Duration

	service       string
	client        redis.UniversalClient
	log           *slog.Logger
	incarnation   atomic.Pointer[string] // nil until there was a connection
	suspensions   atomic.Int64           // how often it was suspended
	resumed       atomic.Int64           // up to which of them it was resumed
	reads, writes breaker
	meter         meter
	flights       flights
	queue         chan write
	stop          context.CancelFunc
	running       sync.WaitGroup
	told          atomic.Int64 // when a failure was logged last, in nanoseconds
}

// Open makes the connection of a service to the Redis at an address. It need not answer yet.
func Open(address, service string, log *slog.Logger) (*Cache, error) {
	options, err := redis.ParseURL(address)
	if err != nil {
		return nil, errors.New("a Redis address begins with redis:// or rediss://")
	}
	redis.SetLogger(new(logging.VoidLogger)) // It would write what is also returned, in a format of its own.
	c := &Cache{
		Budget: lookupBudget, service: service, log: log,
		reads: breaker{now: time.Now}, writes: breaker{now: time.Now},
		meter: meter{kinds: map[string]Counts{}}, flights: flights{running: map[string]*flight{}}, queue: make(chan write, queueLength),
	}
	c.Suspend()
	c.client = redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: []string{options.Addr}, Username: options.Username, Password: options.Password, DB: options.DB,
		TLSConfig: options.TLSConfig, ClientName: "souk", OnConnect: c.connected, MaxRetries: -1,
		ContextTimeoutEnabled: true, DialTimeout: 500 * time.Millisecond,
		// What asks has a deadline of its own that ends earlier.
		ReadTimeout: time.Second, WriteTimeout: time.Second, PoolTimeout: time.Minute,
		PoolSize: 10 * runtime.GOMAXPROCS(0), MinIdleConns: 4,
	})
	ctx, stop := context.WithCancel(context.Background())
	c.stop = stop
	c.running.Go(func() { c.storeAll(ctx) })
	return c, nil
}

// Name is that of the service.
func (c *Cache) Name() string { return c.service }

// Await waits up to wait until Redis answers.
func (c *Cache) Await(ctx context.Context, wait time.Duration) error {
	deadline := time.Now().Add(wait)
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := c.Ping(ctx)
		var refusal redis.Error
		refused := errors.As(err, &refusal) && !redis.HasErrorPrefix(err, "LOADING") // It answers, and will not answer otherwise.
		if err == nil {
			return nil
		}
		if refused || time.Now().Add(pause).After(deadline) {
			return fmt.Errorf("connect to Redis: %w", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// Ping tells whether Redis answers.
func (c *Cache) Ping(ctx context.Context) error { return c.client.Ping(ctx).Err() }

// Close gives the connections back. What waits to be stored is lost.
func (c *Cache) Close() error {
	c.stop()
	c.running.Wait()
	return c.client.Close()
}

// Suspensions returns how often the cache was suspended so far, for Resume.
func (c *Cache) Suspensions() int64 { return c.suspensions.Load() }

// Suspend ends all look-ups until Resume: something was changed, and Redis may not know of it.
func (c *Cache) Suspend() { c.suspensions.Add(1) }

// Resume begins look-ups, unless the cache was suspended since that many suspensions were counted: all that was changed up
// to then has been forgotten.
func (c *Cache) Resume(suspensions int64) { c.resumed.Store(suspensions) }

// Suspended tells whether look-ups are ended.
func (c *Cache) Suspended() bool { return c.suspensions.Load() != c.resumed.Load() }

// Stats returns the counts since the cache was opened.
func (c *Cache) Stats() Stats {
	s := Stats{
		Kinds: map[string]Counts{}, Stored: c.meter.stored.Load(), Dropped: c.meter.dropped.Load(), Failed: c.meter.failed.Load(),
		Collisions: c.meter.collisions.Load(), Up: !c.Suspended() && c.reads.closed(),
	}
	c.meter.mu.Lock()
	defer c.meter.mu.Unlock()
	for kind, counts := range c.meter.kinds {
		s.Kinds[kind] = counts
	}
	return s
}

// connected learns, with each new connection, which Redis it is.
func (c *Cache) connected(ctx context.Context, conn *redis.Conn) error {
	id, err := incarnation(ctx, conn)
	if err != nil {
		return err
	}
	if old := c.incarnation.Swap(&id); old != nil && *old != id {
		c.log.InfoContext(ctx, "cache is empty: Redis was started again or replaced")
	}
	return nil
}

// incarnationKey holds the id of a Redis that does not tell its own.
const incarnationKey = "souk:incarnation"

// incarnation returns the run id of Redis; where that is refused, an id that the first client gave it.
func incarnation(ctx context.Context, conn *redis.Conn) (string, error) {
	info, err := conn.Info(ctx, "server").Result()
	var refused redis.Error
	if err != nil && !errors.As(err, &refused) {
		return "", err
	}
	if _, rest, told := strings.Cut(info, "run_id:"); told {
		id, _, _ := strings.Cut(rest, "\r")
		return strings.TrimSpace(id), nil
	}
	if err := conn.SetNX(ctx, incarnationKey, uuid.NewString(), 0).Err(); err != nil {
		return "", err
	}
	return conn.Get(ctx, incarnationKey).Result()
}

// namespace returns the names that hold in the Redis that is connected.
func (c *Cache) namespace(ctx context.Context) (namespace, error) {
	id := c.incarnation.Load()
	if id == nil {
		if err := c.Ping(ctx); err != nil {
			return "", err
		}
		id = c.incarnation.Load()
	}
	return newNamespace(*id, c.service), nil
}

// still tells whether the Redis that is connected is the one of the names.
func (c *Cache) still(n namespace) bool {
	id := c.incarnation.Load()
	return id != nil && newNamespace(*id, c.service) == n
}

// failed logs that Redis failed, at most once a second.
func (c *Cache) failed(ctx context.Context, err error) {
	now, last := time.Now().UnixNano(), c.told.Load()
	if now-last > int64(time.Second) && c.told.CompareAndSwap(last, now) {
		c.log.WarnContext(ctx, "cache not read or written", "error", err)
	}
}
