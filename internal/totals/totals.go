// Package totals holds the arithmetic of a basket: the same lines give the same total (rule B-3).
//
// It knows nothing but whole minor units and exact fractions, rounds once for each line (rule T-3, LINE), and refuses what
// it cannot add up exactly.
package totals

import (
	"errors"
	"fmt"
	"slices"

	"github.com/soukhq/souk/internal/money"
)

// MaxQuantity is the largest number of pieces in a line (rule M-9).
const MaxQuantity = 999_999

var (
	// ErrInvariant says that a result contradicts itself (rule M-8). It is a fault of this program, never of a buyer.
	ErrInvariant = errors.New("the totals do not add up")
	// ErrInput says that a price, a rate or a discount is negative, that a discount is more than its line, or that a
	// quantity is not from 1 to MaxQuantity.
	ErrInput = errors.New("a line of the basket has no valid price, quantity, discount or rate")
)

// Input is all that decides what a basket costs.
type Input struct {
	Currency  string // of every amount; another one is a programming error and panics (rule M-1)
	Inclusive bool   // whether prices hold their tax: then gross is the truth, else net is (rule T-1)
	Lines     []Line // in the order of their positions
	// Discount is taken off all lines together, shared out by rule M-7. What is more than the lines cost is not granted.
	// Its zero value is none.
	Discount money.Money
	Shipping *Charge // nil: nothing is delivered, or nobody knows yet
}

// Line is a number of pieces at a price for each.
type Line struct {
	UnitPrice money.Money
	Quantity  int
	Discount  money.Money // off the line as a whole; the zero value is none
	TaxRate   Rate
}

// Charge is an amount with a tax rate of its own.
type Charge struct {
	Amount  money.Money
	TaxRate Rate
}

// Result is what a basket costs.
type Result struct {
	Lines    []LineResult // in the order of the input
	Subtotal money.Money  // the lines after all discounts, without shipping, tax included or not as prices are
	Discount money.Money  // what was granted of the discount on all lines
	Shipping Taxed        // zero where nothing is delivered
	Total    Taxed        // its Gross is what the buyer pays
	TaxLines []TaxLine    // one for each rate, rising
}

// LineResult is what a line costs.
type LineResult struct {
	Subtotal money.Money // all pieces before discounts (rule M-5)
	Discount money.Money // its own
	Share    money.Money // its share of the discount on all lines
	Total    Taxed       // after both
}

// Taxed is an amount with its tax: Gross = Net + Tax.
type Taxed struct {
	Gross, Net, Tax money.Money
}

// TaxLine is what lines and shipping with the same rate cost together.
type TaxLine struct {
	Rate Rate
	Taxed
}

// Compute adds up a basket. The errors are ErrInput and money.ErrRange, and ErrInvariant where the result does not hold.
func Compute(in Input) (Result, error) {
	r := Result{Lines: make([]LineResult, len(in.Lines)), Subtotal: in.zero(), Shipping: in.nothing(), Total: in.nothing()}
	if err := r.price(in); err != nil {
		return Result{}, err
	}
	if err := r.share(in); err != nil {
		return Result{}, err
	}
	for i := range r.Lines {
		l := &r.Lines[i]
		var err error
		left := money.Money{Minor: l.remaining() - l.Share.Minor, Currency: in.Currency}
		if l.Total, err = in.taxed(left, in.Lines[i].TaxRate); err != nil {
			return Result{}, fmt.Errorf("line %d: %w", i, err)
		}
		if err = r.add(in.Lines[i].TaxRate, l.Total); err != nil {
			return Result{}, err
		}
		if r.Subtotal, err = r.Subtotal.Add(left); err != nil {
			return Result{}, err
		}
	}
	if in.Shipping != nil {
		var err error
		if r.Shipping, err = in.taxed(in.own(in.Shipping.Amount), in.Shipping.TaxRate); err != nil {
			return Result{}, fmt.Errorf("shipping: %w", err)
		}
		if err = r.add(in.Shipping.TaxRate, r.Shipping); err != nil {
			return Result{}, err
		}
	}
	slices.SortFunc(r.TaxLines, func(a, b TaxLine) int { return int(a.Rate - b.Rate) })
	return r, r.check(in)
}

// price fills in what each line costs before the discount on all of them.
func (r *Result) price(in Input) error {
	for i, line := range in.Lines {
		in.own(line.UnitPrice)
		t, err := line.Total()
		if err != nil {
			return fmt.Errorf("line %d: %w", i, err)
		}
		discount := in.own(line.Discount)
		if discount.Minor < 0 || discount.Minor > t.Subtotal.Minor {
			return fmt.Errorf("line %d: %w", i, ErrInput)
		}
		r.Lines[i] = LineResult{Subtotal: t.Subtotal, Discount: discount, Share: in.zero()}
	}
	return nil
}

// share shares the discount on all lines out over them.
func (r *Result) share(in Input) error {
	r.Discount = in.own(in.Discount)
	if r.Discount.Minor == 0 {
		return nil
	}
	shares := make([]Share, len(r.Lines))
	for i, l := range r.Lines {
		shares[i] = Share{Weight: l.remaining(), Cap: l.remaining()}
	}
	parts, err := Allocate(r.Discount.Minor, shares)
	if err != nil {
		return err
	}
	r.Discount = in.zero()
	for i, part := range parts {
		r.Lines[i].Share.Minor = part
		r.Discount.Minor += part
	}
	return nil
}

func (l LineResult) remaining() int64 { return l.Subtotal.Minor - l.Discount.Minor }

// add adds an amount to the total and to the tax line of its rate.
func (r *Result) add(rate Rate, t Taxed) (err error) {
	if r.Total, err = r.Total.plus(t); err != nil {
		return err
	}
	i := slices.IndexFunc(r.TaxLines, func(l TaxLine) bool { return l.Rate == rate })
	if i < 0 {
		r.TaxLines = append(r.TaxLines, TaxLine{Rate: rate, Taxed: t})
		return nil
	}
	r.TaxLines[i].Taxed, err = r.TaxLines[i].plus(t)
	return err
}

func (t Taxed) plus(other Taxed) (sum Taxed, err error) {
	if sum.Gross, err = t.Gross.Add(other.Gross); err != nil {
		return sum, err
	}
	if sum.Net, err = t.Net.Add(other.Net); err != nil {
		return sum, err
	}
	sum.Tax, err = t.Tax.Add(other.Tax)
	return sum, err
}

func (in Input) zero() money.Money { return money.Money{Currency: in.Currency} }

func (in Input) nothing() Taxed { return Taxed{Gross: in.zero(), Net: in.zero(), Tax: in.zero()} }

// own returns an amount in the currency of the basket: no amount needs to name none.
func (in Input) own(m money.Money) money.Money {
	if m == (money.Money{}) {
		return in.zero()
	}
	if m.Currency != in.Currency {
		panic(fmt.Sprintf("totals: %s in a basket in %s", m.Currency, in.Currency))
	}
	return m
}
