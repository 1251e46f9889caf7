package subgraph

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/soukhq/souk/internal/cache"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/run"
)

const (
	forgetPoll  = 250 * time.Millisecond // how often it looks without being woken, also for a Redis that is away
	forgetBatch = 1_000                  // events
	forgetWait  = 50 * time.Millisecond  // of a mutation for what it changed (edge.md M.3)
)

// forgetter invalidates the results that the events of its service say are old. It reads the service's own log with a place
// of its own: where Redis is away it waits, and nothing is looked up until it has caught up. Correctness rests on it: also
// what a crash left, or another program changed, is in the log.
type forgetter struct {
	db    *outbox.DB
	cache *cache.Cache
	log   *slog.Logger

	asked chan chan<- struct{} // those who wait for what they committed to be forgotten
	ahead map[int64]bool       // events that were forgotten before they had a position, by where they were written
}

func newForgetter(db *outbox.DB, c *cache.Cache, log *slog.Logger) *forgetter {
	return &forgetter{db: db, cache: c, log: log, asked: make(chan chan<- struct{}), ahead: map[int64]bool{}}
}

// run forgets until the context ends.
func (f *forgetter) run(ctx context.Context) error {
	changed, stop := f.db.Watch()
	defer stop()
	var waiting []chan<- struct{}
	run.KeepWithin(ctx, f.log, "forget results", forgetPoll, func(ctx context.Context) error {
		more, news, err := f.step(ctx)
		switch {
		case err != nil:
			return err
		case more && news:
			return nil
		case !more:
			for _, w := range waiting {
				close(w)
			}
			waiting = nil
		}
		poll := time.NewTimer(forgetPoll)
		defer poll.Stop()
		select {
		case <-ctx.Done():
		case <-changed:
		case <-poll.C:
		case w := <-f.asked:
			waiting = append(waiting, w)
		}
		return nil
	})
	return nil
}

// step forgets what the next events say is old. It tells whether there is more, and whether it met anything that it had not
// met before. When there is no more, the cache knows of all that was committed before the step.
func (f *forgetter) step(ctx context.Context) (more, news bool, err error) {
	suspensions := f.cache.Suspensions()
	stale, err := f.db.Stale(ctx, forgetBatch)
	if err != nil {
		return false, false, err
	}
	if err := f.cache.Forget(ctx, f.tagsOf(stale)...); err != nil {
		return false, false, err
	}
	if stale.All || len(stale.Tags) > 0 {
		if news, err = f.note(ctx, stale); err != nil {
			return false, false, err
		}
	}
	if !stale.More {
		f.cache.Resume(suspensions)
	}
	return stale.More, news, nil
}

// tagsOf returns each tag once; not those of events that were forgotten before.
func (f *forgetter) tagsOf(stale outbox.Stale) []string {
	if stale.All {
		return []string{cache.Everything}
	}
	var tags []string
	for _, t := range stale.Tags {
		if !f.ahead[t.Seq] {
			tags = append(tags, t.Tags...)
		}
	}
	slices.Sort(tags)
	return slices.Compact(tags)
}

// note remembers what was forgotten, and tells whether any of it is new.
func (f *forgetter) note(ctx context.Context, stale outbox.Stale) (news bool, err error) {
	numbered := stale.All
	for _, t := range stale.Tags {
		switch {
		case t.Position > 0:
			delete(f.ahead, t.Seq)
			numbered = true
		case !f.ahead[t.Seq]:
			f.ahead[t.Seq] = true
			news = true
		}
	}
	if !numbered {
		return news, nil
	}
	return true, f.db.Forgotten(ctx, stale)
}

// flush waits until what was committed before is forgotten, 50 ms at most; after that nothing is looked up until it is. So
// whoever changed something reads what it wrote.
func (f *forgetter) flush(ctx context.Context) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), forgetWait)
	defer stop()
	done := make(chan struct{})
	if !f.cache.Suspended() {
		select {
		case f.asked <- done:
			select {
			case <-done:
				return
			case <-ctx.Done():
			}
		case <-ctx.Done():
		}
	}
	f.cache.Suspend() // The step that ends it begins after this.
}
