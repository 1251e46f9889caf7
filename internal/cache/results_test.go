package cache_test

import (
	"context"
	"errors"
	"maps"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/internal/cache"
)

func TestAPartOfABatchIsRead(t *testing.T) {
	t.Parallel()
	c := open(t, "")
	r, o := things(t, c, policy), newOrigin()
	var all, warm []string
	for i := range 50 {
		id := strconv.Itoa(i + 10)
		o.set(id, "name of "+id)
		all = append(all, id)
		if i%20 != 7 {
			warm = append(warm, id)
		}
	}
	names(t, r, request(), o, warm...)
	stored(t, c, int64(len(warm)))
	ctx := cache.WithCount(t.Context())
	got, err := r.Get(ctx, request(), "", append(all, all...), o.load)
	if err != nil || len(got) != 50 {
		t.Fatalf("%d results, %v; want 50", len(got), err)
	}
	if calls := o.calls(); len(calls) != 2 || !cmp.Equal(calls[1], []string{"17", "37", "57"}) {
		t.Errorf("read %v, want at last those 3 that were missing, at once", calls[1:])
	}
	if n := cache.Counted(ctx); n.Hits != 47 || n.Misses != 3 || n.Bypasses != 0 {
		t.Errorf("counted %+v, want 47 hits and 3 misses", n)
	}
	if n := c.Stats().Kinds["Thing"]; n.Hits != 47 || n.Misses != 50 {
		t.Errorf("stats %+v", n)
	}
}

// Everything that a result depends on makes another one of it, and nothing else.
func TestResultsAreKeptByWhatTheyDependOn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*cache.Policy, *cache.Request, *string)
		kept   bool
	}{
		"nothing else":                          {func(*cache.Policy, *cache.Request, *string) {}, true},
		"a name on which it does not vary":      {func(_ *cache.Policy, q *cache.Request, _ *string) { q.Context["language"] = "de" }, true},
		"another value of one on which it does": {func(_ *cache.Policy, q *cache.Request, _ *string) { q.Context["currency"] = "USD" }, false},
		"no value of it":                        {func(_ *cache.Policy, q *cache.Request, _ *string) { q.Context = nil }, false},
		"other arguments":                       {func(_ *cache.Policy, _ *cache.Request, args *string) { *args = "reversed" }, false},
		"another policy":                        {func(p *cache.Policy, _ *cache.Request, _ *string) { p.Vary = append(p.Vary, "language") }, false},
		"other tags":                            {func(p *cache.Policy, _ *cache.Request, _ *string) { p.Tags = nil }, false},
		"another kind":                          {func(p *cache.Policy, _ *cache.Request, _ *string) { p.Kind = "Other" }, false},
		"later":                                 {func(_ *cache.Policy, q *cache.Request, _ *string) { q.At = noon.Add(50 * time.Second) }, true},
		"too late":                              {func(_ *cache.Policy, q *cache.Request, _ *string) { q.At = noon.Add(time.Minute) }, false},
		"not kept at all":                       {func(p *cache.Policy, _ *cache.Request, _ *string) { p.MaxAge = 0 }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kept := open(t, "")
			o := newOrigin("a")
			names(t, things(t, kept, policy), request(), o, "a")
			stored(t, kept, 1)
			p, q, args := policy, request(), ""
			q.Context = maps.Clone(q.Context)
			c.change(&p, &q, &args)
			if _, err := things(t, kept, p).Get(t.Context(), q, args, []string{"a"}, o.load); err != nil {
				t.Fatal(err)
			}
			if got := len(o.calls()) == 1; got != c.kept {
				t.Errorf("read %d times; kept should be %v", len(o.calls()), c.kept)
			}
		})
	}
}

// Rule E-8: nothing outlives the moment at which it changes by itself.
func TestNothingOutlivesItsBoundary(t *testing.T) {
	t.Parallel()
	c := open(t, "")
	r, o := things(t, c, policy), newOrigin("a")
	q := request()
	q.Until = func(context.Context) (time.Time, error) { return noon.Add(5 * time.Second), nil }
	names(t, r, q, o, "a")
	stored(t, c, 1)
	o.set("a", "second")
	for _, step := range []struct {
		after time.Duration
		want  string
	}{{4999 * time.Millisecond, "first a"}, {5 * time.Second, "second"}} {
		q.At = noon.Add(step.after)
		if got := names(t, r, q, o, "a")["a"]; got != step.want {
			t.Errorf("after %s: %s, want %s", step.after, got, step.want)
		}
	}
	q.Until = func(context.Context) (time.Time, error) { return time.Time{}, errors.New("no boundary") }
	if _, err := r.Get(t.Context(), q, "", []string{"b"}, o.load); err == nil {
		t.Error("a boundary that cannot be read is no error")
	}
}

// What does not exist is kept for ten seconds at most, and found at once when it is made (edge.md M.9, 12).
func TestWhatDoesNotExistIsKeptShortly(t *testing.T) {
	t.Parallel()
	c := open(t, "")
	r, o := things(t, c, policy), newOrigin()
	q := request()
	names(t, r, q, o, "a")
	stored(t, c, 1)
	if got := names(t, r, q, o, "a"); len(got) != 0 || len(o.calls()) != 1 {
		t.Errorf("found %v, read %d times; want nothing, once", got, len(o.calls()))
	}
	o.set("a", "made")
	if err := c.Forget(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if got := names(t, r, q, o, "a")["a"]; got != "made" {
		t.Errorf("after it was made: %q", got)
	}
	names(t, r, q, o, "b")
	stored(t, c, 3)
	o.set("b", "made")
	q.At = noon.Add(10 * time.Second)
	if got := names(t, r, q, o, "b")["b"]; got != "made" {
		t.Errorf("after ten seconds: %q", got)
	}
}

func TestFailuresAreNotKept(t *testing.T) {
	t.Parallel()
	c := open(t, "")
	r, o := things(t, c, policy), newOrigin("a")
	o.err = errors.New("the database is away")
	if _, err := r.Get(t.Context(), request(), "", []string{"a"}, o.load); !errors.Is(err, o.err) {
		t.Errorf("error = %v", err)
	}
	o.err = nil
	if got := names(t, r, request(), o, "a")["a"]; got != "first a" {
		t.Errorf("afterwards: %q", got)
	}
	if _, err := r.Get(t.Context(), request(), "", []string{"b"}, func(context.Context, []string) (map[string]*thing, error) { panic("oh") }); err == nil {
		t.Error("a panic is no error")
	}
}

func TestAMutationSeesWhatItWrote(t *testing.T) {
	t.Parallel()
	c := open(t, "")
	r, o := things(t, c, policy), newOrigin("a")
	names(t, r, request(), o, "a")
	stored(t, c, 1)
	o.set("a", "second")
	ctx := cache.WithCount(cache.WithBypass(t.Context()))
	got, err := r.Get(ctx, request(), "", []string{"a"}, o.load)
	if err != nil || got["a"].Name != "second" || cache.Counted(ctx).Bypasses != 1 {
		t.Errorf("%+v, %v, counted %+v", got["a"], err, cache.Counted(ctx))
	}
}

func TestWithoutACacheEverythingIsRead(t *testing.T) {
	t.Parallel()
	r, o := things(t, nil, policy), newOrigin("a")
	names(t, r, request(), o, "a")
	if got := names(t, r, request(), o, "a")["a"]; got != "first a" || len(o.calls()) != 2 {
		t.Errorf("%q, read %d times", got, len(o.calls()))
	}
}
