package graph

import (
	"cmp"
	"context"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/subgraphs/cart"
	"github.com/soukhq/souk/subgraphs/cart/graph/generated"
)

// CartCreate opens a cart with its first content, or opens none.
func (r mutation) CartCreate(ctx context.Context, input *cart.Content) (*generated.CartCreatePayload, error) {
	var content cart.Content
	if input != nil {
		content = *input
	}
	o, err := r.create(ctx, content)
	return &generated.CartCreatePayload{Cart: o.cart, UserErrors: o.faults, Warnings: o.warnings}, err
}

// CartLinesAdd puts things into a cart.
func (r mutation) CartLinesAdd(ctx context.Context, cartID string, lines []*cart.Addition, expectedVersion *int) (*generated.CartLinesAddPayload, error) {
	additions := values(lines)
	o, err := r.changeLines(ctx, command{
		cartID: cartID, version: expectedVersion, items: len(lines), variants: cart.WantedBy(additions, nil),
		run: func(c *cart.Cart, offers cart.Offers) ([]cart.Warning, error) { return c.Add(additions, offers) },
	})
	return &generated.CartLinesAddPayload{Cart: o.cart, UserErrors: o.faults, Warnings: o.warnings}, err
}

// CartLinesUpdate sets lines to a new state.
func (r mutation) CartLinesUpdate(ctx context.Context, cartID string, lines []*cart.Edit, expectedVersion *int) (*generated.CartLinesUpdatePayload, error) {
	edits := values(lines)
	if cart.OnlyRemove(edits) { // Needs no offer, and works while product is down.
		o, err := r.change(ctx, cartID, expectedVersion, func(c *cart.Cart) error {
			_, err := c.Update(edits, nil)
			return err
		})
		return &generated.CartLinesUpdatePayload{Cart: o.cart, UserErrors: o.faults, Warnings: o.warnings}, err
	}
	o, err := r.changeLines(ctx, command{
		cartID: cartID, version: expectedVersion, items: len(lines), variants: cart.WantedBy(nil, edits),
		run: func(c *cart.Cart, offers cart.Offers) ([]cart.Warning, error) { return c.Update(edits, offers) },
	})
	return &generated.CartLinesUpdatePayload{Cart: o.cart, UserErrors: o.faults, Warnings: o.warnings}, err
}

// CartLinesRemove takes lines out of a cart.
func (r mutation) CartLinesRemove(ctx context.Context, cartID string, lineIDs []string, expectedVersion *int) (*generated.CartLinesRemovePayload, error) {
	o, err := r.change(ctx, cartID, expectedVersion, func(c *cart.Cart) error { return c.Remove(lineIDs) })
	return &generated.CartLinesRemovePayload{Cart: o.cart, UserErrors: o.faults, Warnings: o.warnings}, err
}

// CartBuyerIdentityUpdate says who buys.
func (r mutation) CartBuyerIdentityUpdate(ctx context.Context, cartID string, buyer cart.BuyerChange, expectedVersion *int) (*generated.CartBuyerIdentityUpdatePayload, error) {
	o, err := r.changeBuyer(ctx, cartID, buyer, expectedVersion)
	return &generated.CartBuyerIdentityUpdatePayload{Cart: o.cart, UserErrors: o.faults, Warnings: o.warnings}, err
}

// CartNoteUpdate writes the note to the shop.
func (r mutation) CartNoteUpdate(ctx context.Context, cartID, note string, expectedVersion *int) (*generated.CartNoteUpdatePayload, error) {
	o, err := r.change(ctx, cartID, expectedVersion, func(c *cart.Cart) error { return c.SetNote(note) })
	return &generated.CartNoteUpdatePayload{Cart: o.cart, UserErrors: o.faults, Warnings: o.warnings}, err
}

// CartAttributesUpdate replaces the free pairs of a cart.
func (r mutation) CartAttributesUpdate(ctx context.Context, cartID string, attributes []*cart.Attribute, expectedVersion *int) (*generated.CartAttributesUpdatePayload, error) {
	o, err := r.change(ctx, cartID, expectedVersion, func(c *cart.Cart) error { return c.SetAttributes(values(attributes)) })
	return &generated.CartAttributesUpdatePayload{Cart: o.cart, UserErrors: o.faults, Warnings: o.warnings}, err
}

