package identity

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// The headers that carry who asks from the router, or from another service, to a subgraph.
const (
	HeaderClaims    = "X-Router-Claims"    // base64url of the Identity as JSON
	HeaderContext   = "X-Router-Context"   // the request context, as the router writes it
	HeaderSignature = "X-Router-Signature" // t=<unix seconds>,v1=<hex HMAC-SHA256>
)

const (
	window      = 60 * time.Second // how far the clocks of two machines may differ
	maximumBody = 4 << 20          // bytes of a request body
)

var (
	// ErrSignature says that a signature is malformed, false, or outside its window.
	ErrSignature = errors.New("the signature of the request is not valid")
	// ErrTooLarge says that a request body has more than 4 MiB.
	ErrTooLarge = errors.New("the request body is too large")
)

// Signer signs requests to subgraphs and verifies them. Both sides hold the same secret.
type Signer struct {
	Secret []byte
	Now    func() time.Time // time.Now where nil
}

// Target is what a signature covers of a request's address: its path, and the query where there is one.
func Target(u *url.URL) string {
	if u.RawQuery == "" {
		return u.EscapedPath()
	}
	return u.EscapedPath() + "?" + u.RawQuery
}

// Sign writes the identity and its signature into the headers of a request. The signature covers time, method, path with
// query (Target), body, claims and context, so that none can be changed or used for another request.
func (s *Signer) Sign(h http.Header, method, path string, body []byte, id Identity) error {
	claims, err := json.Marshal(id)
	if err != nil {
		return fmt.Errorf("write claims: %w", err)
	}
	s.SignClaims(h, method, path, body, base64.RawURLEncoding.EncodeToString(claims))
	return nil
}

// SignClaims is Sign for claims that are already written, as Claims does; empty claims are those of nobody.
func (s *Signer) SignClaims(h http.Header, method, path string, body []byte, claims string) {
	t := strconv.FormatInt(s.now().Unix(), 10)
	h.Set(HeaderClaims, claims)
	h.Set(HeaderSignature, "t="+t+",v1="+hex.EncodeToString(s.mac(t, method, path, body, claims, h.Get(HeaderContext))))
}

// Claims writes an identity as it stands in HeaderClaims.
func Claims(id Identity) string {
	claims, err := json.Marshal(id)
	if err != nil {
		panic(err) // An Identity holds strings only.
	}
	return base64.RawURLEncoding.EncodeToString(claims)
}

// Middleware puts the signed identity and circumstances of a request into its context. An unsigned request is anonymous and
// says nothing, whatever it claims; a false signature is answered with 401.
func (s *Signer) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maximumBody))
		if err != nil {
			refuse(w, http.StatusRequestEntityTooLarge, "PAYLOAD_TOO_LARGE", ErrTooLarge)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		id, err := s.verify(r, body)
		if err != nil {
			refuse(w, http.StatusUnauthorized, "UNAUTHENTICATED", err)
			return
		}
		ctx := With(r.Context(), id)
		if r.Header.Get(HeaderSignature) != "" {
			ctx = WithContext(ctx, readContext(r.Header.Get(HeaderContext)))
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// Trusted puts the identity and the circumstances that a request claims into its context, without a signature. It is for requests that never
// leave the process; their router takes claims from nobody else.
func Trusted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, err := readClaims(r.Header.Get(HeaderClaims))
		if err != nil {
			refuse(w, http.StatusUnauthorized, "UNAUTHENTICATED", err)
			return
		}
		next.ServeHTTP(w, r.WithContext(WithContext(With(r.Context(), id), readContext(r.Header.Get(HeaderContext)))))
	})
}

func (s *Signer) verify(r *http.Request, body []byte) (Identity, error) {
	signature := r.Header.Get(HeaderSignature)
	if signature == "" {
		return Identity{}, nil
	}
	t, v1, _ := strings.Cut(signature, ",v1=")
	t, found := strings.CutPrefix(t, "t=")
	seconds, err := strconv.ParseInt(t, 10, 64)
	sum, err2 := hex.DecodeString(v1)
	if !found || err != nil || err2 != nil || s.now().Sub(time.Unix(seconds, 0)).Abs() > window {
		return Identity{}, ErrSignature
	}
	claims := r.Header.Get(HeaderClaims)
	if !hmac.Equal(sum, s.mac(t, r.Method, Target(r.URL), body, claims, r.Header.Get(HeaderContext))) {
		return Identity{}, ErrSignature
	}
	return readClaims(claims)
}

func readClaims(claims string) (Identity, error) {
	if claims == "" {
		return Identity{}, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(claims)
	if err != nil {
		return Identity{}, ErrSignature
	}
	var id Identity
	if err := json.Unmarshal(text, &id); err != nil {
		return Identity{}, ErrSignature
	}
	return id, nil
}

// mac covers every part with its length, so that no two different requests have the same text.
func (s *Signer) mac(t, method, path string, body []byte, claims, context string) []byte {
	sum := sha256.Sum256(body)
	mac := hmac.New(sha256.New, s.Secret)
	for _, part := range []string{t, method, path, string(sum[:]), claims, context} {
		fmt.Fprintf(mac, "%d:%s", len(part), part)
	}
	return mac.Sum(nil)
}

func (s *Signer) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

func refuse(w http.ResponseWriter, status int, code string, err error) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []any{map[string]any{ // Nobody is left to tell if the caller is gone.
		"message": err.Error(), "extensions": map[string]any{"code": code},
	}}})
}
