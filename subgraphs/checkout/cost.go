package checkout

import (
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/internal/totals"
)

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

// TaxLine is the tax of one rate. It serves the GraphQL type TaxLine.
type TaxLine struct {
	Title        string      `json:"title"`
	Rate         string      `json:"rate"` // a fraction, such as 0.19
	Amount       money.Money `json:"amount"`
	Jurisdiction *string     `json:"jurisdiction"`
}
