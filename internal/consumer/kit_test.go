package consumer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/call"
	"github.com/soukhq/souk/internal/consumer"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/feed"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/launch/launchtest"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/internal/stream"
	"github.com/soukhq/souk/internal/stream/streamtest"
)

func TestMain(m *testing.M) { os.Exit(launchtest.Main(m)) }

var (
	noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

	ownersTables = fstest.MapFS{"0001_first.sql": {Data: []byte("-- +goose Up\nCREATE TABLE product (subject text PRIMARY KEY, version bigint);\n")}}
	// copy is the projection, seen what handlers did.
	followersTables = fstest.MapFS{"0001_first.sql": {Data: []byte(`-- +goose Up
CREATE TABLE copy (subject text PRIMARY KEY, version bigint NOT NULL, epoch uuid NOT NULL);
CREATE TABLE seen (n bigserial PRIMARY KEY, subject text NOT NULL, version bigint NOT NULL, event uuid NOT NULL);
`)}}
)

// world is a service that tells of products, and one that follows it.
type world struct {
	owner, follower *outbox.DB
	redis           *stream.Redis
	relay           *outbox.Relay
	reader          *feed.Reader
	log             *logged
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{owner: outboxtest.New(t, ownersTables), follower: outboxtest.New(t, followersTables), log: new(logged)}
	w.redis = streamtest.Open(t)
	log := slog.New(slog.NewTextHandler(w.log, nil))
	w.relay = &outbox.Relay{Service: "product", DB: w.owner, Stream: w.redis, Log: log}
	signer := &identity.Signer{Secret: []byte("secret")}
	calls := call.NewDirectory(signer)
	mux := http.NewServeMux()
	owner := feed.Owner{DB: w.owner, States: map[string]feed.Render{"Product": w.render}, Log: log}
	owner.Mount(mux, signer.Middleware)
	calls.AddHandler("product", mux)
	w.reader = &feed.Reader{Client: calls.Client("cart", "product")}
	return w
}

func (w *world) render(ctx context.Context, subjects []string) ([]event.State, error) {
	text, err := json.Marshal(subjects)
	if err != nil {
		return nil, err
	}
	var states []event.State
	err = w.owner.Select(ctx, &states, `SELECT subject, version FROM product WHERE subject IN (SELECT jsonb_array_elements_text($1::jsonb))`, string(text))
	for i := range states {
		states[i].Data = json.RawMessage(`{}`)
	}
	return states, err
}

// follow returns a follower with a projection, whose handler does what handle does before it notes the event.
func (w *world) follow(handle consumer.Handler) *consumer.Follower {
	f := w.react(handle)
	f.Source.Projection = &consumer.Projection{Kind: "Product", Apply: apply, Prune: prune}
	return f
}

// react is follow without a projection.
func (w *world) react(handle consumer.Handler) *consumer.Follower {
	note := func(ctx context.Context, tx *database.Tx, e event.Event) ([]event.Event, error) {
		if _, err := tx.Exec(ctx, `INSERT INTO seen (subject, version, event) VALUES ($1, $2, $3)`, e.Subject, e.AggregateVersion, e.ID); err != nil {
			return nil, err
		}
		if err := apply(ctx, tx, consumer.Epoch(ctx), []event.State{{Subject: e.Subject, Version: e.AggregateVersion}}); err != nil {
			return nil, err
		}
		if handle == nil {
			return nil, nil
		}
		return handle(ctx, tx, e)
	}
	return &consumer.Follower{
		Service: "cart", DB: w.follower, Stream: w.redis, Feed: w.reader, Log: slog.New(slog.NewTextHandler(w.log, nil)),
		Source: consumer.Source{Service: "product", Handlers: map[string]consumer.Handler{event.TypeOf[event.ProductUpdated](): note}},
	}
}

