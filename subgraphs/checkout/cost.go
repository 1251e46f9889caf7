package checkout

import (
	"errors"
	"fmt"

	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/internal/totals"
)

// Shop is what the shop has set: how it delivers, and the taxes.
type Shop struct {
	Methods []Method
	Rates   []Rate
}

// Cost is what a checkout costs, as far as it is known. It serves the GraphQL type CheckoutCost.
type Cost struct {
	Subtotal         money.Money   `json:"subtotal"` // the lines, without delivery
	Shipping         *money.Money  `json:"shipping"` // nil while no delivery is chosen
	Total            money.Money   `json:"total"`    // what the buyer pays
	TotalTax         *money.Money  `json:"totalTax"` // nil while a rate is not known
	TaxLines         []TaxLine     `json:"taxLines"`
	PricesIncludeTax bool          `json:"pricesIncludeTax"`
	TaxedShipping    *totals.Taxed `json:"taxedShipping"` // with TotalTax
	TaxedTotal       *totals.Taxed `json:"taxedTotal"`    // with TotalTax
}

// reckon works out what the checkout costs from its lines, its delivery and where it goes. As prices include tax, what the
// buyer pays does not depend on the rates (rule T-1).
func (c *Checkout) reckon(shop Shop) error {
	c.offer(shop.Methods)
	taxes := ratesOf(shop.Rates, c.taxCountry())
	in := totals.Input{Currency: c.CurrencyCode, Inclusive: true}
	known := true
	for _, l := range c.Lines {
		rate, is := taxes[l.TaxClass]
		known = known && is
		in.Lines = append(in.Lines, totals.Line{UnitPrice: l.UnitPrice, Quantity: l.Quantity, TaxRate: rate.PPM})
	}
	shipping := c.shipping()
	if shipping != nil && c.ships() {
		rate, is := taxes[shippingTaxClass]
		known = known && is
		in.Shipping = &totals.Charge{Amount: *shipping, TaxRate: rate.PPM}
	}
	r, err := totals.Compute(in)
	if errors.Is(err, money.ErrRange) {
		return fault.New("INVALID", "This is more than can be bought at once.")
	}
	if err != nil {
		return fmt.Errorf("work out the total: %w", err)
	}
	c.Cost = Cost{Subtotal: r.Subtotal, Shipping: shipping, Total: r.Total.Gross, TaxLines: []TaxLine{}, PricesIncludeTax: in.Inclusive}
	for i := range c.Lines {
		c.Lines[i].Total, c.Lines[i].Taxed, c.Lines[i].TaxLines = r.Lines[i].Total.Gross, nil, []TaxLine{}
		if known {
			c.Lines[i].Taxed = &r.Lines[i].Total
			c.Lines[i].TaxLines = []TaxLine{taxes[c.Lines[i].TaxClass].line(r.Lines[i].Total.Tax)}
		}
	}
	if known {
		c.Cost.TotalTax, c.Cost.TaxedShipping, c.Cost.TaxedTotal = &r.Total.Tax, &r.Shipping, &r.Total
		c.Cost.TaxLines = taxLines(r.TaxLines, taxes)
	}
	return nil
}

// ships tells whether anything has to be shipped.
func (c *Checkout) ships() bool {
	for _, l := range c.Lines {
		if l.RequiresShipping {
			return true
		}
	}
	return false
}

// shipping is what the delivery costs; nil while none is chosen.
func (c *Checkout) shipping() *money.Money {
	switch {
	case !c.ships():
		return &money.Money{Currency: c.CurrencyCode}
	case c.Delivery == nil:
		return nil
	default:
		return &c.Delivery.Price
	}
}
