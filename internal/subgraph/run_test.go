package subgraph_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/soukhq/souk/internal/call"
	"github.com/soukhq/souk/internal/consumer"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/database/databasetest"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/launch/launchtest"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/subgraph"
)

// parts are those of a service whose store is its database.
func parts() subgraph.Parts[*outbox.DB] {
	return subgraph.Parts[*outbox.DB]{
		Migrations: fstest.MapFS{"0001_first.sql": {Data: []byte("-- +goose Up\nCREATE TABLE seen (n bigserial, subject text);\n")}},
		Store:      func(db *outbox.DB) *outbox.DB { return db },
		Schema: func(*outbox.DB, subgraph.Env) graphql.ExecutableSchema {
			return failing(func(context.Context) error { return nil })
		},
	}
}

// start opens a service on a database of its own.
func start(t *testing.T, name, redis string, env subgraph.Env, p subgraph.Parts[*outbox.DB]) (*subgraph.Service, *outbox.DB) {
	t.Helper()
	var db *outbox.DB
	store := p.Store
	p.Store = func(d *outbox.DB) *outbox.DB { db = d; return store(d) }
	address := databasetest.Address(t)
	s, err := p.Open(t.Context(), subgraph.Config{
		Name: name, DatabaseURL: address, OwnerURL: address, Connections: 10, RedisURL: redis, Wait: 10 * time.Second,
		Log: slog.New(slog.DiscardHandler), Env: env,
	})
	if err != nil {
		t.Fatal(err)
	}
	env.Calls.AddHandler(name, s.Handler)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, db
}

// follower says how a service follows the products of another one.
func follower(db *outbox.DB, _ subgraph.Env) []consumer.Source {
	return []consumer.Source{{Service: "product", Handlers: map[string]consumer.Handler{
		event.TypeOf[event.ProductUpdated](): func(ctx context.Context, tx *database.Tx, e event.Event) ([]event.Event, error) {
			_, err := tx.Exec(ctx, `INSERT INTO seen (subject) VALUES ($1)`, e.Subject)
			return nil, err
		},
	}}}
}

func ready(s *subgraph.Service) int {
	w := httptest.NewRecorder()
	s.Handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	return w.Code
}

// Two services run: one tells, the other one follows; also without a Redis.
func TestRunTellsAndFollows(t *testing.T) {
	t.Parallel()
	for name, redis := range map[string]func(*testing.T) string{
		"with Redis":    func(t *testing.T) string { return launchtest.Redis(t) },
		"without Redis": func(*testing.T) string { return "redis://127.0.0.1:1" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			signer := &identity.Signer{Secret: []byte("secret")}
			env := subgraph.Env{Signer: signer, Calls: call.NewDirectory(signer)}
			cartParts := parts()
			cartParts.Sources = follower
			var worked atomic.Int64
			third := make(chan struct{})
			cartParts.Work = func(*outbox.DB, subgraph.Env, *slog.Logger) map[string]func(context.Context) error {
				return map[string]func(context.Context) error{"work": func(ctx context.Context) error {
					switch worked.Add(1) {
					case 1:
						panic("at first")
					case 2:
						return errors.New("then")
					case 3:
						close(third)
					}
					<-ctx.Done()
					return nil
				}}
			}
			product, owner := start(t, "product", redis(t), env, parts())
			cart, db := start(t, "cart", redis(t), env, cartParts)
			if ready(product) != 200 || ready(cart) != 503 {
				t.Errorf("before they run: product %d, cart %d; want 200 and 503", ready(product), ready(cart))
			}
			ctx, stop := context.WithCancel(t.Context())
			var running sync.WaitGroup
			for _, s := range []*subgraph.Service{product, cart} {
				running.Go(func() {
					if err := s.Run(ctx); err != nil {
						t.Error(err)
					}
				})
			}
			changed, end := db.Watch()
			defer end()
			const events = 20
			for range events {
				subject := gid.Format("Product", gid.New())
				e := event.New(subject, 1, event.ProductUpdated{ProductID: subject}, time.Now())
				if err := owner.Transact(t.Context(), "test.tell", func(*database.Tx) ([]event.Event, error) { return []event.Event{e}, nil }); err != nil {
					t.Fatal(err)
				}
			}
			for n := 0; n < events; {
				select {
				case <-changed:
				case <-time.After(time.Minute):
					t.Fatalf("only %d of %d events were applied", n, events)
				}
				if err := db.Get(t.Context(), &n, `SELECT count(*) FROM seen`); err != nil {
					t.Fatal(err)
				}
			}
			if ready(cart) != 200 {
				t.Errorf("cart is not ready: %d", ready(cart))
			}
			want := []string{"souk_events_cursor cart product 20", "souk_events_lag cart product 0", "souk_events_parked cart product 0", "souk_outbox_head product 20", "souk_ready cart 1"}
			got := measured(t, product, cart)
			for _, w := range want {
				if !strings.Contains(got, w+"\n") {
					t.Errorf("metrics lack %q:\n%s", w, got)
				}
			}
			select {
			case <-third:
			case <-time.After(time.Minute):
				t.Error("the work did not begin again after a panic and an error")
			}
			stop()
			running.Wait()
		})
	}
}

// measured returns the metrics of services as lines: name, labels, value.
func measured(t *testing.T, services ...*subgraph.Service) string {
	t.Helper()
	var text strings.Builder
	for _, s := range services {
		r := prometheus.NewRegistry()
		r.MustRegister(s)
		families, err := r.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			for _, m := range f.Metric {
				text.WriteString(f.GetName())
				for _, l := range m.Label {
					text.WriteString(" " + l.GetValue())
				}
				fmt.Fprintf(&text, " %v\n", m.Gauge.GetValue())
			}
		}
	}
	return text.String()
}

func TestFeedsOfAServiceAreMounted(t *testing.T) {
	t.Parallel()
	signer := &identity.Signer{Secret: []byte("secret")}
	env := subgraph.Env{Signer: signer, Calls: call.NewDirectory(signer)}
	p := parts()
	p.States = func(*outbox.DB, subgraph.Env) map[string]subgraph.States {
		return map[string]subgraph.States{"Product": func(context.Context, []string) ([]event.State, error) { return nil, nil }}
	}
	s, _ := start(t, "product", launchtest.Redis(t), env, p)
	client := env.Calls.Client("cart", "product")
	for _, target := range []string{"/events/head", "/states/Product"} {
		var answer map[string]any
		if err := client.Fetch(t.Context(), target, &answer); err != nil {
			t.Errorf("%s: %v", target, err)
		}
		w := httptest.NewRecorder()
		s.Handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
		if w.Code != http.StatusForbidden {
			t.Errorf("%s, unsigned: %d, want 403", target, w.Code)
		}
	}
	var answer map[string]any
	if err := client.Fetch(t.Context(), "/states/Order", &answer); !errors.Is(err, call.ErrUnavailable) {
		t.Errorf("a kind that nobody renders: %v", err)
	}
}
