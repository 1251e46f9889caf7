package totals_test

import (
	"errors"
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/internal/totals"
	"pgregory.net/rapid"
)

func eur(minor int64) money.Money { return money.Money{Minor: minor, Currency: "EUR"} }

func TestOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lines []totals.Line
		total int64
		err   error
	}{
		"nothing costs nothing":        {nil, 0, nil},
		"price times quantity, M-5":    {[]totals.Line{{UnitPrice: eur(333), Quantity: 3}, {UnitPrice: eur(1), Quantity: 2}}, 1001, nil},
		"a gift":                       {[]totals.Line{{UnitPrice: eur(0), Quantity: 7}}, 0, nil},
		"the largest quantity, M-9":    {[]totals.Line{{UnitPrice: eur(1), Quantity: totals.MaxQuantity}}, totals.MaxQuantity, nil},
		"more than that":               {[]totals.Line{{UnitPrice: eur(1), Quantity: totals.MaxQuantity + 1}}, 0, totals.ErrInput},
		"no piece":                     {[]totals.Line{{UnitPrice: eur(1), Quantity: 0}}, 0, totals.ErrInput},
		"a negative quantity":          {[]totals.Line{{UnitPrice: eur(1), Quantity: -1}}, 0, totals.ErrInput},
		"a negative price, M-8":        {[]totals.Line{{UnitPrice: eur(-1), Quantity: 1}}, 0, totals.ErrInput},
		"a line that is too large":     {[]totals.Line{{UnitPrice: eur(math.MaxInt64/2 + 1), Quantity: 2}}, 0, money.ErrRange},
		"lines that are too large":     {[]totals.Line{{UnitPrice: eur(math.MaxInt64), Quantity: 1}, {UnitPrice: eur(1), Quantity: 1}}, 0, money.ErrRange},
		"the largest amount there is":  {[]totals.Line{{UnitPrice: eur(math.MaxInt64 - 1), Quantity: 1}, {UnitPrice: eur(1), Quantity: 1}}, math.MaxInt64, nil},
		"the fault is of the last one": {[]totals.Line{{UnitPrice: eur(1), Quantity: 1}, {UnitPrice: eur(1), Quantity: 0}}, 0, totals.ErrInput},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := totals.Of("EUR", c.lines)
			if !errors.Is(err, c.err) || got.Total.Minor != c.total {
				t.Errorf("Of = %d, %v, want %d, %v", got.Total.Minor, err, c.total, c.err)
			}
		})
	}
}

func TestOfRefusesAnotherCurrency(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("a price in another currency was added (rule M-1)")
		}
	}()
	_, _ = totals.Of("USD", []totals.Line{{UnitPrice: eur(1), Quantity: 1}})
}

// TestProperties holds Of against arithmetic without limits: rules M-1, M-5, M-8, and M-9.
func TestProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) totals.Line {
			price := rapid.OneOf(rapid.Int64Range(0, 1_000_000), rapid.Int64Range(0, math.MaxInt64)).Draw(t, "price")
			return totals.Line{UnitPrice: eur(price), Quantity: rapid.IntRange(1, totals.MaxQuantity).Draw(t, "quantity")}
		}), 0, 200).Draw(t, "lines")
		want := new(big.Int)
		for _, l := range lines {
			want.Add(want, new(big.Int).Mul(big.NewInt(l.UnitPrice.Minor), big.NewInt(int64(l.Quantity))))
		}
		got, err := totals.Of("EUR", lines)
		if !want.IsInt64() {
			if !errors.Is(err, money.ErrRange) {
				t.Fatalf("Of = %v, %v, want ErrRange for %v", got.Total, err, want)
			}
			return
		}
		if err != nil || got.Total != eur(want.Int64()) || got.Subtotal != got.Total || len(got.Lines) != len(lines) {
			t.Fatalf("Of = %+v, %v, want total %v", got, err, want)
		}
		sum := int64(0)
		for _, l := range got.Lines {
			sum += l.Total.Minor
		}
		if sum != got.Total.Minor {
			t.Fatalf("the lines add up to %d, the total is %d", sum, got.Total.Minor)
		}
		slices.Reverse(lines)
		if again, err := totals.Of("EUR", lines); err != nil || again.Total != got.Total {
			t.Fatalf("in another order the total is %v, %v, want %v", again.Total, err, got.Total)
		}
	})
}
