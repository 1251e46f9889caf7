package graph

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/call"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/idempotency"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/subgraphs/checkout"
	"github.com/soukhq/souk/subgraphs/checkout/graph/generated"
)

// Checkout answers one checkout, null where the caller may not see it.
func (r query) Checkout(ctx context.Context, id string) (*checkout.Checkout, error) {
	checkouts, err := r.seen(ctx, []string{id})
	return checkouts[0], err
}

// FindManyCheckoutByIDs answers checkouts for other services' fields; null where the caller may not see them (rules A-3, F-4).
func (r entity) FindManyCheckoutByIDs(ctx context.Context, reps []*generated.CheckoutByIDsInput) ([]*checkout.Checkout, error) {
	ids := make([]string, len(reps))
	for i, rep := range reps {
		ids[i] = rep.ID
	}
	return r.seen(ctx, ids)
}

// seen returns one checkout, or nil where the caller may not see it, for each full id.
func (r *Resolver) seen(ctx context.Context, ids []string) ([]*checkout.Checkout, error) {
	keys := make([]uuid.UUID, len(ids))
	var wanted []uuid.UUID
	for i, id := range ids {
		if key, ok := r.Keys.ParseAs("Checkout", id); ok {
			keys[i] = key
			wanted = append(wanted, key)
		}
	}
	seen := make([]*checkout.Checkout, len(ids))
	checkouts, err := r.Store.Checkouts(ctx, wanted)
	if err != nil {
		return seen, err
	}
	var carts []uuid.UUID
	for i, key := range keys {
		if c := checkouts[key]; c != nil {
			seen[i] = c.ShownTo(identity.From(ctx).Customer, r.Now())
			carts = append(carts, c.CartUUID)
		}
	}
	completions := r.lastOfAll(ctx, carts)
	for _, c := range seen {
		if c != nil {
			c.Completions = completions
		}
	}
	return seen, nil
}

// CheckoutCreate begins the checkout of a cart, or refreshes the one that it has.
func (r mutation) CheckoutCreate(ctx context.Context, cartID string, idempotencyKey *string) (*generated.CheckoutCreatePayload, error) {
	o, err := r.create(ctx, cartID, idempotencyKey)
	return &generated.CheckoutCreatePayload{Checkout: o.checkout, UserErrors: o.faults, Warnings: noWarnings()}, err
}

// CheckoutUpdate writes who buys and where it goes.
func (r mutation) CheckoutUpdate(ctx context.Context, checkoutID string, input checkout.Change, idempotencyKey *string) (*generated.CheckoutUpdatePayload, error) {
	o, err := r.change(ctx, command{
		name: "checkoutUpdate", id: checkoutID, key: idempotencyKey, request: input, check: func(*checkout.Checkout, idempotency.Key) error { return input.Check() },
		run: func(c *checkout.Checkout, shop checkout.Shop) error { return c.Update(input, shop) },
	})
	return &generated.CheckoutUpdatePayload{Checkout: o.checkout, UserErrors: o.faults, Warnings: noWarnings()}, err
}

// CheckoutDeliveryOptionSelect chooses how the groups of lines are delivered.
func (r mutation) CheckoutDeliveryOptionSelect(ctx context.Context, checkoutID string, selections []*checkout.Selection, idempotencyKey *string) (*generated.CheckoutDeliveryOptionSelectPayload, error) {
	chosen := make([]checkout.Selection, len(selections))
	for i, s := range selections {
		chosen[i] = *s
	}
	o, err := r.change(ctx, command{
		name: "checkoutDeliveryOptionSelect", id: checkoutID, key: idempotencyKey, request: chosen,
		run: func(c *checkout.Checkout, shop checkout.Shop) error { return c.SelectDelivery(chosen, shop) },
	})
	return &generated.CheckoutDeliveryOptionSelectPayload{Checkout: o.checkout, UserErrors: o.faults, Warnings: noWarnings()}, err
}