// change changes one cart in a transaction.
func (r *Resolver) change(ctx context.Context, cartID string, version *int, change func(*cart.Cart) error) (outcome, error) {
	return r.changeSeenBy(ctx, identity.From(ctx).Customer, cartID, version, change)
}

// changeSeenBy is change for a viewer who is known by other means.
func (r *Resolver) changeSeenBy(ctx context.Context, viewer, cartID string, version *int, change func(*cart.Cart) error) (outcome, error) {
	id, ok := r.Keys.Parse(cartID)
	if !ok {
		return r.outcome(viewer, nil, nil, cart.NotFound())
	}
	c, err := r.Store.Update(ctx, id, r.Now(), expecting(version, change))
	return r.outcome(viewer, c, nil, err)
}

func expecting(version *int, change func(*cart.Cart) error) func(*cart.Cart) error {
	return func(c *cart.Cart) error {
		if err := c.Expect(version); err != nil {
			return err
		}
		return change(c)
	}
}

// command is a change of lines for which product has to be asked.
type command struct {
	cartID   string
	version  *int        // that the caller expects
	items    int         // how many it has
	variants []uuid.UUID // that it names
	run      func(*cart.Cart, cart.Offers) ([]cart.Warning, error)
}

// changeLines asks product for the variants of the command and of the cart before the transaction, so that no lock waits
// for another service; where product cannot be asked nothing changes.
func (r *Resolver) changeLines(ctx context.Context, k command) (outcome, error) {
	caller := identity.From(ctx).Customer
	id, ok := r.Keys.Parse(k.cartID)
	if !ok {
		return r.outcome(caller, nil, nil, cart.NotFound())
	}
	carts, err := r.Store.ByIDs(ctx, []uuid.UUID{id})
	if err != nil {
		return outcome{}, err
	}
	c := carts[id]
	if c == nil {
		return r.outcome(caller, nil, nil, cart.NotFound())
	}
	if err := cmp.Or(cart.CheckLength(k.items, "lines"), c.Expect(k.version)); err != nil { // Spares the question.
		return r.outcome(caller, c, nil, err)
	}
	offers, err := r.offers(ctx, append(k.variants, c.Variants()...))
	if err != nil {
		return r.outcome(caller, c, nil, err)
	}
	var warnings []cart.Warning
	c, err = r.Store.Update(ctx, id, r.Now(), expecting(k.version, func(c *cart.Cart) (err error) {
		warnings, err = k.run(c, offers)
		return err
	}))
	return r.outcome(caller, c, warnings, err)
}

// changeBuyer says who buys. A customer who proves it with a token sees the answer as the owner does.
func (r *Resolver) changeBuyer(ctx context.Context, cartID string, buyer cart.BuyerChange, version *int) (outcome, error) {
	caller := identity.From(ctx).Customer
	proved, wrong := r.prove(buyer)
	return r.changeSeenBy(ctx, cmp.Or(proved, caller), cartID, version, func(c *cart.Cart) error {
		if wrong != nil {
			return wrong
		}
		return c.SetBuyer(buyer, caller, proved)
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
func (r *Resolver) create(ctx context.Context, content cart.Content) (outcome, error) {
	var buyer cart.BuyerChange
	if content.BuyerIdentity != nil {
		buyer = *content.BuyerIdentity
	}
	owner, err := r.prove(buyer)
	if err != nil {
		return r.outcome("", nil, nil, at(err))
	}
	if owner == "" {
		owner = identity.From(ctx).Customer
	}
	if err := cart.CheckLength(len(content.Lines), "lines"); err != nil {
		return r.outcome(owner, nil, nil, at(err))
	}
	offers, err := r.offers(ctx, cart.WantedBy(content.Lines, nil))
	if err != nil {
		return r.outcome(owner, nil, nil, err)
	}
	c := cart.Open(r.Currency, owner, r.Now())
	warnings, err := c.Fill(content, offers)
	if err != nil {
		return r.outcome(owner, nil, nil, at(err))
	}
	err = r.Store.Insert(ctx, c)
	return r.outcome(owner, c, warnings, err)
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
