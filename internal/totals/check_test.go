package totals

import (
	"errors"
	"testing"

	"github.com/soukhq/souk/internal/money"
)

// TestCheckFindsEveryMistake changes one figure of a right result at a time: the check of rule M-8 must see each.
func TestCheckFindsEveryMistake(t *testing.T) {
	t.Parallel()
	for _, inclusive := range []bool{true, false} {
		yen := func(n int64) money.Money { return money.Money{Minor: n, Currency: "JPY"} }
		in := Input{
			Currency: "JPY", Inclusive: inclusive, Discount: yen(100), Shipping: &Charge{Amount: yen(500), TaxRate: 100_000},
			Lines: []Line{{UnitPrice: yen(333), Quantity: 3, TaxRate: 80_000}, {UnitPrice: yen(1980), Quantity: 1, Discount: yen(7), TaxRate: 100_000}},
		}
		fresh, err := Compute(in)
		if err != nil {
			t.Fatal(err)
		}
		figures := func(r *Result) []*money.Money {
			all := []*money.Money{&r.Subtotal, &r.Discount}
			taxed := []*Taxed{&r.Shipping, &r.Total}
			for i := range r.Lines {
				l := &r.Lines[i]
				all, taxed = append(all, &l.Subtotal, &l.Discount, &l.Share), append(taxed, &l.Total)
			}
			for i := range r.TaxLines {
				taxed = append(taxed, &r.TaxLines[i].Taxed)
			}
			for _, x := range taxed {
				all = append(all, &x.Gross, &x.Net, &x.Tax)
			}
			return all
		}
		for n := range figures(&fresh) {
			for _, wrong := range []int64{-1, 1} {
				r, err := Compute(in)
				if err != nil {
					t.Fatal(err)
				}
				figures(&r)[n].Minor += wrong
				if err := r.check(in); !errors.Is(err, ErrInvariant) {
					t.Errorf("figure %d off by %d: check = %v", n, wrong, err)
				}
			}
		}
	}
}
