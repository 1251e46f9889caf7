package subgraph_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/soukhq/souk/internal/cache"
	"github.com/soukhq/souk/internal/cache/cachetest"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/database/databasetest"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/launch/launchtest"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/subgraph"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// counter is a service that keeps what it counts: { n } reads, mutation { add } adds one.
type counter struct {
	*subgraph.Service
	db   *outbox.DB
	kept *cache.Results[struct{}, int]
	n    *atomic.Int64 // what the database of the service would hold
	t    *testing.T
}

const counted = "gid://souk/Product/0199e000-0000-7000-8000-000000000001"

// openCounter opens the service on a database under a name, which instances of one service share.
func openCounter(t *testing.T, address, redis, name string, n *atomic.Int64) *counter {
	t.Helper()
	c := &counter{n: n, t: t}
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `type Query { n: Int } type Mutation { add: Int }`})
	service, err := subgraph.Parts[*outbox.DB]{
		Migrations: migrations,
		Cached:     true,
		Store:      func(db *outbox.DB) *outbox.DB { c.db = db; return db },
		Schema: func(db *outbox.DB, e subgraph.Env) graphql.ExecutableSchema {
			e.Cache.Budget = 10 * time.Second // A busy machine must not fail the test.
			var err error
			if c.kept, err = cache.NewResults[struct{}, int](e.Cache, cache.Policy{Kind: "N", MaxAge: time.Hour, Tags: []string{"n"}}, nil); err != nil {
				t.Fatal(err)
			}
			return &graphql.ExecutableSchemaMock{
				SchemaFunc:     func() *ast.Schema { return schema },
				ComplexityFunc: func(context.Context, string, string, int, map[string]any) (int, bool) { return 0, false },
				ExecFunc: func(ctx context.Context) graphql.ResponseHandler {
					return func(ctx context.Context) *graphql.Response {
						if graphql.GetOperationContext(ctx).Operation.Operation == ast.Mutation {
							c.add(ctx)
						}
						text, err := json.Marshal(map[string]int{"n": c.read(ctx)})
						if err != nil {
							t.Error(err)
						}
						return &graphql.Response{Data: text}
					}
				},
			}
		},
	}.Open(t.Context(), subgraph.Config{
		Name: name, DatabaseURL: address, OwnerURL: address, Connections: 5, RedisURL: redis, Cache: true, Wait: 10 * time.Second, Debug: true,
		Log: slog.New(slog.DiscardHandler), Env: subgraph.Env{Signer: &identity.Signer{Secret: []byte("secret")}, Now: time.Now},
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Service = service
	t.Cleanup(func() {
		if err := service.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// run lets the service run until the test ends or the function that it returns is called.
func (c *counter) run() func() {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = c.Run(ctx) // It ends with its context.
	}()
	end := func() { stop(); <-done }
	c.t.Cleanup(end)
	return end
}

func (c *counter) read(ctx context.Context) int {
	found, err := c.kept.Get(ctx, cache.Request{At: time.Now()}, struct{}{}, []string{"n"}, func(context.Context, []string) (map[string]int, error) {
		return map[string]int{"n": int(c.n.Load())}, nil
	})
	if err != nil {
		c.t.Error(err)
	}
	return found["n"]
}

// add adds one and tells it, as a change and its event.
func (c *counter) add(ctx context.Context) {
	err := c.db.Transact(ctx, "test.add", func(*database.Tx) ([]event.Event, error) {
		e := event.New(counted, c.n.Add(1), event.ProductDeleted{ProductID: counted}, time.Now())
		e.CacheTags = []string{"n"}
		return []event.Event{e}, nil
	})
	if err != nil {
		c.t.Error(err)
	}
}

// ask reads through the handler, and tells whether the answer was kept.
func (c *counter) ask(query string) (n int, hit bool) {
	c.t.Helper()
	_, body := send(c.Service, `{"query":"`+query+`"}`)
	var a struct {
		Data       struct{ N int }
		Extensions struct {
			Souk struct {
				Cache struct{ Hits, Misses, Bypass int }
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &a); err != nil {
		c.t.Fatal(err, body)
	}
	return a.Data.N, a.Extensions.Souk.Cache.Hits == 1
}

// warm asks until the answer is kept, and fails where it is not the one that is wanted.
func (c *counter) warm(want int) {
	c.t.Helper()
	for hit := false; !hit; {
		var n int
		if n, hit = c.ask("{ n }"); n != want {
			c.t.Fatalf("read %d, want %d", n, want)
		}
	}
}

// Whoever changes something reads it in the answer, and in the next request.
func TestAMutationIsReadByWhoMadeIt(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	c := openCounter(t, databasetest.Address(t), launchtest.Redis(t), "test-"+uuid.NewString(), &n)
	c.run()
	for i := 1; i <= 20; i++ {
		c.warm(i - 1)
		if got, _ := c.ask("mutation { add }"); got != i {
			t.Fatalf("the mutation answered %d, want %d", got, i)
		}
		if got, _ := c.ask("{ n }"); got != i {
			t.Fatalf("after it: %d, want %d", got, i)
		}
	}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c.Service)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == "result" && m.GetCounter().GetValue() > 0 {
					told[f.GetName()+" "+l.GetValue()] = true
				}
			}
		}
	}
	for _, want := range []string{"souk_cache_lookups_total hit", "souk_cache_lookups_total miss", "souk_cache_lookups_total bypass", "souk_cache_stores_total stored"} {
		if !told[want] {
			t.Errorf("metrics do not tell of %s: %v", want, told)
		}
	}
}

// What is committed by another instance, or by a reaction to an event, is forgotten by itself.
func TestWhatOthersCommitIsForgotten(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	address, name := databasetest.Address(t), "test-"+uuid.NewString()
	one, two := openCounter(t, address, launchtest.Redis(t), name, &n), openCounter(t, address, launchtest.Redis(t), name, &n)
	one.run()
	two.run()
	one.warm(0)
	two.warm(0)
	two.add(t.Context())
	cachetest.Await(t, "the answer is the new one", func() bool { got, _ := one.ask("{ n }"); return got == 1 })
	one.warm(1)
}

// A service that ended before it had forgotten what it changed does not answer with it when it begins again.
func TestWhatACrashLeftIsForgottenFirst(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	address, name := databasetest.Address(t), "test-"+uuid.NewString()
	before := openCounter(t, address, launchtest.Redis(t), name, &n)
	stop := before.run()
	before.warm(0)
	stop()
	before.add(t.Context()) // Nobody runs who forgets.
	again := openCounter(t, address, launchtest.Redis(t), name, &n)
	if got, hit := again.ask("{ n }"); got != 1 || hit {
		t.Errorf("before it caught up: %d, from the cache %v", got, hit)
	}
	again.run()
	again.warm(1)
}

// A change while Redis stands still is not lost: nothing is looked up until it is forgotten.
func TestAChangeWhileRedisStandsStill(t *testing.T) {
	t.Parallel()
	redis := cachetest.Start(t)
	var n atomic.Int64
	c := openCounter(t, databasetest.Address(t), redis.URL(), "test-"+uuid.NewString(), &n)
	c.run()
	c.warm(0)
	redis.Stop()
	if got, _ := c.ask("mutation { add }"); got != 1 {
		t.Errorf("the mutation answered %d", got)
	}
	for range 5 {
		if got, _ := c.ask("{ n }"); got != 1 {
			t.Errorf("while Redis stands still: %d", got)
		}
	}
	redis.Continue()
	c.warm(1)
}

// A database that was restored makes everything old: events may be missing that told of changes.
func TestAnotherEpochForgetsEverything(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	c := openCounter(t, databasetest.Address(t), launchtest.Redis(t), "test-"+uuid.NewString(), &n)
	c.run()
	c.warm(0)
	head, err := c.db.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n.Store(5) // As if it had always been so.
	if began, err := c.db.NewEpoch(t.Context(), head.Epoch, 0); !began || err != nil {
		t.Fatal(began, err)
	}
	cachetest.Await(t, "the answer is the new one", func() bool { got, _ := c.ask("{ n }"); return got == 5 })
}

// More events than are read at once, and none of them numbered, are forgotten all the same.
func TestManyEventsAreForgotten(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	c := openCounter(t, databasetest.Address(t), launchtest.Redis(t), "test-"+uuid.NewString(), &n)
	c.run()
	c.warm(0)
	err := c.db.Transact(t.Context(), "test.many", func(*database.Tx) (events []event.Event, err error) {
		for i := range 2_500 {
			e := event.New(gid.Format("Product", gid.New()), 1, event.ProductDeleted{ProductID: counted}, time.Now())
			if i == 2_499 {
				e.CacheTags = []string{"n"}
			}
			events = append(events, e)
		}
		n.Add(1)
		return events, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	cachetest.Await(t, "the answer is the new one", func() bool { got, _ := c.ask("{ n }"); return got == 1 })
	c.warm(1)
}
