package cache_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soukhq/souk/internal/cache"
	"github.com/soukhq/souk/internal/cache/cachetest"
)

// A Redis that stands still, is killed, flushed or started again makes nothing wrong, and nothing fails (edge.md M.9, 8).
func TestRedisFails(t *testing.T) {
	t.Parallel()
	for name, step := range map[string]struct {
		fail func(*cachetest.Redis)
		heal func(*cachetest.Redis) // nil: it needs none
	}{
		"stands still": {(*cachetest.Redis).Stop, (*cachetest.Redis).Continue},
		"killed":       {(*cachetest.Redis).Kill, (*cachetest.Redis).Start},
		"flushed":      {func(r *cachetest.Redis) { r.Do("FLUSHALL") }, nil},
		"started again": {func(r *cachetest.Redis) {
			r.Kill()
			r.Start()
		}, nil},
		"refuses": {func(r *cachetest.Redis) { r.Do("CONFIG SET maxmemory 1") }, func(r *cachetest.Redis) { r.Do("CONFIG SET maxmemory 0") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			redis := cachetest.Start(t)
			c := open(t, redis.URL())
			c.Budget = 25 * time.Millisecond
			r, o := things(t, c, policy), newOrigin("a")
			warm(t, c, r, o)
			step.fail(redis)
			for range 20 {
				if got := names(t, r, request(), o, "a")["a"]; got != "first a" {
					t.Fatalf("while Redis fails: %q", got)
				}
			}
			o.set("a", "second")
			if step.heal == nil {
				// Connections that broke with the old server are noticed by whoever uses them first.
				cachetest.Await(t, "Redis knows of the change", func() bool { return c.Forget(t.Context(), "a") == nil })
				c.Resume(c.Suspensions())
			} else {
				if err := c.Forget(t.Context(), "a"); err == nil || !c.Suspended() || c.Stats().Up {
					t.Errorf("what Redis was not told is not noted: %v, suspended %v", err, c.Suspended())
				}
				if got := names(t, r, request(), o, "a")["a"]; got != "second" {
					t.Errorf("after a change that Redis does not know: %q", got)
				}
				step.heal(redis)
				if got := names(t, r, request(), o, "a")["a"]; got != "second" {
					t.Errorf("after a change that Redis does not know yet: %q", got)
				}
				suspensions := c.Suspensions()
				cachetest.Await(t, "Redis knows of the change", func() bool {
					suspensions = c.Suspensions()
					return c.Forget(t.Context(), "a") == nil
				})
				c.Resume(suspensions)
			}
			if got := names(t, r, request(), o, "a")["a"]; got != "second" {
				t.Errorf("afterwards: %q", got)
			}
			warm(t, c, r, o)
		})
	}
}

// warm asks until an answer comes from the cache.
func warm(t *testing.T, c *cache.Cache, r *cache.Results[string, *thing], o *origin) {
	t.Helper()
	cachetest.Await(t, "a result is found in the cache", func() bool {
		ctx := cache.WithCount(t.Context())
		if _, err := r.Get(ctx, request(), "", []string{"a"}, o.load); err != nil {
			t.Fatal(err)
		}
		return cache.Counted(ctx).Hits == 1
	})
}

// A result that was read before Redis lost its memory, and its tombstones, is not kept as a new one.
func TestWhatWasReadBeforeALossIsOld(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*cachetest.Redis){
		"flushed":       func(r *cachetest.Redis) { r.Do("FLUSHALL") },
		"started again": func(r *cachetest.Redis) { r.Kill(); r.Start() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			redis := cachetest.Start(t)
			c := open(t, redis.URL())
			r, o := things(t, c, policy), newOrigin("a")
			o.in, o.out = make(chan struct{}), make(chan struct{})
			done := make(chan struct{})
			go func() {
				defer close(done)
				_, _ = r.Get(t.Context(), request(), "", []string{"a"}, o.load)
			}()
			<-o.in
			o.set("a", "second")
			if err := c.Forget(t.Context(), "a"); err != nil {
				t.Fatal(err)
			}
			lose(redis)
			close(o.out)
			<-done
			o.mu.Lock()
			o.in = nil
			o.mu.Unlock()
			cachetest.Await(t, "Redis answers", func() bool { return c.Ping(t.Context()) == nil })
			for range 3 {
				if got := names(t, r, request(), o, "a")["a"]; got != "second" {
					t.Errorf("after the loss: %q", got)
				}
			}
		})
	}
}

// A cache that was suspended since does not begin again for what was forgotten before.
func TestResumeKnowsWhatItResumes(t *testing.T) {
	t.Parallel()
	c := open(t, "")
	before := c.Suspensions()
	c.Suspend()
	c.Resume(before)
	if !c.Suspended() {
		t.Error("a later suspension was ended")
	}
	c.Resume(c.Suspensions())
	if c.Suspended() {
		t.Error("still suspended")
	}
}

// Requests do not wait one after another for a Redis that stands still.
func TestAStandstillCostsFewRequestsTheirBudget(t *testing.T) {
	t.Parallel()
	redis := cachetest.Start(t)
	c := open(t, redis.URL())
	c.Budget = 25 * time.Millisecond
	r, o := things(t, c, policy), newOrigin("a")
	warm(t, c, r, o)
	redis.Stop()
	var late atomic.Int64
	for range 200 {
		ctx := cache.WithCount(t.Context())
		if _, err := r.Get(ctx, request(), "", []string{"a"}, func(ctx context.Context, ids []string) (map[string]*thing, error) { return o.load(ctx, ids) }); err != nil {
			t.Fatal(err)
		}
		if cache.Counted(ctx).Timeouts > 0 {
			late.Add(1)
		}
	}
	if n := late.Load(); n < 1 || n > 10 {
		t.Errorf("%d of 200 requests waited for Redis, want about 5", n)
	}
}
