package cache_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/soukhq/souk/internal/cache"
	"github.com/soukhq/souk/internal/cache/cachetest"
	"github.com/soukhq/souk/internal/launch/launchtest"
)

// A reader that began before a change cannot bring back what it read (edge.md M.9, 1); also where another instance of the
// service invalidates and reads.
func TestASlowReaderBringsNothingBack(t *testing.T) {
	t.Parallel()
	for name, tag := range map[string]string{"its own tag": "a", "everything": cache.Everything} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := launchtest.Redis(t)
			slow := open(t, address)
			other := openAs(t, address, slow.Name())
			o := newOrigin("a")
			o.in, o.out = make(chan struct{}), make(chan struct{})
			answered := make(chan string)
			go func() {
				found, _ := things(t, slow, policy).Get(t.Context(), request(), "", []string{"a"}, o.load)
				answered <- found["a"].Name
			}()
			<-o.in // It has read the old name.
			o.set("a", "second")
			if err := other.Forget(t.Context(), tag); err != nil {
				t.Fatal(err)
			}
			o.mu.Lock()
			o.in = nil
			o.mu.Unlock()
			close(o.out)
			if got := <-answered; got != "first a" {
				t.Errorf("the slow reader got %q", got)
			}
			stored(t, slow, 1)
			for _, c := range []*cache.Cache{other, slow} {
				if got := names(t, things(t, c, policy), request(), o, "a")["a"]; got != "second" {
					t.Errorf("after the change: %q", got)
				}
			}
			if n := other.Stats().Kinds["Thing"]; n.Rejects != 1 {
				t.Errorf("%+v, want one that was invalidated", n)
			}
		})
	}
}

// 500 cold requests of one thing read it once; with an invalidation in the middle twice at most, and nobody who begins
// after it sees what was there before (edge.md M.9, 7).
func TestManyAtOnceReadOnce(t *testing.T) {
	t.Parallel()
	const many = 500
	c := open(t, "")
	r, o := things(t, c, policy), newOrigin("a", "b")
	var all sync.WaitGroup
	for range many {
		all.Go(func() {
			if found, err := r.Get(t.Context(), request(), "", []string{"a"}, o.load); err != nil || found["a"].Name != "first a" {
				t.Errorf("%v, %v", found["a"], err)
			}
		})
	}
	all.Wait()
	if n := len(o.calls()); n != 1 {
		t.Errorf("%d requests read %d times, want once", many, n)
	}

	o.in, o.out = make(chan struct{}), make(chan struct{})
	var invalidated atomic.Bool
	ask := func() {
		after := invalidated.Load()
		found, err := r.Get(t.Context(), request(), "", []string{"b"}, o.load)
		if err != nil {
			t.Error(err)
		} else if name := found["b"].Name; after && name != "second" {
			t.Errorf("%q was read after the change", name)
		}
	}
	for range many / 2 {
		all.Go(ask)
	}
	<-o.in
	o.set("b", "second")
	if err := c.Forget(t.Context(), "b"); err != nil {
		t.Fatal(err)
	}
	invalidated.Store(true)
	for range many / 2 {
		all.Go(ask)
	}
	<-o.in // Those who come now do not join the first.
	close(o.out)
	all.Wait()
	if n := len(o.calls()); n != 3 {
		t.Errorf("read %d times with an invalidation in the middle, want 2", n-1)
	}
}

// A caller who goes away takes nothing from those who wait with it; when all are gone the reading ends.
func TestReadingEndsWhenNobodyWaits(t *testing.T) {
	t.Parallel()
	c := open(t, "")
	r, o := things(t, c, policy), newOrigin("a")
	o.in, o.out = make(chan struct{}), make(chan struct{})
	first, leave := context.WithCancel(t.Context())
	second, leaveToo := context.WithCancel(t.Context())
	answers := make(chan error, 2)
	ask := func(ctx context.Context, load func(context.Context, []string) (map[string]*thing, error)) {
		_, err := r.Get(ctx, request(), "", []string{"a"}, load)
		answers <- err
	}
	ended := make(chan struct{})
	go ask(first, func(ctx context.Context, ids []string) (map[string]*thing, error) {
		defer close(ended)
		return o.load(ctx, ids)
	})
	<-o.in
	go ask(second, o.load)
	cachetest.Await(t, "the second waits, too", func() bool { return c.Stats().Kinds["Thing"].Followers == 1 })
	leave()
	if err := <-answers; err == nil {
		t.Error("who is gone got an answer")
	}
	select {
	case <-ended:
		t.Error("the reading ended although somebody waits")
	default:
	}
	leaveToo()
	<-ended
	<-answers
}
