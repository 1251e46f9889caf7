package graph_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/cache/cachetest"
	"github.com/soukhq/souk/internal/database/databasetest"
	"github.com/soukhq/souk/internal/launch/launchtest"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/subgraph"
	"github.com/soukhq/souk/subgraphs/product"
	"github.com/soukhq/souk/subgraphs/product/graph"
	"github.com/soukhq/souk/subgraphs/product/postgres"
)

// keeper are two product services with one database: one keeps results, the other one does not.
type keeper struct {
	on, off *shop
	clock   atomic.Pointer[time.Time]
	store   product.Store // of another program: it changes what both answer
}

// openKeeper opens both, with the Redis of the tests or another one, and lets the first run.
func openKeeper(t testing.TB, redis string) *keeper {
	t.Helper()
	if redis == "" {
		redis = launchtest.Redis(t)
	}
	k := &keeper{}
	k.set(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	address := databasetest.Address(t)
	k.off, k.on = k.open(t, address, redis, false), k.open(t, address, redis, true)
	k.store = postgres.New(k.off.db)
	return k
}

func (k *keeper) set(now time.Time) { k.clock.Store(&now) }
func (k *keeper) now() time.Time    { return *k.clock.Load() }

func (k *keeper) open(t testing.TB, address, redis string, keep bool) *shop {
	t.Helper()
	s := &shop{now: k.now()}
	service, err := subgraph.Parts[product.Store]{
		Migrations: postgres.Migrations,
		Store: func(db *outbox.DB) product.Store {
			s.db = db
			return postgres.New(db)
		},
		Cached: true,
		Schema: func(store product.Store, e subgraph.Env) graphql.ExecutableSchema {
			if e.Cache != nil {
				e.Cache.Budget = 10 * time.Second // A busy machine must not fail the test.
			}
			return graph.Schema(&graph.Resolver{Shop: product.Shop{
				Name: "Souk", Storefront: "https://shop.test", Country: "DE", Currencies: e.Currencies(), Languages: []string{"en", "de"},
			}, Store: store, MediaURL: e.MediaURL, Now: e.Now, Cache: e.Cache})
		},
	}.Open(t.Context(), subgraph.Config{
		Name: "product-" + uuid.NewString(), DatabaseURL: address, OwnerURL: address, Connections: 10, RedisURL: redis, Cache: keep,
		Wait: 10 * time.Second, Debug: true, Log: slog.New(slog.DiscardHandler),
		Env: subgraph.Env{Signer: signer, Currency: "EUR", MoreCurrencies: []string{"USD"}, MediaURL: "http://shop.test/media", Now: k.now},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = service.Run(ctx) // It ends with the test.
	}()
	t.Cleanup(func() {
		stop()
		<-done
		if err := service.Close(); err != nil {
			t.Error(err)
		}
	})
	s.handler = service.Handler
	return s
}

// warm asks until the answer takes no statement, and returns it.
func (k *keeper) warm(t testing.TB, query string, variables map[string]any) (a answer) {
	t.Helper()
	cachetest.Await(t, "an answer that asks the database nothing: "+query, func() bool {
		a = k.on.ask(t, query, variables)
		return a.Extensions.Souk.Statements == 0
	})
	return a
}

// shows waits until an answer holds, and returns how long it took.
func (k *keeper) shows(t testing.TB, what, query string, variables map[string]any, holds func(data string) bool) time.Duration {
	t.Helper()
	began := time.Now()
	cachetest.Await(t, what, func() bool { return holds(string(k.on.ask(t, query, variables).Data)) })
	return time.Since(began)
}

// change changes the catalogue as another program does.
func (k *keeper) change(t testing.TB, change func(product.Batch) error) {
	t.Helper()
	if err := k.store.Change(t.Context(), "EUR", change); err != nil {
		t.Fatal(err)
	}
}

// example reads an example operation.
func example(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../../examples/operations", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (s *shop) status(path string) int {
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code
}
