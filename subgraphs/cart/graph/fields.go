package graph

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/soukhq/souk/internal/imageurl"
	"github.com/soukhq/souk/internal/paging"
	"github.com/soukhq/souk/subgraphs/cart"
	"github.com/soukhq/souk/subgraphs/cart/graph/generated"
)

// ID is always the full id, whatever number the key of the asked id had (rule C-6).
func (r cartField) ID(_ context.Context, c *cart.Cart) (string, error) {
	return r.Keys.Format(c.UUID), nil
}

// BuyerIdentity tells who buys, as far as SeenBy left it.
func (r cartField) BuyerIdentity(_ context.Context, c *cart.Cart) (*generated.CartBuyerIdentity, error) {
	b := &generated.CartBuyerIdentity{CountryCode: c.Buyer.Country, Email: c.Buyer.Email, Phone: c.Buyer.Phone}
	if c.Buyer.Customer != "" {
		b.Customer = &generated.Customer{ID: c.Buyer.Customer}
	}
	return b, nil
}

// Lines pages through the lines.
func (r cartField) Lines(_ context.Context, c *cart.Cart, first *int, after *string, last *int, before *string, reverse *bool) (*generated.BaseCartLineConnection, error) {
	list, lines := "lines", c.Lines
	if reverse != nil && *reverse {
		list, lines = "lines reversed", slices.Clone(lines)
		slices.Reverse(lines)
	}
	p, err := paging.Slice(lines, list, func(l cart.Line) string { return l.UUID.String() },
		paging.Args{First: first, After: after, Last: last, Before: before})
	if err != nil {
		return nil, err
	}
	connection := &generated.BaseCartLineConnection{
		Edges: make([]*generated.BaseCartLineEdge, len(p.Items)), Nodes: make([]generated.BaseCartLine, len(p.Items)),
		PageInfo:   &generated.PageInfo{HasNextPage: p.HasNext, HasPreviousPage: p.HasPrevious},
		TotalCount: &generated.Count{Value: p.Total, Exact: true},
	}
	for i := range p.Items {
		connection.Nodes[i] = &p.Items[i]
		connection.Edges[i] = &generated.BaseCartLineEdge{Cursor: p.Cursors[i], Node: &p.Items[i]}
	}
	if n := len(p.Cursors); n > 0 {
		connection.PageInfo.StartCursor, connection.PageInfo.EndCursor = &p.Cursors[0], &p.Cursors[n-1]
	}
	return connection, nil
}

// Cost adds the cart up.
func (r cartField) Cost(_ context.Context, c *cart.Cart) (*generated.CartCost, error) {
	t, err := c.Totals()
	return &generated.CartCost{SubtotalAmount: &t.Subtotal, TotalAmount: &t.Total}, err
}

// DiscountCodes are none: codes cannot be entered yet.
func (r cartField) DiscountCodes(context.Context, *cart.Cart) ([]*generated.CartDiscountCode, error) {
	return []*generated.CartDiscountCode{}, nil
}

// AppliedGiftCards are none: gift cards cannot be applied yet.
func (r cartField) AppliedGiftCards(context.Context, *cart.Cart) ([]*generated.AppliedGiftCard, error) {
	return []*generated.AppliedGiftCard{}, nil
}

// CheckoutURL is where the storefront lets the buyer order.
func (r cartField) CheckoutURL(_ context.Context, c *cart.Cart) (string, error) {
	return strings.TrimSuffix(r.Shop, "/") + "/checkout?" + url.Values{"cart": {r.Keys.Format(c.UUID)}}.Encode(), nil
}

// DeliveryFacts tell checkout what delivery depends on; null for an empty cart.
func (r cartField) DeliveryFacts(_ context.Context, c *cart.Cart) (*generated.CartDeliveryFacts, error) {
	parcels := c.Parcels()
	if len(parcels) == 0 {
		return nil, nil
	}
	t, err := c.Totals()
	if err != nil {
		return nil, err
	}
	facts := &generated.CartDeliveryFacts{Country: c.Buyer.Country, Subtotal: &t.Subtotal}
	for _, p := range parcels {
		facts.Groups = append(facts.Groups, &generated.CartDeliveryFactsGroup{
			LineIds: p.LineIDs, Weight: p.Weight, RequiresShipping: p.RequiresShipping,
		})
	}
	return facts, nil
}

// Cost tells what the line costs.
func (r lineField) Cost(_ context.Context, l *cart.Line) (*generated.CartLineCost, error) {
	t, err := l.Total()
	return &generated.CartLineCost{
		AmountPerQuantity: &l.Price, CompareAtAmountPerQuantity: l.CompareAt, SubtotalAmount: &t.Subtotal, TotalAmount: &t.Total,
	}, err
}

// Snapshot tells what was known of the merchandise when the line was last priced.
func (r lineField) Snapshot(_ context.Context, l *cart.Line) (*generated.MerchandiseSnapshot, error) {
	s := l.Snapshot
	return &generated.MerchandiseSnapshot{
		Title: s.Title, VariantTitle: s.VariantTitle, Sku: s.SKU, Handle: s.Handle, Image: r.image(s.Image),
		SelectedOptions: optionsOf(s.Options), RequiresShipping: s.RequiresShipping, TakenAt: s.TakenAt,
	}, nil
}

func optionsOf(options []cart.Option) []*generated.SelectedOption {
	selected := make([]*generated.SelectedOption, len(options))
	for i, o := range options {
		selected[i] = &generated.SelectedOption{Name: o.Name, Value: o.Value}
	}
	return selected
}

func (r *Resolver) image(p *cart.Picture) *generated.Image {
	if p == nil {
		return nil
	}
	return &generated.Image{URL: imageurl.URL(r.MediaURL, p.URL), AltText: p.AltText, Width: p.Width, Height: p.Height}
}
