package cache_test

import (
	"context"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/cache"
	"github.com/soukhq/souk/internal/cache/cachetest"
	"github.com/soukhq/souk/internal/launch/launchtest"
)

func TestMain(m *testing.M) { os.Exit(launchtest.Main(m)) }

// open opens a cache of its own name in the Redis of the tests, or in another one. A busy machine must not fail the test.
func open(t testing.TB, address string) *cache.Cache {
	t.Helper()
	if address == "" {
		address = launchtest.Redis(t)
	}
	return openAs(t, address, "test-"+uuid.NewString())
}

func openAs(t testing.TB, address, service string) *cache.Cache {
	t.Helper()
	c, err := cache.Open(address, service, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	c.Budget = 10 * time.Second
	c.Resume(c.Suspensions())
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// thing is what the tests keep.
type thing struct {
	Name  string
	Maker *thingMaker
	Back  *thing `cache:"-"`
}

type thingMaker struct{ Name string }

var policy = cache.Policy{Kind: "Thing", MaxAge: time.Minute, NotFound: 10 * time.Second, Vary: []string{"currency"}, Tags: []string{"{$key.id}"}}

func things(t testing.TB, c *cache.Cache, p cache.Policy) *cache.Results[string, *thing] {
	t.Helper()
	r, err := cache.NewResults[string](c, p, func(v *thing) { v.Back = v })
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// origin is a database that counts who asks.
type origin struct {
	mu    sync.Mutex
	names map[string]string
	asked [][]string
	in    chan struct{} // gets something when somebody asks, where it is there
	out   chan struct{} // lets go who has read, where it is there
	err   error
}

func newOrigin(ids ...string) *origin {
	o := &origin{names: map[string]string{}}
	for _, id := range ids {
		o.names[id] = "first " + id
	}
	return o
}

func (o *origin) set(id, name string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.names[id] = name
}

func (o *origin) load(ctx context.Context, ids []string) (map[string]*thing, error) {
	o.mu.Lock()
	o.asked = append(o.asked, slices.Sorted(slices.Values(ids)))
	names, err, in, out := maps.Clone(o.names), o.err, o.in, o.out
	o.mu.Unlock()
	if in != nil {
		in <- struct{}{}
		select {
		case <-out:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if err != nil {
		return nil, err
	}
	found := map[string]*thing{}
	for _, id := range ids {
		if name, there := names[id]; there {
			v := &thing{Name: name, Maker: &thingMaker{"maker of " + id}}
			v.Back = v
			found[id] = v
		}
	}
	return found, nil
}

func (o *origin) calls() [][]string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.asked)
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func request() cache.Request {
	return cache.Request{At: noon, Context: map[string]string{"currency": "EUR"}}
}

// names asks for things, and returns the names of those that are there.
func names(t testing.TB, r *cache.Results[string, *thing], q cache.Request, o *origin, ids ...string) map[string]string {
	t.Helper()
	found, err := r.Get(t.Context(), q, "", ids, o.load)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for id, v := range found {
		if v.Back != v || v.Maker == nil {
			t.Errorf("%s was not put together: %+v", id, v)
		}
		got[id] = v.Name
	}
	return got
}

// stored waits until so many results were stored.
func stored(t testing.TB, c *cache.Cache, n int64) {
	t.Helper()
	cachetest.Await(t, "results are stored", func() bool { return c.Stats().Stored >= n })
}

func TestAwaitSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	nobody := open(t, "redis://:secret@127.0.0.1:1")
	if err := nobody.Await(t.Context(), 0); err == nil || !strings.Contains(err.Error(), "127.0.0.1:1") || strings.Contains(err.Error(), "secret") {
		t.Errorf("error = %v, want the place without the password", err)
	}
	if _, err := cache.Open("http://127.0.0.1", "test", slog.New(slog.DiscardHandler)); err == nil {
		t.Error("an http address was accepted")
	}
	u, err := url.Parse(launchtest.Redis(t))
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("default", "wrong")
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	if err := open(t, u.String()).Await(ctx, time.Hour); err == nil || ctx.Err() != nil || !strings.Contains(err.Error(), "WRONGPASS") {
		t.Errorf("error = %v, want at once that the password is wrong", err)
	}
	if err := open(t, "").Await(t.Context(), 10*time.Second); err != nil {
		t.Error(err)
	}
}
