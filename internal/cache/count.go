package cache

import (
	"context"
	"sync"
	"sync/atomic"
)

// Counts are what became of look-ups: one for each result that was asked for.
type Counts struct {
	Hits      int64 // found, also that there is none
	Negatives int64 // of the hits: it is known that there is none
	Misses    int64 // not there, too old, or invalidated
	Rejects   int64 // of the misses: invalidated
	Bypasses  int64 // not looked up, or not in time
	Timeouts  int64 // of the bypasses: Redis did not answer in time
	Errors    int64 // of the bypasses: Redis failed
	Followers int64 // of the misses: another request was reading it already
}

func (c *Counts) add(o Counts) {
	c.Hits += o.Hits
	c.Negatives += o.Negatives
	c.Misses += o.Misses
	c.Rejects += o.Rejects
	c.Bypasses += o.Bypasses
	c.Timeouts += o.Timeouts
	c.Errors += o.Errors
	c.Followers += o.Followers
}

// Stats are the counts of a cache since it was opened.
type Stats struct {
	Kinds      map[string]Counts
	Stored     int64 // results
	Dropped    int64 // results that were not stored: too many waited
	Failed     int64 // results that Redis did not take
	Collisions int64 // entries that belong to something else with the same name
	Up         bool  // Redis is asked: it answers, and knows all that was invalidated
}

// meter counts for the whole cache.
type meter struct {
	mu                                  sync.Mutex
	kinds                               map[string]Counts
	stored, dropped, failed, collisions atomic.Int64
}

// note counts for the cache and for the request of the context.
func (m *meter) note(ctx context.Context, kind string, n Counts) {
	m.mu.Lock()
	sum := m.kinds[kind]
	sum.add(n)
	m.kinds[kind] = sum
	m.mu.Unlock()
	if r, ok := ctx.Value(countKey{}).(*requestCounts); ok {
		r.mu.Lock()
		r.counts.add(n)
		r.mu.Unlock()
	}
}

type countKey struct{}

type requestCounts struct {
	mu     sync.Mutex
	counts Counts
}

// WithCount returns a context whose look-ups are counted.
func WithCount(ctx context.Context) context.Context {
	return context.WithValue(ctx, countKey{}, new(requestCounts))
}

// Counted returns what became of the look-ups in a context of WithCount so far.
func Counted(ctx context.Context) Counts {
	r, ok := ctx.Value(countKey{}).(*requestCounts)
	if !ok {
		return Counts{}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counts
}

type bypassKey struct{}

// WithBypass returns a context in which nothing is looked up and nothing is kept: a mutation must see what it just wrote.
func WithBypass(ctx context.Context) context.Context {
	return context.WithValue(ctx, bypassKey{}, true)
}

func bypassed(ctx context.Context) bool { return ctx.Value(bypassKey{}) != nil }
