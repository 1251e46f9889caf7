// Package totals holds the arithmetic of a basket: the same lines give the same total (rule B-3).
//
// It knows nothing but whole minor units, and it refuses what it cannot add up exactly.
package totals

import (
	"errors"
	"fmt"

	"github.com/soukhq/souk/internal/money"
)

// MaxQuantity is the largest number of pieces in a line (rule M-9).
const MaxQuantity = 999_999

var (
	// ErrInvariant says that a result contradicts itself (rule M-8). It is a fault of this program, never of a buyer.
	ErrInvariant = errors.New("the totals do not add up")
	// ErrInput says that a price is negative or a quantity is not from 1 to MaxQuantity.
	ErrInput = errors.New("a line of the basket has no valid price or quantity")
)

// Line is a number of pieces at a price for each.
type Line struct {
	UnitPrice money.Money
	Quantity  int
}

// LineTotal is what a line costs.
type LineTotal struct {
	Subtotal money.Money // all pieces before discounts
	Total    money.Money // all pieces
}

// Basket is what a basket costs.
type Basket struct {
	Lines    []LineTotal // in the order of the input
	Subtotal money.Money // the sum of the lines' totals, without delivery
	Total    money.Money // what the buyer pays
}

// Of adds up lines whose prices are all in the currency; another currency is a programming error and panics (rule M-1).
// The errors are ErrInput, money.ErrRange, and ErrInvariant.
func Of(currency string, lines []Line) (Basket, error) {
	b := Basket{Lines: make([]LineTotal, len(lines)), Subtotal: money.Money{Currency: currency}}
	for i, line := range lines {
		t, err := line.Total()
		if err != nil {
			return Basket{}, fmt.Errorf("line %d: %w", i, err)
		}
		b.Lines[i] = t
		if b.Subtotal, err = b.Subtotal.Add(t.Total); err != nil {
			return Basket{}, fmt.Errorf("line %d: %w", i, err)
		}
	}
	b.Total = b.Subtotal
	return b, b.check()
}

// Total returns what the line costs: price times quantity, exactly (rule M-5). The errors are ErrInput and
// money.ErrRange.
func (l Line) Total() (LineTotal, error) {
	if l.UnitPrice.Minor < 0 || l.Quantity < 1 || l.Quantity > MaxQuantity {
		return LineTotal{}, ErrInput
	}
	subtotal, err := l.UnitPrice.Times(int64(l.Quantity))
	return LineTotal{Subtotal: subtotal, Total: subtotal}, err
}

// check asserts what has to hold of every basket (rule M-8), by another way than the one that made it.
func (b Basket) check() error {
	rest := b.Total.Minor
	for _, line := range b.Lines {
		if line.Total.Minor < 0 || line.Total.Minor > line.Subtotal.Minor {
			return ErrInvariant
		}
		rest -= line.Total.Minor
	}
	if rest != 0 || b.Total.Minor < 0 || b.Subtotal != b.Total {
		return ErrInvariant
	}
	return nil
}
