package customer_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/subgraphs/customer"
)

var key = []byte("the key of the service")

// refresh uses a token and returns the successor, or the code of the fault.
func refresh(s *customer.Session, t customer.RefreshToken, after time.Duration) (customer.RefreshToken, string) {
	next, err := s.Refresh(t, key, noon.Add(after))
	if faults, _ := fault.Split(err); len(faults) > 0 {
		return next, faults[0].Code
	}
	return next, ""
}

func TestEachUseReplacesTheToken(t *testing.T) { // Rule A-2.
	t.Parallel()
	s, token := customer.SignIn(gid.New(), noon)
	seen := map[customer.RefreshToken]bool{token: true}
	for day := 50; day <= 500; day += 50 { // The 60 days begin anew with each use.
		next, code := refresh(s, token, time.Duration(day)*24*time.Hour)
		if code != "" || seen[next] || next.Session != s.UUID {
			t.Fatalf("day %d: Refresh = %v, %q, want a new token", day, next, code)
		}
		seen[next], token = true, next
	}
	if len(s.Used) != 1 {
		t.Errorf("%d used tokens are kept, want that of the last 30 s", len(s.Used))
	}
	if next, code := refresh(s, token, 500*24*time.Hour+customer.SessionLife); code != "TOKEN_EXPIRED" || next != (customer.RefreshToken{}) {
		t.Errorf("after 60 days: Refresh = %v, %q, want TOKEN_EXPIRED", next, code)
	}
}

func TestReuseOfAnOldTokenRevokesTheFamily(t *testing.T) { // Rule A-2.
	t.Parallel()
	for name, c := range map[string]struct {
		after   time.Duration // from the first use to the second
		revokes bool
	}{
		"at once":              {0, false},
		"after 29.9 s":         {29900 * time.Millisecond, false},
		"after 30 s":           {30 * time.Second, true},
		"after an hour":        {time.Hour, true},
		"by a clock that lags": {-5 * time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, first := customer.SignIn(gid.New(), noon)
			second, _ := refresh(s, first, time.Minute)
			again, code := refresh(s, first, time.Minute+c.after)
			if c.revokes != (code == "TOKEN_INVALID") || c.revokes != (again != second) || c.revokes != (s.RevokedAt != nil) {
				t.Errorf("the second use = %v, %q, revoked %v; the first gave %v", again, code, s.RevokedAt, second)
			}
			if _, code := refresh(s, second, 2*time.Hour); c.revokes != (code == "TOKEN_INVALID") {
				t.Errorf("the successor: %q, want it to end with the family: %v", code, c.revokes)
			}
		})
	}
}

// TestSlowTwin has one of two that refresh at once come back when the other is further already.
func TestSlowTwin(t *testing.T) {
	t.Parallel()
	s, first := customer.SignIn(gid.New(), noon)
	second, _ := refresh(s, first, 0)
	third, _ := refresh(s, second, 10*time.Second)
	if got, code := refresh(s, first, 20*time.Second); got != second || code != "" {
		t.Errorf("the first token after 20 s = %v, %q, want the same successor", got, code)
	}
	if got, code := refresh(s, second, 30*time.Second); got != third || code != "" {
		t.Errorf("the second token 20 s after its use = %v, %q, want the same successor", got, code)
	}
	if _, code := refresh(s, first, 31*time.Second); code != "TOKEN_INVALID" || s.RevokedAt == nil {
		t.Errorf("the first token after 31 s: %q, want the family revoked", code)
	}
	if _, code := refresh(s, second, 31*time.Second); code != "TOKEN_INVALID" {
		t.Errorf("a token of the family that was revoked: %q", code)
	}
}

func TestSuccessorsNeedTheKey(t *testing.T) {
	t.Parallel()
	s, token := customer.SignIn(gid.New(), noon)
	other := *s
	next, _ := s.Refresh(token, key, noon)
	forged, _ := other.Refresh(token, []byte("another key"), noon)
	if next == forged {
		t.Error("the successor does not depend on the key: whoever has an old token could derive it")
	}
	if _, code := refresh(s, forged, time.Second); code != "TOKEN_INVALID" || s.RevokedAt == nil {
		t.Errorf("a forged token of the session: %q, want it revoked", code)
	}
}

func TestANewKeyEndsNoSession(t *testing.T) {
	t.Parallel()
	s, first := customer.SignIn(gid.New(), noon)
	second, _ := refresh(s, first, 0)
	if _, err := s.Refresh(first, []byte("another key"), noon.Add(time.Second)); err == nil || s.RevokedAt != nil {
		t.Errorf("the same successor under another key: %v, revoked %v, want a refusal that ends nothing", err, s.RevokedAt)
	}
	if _, err := s.Refresh(second, []byte("another key"), noon.Add(time.Minute)); err != nil {
		t.Errorf("the valid token under another key: %v", err)
	}
}

func TestRefreshTokensAreOpaqueText(t *testing.T) {
	t.Parallel()
	s, token := customer.SignIn(gid.New(), noon)
	text := token.String()
	if got, ok := customer.ReadRefreshToken(text); !ok || got != token || got.Session != s.UUID || len(text) != 64 {
		t.Errorf("ReadRefreshToken(%q) = %v, %v", text, got, ok)
	}
	for name, bad := range map[string]string{"empty": "", "short": text[1:], "long": text + "AAAA", "other characters": "=" + text[1:], "an id": uuid.NewString(), "spaces": strings.Repeat(" ", 64)} {
		if _, ok := customer.ReadRefreshToken(bad); ok {
			t.Errorf("%s: ReadRefreshToken is ok, want not", name)
		}
	}
}