// CheckoutPaymentSessionCreate begins a payment at a gateway, which is asked outside of any transaction.
func (r mutation) CheckoutPaymentSessionCreate(ctx context.Context, checkoutID, gateway string, data any, idempotencyKey *string) (*generated.CheckoutPaymentSessionCreatePayload, error) {
	session := checkout.PaymentSession{UUID: gid.New(), Gateway: gateway, CreatedAt: r.Now()}
	o, err := r.change(ctx, command{
		name: "checkoutPaymentSessionCreate", id: checkoutID, key: idempotencyKey, request: []any{gateway, data},
		check: func(c *checkout.Checkout, key idempotency.Key) (err error) {
			session.Reference, err = r.begin(ctx, session, data, keyOf(c, session, key))
			return err
		},
		run: func(c *checkout.Checkout, _ checkout.Shop) error { return c.Begun(session) },
	})
	payload := &generated.CheckoutPaymentSessionCreatePayload{Checkout: o.checkout, UserErrors: o.faults, Warnings: noWarnings()}
	if o.checkout != nil && len(o.faults) == 0 {
		payload.PaymentSession = o.checkout.PaymentSession
	}
	return payload, err
}

// keyOf is the key by which the gateway knows that it is asked for a payment again: where the call is repeated, so is the key.
func keyOf(c *checkout.Checkout, session checkout.PaymentSession, key idempotency.Key) string {
	if !key.Given() {
		return session.ID()
	}
	own, request := key.Sums()
	sum := sha256.Sum256(slices.Concat(c.UUID[:], own, request))
	return hex.EncodeToString(sum[:])
}

// begin begins a payment and returns the gateway's name for it.
func (r *Resolver) begin(ctx context.Context, session checkout.PaymentSession, data any, key string) (string, error) {
	for _, g := range r.Gateways {
		if g.Name != session.Gateway {
			continue
		}
		reference, err := g.Gateway.CreateSession(ctx, data, key)
		if errors.Is(err, checkout.ErrUnreachable) || errors.Is(err, checkout.ErrUnknownOutcome) {
			return "", fault.New("SERVICE_UNAVAILABLE", "The payment service cannot be asked now. Try again.", "gateway")
		}
		return reference, err
	}
	return "", fault.New("NOT_FOUND", "There is no such gateway.", "gateway")
}

// outcome is what a mutation of a checkout answers.
type outcome struct {
	checkout *checkout.Checkout
	faults   []*fault.Error
}

// told makes an answer of what a change returned. Where the change has no checkout to tell, it is as it was before.
func (r *Resolver) told(ctx context.Context, before, c *checkout.Checkout, err error) (outcome, error) {
	if c == nil {
		c = before
	}
	if c != nil {
		c = c.ShownTo(identity.From(ctx).Customer, r.Now())
	}
	faults, err := fault.Split(err)
	return outcome{checkout: c, faults: faults}, err
}

func (r *Resolver) create(ctx context.Context, cartID string, given *string) (outcome, error) {
	cart, ok := r.Keys.Parse(cartID)
	if !ok {
		return r.told(ctx, nil, nil, checkout.CartNotFound())
	}
	caller := identity.From(ctx).Customer
	key, err := idempotency.Read(given, idempotency.Scope{Caller: caller, Resource: gid.Format("Cart", cart), Mutation: "checkoutCreate"})
	if err != nil {
		return r.told(ctx, nil, nil, err)
	}
	facts, err := r.facts(ctx, cart)
	if err != nil {
		return r.told(ctx, nil, nil, err)
	}
	shop, err := r.Store.Shop(ctx)
	if err != nil {
		return outcome{}, err
	}
	now := r.Now()
	c, err := r.Store.Begin(ctx, cart, key, now,
		func() (*checkout.Checkout, error) { return checkout.Begin(cart, facts, shop, now) },
		func(c *checkout.Checkout) error { return c.Resume(facts, shop, now) })
	return r.told(ctx, nil, c, err)
}

// facts tells what is in a cart that the caller may order; the errors are faults where the caller can do something.
func (r *Resolver) facts(ctx context.Context, cart uuid.UUID) (checkout.Facts, error) {
	facts, err := r.Carts.Facts(ctx, cart)
	switch {
	case errors.Is(err, call.ErrUnavailable):
		return facts, checkout.CartUnknown()
	case errors.Is(err, checkout.ErrNoCart):
		return facts, checkout.CartNotFound()
	case err != nil:
		return facts, fmt.Errorf("read cart: %w", err)
	case !facts.OwnedBy(identity.From(ctx).Customer):
		return facts, checkout.CartNotFound()
	}
	return facts, nil
}

