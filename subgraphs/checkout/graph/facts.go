package graph

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/call"
	"github.com/soukhq/souk/internal/cartkey"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/subgraphs/checkout"
)

// Carts asks cart what is in a cart, in the name of checkout (rule B-1 c).
type Carts struct {
	Client *call.Client
	Keys   *cartkey.Ring
}

const askFacts = `query ($carts: [_Any!]!) { _entities(representations: $carts) { ... on Cart { checkoutFacts {
  version state currencyCode customerId email phone countryCode
  lines { id: lineId variantId productId quantity priceId unitPrice { amount currencyCode } title variantTitle sku handle
    image { url altText width height } selectedOptions { name value } requiresShipping taxClass weightGrams
    attributes { key value } availability }
} } } }`

// cartFacts is a cart as cart tells of it.
type cartFacts struct {
	Version                  int
	State, CurrencyCode      string
	CustomerID, Email, Phone *string
	CountryCode              *string
	Lines                    []struct {
		ID string
		checkout.Goods
		PriceID   *string `json:"priceId"` // instead of that of the goods
		UnitPrice struct {
			Amount, CurrencyCode string
		} `json:"unitPrice"` // likewise
		Availability string
	}
}

// Facts asks for a cart. Where cart cannot be asked the error is call.ErrUnavailable.
func (c Carts) Facts(ctx context.Context, cart uuid.UUID) (checkout.Facts, error) {
	var data struct {
		Entities []*struct{ CheckoutFacts *cartFacts } `json:"_entities"`
	}
	ask := map[string]any{"carts": []any{map[string]any{"__typename": "Cart", "id": c.Keys.Format(cart)}}}
	if err := c.Client.Ask(ctx, askFacts, ask, &data); err != nil {
		return checkout.Facts{}, err
	}
	if len(data.Entities) != 1 || data.Entities[0] == nil || data.Entities[0].CheckoutFacts == nil {
		return checkout.Facts{}, checkout.ErrNoCart
	}
	return data.Entities[0].CheckoutFacts.read()
}

func (f *cartFacts) read() (checkout.Facts, error) {
	facts := checkout.Facts{
		Version: f.Version, State: f.State, CurrencyCode: f.CurrencyCode, Customer: text(f.CustomerID), CountryCode: text(f.CountryCode),
		Email: f.Email, Phone: f.Phone, Lines: make([]checkout.Line, len(f.Lines)),
	}
	for i, l := range f.Lines {
		price, err := money.Parse(l.UnitPrice.Amount, l.UnitPrice.CurrencyCode)
		if err != nil {
			return checkout.Facts{}, fmt.Errorf("read price of cart line: %w", err)
		}
		if price.Currency != f.CurrencyCode {
			return checkout.Facts{}, errors.New("read price of cart line: it is not in the currency of the cart")
		}
		facts.Lines[i] = checkout.Line{ID: l.ID, Goods: l.Goods, Availability: l.Availability}
		facts.Lines[i].PriceID, facts.Lines[i].UnitPrice = text(l.PriceID), price
	}
	return facts, nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
