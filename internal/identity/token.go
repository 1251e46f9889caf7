package identity

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
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

// Issuer makes customers' access tokens. Only the customer service has one.
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

// Verifier checks customers' access tokens.
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
	_, err = jwt.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) { return v.key, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithExpirationRequired(),
		jwt.WithIssuer(issuer), jwt.WithAudience(audience), jwt.WithLeeway(leeway),
		jwt.WithTimeFunc(func() time.Time { return now }))
	if err != nil || claims.Subject == "" {
		return "", ErrToken
	}
	return claims.Subject, nil
}