// command is a change of a checkout.
type command struct {
	name    string // of the mutation
	id      string // of the checkout, with its key
	key     *string
	request any                                             // what decides the effect
	check   func(*checkout.Checkout, idempotency.Key) error // what is wrong whatever the checkout is; nil where nothing can be
	run     func(*checkout.Checkout, checkout.Shop) error
}

// change changes a checkout. Where its prices hold no more they are taken anew from the cart if that can be read (rule P-6).
func (r *Resolver) change(ctx context.Context, k command) (outcome, error) {
	seen, err := r.seen(ctx, []string{k.id})
	if err != nil {
		return outcome{}, err
	}
	before := seen[0]
	if before == nil {
		return r.told(ctx, nil, nil, checkout.NotFound())
	}
	caller := identity.From(ctx).Customer
	key, err := idempotency.Read(k.key, idempotency.Scope{Caller: caller, Resource: before.ID(), Mutation: k.name}, k.request)
	if err == nil && k.check != nil {
		err = k.check(before, key)
	}
	if err != nil {
		return r.told(ctx, before, nil, err)
	}
	shop, err := r.Store.Shop(ctx)
	if err != nil {
		return outcome{}, err
	}
	refresh, err := r.refreshing(ctx, before, shop)
	if err != nil {
		return r.told(ctx, before, nil, err)
	}
	c, err := r.Store.Update(ctx, before.UUID, key, r.Now(), func(c *checkout.Checkout) error {
		if err := refresh(c); err != nil {
			return err
		}
		if !c.SeenBy(caller) {
			return checkout.NotFound()
		}
		return k.run(c, shop)
	})
	return r.told(ctx, before, c, err)
}

// refreshing returns what brings a checkout up to date whose prices hold no more.
func (r *Resolver) refreshing(ctx context.Context, c *checkout.Checkout, shop checkout.Shop) (func(*checkout.Checkout) error, error) {
	nothing := func(*checkout.Checkout) error { return nil }
	now := r.Now()
	if !c.Stale(now) {
		return nothing, nil
	}
	facts, err := r.Carts.Facts(ctx, c.CartUUID)
	switch {
	case errors.Is(err, call.ErrUnavailable):
		return nothing, nil // It stays expired; what the buyer says of himself is kept all the same.
	case errors.Is(err, checkout.ErrNoCart):
		return nil, checkout.CartNotFound()
	case err != nil:
		return nil, fmt.Errorf("read cart: %w", err)
	}
	return func(c *checkout.Checkout) error {
		if !c.Stale(now) {
			return nil
		}
		return c.Refresh(facts, shop, now)
	}, nil
}

// ID is always the full id.
func (r checkoutField) ID(_ context.Context, c *checkout.Checkout) (string, error) {
	return r.Keys.FormatAs("Checkout", c.UUID), nil
}

// Cart is the cart; its service tells the rest.
func (r checkoutField) Cart(ctx context.Context, c *checkout.Checkout) (*checkout.Cart, error) {
	return &checkout.Cart{UUID: c.CartUUID, Methods: func() ([]checkout.Method, error) { return r.Store.Methods(ctx) }}, nil
}

// PaymentMethods are the gateways of the shop.
func (r checkoutField) PaymentMethods(context.Context, *checkout.Checkout) ([]*generated.PaymentMethodOption, error) {
	options := make([]*generated.PaymentMethodOption, len(r.Gateways))
	for i, g := range r.Gateways {
		options[i] = &generated.PaymentMethodOption{Gateway: g.Name, Title: g.Title}
	}
	return options, nil
}

// Problems are the reasons why the order cannot be placed yet.
func (r checkoutField) Problems(_ context.Context, c *checkout.Checkout) ([]*checkout.Problem, error) {
	return pointers(c.Problems(r.Now())), nil
}

// Variant is the variant; its service tells the rest.
func (checkoutLine) Variant(_ context.Context, l *checkout.Line) (*generated.ProductVariant, error) {
	return &generated.ProductVariant{ID: l.VariantID}, nil
}

func noWarnings() []*generated.CheckoutWarning { return []*generated.CheckoutWarning{} }
