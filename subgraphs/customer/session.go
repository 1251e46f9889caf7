package customer

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
)

const (
	// SessionLife is how long a refresh token is valid; each use begins it anew (rule A-2).
	SessionLife = 60 * 24 * time.Hour
	// grace is how long the token that was used gives the same successor again, for clients that refresh twice at once.
	grace = 30 * time.Second
)

// Session is a sign-in: a family of refresh tokens, each of which replaces the one before (rule A-2). Only their hashes are
// kept.
type Session struct {
	UUID      uuid.UUID
	Customer  uuid.UUID
	Hash      []byte     // of the valid token
	Used      []Used     // those that were used within the grace before the last use
	CreatedAt time.Time  // the time of the sign-in
	ExpiresAt time.Time  // when the valid token ends
	RevokedAt *time.Time // nil while the session lasts
}

// Used is a refresh token that was replaced.
type Used struct {
	Hash []byte    `json:"hash"`
	At   time.Time `json:"at"`
}

// RefreshToken is a secret of 256 bits and the session that it belongs to. It is written as opaque text.
type RefreshToken struct {
	Session uuid.UUID
	secret  [32]byte
}

// ReadRefreshToken reads a refresh token. False: it is none.
func ReadRefreshToken(text string) (RefreshToken, bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != 48 {
		return RefreshToken{}, false
	}
	return RefreshToken{Session: uuid.UUID(b[:16]), secret: [32]byte(b[16:])}, true
}

// String writes the token as the client keeps it.
func (t RefreshToken) String() string { return base64.RawURLEncoding.EncodeToString(t.bytes()) }

func (t RefreshToken) bytes() []byte { return slices.Concat(t.Session[:], t.secret[:]) }

func (t RefreshToken) hash() []byte {
	sum := sha256.Sum256(t.bytes())
	return sum[:]
}

// successor is the token that replaces this one. It is derived, so that it can be told twice though only hashes are kept;
// without the key nobody can derive it.
func (t RefreshToken) successor(key []byte) RefreshToken {
	mac := hmac.New(sha256.New, key)
	mac.Write(t.bytes())
	return RefreshToken{Session: t.Session, secret: [32]byte(mac.Sum(nil))}
}

// SignIn begins a session of a customer and returns its first token.
func SignIn(customer uuid.UUID, now time.Time) (*Session, RefreshToken) {
	t := RefreshToken{Session: gid.New()}
	_, _ = rand.Read(t.secret[:]) // Never fails: the program ends where there is no randomness.
	now = now.UTC().Truncate(time.Microsecond)
	return &Session{UUID: t.Session, Customer: customer, Hash: t.hash(), CreatedAt: now, ExpiresAt: now.Add(SessionLife)}, t
}

// Refresh uses a token and returns the one that replaces it. A token that was used before revokes the session, because two
// have it and one of them has stolen it; within 30 s of its first use it returns the same successor instead. Whoever asks
// twice is taken for the same client: as yet nothing else tells clients apart. The key is a secret of this service.
// The session is to be kept whether there is a fault or not.
func (s *Session) Refresh(t RefreshToken, key []byte, now time.Time) (RefreshToken, error) {
	now = now.UTC().Truncate(time.Microsecond)
	hash := t.hash()
	before, next := s.used(hash), t.successor(key)
	switch {
	case s.RevokedAt != nil:
		return RefreshToken{}, TokenInvalid()
	case !now.Before(s.ExpiresAt):
		return RefreshToken{}, fault.New("TOKEN_EXPIRED", "The refresh token is too old: sign in again.", "refreshToken")
	case bytes.Equal(hash, s.Hash):
		s.Used = append(slices.DeleteFunc(s.Used, func(u Used) bool { return !now.Before(u.At.Add(grace)) }), Used{Hash: hash, At: now})
		s.Hash, s.ExpiresAt = next.hash(), now.Add(SessionLife)
		return next, nil
	case before >= 0 && now.Before(s.Used[before].At.Add(grace)):
		if known := next.hash(); !bytes.Equal(known, s.Hash) && s.used(known) < 0 {
			return RefreshToken{}, TokenInvalid() // The key is another one since: the successor cannot be told again.
		}
		return next, nil
	default:
		s.Revoke(now)
		return RefreshToken{}, TokenInvalid()
	}
}

// used returns the index of a token that was replaced a moment ago, or -1.
func (s *Session) used(hash []byte) int {
	return slices.IndexFunc(s.Used, func(u Used) bool { return bytes.Equal(u.Hash, hash) })
}

// Revoke ends the session: none of its tokens is worth anything from now on.
func (s *Session) Revoke(now time.Time) {
	if s.RevokedAt == nil {
		s.RevokedAt = new(now.UTC().Truncate(time.Microsecond))
	}
}

// TokenInvalid is the fault of a refresh token that proves nothing. It does not say why.
func TokenInvalid() *fault.Error {
	return fault.New("TOKEN_INVALID", "The refresh token is not valid: sign in again.", "refreshToken")
}
