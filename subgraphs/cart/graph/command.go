package graph

import (
	"cmp"
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/idempotency"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/subgraphs/cart"
)

// command is a change of one cart as a caller asks for it.
type command struct {
	name    string // of the mutation
	cartID  string
	version *int        // that the caller expects
	key     *string     // the idempotency key
	request any         // all else that decides the effect
	viewer  string      // the customer who sees the answer; empty for the caller
	named   []uuid.UUID // variants
	run     func(*cart.Cart, cart.Offers) ([]cart.Warning, error)
}

// change changes one cart in a transaction.
func (r *Resolver) change(ctx context.Context, k command) (outcome, error) {
	caller := identity.From(ctx).Customer
	viewer := cmp.Or(k.viewer, caller)
	id, ok := r.Keys.Parse(k.cartID)
	if !ok {
		return r.outcome(viewer, cart.Result{}, cart.NotFound())
	}
	key, err := idempotency.Read(k.key, idempotency.Scope{Caller: caller, Resource: gid.Format("Cart", id), Mutation: k.name}, k.request, k.version)
	if err != nil {
		seen, other := r.Store.ByIDs(ctx, []uuid.UUID{id}, r.Now())
		return r.outcome(viewer, cart.Result{Cart: seen[id]}, cmp.Or(other, err))
	}
	result, err := r.knowing(ctx, cart.Command{Key: key, Now: r.Now(), Named: k.named}, func(do cart.Command) (cart.Result, error) {
		return r.Store.Update(ctx, id, do, func(c *cart.Cart, offers cart.Offers) ([]cart.Warning, error) {
			if err := c.Expect(k.version); err != nil {
				return nil, err
			}
			return k.run(c, offers)
		})
	})
	return r.outcome(viewer, result, err)
}

// knowing runs a command, and where it needs offers that are not known, once more with what product answers (rule B-1 c).
// No lock waits for another service; where product cannot be asked nothing changes.
func (r *Resolver) knowing(ctx context.Context, do cart.Command, run func(cart.Command) (cart.Result, error)) (cart.Result, error) {
	result, err := run(do)
	var unknown *cart.Unknown
	if !errors.As(err, &unknown) {
		return result, err
	}
	if do.Asked, err = r.ask(ctx, unknown); err != nil {
		return result, err
	}
	result, err = run(do)
	if errors.As(err, &unknown) { // The cart was changed between question and command.
		return result, cart.Busy()
	}
	return result, err
}

// changeBuyer says who buys. A customer who proves it with a token sees the answer as the owner does.
func (r *Resolver) changeBuyer(ctx context.Context, cartID string, buyer cart.BuyerChange, version *int, key *string) (outcome, error) {
	proved, wrong := r.prove(buyer)
	return r.change(ctx, command{
		name: "cartBuyerIdentityUpdate", cartID: cartID, version: version, key: key, request: []any{buyer.WithoutToken(), proved}, viewer: proved,
		run: func(c *cart.Cart, _ cart.Offers) ([]cart.Warning, error) {
			if wrong != nil {
				return nil, wrong
			}
			return nil, c.SetBuyer(buyer, identity.From(ctx).Customer, proved)
		},
	})
}

// prove returns the customer to whom the token in an input belongs, empty where there is no token.
func (r *Resolver) prove(buyer cart.BuyerChange) (customer string, err error) {
	if buyer.CustomerAccessToken == nil || *buyer.CustomerAccessToken == "" {
		return "", nil
	}
	customer, err = r.Tokens.Verify(*buyer.CustomerAccessToken, r.Now())
	if err != nil {
		return "", cart.TokenInvalid()
	}
	return customer, nil
}

// create opens a cart. A signed-in caller owns it, unless a token in the input names another customer.
func (r *Resolver) create(ctx context.Context, content cart.Content, given *string) (outcome, error) {
	var buyer cart.BuyerChange
	if content.BuyerIdentity != nil {
		buyer = *content.BuyerIdentity
	}
	proved, err := r.prove(buyer)
	if err != nil {
		return r.outcome("", cart.Result{}, at(err))
	}
	caller := identity.From(ctx).Customer
	owner := cmp.Or(proved, caller)
	plain := buyer.WithoutToken()
	key, err := idempotency.Read(given, idempotency.Scope{Caller: caller, Mutation: "cartCreate"}, content.Lines, content.Attributes, content.Note, plain, proved)
	if err != nil {
		return r.outcome(owner, cart.Result{}, err)
	}
	currency := r.currency(ctx, buyer)
	do := cart.Command{Key: key, Now: r.Now(), Currency: currency, Named: cart.Named(content.Lines, nil)}
	result, err := r.knowing(ctx, do, func(do cart.Command) (cart.Result, error) {
		return r.Store.Create(ctx, do, func(offers cart.Offers) (*cart.Cart, []cart.Warning, error) {
			c := cart.Open(currency, owner, do.Now)
			warnings, err := c.Fill(content, offers)
			return c, warnings, at(err)
		})
	})
	return r.outcome(owner, result, err)
}

// currency returns that of a new cart: by what the request says of it, and by the country of the buyer, else of the request
// (rule G-3).
func (r *Resolver) currency(ctx context.Context, buyer cart.BuyerChange) string {
	said := identity.ContextFrom(ctx)
	if buyer.CountryCode != nil && *buyer.CountryCode != "" {
		said.Country = *buyer.CountryCode
	}
	return money.Sold(r.Currencies, said.Currency, said.Country)
}

// at puts the argument's name before the fields of faults.
func at(err error) error {
	faults, other := fault.Split(err)
	if other != nil {
		return other
	}
	placed := make(fault.List, len(faults))
	for i, f := range faults {
		placed[i] = f.At("input")
	}
	return placed.Err()
}
