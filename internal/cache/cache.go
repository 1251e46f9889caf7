// Package cache connects a service to the Redis that keeps its results.
package cache

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
)

// Cache is a service's connection to Redis. It is safe for concurrent use.
type Cache struct{ client redis.UniversalClient }

// Open connects to Redis and waits up to wait until it answers.
func Open(ctx context.Context, address string, wait time.Duration) (*Cache, error) {
	options, err := redis.ParseURL(address)
	if err != nil {
		return nil, errors.New("a Redis address begins with redis:// or rediss://")
	}
	redis.SetLogger(new(logging.VoidLogger)) // It would write what is also returned, in a format of its own.
	client := redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: []string{options.Addr}, Username: options.Username, Password: options.Password, DB: options.DB,
		TLSConfig: options.TLSConfig, ClientName: "souk",
		ContextTimeoutEnabled: true, DialTimeout: time.Second, ReadTimeout: 250 * time.Millisecond, WriteTimeout: 250 * time.Millisecond,
	})
	c := &Cache{client: client}
	if err := c.answer(ctx, wait); err != nil {
		return nil, errors.Join(fmt.Errorf("connect to Redis at %s: %w", options.Addr, err), c.Close())
	}
	return c, nil
}

// Ping tells whether Redis answers.
func (c *Cache) Ping(ctx context.Context) error { return c.client.Ping(ctx).Err() }

// Close gives the connections back.
func (c *Cache) Close() error { return c.client.Close() }

func (c *Cache) answer(ctx context.Context, wait time.Duration) error {
	deadline := time.Now().Add(wait)
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := c.Ping(ctx)
		var refusal redis.Error
		refused := errors.As(err, &refusal) && !redis.HasErrorPrefix(err, "LOADING") // It answers, and will not answer otherwise.
		if err == nil || refused || time.Now().Add(pause).After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}
