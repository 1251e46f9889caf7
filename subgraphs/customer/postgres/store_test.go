package postgres_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/database/databasetest"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/idempotency"
	"github.com/soukhq/souk/internal/launch/launchtest"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/subgraphs/customer"
	"github.com/soukhq/souk/subgraphs/customer/postgres"
)

func TestMain(m *testing.M) { os.Exit(launchtest.Main(m)) }

func ann() *customer.Customer {
	return customer.Register(customer.Registration{Email: "ann@example.com", FirstName: new("Ann"), AcceptsMarketing: new(true)}, "hash",
		time.Date(2026, 11, 22, 12, 0, 0, 123456789, time.UTC))
}

// put keeps a customer for a call without a key.
func put(t *testing.T, s customer.Store, c *customer.Customer) {
	t.Helper()
	if id, err := s.Insert(t.Context(), c, idempotency.Key{}); err != nil || id != c.UUID {
		t.Fatalf("Insert = %v, %v, want %v", id, err, c.UUID)
	}
}

func TestWhatIsKeptIsReadBack(t *testing.T) {
	t.Parallel()
	s := postgres.New(outboxtest.New(t, postgres.Migrations))
	want := ann()
	put(t, s, want)
	ctx := database.WithCount(t.Context())
	got, err := s.ByIDs(ctx, []uuid.UUID{want.UUID, gid.New(), want.UUID})
	if diff := cmp.Diff(map[uuid.UUID]*customer.Customer{want.UUID: want}, got); err != nil || diff != "" || database.Counted(ctx) != 1 {
		t.Errorf("ByIDs = %v in %d statements (-want +got):\n%s", err, database.Counted(ctx), diff)
	}
	found, known, err := s.ByEmail(t.Context(), "Ann@example.COM")
	if diff := cmp.Diff(want, found); err != nil || !known || diff != "" {
		t.Errorf("ByEmail = %v, %v (-want +got):\n%s", known, err, diff)
	}
	if found, known, err := s.ByEmail(t.Context(), "bob@example.com"); found != nil || known || err != nil {
		t.Errorf("ByEmail of nobody = %v, %v, %v", found, known, err)
	}
}

func TestAnAddressIsTakenInAnyCase(t *testing.T) {
	t.Parallel()
	s := postgres.New(outboxtest.New(t, postgres.Migrations))
	put(t, s, ann())
	second := ann()
	second.Email = "ANN@example.com"
	_, err := s.Insert(t.Context(), second, idempotency.Key{})
	if err == nil || !strings.HasPrefix(err.Error(), "TAKEN") || strings.Contains(strings.ToLower(err.Error()), "ann@") {
		t.Errorf("Insert = %v, want TAKEN without the address (rule A-6)", err)
	}
}

func TestAnAccountIsToldOfOnce(t *testing.T) { // Rules E-1, G-4.
	t.Parallel()
	db := outboxtest.New(t, postgres.Migrations)
	s := postgres.New(db)
	secret := "0f0e0d0c0b0a09080706050403020100"
	key, err := idempotency.Read(&secret, idempotency.Scope{Mutation: "customerCreate"}, "ann@example.com")
	if err != nil {
		t.Fatal(err)
	}
	first := ann()
	for range 2 {
		c := first
		if len(outboxtest.Events(t, db)) > 0 {
			c = ann() // A repeated request makes a customer anew, who is not kept.
		}
		if id, err := s.Insert(t.Context(), c, key); err != nil || id != first.UUID {
			t.Errorf("Insert = %v, %v, want %v", id, err, first.UUID)
		}
	}
	events := outboxtest.Events(t, db)
	if len(events) != 1 || events[0].Subject != first.ID() || events[0].AggregateVersion != 1 || !events[0].Time.Equal(first.CreatedAt) {
		t.Fatalf("events = %+v, want one about the customer", events)
	}
	if told, err := event.Read[event.CustomerUpdated](events[0]); err != nil || told.CustomerID != first.ID() {
		t.Errorf("the event tells %+v, %v", told, err)
	}
	taken := "1f0e0d0c0b0a09080706050403020100"
	if key, err = idempotency.Read(&taken, idempotency.Scope{Mutation: "customerCreate"}, "ann@example.com"); err != nil {
		t.Fatal(err)
	}
	for range 2 { // What the state of things forbids is remembered as well.
		_, err := s.Insert(t.Context(), ann(), key)
		if faults, _ := fault.Split(err); len(faults) != 1 || faults[0].Code != "TAKEN" {
			t.Errorf("Insert = %v, want TAKEN", err)
		}
	}
	for _, table := range []string{"outbox", "feed", "idempotency"} { // Rule A-6.
		var rows string
		if err := db.Get(t.Context(), &rows, `SELECT coalesce(string_agg(x::text, ' '), '') FROM `+table+` x`); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.ToLower(rows), "ann") || strings.Contains(rows, "example") {
			t.Errorf("%s holds what is personal: %s", table, rows)
		}
	}
}

// TestAccountsFromBeforeAreTold upgrades a database that was made before there were events.
func TestAccountsFromBeforeAreTold(t *testing.T) {
	t.Parallel()
	db := databasetest.Empty(t)
	first, err := fs.ReadFile(postgres.Migrations, "0001_customers.sql")
	if err != nil {
		t.Fatal(err)
	}
	if err := database.Migrate(t.Context(), db, fstest.MapFS{"0001_customers.sql": {Data: first}}); err != nil {
		t.Fatal(err)
	}
	id := gid.New()
	if _, err := db.Exec(t.Context(), `INSERT INTO customers (id, email, password_hash, accepts_marketing, created_at, updated_at)
VALUES ($1, 'ann@example.com', 'hash', true, now(), now())`, id.String()); err != nil {
		t.Fatal(err)
	}
	if err := outbox.Migrate(t.Context(), db, postgres.Migrations); err != nil {
		t.Fatal(err)
	}
	events := outboxtest.Events(t, outbox.Open(db))
	if len(events) != 1 {
		t.Fatalf("events = %+v, want one", events)
	}
	e := events[0]
	told, err := event.Read[event.CustomerUpdated](e)
	if err != nil || told.CustomerID != gid.Format("Customer", id) || e.Subject != told.CustomerID || e.AggregateVersion != 1 || e.Source != "/customer" {
		t.Errorf("the event is %+v, %v", e, err)
	}
	if age := time.Since(time.Unix(e.ID.Time().UnixTime())); e.ID.Version() != 7 || age.Abs() > time.Hour {
		t.Errorf("its id %v is no uuid of version 7 that was made now", e.ID)
	}
	customers, err := postgres.New(outbox.Open(db)).ByIDs(t.Context(), []uuid.UUID{id})
	if err != nil || customers[id] == nil || customers[id].Version != 1 {
		t.Errorf("the customer is %+v, %v", customers[id], err)
	}
}
