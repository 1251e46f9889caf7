package identity_test

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/soukhq/souk/internal/identity"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func signer(secret string) *identity.Signer {
	return &identity.Signer{Secret: []byte(secret), Now: func() time.Time { return noon }}
}

// ask sends a request through the middleware and returns the status and who asked.
func ask(s *identity.Signer, r *http.Request) (int, identity.Identity, string) {
	var got identity.Identity
	var body []byte
	w := httptest.NewRecorder()
	s.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = identity.From(r.Context())
		body, _ = io.ReadAll(r.Body)
	})).ServeHTTP(w, r)
	return w.Code, got, string(body)
}

func TestMiddleware(t *testing.T) {
	t.Parallel()
	const body = `{"query":"{x}"}`
	for name, c := range map[string]struct {
		change func(*http.Request)
		status int
		asks   string
	}{
		"signed":                       {func(*http.Request) {}, 200, "c1"},
		"unsigned claims are nobody's": {func(r *http.Request) { r.Header.Del(identity.HeaderSignature) }, 200, ""},
		"other claims": {func(r *http.Request) {
			r.Header.Set(identity.HeaderClaims, identity.Claims(identity.Identity{Customer: "c2"}))
		}, 401, ""},
		"another context":    {func(r *http.Request) { r.Header.Set(identity.HeaderContext, "x") }, 401, ""},
		"another path":       {func(r *http.Request) { r.URL.Path = "/other" }, 401, ""},
		"another method":     {func(r *http.Request) { r.Method = http.MethodPut }, 401, ""},
		"another body":       {func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("{}")) }, 401, ""},
		"a broken signature": {func(r *http.Request) { r.Header.Set(identity.HeaderSignature, "t=1") }, 401, ""},
		"another secret": {func(r *http.Request) {
			_ = signer("other").Sign(r.Header, r.Method, r.URL.Path, []byte(body), identity.Identity{Customer: "c1"})
		}, 401, ""},
		"too old": {func(r *http.Request) {
			old := signer("secret")
			old.Now = func() time.Time { return noon.Add(-61 * time.Second) }
			_ = old.Sign(r.Header, r.Method, r.URL.Path, []byte(body), identity.Identity{Customer: "c1"})
		}, 401, ""},
		"too large": {func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(strings.Repeat("x", 4<<20+1))) }, 413, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
			if err := signer("secret").Sign(r.Header, r.Method, r.URL.Path, []byte(body), identity.Identity{Customer: "c1"}); err != nil {
				t.Fatal(err)
			}
			c.change(r)
			status, id, read := ask(signer("secret"), r)
			if status != c.status || id.Customer != c.asks {
				t.Errorf("status %d, customer %q, want %d, %q", status, id.Customer, c.status, c.asks)
			}
			if status == 200 && read != body {
				t.Errorf("the handler read body %q, want %q", read, body)
			}
		})
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	keys := func(fill byte) (*identity.Issuer, *identity.Verifier) {
		i, err := identity.NewIssuer(base64.StdEncoding.EncodeToString([]byte(strings.Repeat(string(rune(fill)), 32))))
		if err != nil {
			t.Fatal(err)
		}
		v, err := identity.NewVerifier(i.Public())
		if err != nil {
			t.Fatal(err)
		}
		return i, v
	}
	issuer, verifier := keys('a')
	_, other := keys('b')
	token, expires, err := issuer.Issue("c1", noon)
	if err != nil || !expires.Equal(noon.Add(identity.TokenLife)) {
		t.Fatalf("Issue = %v, %v", expires, err)
	}
	if got, err := verifier.Verify(token, noon.Add(time.Minute)); err != nil || got != "c1" {
		t.Errorf("Verify = %q, %v, want c1", got, err)
	}
	_, rest, _ := strings.Cut(token, ".")
	for name, bad := range map[string]func() error{
		"too old":        func() error { _, err := verifier.Verify(token, noon.Add(time.Hour)); return err },
		"another key":    func() error { _, err := other.Verify(token, noon); return err },
		"algorithm none": func() error { _, err := verifier.Verify("eyJhbGciOiJub25lIn0."+rest, noon); return err },
		"no token":       func() error { _, err := verifier.Verify("", noon); return err },
		"cut short":      func() error { _, err := verifier.Verify(token[:len(token)-4], noon); return err },
	} {
		if err := bad(); !errors.Is(err, identity.ErrToken) {
			t.Errorf("%s: error = %v, want ErrToken", name, err)
		}
	}
}

func TestTrustedNeedsNoSignature(t *testing.T) {
	t.Parallel()
	for claims, want := range map[string]int{"": 200, identity.Claims(identity.Identity{Customer: "c1"}): 200, "%": 401} {
		r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
		r.Header.Set(identity.HeaderClaims, claims)
		w := httptest.NewRecorder()
		identity.Trusted(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if claims != "" && identity.From(r.Context()).Customer != "c1" {
				t.Errorf("%v asks, want c1", identity.From(r.Context()))
			}
		})).ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("claims %q: status %d, want %d", claims, w.Code, want)
		}
	}
}
