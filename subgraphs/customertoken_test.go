package subgraphs_test

import (
	"encoding/base64"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/internal/database"
)

const (
	refreshToken = `mutation ($token: String!, $key: String) { m: customerAccessTokenRefresh(refreshToken: $token, idempotencyKey: $key) {
		customerAccessToken { accessToken expiresAt refreshToken } userErrors { code field message } customerUserErrors { code field message } } }`
	revokeToken = `mutation ($token: String!, $key: String) { m: customerAccessTokenRevoke(refreshToken: $token, idempotencyKey: $key) {
		ok userErrors { code field message } customerUserErrors { code field message } } }`
)

// withToken sends a mutation that takes a refresh token.
func (s *service) withToken(t *testing.T, mutation, token string, key *string) accountPayload {
	t.Helper()
	var data struct{ M accountPayload }
	s.ask(t, nobody, mutation, map[string]any{"token": token, "key": key}, &data)
	if diff := cmp.Diff(data.M.UserErrors, data.M.CustomerUserErrors); diff != "" {
		t.Errorf("userErrors and customerUserErrors differ:\n%s", diff)
	}
	return data.M
}

// signIn returns the refresh token of a new sign-in.
func (s *service) signIn(t *testing.T, email string) string {
	t.Helper()
	got := s.account(t, createToken, map[string]any{"email": email, "password": password})
	if got.CustomerAccessToken == nil || got.CustomerAccessToken.RefreshToken == "" {
		t.Fatalf("customerAccessTokenCreate = %+v", got)
	}
	return got.CustomerAccessToken.RefreshToken
}

func refused(t *testing.T, what string, got accountPayload, want string) {
	t.Helper()
	if diff := cmp.Diff([]string{want}, brief(got.UserErrors)); diff != "" || got.CustomerAccessToken != nil {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestRefreshTokens(t *testing.T) { // Rule A-2.
	t.Parallel()
	s := start(t, "customer")
	ann := s.register(t, marker)
	first := s.signIn(t, marker)
	next := s.withToken(t, refreshToken, first, nil).CustomerAccessToken
	if next == nil || next.RefreshToken == first || next.ExpiresAt != "2026-11-22T12:15:00Z" {
		t.Fatalf("customerAccessTokenRefresh = %+v", next)
	}
	if id, err := s.env.Tokens.Verify(next.AccessToken, noon); err != nil || id != ann.ID {
		t.Errorf("the new token is that of %q, %v, want %q", id, err, ann.ID)
	}
	if _, err := s.env.Tokens.Verify(next.AccessToken, noon.Add(16*60e9)); err == nil {
		t.Error("an access token lives longer than 15 minutes")
	}
	var wg sync.WaitGroup
	answers := make([]string, 8)
	for i := range answers {
		wg.Go(func() {
			if got := s.withToken(t, refreshToken, next.RefreshToken, nil); got.CustomerAccessToken != nil {
				answers[i] = got.CustomerAccessToken.RefreshToken
			}
		})
	}
	wg.Wait()
	for _, a := range answers {
		if a == "" || a != answers[0] {
			t.Fatalf("8 at once got %q, want the same successor", answers)
		}
	}
	other := s.signIn(t, marker)
	for range 2 { // Signing out twice is signing out.
		var data struct{ M struct{ Ok bool } }
		s.ask(t, nobody, revokeToken, map[string]any{"token": answers[0], "key": "sign-out"}, &data)
		if !data.M.Ok {
			t.Error("customerAccessTokenRevoke is not ok")
		}
	}
	refused(t, "a token of a session that is over", s.withToken(t, refreshToken, answers[0], nil), "TOKEN_INVALID at refreshToken")
	refused(t, "an older token of it", s.withToken(t, refreshToken, first, nil), "TOKEN_INVALID at refreshToken")
	stranger := base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("x", 48)))
	for name, bad := range map[string]string{"no token": "", "an access token": next.AccessToken, "a token of no session": stranger} {
		refused(t, name, s.withToken(t, refreshToken, bad, nil), "TOKEN_INVALID at refreshToken")
		if got := s.withToken(t, revokeToken, bad, nil); len(got.UserErrors) > 0 {
			t.Errorf("%s: customerAccessTokenRevoke = %v, want the same answer as always", name, got.UserErrors)
		}
	}
	refused(t, "a bad key", s.withToken(t, revokeToken, other, new("short")), "INVALID at idempotencyKey")
	if s.withToken(t, refreshToken, other, nil).CustomerAccessToken == nil {
		t.Error("another sign-in ended with the first")
	}
	for _, secret := range []string{first, next.RefreshToken, other, "marker.person"} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log holds %q (rule A-6)", secret)
		}
	}
	if rows := s.rows(t, "outbox", "feed", "idempotency"); strings.Contains(rows, "marker.person") || !strings.Contains(rows, ann.ID) {
		t.Errorf("events must tell of the customer and hold nothing personal (rule A-6): %s", rows)
	}
}

// rows returns everything in some tables as text.
func (s *service) rows(t *testing.T, tables ...string) string {
	t.Helper()
	db, err := database.Open(t.Context(), s.address, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var all strings.Builder
	for _, table := range tables {
		var text string
		if err := db.Get(t.Context(), &text, `SELECT coalesce(string_agg(x::text, ' '), '') FROM `+table+` x`); err != nil {
			t.Fatal(err)
		}
		all.WriteString(text)
	}
	return all.String()
}
