package graph

import (
	"context"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/idempotency"
	"github.com/soukhq/souk/subgraphs/customer"
	"github.com/soukhq/souk/subgraphs/customer/graph/generated"
)

// CustomerCreate opens an account.
func (r mutation) CustomerCreate(ctx context.Context, input customer.Registration, key *string) (*generated.CustomerCreatePayload, error) {
	c, err := r.register(ctx, input, key)
	faults, err := fault.Split(err)
	return &generated.CustomerCreatePayload{Customer: c, CustomerUserErrors: faults, UserErrors: faults}, err
}

// CustomerAccessTokenCreate signs a customer in.
func (r mutation) CustomerAccessTokenCreate(ctx context.Context, input customer.Credentials, key *string) (*generated.CustomerAccessTokenCreatePayload, error) {
	token, err := r.signIn(ctx, input, key)
	faults, err := fault.Split(err)
	return &generated.CustomerAccessTokenCreatePayload{CustomerAccessToken: token, CustomerUserErrors: faults, UserErrors: faults}, err
}

// CustomerAccessTokenRefresh uses a refresh token (rule A-2).
func (r mutation) CustomerAccessTokenRefresh(ctx context.Context, token string, key *string) (*generated.CustomerAccessTokenRefreshPayload, error) {
	next, err := r.next(ctx, token, key)
	faults, err := fault.Split(err)
	return &generated.CustomerAccessTokenRefreshPayload{CustomerAccessToken: next, CustomerUserErrors: faults, UserErrors: faults}, err
}

// CustomerAccessTokenRevoke signs out. It answers alike whether the token was worth anything.
func (r mutation) CustomerAccessTokenRevoke(ctx context.Context, token string, key *string) (*generated.CustomerAccessTokenRevokePayload, error) {
	faults, err := fault.Split(r.signOut(ctx, token, key))
	return &generated.CustomerAccessTokenRevokePayload{Ok: len(faults) == 0, CustomerUserErrors: faults, UserErrors: faults}, err
}

// register opens an account once for each key. The key's scope is nobody's even where somebody is signed in: so it has to be
// random, and the password cannot be found out from what is kept of the request.
func (r *Resolver) register(ctx context.Context, input customer.Registration, given *string) (*customer.Customer, error) {
	if err := input.Check(); err != nil {
		return nil, err
	}
	key, err := idempotency.Read(given, idempotency.Scope{Mutation: "customerCreate"}, input)
	if err != nil {
		return nil, err
	}
	var hash string
	if err := r.bounded(ctx, func() { hash = customer.HashPassword(input.Password) }); err != nil {
		return nil, err
	}
	c := customer.Register(input, hash, r.Now())
	id, err := r.Store.Insert(ctx, c, key)
	if err != nil {
		return nil, err
	}
	if id == c.UUID {
		return c, nil
	}
	known, err := r.Store.ByIDs(ctx, []uuid.UUID{id})
	return known[id], err
}

func (r *Resolver) signIn(ctx context.Context, input customer.Credentials, key *string) (*generated.CustomerAccessToken, error) {
	if err := idempotency.Refuse(key); err != nil {
		return nil, err
	}
	c, hash := (*customer.Customer)(nil), ""
	if email, possible := input.Address(); possible {
		found, known, err := r.Store.ByEmail(ctx, email)
		if err != nil {
			return nil, err
		}
		if known {
			c, hash = found, found.PasswordHash
		}
	}
	var right bool
	if err := r.bounded(ctx, func() { right = customer.VerifyPassword(input.Password, hash) }); err != nil {
		return nil, err
	}
	if !right {
		return nil, customer.Unidentified()
	}
	session, token := customer.SignIn(c.UUID, r.Now())
	if err := r.Store.InsertSession(ctx, session); err != nil {
		return nil, err
	}
	return r.issue(session, token)
}

func (r *Resolver) next(ctx context.Context, text string, key *string) (*generated.CustomerAccessToken, error) {
	if err := idempotency.Refuse(key); err != nil {
		return nil, err
	}
	token, ok := customer.ReadRefreshToken(text)
	if !ok {
		return nil, customer.TokenInvalid()
	}
	var session *customer.Session
	var next customer.RefreshToken
	var refused error
	found, err := r.Store.UpdateSession(ctx, token.Session, func(s *customer.Session) {
		session = s
		next, refused = s.Refresh(token, r.refresh, r.Now())
	})
	switch {
	case err != nil:
		return nil, err
	case !found:
		return nil, customer.TokenInvalid()
	case refused != nil:
		return nil, refused
	}
	return r.issue(session, next)
}

// issue makes an access token to go with a refresh token.
func (r *Resolver) issue(s *customer.Session, refresh customer.RefreshToken) (*generated.CustomerAccessToken, error) {
	token, expires, err := r.Issuer.Issue(gid.Format("Customer", s.Customer), r.Now())
	return &generated.CustomerAccessToken{AccessToken: token, ExpiresAt: expires.UTC(), RefreshToken: new(refresh.String())}, err
}

// signOut ends the session of a token. It has the same effect however often it is called: a key is checked and not kept.
func (r *Resolver) signOut(ctx context.Context, text string, key *string) error {
	token, ok := customer.ReadRefreshToken(text)
	if _, err := idempotency.Read(key, idempotency.Scope{Resource: token.Session.String(), Mutation: "customerAccessTokenRevoke"}); err != nil || !ok {
		return err
	}
	_, err := r.Store.UpdateSession(ctx, token.Session, func(s *customer.Session) { s.Revoke(r.Now()) })
	return err
}
