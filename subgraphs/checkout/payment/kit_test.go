package payment_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/database/databasetest"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/fakepay"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/idempotency"
	"github.com/soukhq/souk/internal/launch/launchtest"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/subgraphs/checkout"
	"github.com/soukhq/souk/subgraphs/checkout/payment"
	"github.com/soukhq/souk/subgraphs/checkout/postgres"
)

func TestMain(m *testing.M) { os.Exit(launchtest.Main(m)) }

// shop is a checkout with a gateway that is real and foreign, and a clock that tests turn.
type shop struct {
	t       *testing.T
	db      *outbox.DB
	store   checkout.Store
	server  *httptest.Server
	gateway *spy
	fakepay *payment.Fakepay
	mu      sync.Mutex
	clock   time.Time
}

func open(t *testing.T) *shop {
	t.Helper()
	address := databasetest.Address(t)
	gateway, err := fakepay.Open(t.Context(), address, address, 10, 10*time.Second)
	must(t, err)
	server := httptest.NewServer(gateway.Handler())
	t.Cleanup(func() {
		server.CloseClientConnections() // Of those who wait for answers that never come.
		server.Close()
		must(t, gateway.Close())
	})
	db := outboxtest.New(t, postgres.Migrations)
	client := payment.NewFakepay(server.URL)
	return &shop{
		t: t, db: db, store: postgres.New(db), server: server, fakepay: client, gateway: &spy{Gateway: client},
		clock: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC),
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s *shop) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock
}

func (s *shop) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = s.clock.Add(d)
}

// worker makes a worker of the shop.
func (s *shop) worker(owner string) *payment.Worker {
	return &payment.Worker{
		Store: s.store, Gateways: map[string]checkout.Gateway{"fakepay": s.gateway}, Owner: owner, Now: s.now,
		Secret: func(id uuid.UUID) string { return "opens " + id.String() }, Log: slog.New(slog.DiscardHandler),
	}
}

// reserved makes a completion to which product and cart said yes, to be paid with a token; "" pays nothing.
func (s *shop) reserved(token string) *checkout.Completion {
	s.t.Helper()
	ctx := s.t.Context()
	session := checkout.PaymentSession{UUID: gid.New(), Gateway: "fakepay", CreatedAt: s.now()}
	line := checkout.Line{ID: gid.Format("CartLine", gid.New()), Availability: checkout.Available, Goods: checkout.Goods{
		VariantID: gid.Format("ProductVariant", gid.New()), PriceID: gid.New().String(), Quantity: 3,
		UnitPrice: money.Money{Currency: "EUR"}, Title: "Tea", TaxClass: "standard",
	}}
	if token != "" {
		line.UnitPrice.Minor = 410
		var err error
		session.Reference, err = s.fakepay.CreateSession(ctx, map[string]any{"token": token}, session.ID())
		must(s.t, err)
	}
	facts := checkout.Facts{Version: 3, State: checkout.CartActive, CurrencyCode: "EUR", CountryCode: "DE", Email: new("a@b.test"), Lines: []checkout.Line{line}}
	config, err := s.store.Shop(ctx)
	must(s.t, err)
	cart := gid.New()
	c, err := s.store.Begin(ctx, cart, idempotency.Key{}, s.now(),
		func() (*checkout.Checkout, error) { return checkout.Begin(cart, facts, config, s.now()) }, nil)
	must(s.t, err)
	c, err = s.store.Update(ctx, c.UUID, idempotency.Key{}, s.now(), func(c *checkout.Checkout) error {
		a := checkout.Address{LastName: new("Ada"), Address1: new("Way 1"), City: new("B"), Zip: new("10115"), CountryCode: new("DE")}
		must(s.t, c.Begun(session))
		return c.Update(checkout.Change{ShippingAddress: &a, BillingAddress: &a}, config)
	})
	must(s.t, err)
	completion, _, err := s.store.Complete(ctx, c.UUID, checkout.Ask{Key: []byte("key"), Request: []byte("r"), Expected: c.Cost.Total}, s.now())
	must(s.t, err)
	for _, source := range postgres.Sources(s.now) {
		for _, e := range []event.Event{
			event.New(completion.AttemptID(), 1, event.StockReserved{}, s.now()), event.New(completion.AttemptID(), 1, event.CartFrozen{}, s.now()),
		} {
			if handle := source.Handlers[e.Type]; handle != nil {
				must(s.t, s.db.Transact(ctx, "test", func(tx *database.Tx) ([]event.Event, error) { return handle(ctx, tx, e) }))
			}
		}
	}
	return completion
}

