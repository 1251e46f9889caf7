package graph

import (
	"context"

	"github.com/soukhq/souk/subgraphs/cart"
	"github.com/soukhq/souk/subgraphs/cart/graph/generated"
)

// CartCreate opens a cart with its first content, or opens none.
func (r mutation) CartCreate(ctx context.Context, input *cart.Content, key *string) (*generated.CartCreatePayload, error) {
	var content cart.Content
	if input != nil {
		content = *input
	}
	o, err := r.create(ctx, content, key)
	return &generated.CartCreatePayload{Cart: o.cart, UserErrors: o.faults, Warnings: o.warnings}, err
}

// CartLinesAdd puts things into a cart.
func (r mutation) CartLinesAdd(ctx context.Context, cartID string, lines []*cart.Addition, version *int, key *string) (*generated.CartLinesAddPayload, error) {
	additions := values(lines)
	o, err := r.change(ctx, command{
		name: "cartLinesAdd", cartID: cartID, version: version, key: key, request: additions, named: cart.Named(additions, nil),
		run: func(c *cart.Cart, offers cart.Offers) ([]cart.Warning, error) { return c.Add(additions, offers) },
	})
	return &generated.CartLinesAddPayload{Cart: o.cart, UserErrors: o.faults, Warnings: o.warnings}, err
}

// CartLinesUpdate sets lines to a new state.
func (r mutation) CartLinesUpdate(ctx context.Context, cartID string, lines []*cart.Edit, version *int, key *string) (*generated.CartLinesUpdatePayload, error) {
	edits := values(lines)
	o, err := r.change(ctx, command{
		name: "cartLinesUpdate", cartID: cartID, version: version, key: key, request: edits, named: cart.Named(nil, edits),
		run: func(c *cart.Cart, offers cart.Offers) ([]cart.Warning, error) { return c.Update(edits, offers) },
	})
	return &generated.CartLinesUpdatePayload{Cart: o.cart, UserErrors: o.faults, Warnings: o.warnings}, err
}

// CartLinesRemove takes lines out of a cart.
func (r mutation) CartLinesRemove(ctx context.Context, cartID string, lineIDs []string, version *int, key *string) (*generated.CartLinesRemovePayload, error) {
	o, err := r.change(ctx, command{
		name: "cartLinesRemove", cartID: cartID, version: version, key: key, request: lineIDs,
		run: func(c *cart.Cart, _ cart.Offers) ([]cart.Warning, error) { return nil, c.Remove(lineIDs) },
	})
	return &generated.CartLinesRemovePayload{Cart: o.cart, UserErrors: o.faults, Warnings: o.warnings}, err
}

// CartBuyerIdentityUpdate says who buys.
func (r mutation) CartBuyerIdentityUpdate(ctx context.Context, cartID string, buyer cart.BuyerChange, version *int, key *string) (*generated.CartBuyerIdentityUpdatePayload, error) {
	o, err := r.changeBuyer(ctx, cartID, buyer, version, key)
	return &generated.CartBuyerIdentityUpdatePayload{Cart: o.cart, UserErrors: o.faults, Warnings: o.warnings}, err
}

// CartNoteUpdate writes the note to the shop.
func (r mutation) CartNoteUpdate(ctx context.Context, cartID, note string, version *int, key *string) (*generated.CartNoteUpdatePayload, error) {
	o, err := r.change(ctx, command{
		name: "cartNoteUpdate", cartID: cartID, version: version, key: key, request: note,
		run: func(c *cart.Cart, _ cart.Offers) ([]cart.Warning, error) { return nil, c.SetNote(note) },
	})
	return &generated.CartNoteUpdatePayload{Cart: o.cart, UserErrors: o.faults, Warnings: o.warnings}, err
}

// CartAttributesUpdate replaces the free pairs of a cart.
func (r mutation) CartAttributesUpdate(ctx context.Context, cartID string, attributes []*cart.Attribute, version *int, key *string) (*generated.CartAttributesUpdatePayload, error) {
	pairs := values(attributes)
	o, err := r.change(ctx, command{
		name: "cartAttributesUpdate", cartID: cartID, version: version, key: key, request: pairs,
		run: func(c *cart.Cart, _ cart.Offers) ([]cart.Warning, error) { return nil, c.SetAttributes(pairs) },
	})
	return &generated.CartAttributesUpdatePayload{Cart: o.cart, UserErrors: o.faults, Warnings: o.warnings}, err
}
