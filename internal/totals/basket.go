package totals

import "github.com/soukhq/souk/internal/money"

// LineTotal is what a line costs as long as nobody knows its tax.
type LineTotal struct {
	Subtotal money.Money // all pieces before discounts
	Total    money.Money // all pieces
}

// Basket is what a basket costs as long as nobody knows tax and delivery.
type Basket struct {
	Lines    []LineTotal // in the order of the input
	Subtotal money.Money // the sum of the lines' totals, without delivery
	Total    money.Money // what the buyer pays
}

// Of adds up lines whose prices are all in the currency; another currency is a programming error and panics (rule M-1).
// It is Compute without what only a checkout knows. The errors are those of Compute.
func Of(currency string, lines []Line) (Basket, error) {
	r, err := Compute(Input{Currency: currency, Inclusive: true, Lines: lines})
	if err != nil {
		return Basket{}, err
	}
	b := Basket{Lines: make([]LineTotal, len(r.Lines)), Subtotal: r.Subtotal, Total: r.Total.Gross}
	for i, l := range r.Lines {
		b.Lines[i] = LineTotal{Subtotal: l.Subtotal, Total: l.Total.Gross}
	}
	return b, nil
}

// Total returns what the line costs before discounts: price times quantity, exactly (rule M-5). The errors are ErrInput
// and money.ErrRange.
func (l Line) Total() (LineTotal, error) {
	if l.UnitPrice.Minor < 0 || l.Quantity < 1 || l.Quantity > MaxQuantity {
		return LineTotal{}, ErrInput
	}
	subtotal, err := l.UnitPrice.Times(int64(l.Quantity))
	return LineTotal{Subtotal: subtotal, Total: subtotal}, err
}