func apply(ctx context.Context, tx *database.Tx, epoch uuid.UUID, states []event.State) error {
	for _, s := range states {
		if s.Deleted {
			continue
		}
		_, err := tx.Exec(ctx, `INSERT INTO copy (subject, version, epoch) VALUES ($1, $2, $3)
			ON CONFLICT (subject) DO UPDATE SET version = excluded.version, epoch = excluded.epoch
			WHERE copy.epoch <> excluded.epoch OR copy.version < excluded.version`, s.Subject, s.Version, epoch)
		if err != nil {
			return err
		}
	}
	return nil
}

func prune(ctx context.Context, tx *database.Tx, epoch uuid.UUID) error {
	_, err := tx.Exec(ctx, `DELETE FROM copy WHERE epoch <> $1`, epoch)
	return err
}

// update changes products and tells of it.
func (w *world) update(t *testing.T, subjects ...string) {
	t.Helper()
	err := w.owner.Transact(t.Context(), "product.update", func(tx *database.Tx) ([]event.Event, error) {
		var events []event.Event
		for _, s := range subjects {
			var version int64
			err := tx.Get(t.Context(), &version, `INSERT INTO product VALUES ($1, 1) ON CONFLICT (subject) DO UPDATE SET version = product.version + 1 RETURNING version`, s)
			if err != nil {
				return nil, err
			}
			events = append(events, event.New(s, version, event.ProductUpdated{ProductID: s, Version: version}, noon))
		}
		return events, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// send numbers and publishes what was told.
func (w *world) send(t *testing.T) {
	t.Helper()
	if _, err := w.relay.Number(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.relay.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// drain takes steps until there is nothing to do. Failures of an event's own fault are passed over, as many as there are.
func drain(t *testing.T, f *consumer.Follower) (own int) {
	t.Helper()
	for idle := 0; idle < 2; {
		n, err := f.Step(t.Context(), 0)
		var failure *consumer.Failure
		switch {
		case errors.As(err, &failure):
			own++
		case err != nil:
			t.Fatal(err)
		case n == 0:
			idle++
		default:
			idle = 0
		}
	}
	return own
}

// seen returns what handlers noted, as "name version", in their order.
func (w *world) seen(t *testing.T, names map[string]string) []string {
	t.Helper()
	return pairs(t, w.follower, `SELECT subject, version FROM seen ORDER BY n`, names)
}

// copied returns the projection.
func (w *world) copied(t *testing.T, names map[string]string) []string {
	t.Helper()
	return pairs(t, w.follower, `SELECT subject, version FROM copy ORDER BY subject`, names)
}

func pairs(t *testing.T, db *outbox.DB, query string, names map[string]string) []string {
	t.Helper()
	var rows []struct {
		Subject string
		Version int64
	}
	if err := db.Select(t.Context(), &rows, query); err != nil {
		t.Fatal(err)
	}
	texts := []string{}
	for _, r := range rows {
		texts = append(texts, fmt.Sprint(names[r.Subject], " ", r.Version))
	}
	return texts
}

// exec runs statements.
func exec(t *testing.T, db *outbox.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.Exec(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
}

// one reads one value.
func one[T any](t *testing.T, db *outbox.DB, query string) (value T) {
	t.Helper()
	if err := db.Get(t.Context(), &value, query); err != nil {
		t.Fatal(err)
	}
	return value
}

// sorted returns what copied returns for these versions.
func sorted(names map[string]string, versions map[string]int) []string {
	texts := []string{}
	for _, subject := range slices.Sorted(maps.Keys(versions)) {
		texts = append(texts, fmt.Sprint(names[subject], " ", versions[subject]))
	}
	return texts
}

func hasty(w *world) stream.Stream { return streamtest.Hasty{Stream: w.redis} }

// forget lets Redis forget what the owner told in an epoch.
func forget(t *testing.T, w *world, epoch uuid.UUID) {
	t.Helper()
	streamtest.Forget(t, stream.Log{Service: w.relay.Service, Epoch: epoch})
}

func product() string { return gid.Format("Product", gid.New()) }

// logged keeps what is logged.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) has(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.text.String(), text)
}
