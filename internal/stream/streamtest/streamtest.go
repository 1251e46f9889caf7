// Package streamtest gives tests streams in a real Redis, and lets that Redis forget.
package streamtest

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/launch/launchtest"
	"github.com/soukhq/souk/internal/stream"
)

// Open returns streams in the Redis of the tests, which all tests share; epochs keep them apart.
func Open(t testing.TB) *stream.Redis {
	t.Helper()
	r, err := stream.OpenRedis(launchtest.Redis(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// Forget removes the stream of a log, as a Redis does that lost its memory.
func Forget(t testing.TB, log stream.Log) {
	t.Helper()
	o, err := redis.ParseURL(launchtest.Redis(t))
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(o)
	defer c.Close() //nolint:errcheck // It ends with the test.
	if err := c.Del(t.Context(), log.Key()).Err(); err != nil {
		t.Fatal(err)
	}
}

// Hasty is a stream that never waits, for tests of what happens when nothing came for a while.
type Hasty struct{ stream.Stream }

// Read returns what is there.
func (h Hasty) Read(ctx context.Context, log stream.Log, after int64, limit int, _ time.Duration) ([]event.Entry, error) {
	return h.Stream.Read(ctx, log, after, limit, 0)
}
