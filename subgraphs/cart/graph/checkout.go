package graph

import (
	"context"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/subgraphs/cart"
	"github.com/soukhq/souk/subgraphs/cart/graph/generated"
)

// forCheckout tells whether the service checkout asks in its own name: it sees the buyer of every cart.
func forCheckout(ctx context.Context) bool { return identity.From(ctx).Service == "checkout" }

// CheckoutFacts tell checkout what it makes an order of; null for everybody else (rule A-3).
func (r cartField) CheckoutFacts(ctx context.Context, c *cart.Cart) (*generated.CartCheckoutFacts, error) {
	if !forCheckout(ctx) {
		return nil, nil
	}
	facts := &generated.CartCheckoutFacts{
		Version: c.Version, State: c.State, CurrencyCode: c.CurrencyCode,
		Email: c.Buyer.Email, Phone: c.Buyer.Phone, CountryCode: c.Buyer.Country,
		Lines: make([]*generated.CartCheckoutFactsLine, len(c.Lines)),
	}
	if c.Buyer.Customer != "" {
		facts.CustomerID = &c.Buyer.Customer
	}
	for i := range c.Lines {
		facts.Lines[i] = r.factsOf(&c.Lines[i])
	}
	return facts, nil
}

// availability is what checkout is told of the state of a line.
var availability = map[string]string{
	cart.OK: "AVAILABLE", cart.InsufficientStock: "OUT_OF_STOCK", cart.NoPrice: "NO_PRICE", cart.Unavailable: "UNAVAILABLE",
}

func (r *Resolver) factsOf(l *cart.Line) *generated.CartCheckoutFactsLine {
	s := l.Snapshot
	f := &generated.CartCheckoutFactsLine{
		LineID: l.ID(), VariantID: gid.Format("ProductVariant", l.Variant), ProductID: gid.Format("Product", s.Product),
		Quantity: l.Quantity, UnitPrice: &l.Price, CompareAtUnitPrice: l.CompareAt, Title: s.Title, VariantTitle: s.VariantTitle,
		Sku: s.SKU, Handle: s.Handle, Image: r.image(s.Image), SelectedOptions: optionsOf(s.Options),
		RequiresShipping: s.RequiresShipping, TaxClass: s.TaxClass, WeightGrams: int(s.Weight), Attributes: pointers(l.Attributes),
		Availability: availability[l.State],
	}
	if l.PriceID == uuid.Nil { // Product cannot tell such a price again, so that nothing can be ordered at it.
		f.Availability = availability[cart.Unavailable]
	} else {
		key := l.PriceID.String()
		f.PriceID = &key
	}
	return f
}