// settle lets a worker work, and time pass, until a completion has ended. It returns what came of it, and where the checkout
// is.
func (s *shop) settle(w *payment.Worker, c *checkout.Completion) string {
	s.t.Helper()
	for range 20 {
		if _, err := w.RunOnce(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
		if s.read(c).Ended() {
			break
		}
		s.pass(5 * time.Second)
	}
	return s.standing(c)
}

func (s *shop) read(c *checkout.Completion) *checkout.Completion {
	s.t.Helper()
	found, err := s.store.Completions(s.t.Context(), []uuid.UUID{c.UUID})
	must(s.t, err)
	return found[c.UUID]
}

func (s *shop) standing(c *checkout.Completion) string {
	s.t.Helper()
	c = s.read(c)
	checkouts, err := s.store.Checkouts(s.t.Context(), []uuid.UUID{c.CheckoutUUID})
	must(s.t, err)
	text := c.State
	if c.Failure != nil {
		text += " " + c.Failure.Code
	}
	return text + ", " + checkouts[c.CheckoutUUID].State
}

// counts are authorisations, voids, and all that the gateway did for a completion, and its orders and failures.
func (s *shop) counts(c *checkout.Completion) [5]int {
	s.t.Helper()
	ledger, err := s.fakepay.Ledger(s.t.Context(), c.AttemptID())
	must(s.t, err)
	n := [5]int{ledger.Authorizations, ledger.Voids, len(ledger.Operations)}
	must(s.t, s.db.Get(s.t.Context(), &n[3], `SELECT count(*) FROM orders WHERE completion_id = $1`, c.UUID))
	for _, e := range outboxtest.Events(s.t, s.db) {
		if e.Subject == c.AttemptID() && e.Type == event.TypeOf[event.CompletionFailed]() {
			n[4]++
		}
	}
	return n
}

// told lists the events of a type.
func (s *shop) told(kind string) []string {
	s.t.Helper()
	var types []string
	for _, e := range outboxtest.Events(s.t, s.db) {
		if e.Type == kind {
			types = append(types, e.Type)
		}
	}
	return types
}

// spy is a gateway that writes down how it is asked. Its hooks see the calls before and after they are passed on.
type spy struct {
	checkout.Gateway
	mu            sync.Mutex
	calls         []string
	before, after func(call string) error
}

func (g *spy) around(call string, pass func() error) error {
	g.mu.Lock()
	g.calls = append(g.calls, call)
	before, after := g.before, g.after
	g.mu.Unlock()
	if before != nil {
		if err := before(call); err != nil {
			return err
		}
	}
	err := pass()
	if after != nil {
		if e := after(call); e != nil {
			return e
		}
	}
	return err
}

func (g *spy) hook(before, after func(string) error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.before, g.after = before, after
}

func (g *spy) asked() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.calls)
}

func (g *spy) Authorize(ctx context.Context, a checkout.Authorization) (p checkout.Payment, err error) {
	err = g.around("authorize", func() (err error) { p, err = g.Gateway.Authorize(ctx, a); return err })
	return p, err
}

func (g *spy) Void(ctx context.Context, payment, key string) error {
	return g.around("void", func() error { return g.Gateway.Void(ctx, payment, key) })
}

func (g *spy) Lookup(ctx context.Context, reference string) (p []checkout.Payment, err error) {
	err = g.around("lookup", func() (err error) { p, err = g.Gateway.Lookup(ctx, reference); return err })
	return p, err
}
