package postgres_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/launch/launchtest"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/subgraphs/customer"
	"github.com/soukhq/souk/subgraphs/customer/postgres"
)

func TestMain(m *testing.M) { os.Exit(launchtest.Main(m)) }

func ann() *customer.Customer {
	return customer.Register(customer.Registration{Email: "ann@example.com", FirstName: new("Ann"), AcceptsMarketing: new(true)}, "hash",
		time.Date(2026, 11, 22, 12, 0, 0, 123456789, time.UTC))
}

func TestWhatIsKeptIsReadBack(t *testing.T) {
	t.Parallel()
	s := postgres.New(outboxtest.New(t, postgres.Migrations))
	want := ann()
	if err := s.Insert(t.Context(), want); err != nil {
		t.Fatal(err)
	}
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
	if err := s.Insert(t.Context(), ann()); err != nil {
		t.Fatal(err)
	}
	second := ann()
	second.Email = "ANN@example.com"
	err := s.Insert(t.Context(), second)
	if err == nil || !strings.HasPrefix(err.Error(), "TAKEN") || strings.Contains(strings.ToLower(err.Error()), "ann@") {
		t.Errorf("Insert = %v, want TAKEN without the address (rule A-6)", err)
	}
}
