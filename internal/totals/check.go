package totals

import (
	"fmt"
	"math/big"
)

// check asserts what has to hold of every result (rule M-8). It counts with numbers without limits and multiplies where
// Compute divides, so that one mistake is not made twice.
func (r Result) check(in Input) error {
	sum, discount, subtotal := newSum(), new(big.Int), new(big.Int)
	for i, l := range r.Lines {
		price := new(big.Int).Mul(big.NewInt(in.Lines[i].UnitPrice.Minor), big.NewInt(int64(in.Lines[i].Quantity)))
		if price.Cmp(big.NewInt(l.Subtotal.Minor)) != 0 || l.Discount.Minor < 0 || l.Share.Minor < 0 {
			return fmt.Errorf("line %d: %w", i, ErrInvariant)
		}
		price.Sub(price, big.NewInt(l.Discount.Minor)).Sub(price, big.NewInt(l.Share.Minor))
		if err := in.checkTaxed(l.Total, price, in.Lines[i].TaxRate); err != nil {
			return fmt.Errorf("line %d: %w", i, err)
		}
		sum.add(l.Total)
		subtotal.Add(subtotal, price)
		discount.Add(discount, big.NewInt(l.Share.Minor))
	}
	if subtotal.Cmp(big.NewInt(r.Subtotal.Minor)) != 0 || discount.Cmp(big.NewInt(r.Discount.Minor)) != 0 {
		return fmt.Errorf("discounts: %w", ErrInvariant)
	}
	if r.Discount.Minor != in.Discount.Minor && (subtotal.Sign() != 0 || r.Discount.Minor > in.Discount.Minor) {
		return fmt.Errorf("a discount that the lines have room for: %w", ErrInvariant)
	}
	shipping, rate := new(big.Int), Rate(0)
	if in.Shipping != nil {
		shipping, rate = big.NewInt(in.Shipping.Amount.Minor), in.Shipping.TaxRate
	}
	if err := in.checkTaxed(r.Shipping, shipping, rate); err != nil {
		return fmt.Errorf("shipping: %w", err)
	}
	sum.add(r.Shipping)
	rates := newSum()
	for _, l := range r.TaxLines {
		rates.add(l.Taxed)
	}
	if !sum.is(r.Total) || !rates.is(r.Total) {
		return fmt.Errorf("total: %w", ErrInvariant)
	}
	return nil
}

// checkTaxed asserts that an amount is what it has to be, that it is net and tax, and that its tax is the exact one
// rounded to the nearest unit, half away from zero.
func (in Input) checkTaxed(t Taxed, amount *big.Int, rate Rate) error {
	gross, net, tax := big.NewInt(t.Gross.Minor), big.NewInt(t.Net.Minor), big.NewInt(t.Tax.Minor)
	base, over := net, whole
	if in.Inclusive {
		base, over = gross, whole+rate
	}
	// What rounding took off the tax is less than half a unit; what it added is at most half a unit.
	twice := new(big.Int).Mul(base, big.NewInt(int64(rate)))
	twice.Sub(twice, new(big.Int).Mul(tax, big.NewInt(int64(over)))).Lsh(twice, 1)
	limit := big.NewInt(int64(over))
	switch {
	case base.Cmp(amount) != 0, net.Sign() < 0, tax.Sign() < 0, new(big.Int).Add(net, tax).Cmp(gross) != 0:
		return ErrInvariant
	case twice.Cmp(limit) >= 0, twice.CmpAbs(limit) > 0:
		return ErrInvariant
	}
	return nil
}

// sum adds amounts up without limits.
type sum struct {
	gross, net, tax big.Int
}

func newSum() *sum { return new(sum) }

func (s *sum) add(t Taxed) {
	s.gross.Add(&s.gross, big.NewInt(t.Gross.Minor))
	s.net.Add(&s.net, big.NewInt(t.Net.Minor))
	s.tax.Add(&s.tax, big.NewInt(t.Tax.Minor))
}

// is tells whether the sum is the amount, and the amount in itself right.
func (s *sum) is(t Taxed) bool {
	return s.gross.Cmp(big.NewInt(t.Gross.Minor)) == 0 && s.net.Cmp(big.NewInt(t.Net.Minor)) == 0 &&
		s.tax.Cmp(big.NewInt(t.Tax.Minor)) == 0 && new(big.Int).Add(&s.net, &s.tax).Cmp(&s.gross) == 0
}
