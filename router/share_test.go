package router_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/soukhq/souk/router"
	"github.com/soukhq/souk/router/fetch"
)

// TestAbortsBreakNobody lets a thousand clients hang up while others wait for the same answer of a subgraph. The first of
// all, who made the request, is one of them.
func TestAbortsBreakNobody(t *testing.T) {
	t.Parallel()
	const aborts, others = 1_000, 50
	arrived, release := make(chan struct{}, aborts+others), make(chan struct{})
	var inside sync.WaitGroup
	w := newWorld(t, router.Options{
		Share:        fetch.ShareAll,
		Authenticate: func(*http.Request) ([]byte, error) { inside.Done(); return nil, nil },
	}, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, q *http.Request) {
			arrived <- struct{}{}
			select {
			case <-release:
				next.ServeHTTP(rw, q)
			case <-q.Context().Done():
			}
		})
	})
	ask := func(ctx context.Context) string {
		rec := httptest.NewRecorder()
		w.ServeHTTP(rec, postRequest(`{"query":"{oldest {age}}"}`).WithContext(ctx))
		return rec.Body.String()
	}
	ctx, hangUp := context.WithCancel(t.Context())
	defer hangUp()
	var leaving, staying sync.WaitGroup
	inside.Add(aborts + others)
	leaving.Go(func() { ask(ctx) })
	<-arrived
	for range aborts - 1 {
		leaving.Go(func() { ask(ctx) })
	}
	for i := range others {
		staying.Go(func() {
			if got := ask(t.Context()); got != `{"data":{"oldest":{"age":36}}}` {
				t.Errorf("client %d got %s", i, got)
			}
		})
	}
	inside.Wait()
	hangUp()
	leaving.Wait()
	close(release)
	staying.Wait()
}

func TestSharingIsKnown(t *testing.T) {
	t.Parallel()
	if _, err := router.New(model(t), make([]fetch.Transport, 2), router.Options{Share: "some"}); err == nil {
		t.Error("an unknown kind of sharing is accepted")
	}
}
