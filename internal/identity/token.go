package identity

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	issuer   = "souk/customer"
	audience = "souk"
	// TokenLife is how long an access token is valid (rule A-2).
	TokenLife = 15 * time.Minute
	leeway    = 30 * time.Second
)

// ErrToken says that an access token is malformed, false, or too old.
var ErrToken = errors.New("the access token is not valid")

// Issuer makes customers' access tokens, and those of administrators' programs. Of the services only customer has one.
type Issuer struct{ key ed25519.PrivateKey }

// NewIssuer makes an issuer from a seed of 32 bytes, written as base64.
func NewIssuer(seed string) (*Issuer, error) {
	b, err := base64.StdEncoding.DecodeString(seed)
	if err != nil || len(b) != ed25519.SeedSize {
		return nil, errors.New("a token key is 32 bytes written as base64")
	}
	return &Issuer{key: ed25519.NewKeyFromSeed(b)}, nil
}

// Issue makes an access token for a customer that is valid for TokenLife from now.
func (i *Issuer) Issue(customer string, now time.Time) (token string, expires time.Time, err error) {
	expires = now.Add(TokenLife)
	token, err = jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.RegisteredClaims{
		Issuer: issuer, Audience: jwt.ClaimStrings{audience}, Subject: customer,
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires),
	}).SignedString(i.key)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("sign access token: %w", err)
	}
	return token, expires, nil
}

const (
	adminIssuer   = "souk/admin"
	adminAudience = "souk-admin"
	// AdminTokenLife is the longest time for which an administrator's token is valid: it cannot be revoked.
	AdminTokenLife = 24 * time.Hour
)

// adminClaims are those of an administrator's token. The scopes are one text with spaces (RFC 9068).
type adminClaims struct {
	jwt.RegisteredClaims
	Scope string `json:"scope"`
}

// IssueAdmin makes a token for an administrator's program of that name, with some scopes.
func (i *Issuer) IssueAdmin(client string, scopes []string, life time.Duration, now time.Time) (token string, err error) {
	for _, s := range scopes {
		if !slices.Contains(Scopes, s) {
			return "", fmt.Errorf("there is no scope %q: use %s", s, strings.Join(Scopes, ", "))
		}
	}
	if client == "" || len(scopes) == 0 || life <= 0 || life > AdminTokenLife {
		return "", fmt.Errorf("an administrator's token has a name, a scope, and is valid for at most %v", AdminTokenLife)
	}
	token, err = jwt.NewWithClaims(jwt.SigningMethodEdDSA, adminClaims{jwt.RegisteredClaims{
		Issuer: adminIssuer, Audience: jwt.ClaimStrings{adminAudience}, Subject: client,
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(life)),
	}, strings.Join(scopes, " ")}).SignedString(i.key)
	if err != nil {
		return "", fmt.Errorf("sign administrator's token: %w", err)
	}
	return token, nil
}

// Derive makes a secret of 256 bits for another purpose of the issuer's service; each purpose has its own.
func (i *Issuer) Derive(purpose string) []byte {
	mac := hmac.New(sha256.New, i.key.Seed())
	mac.Write([]byte(purpose))
	return mac.Sum(nil)
}

// Public returns the key that verifies the issuer's tokens, as NewVerifier reads it.
func (i *Issuer) Public() string {
	return base64.StdEncoding.EncodeToString(i.key.Public().(ed25519.PublicKey))
}

// Verifier checks access tokens.
type Verifier struct{ key ed25519.PublicKey }

// NewVerifier makes a verifier from a public key of 32 bytes, written as base64.
func NewVerifier(public string) (*Verifier, error) {
	b, err := base64.StdEncoding.DecodeString(public)
	if err != nil || len(b) != ed25519.PublicKeySize {
		return nil, errors.New("a public token key is 32 bytes written as base64")
	}
	return &Verifier{key: b}, nil
}

// Verify returns the id of the customer to whom a token belongs, or ErrToken.
func (v *Verifier) Verify(token string, now time.Time) (customer string, err error) {
	var claims jwt.RegisteredClaims
	if err := v.read(token, &claims, issuer, audience, now); err != nil || claims.Subject == "" {
		return "", ErrToken
	}
	return claims.Subject, nil
}

// Identify returns who asks with a token: a customer, or an administrator's program. It is ErrToken where the token is that
// of nobody.
func (v *Verifier) Identify(token string, now time.Time) (Identity, error) {
	if customer, err := v.Verify(token, now); err == nil {
		return Identity{Customer: customer}, nil
	}
	var claims adminClaims
	if err := v.read(token, &claims, adminIssuer, adminAudience, now); err != nil || claims.Subject == "" {
		return Identity{}, ErrToken
	}
	return Identity{Client: claims.Subject, Scopes: strings.Fields(claims.Scope)}, nil
}

// read checks a token and reads its claims.
func (v *Verifier) read(token string, claims jwt.Claims, issuer, audience string, now time.Time) error {
	_, err := jwt.ParseWithClaims(token, claims, func(*jwt.Token) (any, error) { return v.key, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithExpirationRequired(),
		jwt.WithIssuer(issuer), jwt.WithAudience(audience), jwt.WithLeeway(leeway),
		jwt.WithTimeFunc(func() time.Time { return now }))
	return err
}
