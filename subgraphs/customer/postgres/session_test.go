package postgres_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/subgraphs/customer"
	"github.com/soukhq/souk/subgraphs/customer/postgres"
)

var (
	noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	key  = []byte("the key of the service")
)

func TestSessionsAreKept(t *testing.T) { // Rule A-2.
	t.Parallel()
	db := outboxtest.New(t, postgres.Migrations)
	s := postgres.New(db)
	c := ann()
	put(t, s, c)
	session, token := customer.SignIn(c.UUID, noon)
	if err := s.InsertSession(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup // Clients that refresh at once get the same successor.
	got := make([]customer.RefreshToken, 8)
	for i := range got {
		wg.Go(func() {
			found, err := s.UpdateSession(t.Context(), session.UUID, func(s *customer.Session) {
				got[i], _ = s.Refresh(token, key, noon.Add(time.Duration(i)*time.Second))
			})
			if !found || err != nil {
				t.Errorf("UpdateSession = %v, %v", found, err)
			}
		})
	}
	wg.Wait()
	for _, next := range got {
		if next != got[0] || next == token {
			t.Errorf("successors %v, want the same for all", got)
			break
		}
	}
	var rows string
	if err := db.Get(t.Context(), &rows, `SELECT string_agg(x::text || encode(hash, 'base64'), ' ') FROM sessions x`); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []customer.RefreshToken{token, got[0]} {
		if strings.Contains(rows, secret.String()) || strings.Contains(rows, secret.String()[30:]) {
			t.Error("the table holds a token, want hashes only")
		}
	}
	want := *session // As it is read back.
	if _, err := s.UpdateSession(t.Context(), session.UUID, func(s *customer.Session) { s.Revoke(noon.Add(time.Minute)) }); err != nil {
		t.Fatal(err)
	}
	want.RevokedAt = new(noon.Add(time.Minute))
	if _, err := s.UpdateSession(t.Context(), session.UUID, func(s *customer.Session) {
		if diff := cmp.Diff(&want, s, cmpopts.IgnoreFields(customer.Session{}, "Hash", "Used", "ExpiresAt")); diff != "" || len(s.Used) != 1 || s.ExpiresAt.Before(want.ExpiresAt) {
			t.Errorf("the session (-want +got):\n%s%v", diff, s)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if found, err := s.UpdateSession(t.Context(), gid.New(), func(*customer.Session) { t.Error("nobody's session was changed") }); found || err != nil {
		t.Errorf("UpdateSession of none = %v, %v", found, err)
	}
}

func TestSessionsThatEndedAreForgotten(t *testing.T) {
	t.Parallel()
	s := postgres.New(outboxtest.New(t, postgres.Migrations))
	c := ann()
	put(t, s, c)
	lasting, _ := customer.SignIn(c.UUID, noon)
	old, _ := customer.SignIn(c.UUID, noon.Add(-customer.SessionLife))
	revoked, _ := customer.SignIn(c.UUID, noon)
	for _, session := range []*customer.Session{lasting, old, revoked} {
		if err := s.InsertSession(t.Context(), session); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.UpdateSession(t.Context(), revoked.UUID, func(s *customer.Session) { s.Revoke(noon) }); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int64{1, 1, 0} {
		if n, err := s.PurgeSessions(t.Context(), noon, 1); n != want || err != nil {
			t.Errorf("PurgeSessions = %d, %v, want %d", n, err, want)
		}
	}
	if found, err := s.UpdateSession(t.Context(), lasting.UUID, func(*customer.Session) {}); !found || err != nil {
		t.Errorf("the session that lasts was forgotten: %v", err)
	}
}
