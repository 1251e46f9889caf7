package subgraphs_test

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/database/databasetest"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/launch/launchtest"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/subgraph"
	"github.com/soukhq/souk/subgraphs"
	"github.com/soukhq/souk/subgraphs/product/postgres"
)

// oldShop is a catalogue as it was kept before there was a log.
const oldShop = `
INSERT INTO locations VALUES ('019a0000-0000-7000-8000-000000000001', 'Default', true);
INSERT INTO products (id, version, handle, title, description, description_html, published_at, created_at, updated_at)
VALUES ('019a0000-0000-7000-8000-000000000002', 3, 'pot', 'Clay Pot', '', '', '2026-01-01', '2026-01-01', '2026-01-01');
INSERT INTO variants (id, product_id, position, value_ids, tracked, requires_shipping, tax_class)
VALUES ('019a0000-0000-7000-8000-000000000003', '019a0000-0000-7000-8000-000000000002', 0, '{}', true, true, 'standard');
INSERT INTO prices VALUES ('019a0000-0000-7000-8000-000000000004', '019a0000-0000-7000-8000-000000000003', 'EUR', 999, null, '2026-01-01', null);
INSERT INTO stock (variant_id, location_id, on_hand)
VALUES ('019a0000-0000-7000-8000-000000000003', '019a0000-0000-7000-8000-000000000001', 5);`

const (
	oldVariant = "gid://souk/ProductVariant/019a0000-0000-7000-8000-000000000003"
	oldPrice   = "019a0000-0000-7000-8000-000000000004"
)

// follow opens services that tell and follow each other until the test ends, and returns what answers their graphs.
func follow(t *testing.T, env subgraph.Env, databases map[string]string) map[string]http.Handler {
	t.Helper()
	handlers := map[string]http.Handler{}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	for name, address := range databases {
		opened, err := subgraphs.All[name](t.Context(), subgraph.Config{
			Name: name, DatabaseURL: address, OwnerURL: address, Connections: 10, RedisURL: launchtest.Redis(t), Wait: 10 * time.Second,
			Log: slog.New(slog.DiscardHandler), Env: env,
		})
		if err != nil {
			t.Fatal(err)
		}
		handlers[name] = opened.Handler
		env.Calls.AddHandler(name, opened.Handler)
		running.Go(func() {
			if err := opened.Run(ctx); err != nil {
				t.Error(err)
			}
			if err := opened.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	return handlers
}

// until reads a number again and again until it is the one that is expected.
func until(t *testing.T, what string, db *database.DB, want int, query string, args ...any) {
	t.Helper()
	got := 0
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		if err := db.Get(t.Context(), &got, query, args...); err != nil {
			t.Fatal(err)
		}
		if got == want {
			return
		}
	}
	t.Fatalf("%s: %d, want %d", what, got, want)
}

// A shop that was made before there was a log is upgraded: cart offers its products without asking, and they can be
// reserved.
func TestUpgradedProductsAreSold(t *testing.T) {
	t.Parallel()
	databases := map[string]string{"product": databasetest.Address(t), "cart": databasetest.Address(t), "checkout": databasetest.Address(t)}
	db, carts := databasetest.Open(t, databases["product"]), databasetest.Open(t, databases["cart"])
	first, err := fs.ReadFile(postgres.Migrations, "0001_catalogue.sql")
	if err != nil {
		t.Fatal(err)
	}
	if err := database.Migrate(t.Context(), db, fstest.MapFS{"0001_catalogue.sql": {Data: first}}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(t.Context(), oldShop); err != nil {
		t.Fatal(err)
	}
	env := environment(t)
	handlers := follow(t, env, databases)
	until(t, "offers of cart", carts, 1, `SELECT count(*) FROM offers`)

	completion := gid.Format("CheckoutCompletion", gid.New())
	requested := event.New(completion, 1, event.CompletionRequested{
		CompletionID: completion, CheckoutID: gid.Format("Checkout", gid.New()), CurrencyCode: "EUR", PricedAt: noon,
		Lines: []event.CompletionLine{{VariantID: oldVariant, Quantity: 2, PriceID: oldPrice, UnitPrice: "9.99"}},
	}, noon)
	checkout := outbox.Open(databasetest.Open(t, databases["checkout"]))
	if err := checkout.Transact(t.Context(), "test", func(tx *database.Tx) ([]event.Event, error) {
		// Checkout does not know this completion; product is not to be told so.
		_, err := tx.Exec(t.Context(), `INSERT INTO forgotten_completions VALUES ($1, '{product}', now())`, strings.TrimPrefix(completion, "gid://souk/CheckoutCompletion/"))
		return []event.Event{requested}, err
	}); err != nil {
		t.Fatal(err)
	}
	until(t, "answers of product", db, 1, `SELECT count(*) FROM outbox WHERE subject = $1 AND event->>'type' = 'stock.reserved.v1'
		AND event->>'causationId' = $2`, completion, requested.ID.String())
	until(t, "pieces that cart offers", carts, 3, `SELECT available FROM offers`)

	env.Calls.AddHandler("product", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	cart := cartService{&service{env: env, handler: handlers["cart"]}, nil}
	made := cart.create(t, nobody, map[string]any{"lines": []any{line(oldVariant, 3)}})
	if len(made.UserErrors) > 0 || len(made.Cart.Lines.Nodes) != 1 || made.Cart.Cost.TotalAmount.Amount != "29.97" {
		t.Errorf("a cart without the product service: %+v", made)
	}
}
