package fetch_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/soukhq/souk/router/fetch"
)

// doer is a transport made of a function.
type doer func(ctx context.Context, r *fetch.Request) (*fetch.Response, error)

func (d doer) Do(ctx context.Context, r *fetch.Request) (*fetch.Response, error) { return d(ctx, r) }

// TestSharing asks twice at the same time and counts what reaches the subgraph.
func TestSharing(t *testing.T) {
	t.Parallel()
	ask := func(change func(*fetch.Request)) *fetch.Request {
		r := &fetch.Request{Subgraph: "a", Body: []byte(`{"query":"{x}"}`), Header: http.Header{"A": {"1"}, "B": {"2", "3"}}}
		change(r)
		return r
	}
	tests := []struct {
		name   string
		change func(*fetch.Request)
		calls  int64
	}{
		{"equal", func(*fetch.Request) {}, 1},
		{"another body", func(r *fetch.Request) { r.Body = []byte(`{"query":"{y}"}`) }, 2},
		{"another header", func(r *fetch.Request) { r.Header["A"] = []string{"2"} }, 2},
		{"one more header", func(r *fetch.Request) { r.Header["C"] = nil }, 2},
		{"values cut elsewhere", func(r *fetch.Request) { r.Header["B"] = []string{"23"} }, 2},
		{"no headers", func(r *fetch.Request) { r.Header = nil }, 2},
		{"another subgraph", func(r *fetch.Request) { r.Subgraph = "b" }, 2},
		{"a mutation", func(r *fetch.Request) { r.Mutation = true }, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var calls atomic.Int64
				shared := fetch.NewShared(doer(func(_ context.Context, r *fetch.Request) (*fetch.Response, error) {
					calls.Add(1)
					time.Sleep(time.Second)
					return &fetch.Response{Status: 200, Body: r.Body}, nil
				}))
				var wait sync.WaitGroup
				responses := make([]*fetch.Response, 2)
				for i, change := range []func(*fetch.Request){func(*fetch.Request) {}, test.change} {
					wait.Go(func() {
						var err error
						r := ask(change)
						if responses[i], err = shared.Do(t.Context(), r); err != nil || string(responses[i].Body) != string(r.Body) {
							t.Errorf("Do() = %v, %v", responses[i], err)
						}
					})
				}
				wait.Wait()
				if n := calls.Load(); n != test.calls {
					t.Errorf("%d requests, want %d", n, test.calls)
				}
				if one := responses[0] == responses[1]; one != (test.calls == 1) {
					t.Errorf("one answer for both: %v", one)
				}
			})
		})
	}
}

// TestNothingIsKept asks one after the other.
func TestNothingIsKept(t *testing.T) {
	t.Parallel()
	calls := 0
	shared := fetch.NewShared(doer(func(context.Context, *fetch.Request) (*fetch.Response, error) {
		calls++
		return nil, errors.New("away")
	}))
	for range 3 {
		if _, err := shared.Do(t.Context(), request()); err == nil || err.Error() != "away" {
			t.Errorf("Do() = %v", err)
		}
	}
	if calls != 3 {
		t.Errorf("%d requests, want 3", calls)
	}
}

// TestAThousandHangUp lets a thousand clients leave while as many wait for the same answers. The first of each group, who
// started the request, is among those who leave.
func TestAThousandHangUp(t *testing.T) {
	t.Parallel()
	const groups, perGroup = 20, 100
	synctest.Test(t, func(t *testing.T) {
		var calls, cancelled atomic.Int64
		shared := fetch.NewShared(doer(func(ctx context.Context, r *fetch.Request) (*fetch.Response, error) {
			calls.Add(1)
			select {
			case <-time.After(time.Second):
				return &fetch.Response{Status: 200, Body: r.Body}, nil
			case <-ctx.Done():
				cancelled.Add(1)
				return nil, ctx.Err()
			}
		}))
		var wait sync.WaitGroup
		var aborted, answered atomic.Int64
		for group := range groups {
			for client := range perGroup {
				ctx, hangUp := context.WithCancel(t.Context())
				body := []byte{byte(group)}
				wait.Go(func() {
					defer hangUp()
					r, err := shared.Do(ctx, &fetch.Request{Subgraph: "a", Body: body})
					switch {
					case err == nil && string(r.Body) == string(body):
						answered.Add(1)
					case errors.Is(err, context.Canceled) && ctx.Err() != nil:
						aborted.Add(1)
					default:
						t.Errorf("group %d, client %d: %v", group, client, err)
					}
				})
				synctest.Wait()
				if client%2 == 0 {
					time.AfterFunc(time.Duration(client+1)*time.Millisecond, hangUp)
				}
			}
		}
		wait.Wait()
		if aborted.Load() != groups*perGroup/2 || answered.Load() != groups*perGroup/2 {
			t.Errorf("%d gave up and %d were answered, want %d each", aborted.Load(), answered.Load(), groups*perGroup/2)
		}
		if calls.Load() != groups || cancelled.Load() != 0 {
			t.Errorf("%d requests, %d of them cancelled, want %d and none", calls.Load(), cancelled.Load(), groups)
		}
	})
}

// TestTheLastOneEndsTheRequest sees that nobody is asked for nobody, and that who comes then has a request of its own.
func TestTheLastOneEndsTheRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		started := 0
		shared := fetch.NewShared(doer(func(ctx context.Context, _ *fetch.Request) (*fetch.Response, error) {
			if started++; started > 1 {
				return &fetch.Response{Status: 200}, nil
			}
			<-ctx.Done()
			time.Sleep(time.Minute) // It takes long to notice.
			return nil, ctx.Err()
		}))
		for range 2 {
			ctx, hangUp := context.WithTimeout(t.Context(), time.Second)
			defer hangUp()
			if started == 0 {
				if _, err := shared.Do(ctx, request()); codeOf(t, err) != fetch.CodeTimeout || ctx.Err() != nil {
					t.Errorf("Do() = %v, with the context %v", err, ctx.Err())
				}
				continue
			}
			if _, err := shared.Do(ctx, request()); err != nil {
				t.Errorf("a request after the last one left: %v", err)
			}
		}
		time.Sleep(time.Hour)
	})
}

// TestEverybodysError lets the request itself fail, once by a panic.
func TestEverybodysError(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func() error{
		"error": func() error { return &fetch.Error{Code: fetch.CodeUnavailable, Err: errors.New("away")} },
		"panic": func() error { panic("away") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				shared := fetch.NewShared(doer(func(context.Context, *fetch.Request) (*fetch.Response, error) {
					time.Sleep(time.Second)
					return nil, fail()
				}))
				var wait sync.WaitGroup
				for range 3 {
					wait.Go(func() {
						if _, err := shared.Do(t.Context(), request()); codeOf(t, err) != fetch.CodeUnavailable {
							t.Errorf("Do() = %v", err)
						}
					})
				}
				wait.Wait()
			})
		})
	}
}

// TestWhoHasLeft is refused at once.
func TestWhoHasLeft(t *testing.T) {
	t.Parallel()
	ctx, hangUp := context.WithCancel(t.Context())
	hangUp()
	shared := fetch.NewShared(doer(func(context.Context, *fetch.Request) (*fetch.Response, error) {
		t.Error("the subgraph is asked")
		return nil, errors.New("asked")
	}))
	if _, err := shared.Do(ctx, request()); !errors.Is(err, context.Canceled) {
		t.Errorf("Do() = %v", err)
	}
}
