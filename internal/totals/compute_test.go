package totals_test

import (
	"errors"
	"math"
	"math/big"
	"math/rand"
	"slices"
	"testing"

	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/internal/totals"
	"pgregory.net/rapid"
)

// baskets draws baskets of all kinds: currencies with 0, 2, 3 and 4 decimals, tax inside and on top, discounts, shipping.
var baskets = rapid.Custom(func(t *rapid.T) totals.Input {
	in := totals.Input{
		Currency:  rapid.SampledFrom([]string{"JPY", "EUR", "BHD", "CLF"}).Draw(t, "currency"),
		Inclusive: rapid.Bool().Draw(t, "inclusive"),
	}
	amount := func(most int64, name string) money.Money {
		return money.Money{Minor: rapid.Int64Range(0, most).Draw(t, name), Currency: in.Currency}
	}
	rate := rapid.OneOf(rapid.SampledFrom([]totals.Rate{0, 70_000, 88_750, 190_000, totals.MaxRate}),
		rapid.Custom(func(t *rapid.T) totals.Rate {
			return totals.Rate(rapid.Int64Range(0, int64(totals.MaxRate)).Draw(t, "ppm"))
		}))
	sum := int64(0)
	for range rapid.IntRange(0, 30).Draw(t, "lines") {
		l := totals.Line{UnitPrice: amount(100_000_000, "price"), Quantity: rapid.IntRange(1, 20).Draw(t, "quantity"), TaxRate: rate.Draw(t, "rate")}
		if rapid.Bool().Draw(t, "large quantity") {
			l.Quantity = rapid.IntRange(1, totals.MaxQuantity).Draw(t, "quantity")
		}
		subtotal := l.UnitPrice.Minor * int64(l.Quantity)
		if rapid.Bool().Draw(t, "discounted") {
			l.Discount = amount(subtotal, "discount")
		}
		sum += subtotal
		in.Lines = append(in.Lines, l)
	}
	if rapid.Bool().Draw(t, "discount on all") {
		in.Discount = amount(sum+sum/10+1, "discount")
	}
	if rapid.Bool().Draw(t, "shipping") {
		in.Shipping = &totals.Charge{Amount: amount(100_000, "amount"), TaxRate: rate.Draw(t, "rate")}
	}
	return in
})

// nearest returns the exact tax rounded half away from zero, by fractions.
func nearest(amount int64, numerator, denominator totals.Rate) int64 {
	r := new(big.Rat).Mul(big.NewRat(amount, 1), big.NewRat(int64(numerator), int64(denominator)))
	r.Add(r, big.NewRat(1, 2))
	return new(big.Int).Div(r.Num(), r.Denom()).Int64()
}

// TestInvariants holds every result against rules M-1, M-4, M-5, M-7, M-8 and T-1.
func TestInvariants(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := baskets.Draw(t, "basket")
		r, err := totals.Compute(in)
		if err != nil {
			t.Fatal(err)
		}
		whole := func(name string, x totals.Taxed, truth int64, rate totals.Rate) {
			if x.Gross.Minor != x.Net.Minor+x.Tax.Minor || x.Net.Minor < 0 || x.Tax.Minor < 0 {
				t.Fatalf("%s: %+v is not net and tax", name, x)
			}
			if x.Gross.Currency != in.Currency || x.Net.Currency != in.Currency || x.Tax.Currency != in.Currency {
				t.Fatalf("%s: %+v is not in %s", name, x, in.Currency)
			}
			base, over := x.Net.Minor, totals.Rate(1_000_000)
			if in.Inclusive {
				base, over = x.Gross.Minor, over+rate
			}
			if base != truth || x.Tax.Minor != nearest(base, rate, over) {
				t.Fatalf("%s: %+v, want a price of %d and tax %d", name, x, truth, nearest(truth, rate, over))
			}
		}
		var gross, net, tax, shares, goods int64
		for i, l := range r.Lines {
			of := in.Lines[i]
			if l.Subtotal.Minor != of.UnitPrice.Minor*int64(of.Quantity) || l.Share.Minor < 0 {
				t.Fatalf("line %d: %+v of %+v", i, l, of)
			}
			left := l.Subtotal.Minor - of.Discount.Minor - l.Share.Minor
			whole("line", l.Total, left, of.TaxRate)
			gross, net, tax = gross+l.Total.Gross.Minor, net+l.Total.Net.Minor, tax+l.Total.Tax.Minor
			shares, goods = shares+l.Share.Minor, goods+left
		}
		if in.Shipping != nil {
			whole("shipping", r.Shipping, in.Shipping.Amount.Minor, in.Shipping.TaxRate)
		} else {
			whole("no shipping", r.Shipping, 0, 0)
		}
		gross, net, tax = gross+r.Shipping.Gross.Minor, net+r.Shipping.Net.Minor, tax+r.Shipping.Tax.Minor
		if r.Total.Gross.Minor != gross || r.Total.Net.Minor != net || r.Total.Tax.Minor != tax || gross != net+tax {
			t.Fatalf("the total is %+v, want %d = %d + %d", r.Total, gross, net, tax)
		}
		if shares != r.Discount.Minor || goods != r.Subtotal.Minor || r.Discount.Minor != min(in.Discount.Minor, goods+shares) {
			t.Fatalf("discount %v, subtotal %v, want %d and %d", r.Discount, r.Subtotal, shares, goods)
		}
		for i, l := range r.TaxLines {
			gross, net, tax = gross-l.Gross.Minor, net-l.Net.Minor, tax-l.Tax.Minor
			if i > 0 && l.Rate <= r.TaxLines[i-1].Rate {
				t.Fatalf("the tax lines do not rise: %+v", r.TaxLines)
			}
		}
		if gross != 0 || net != 0 || tax != 0 {
			t.Fatalf("the tax lines %+v are not the total %+v", r.TaxLines, r.Total)
		}
	})
}

// TestOrderOfLines permutes the lines: without a discount on all of them no amount changes; with one, lines that are equal
// in all but their place may change places (rule M-7).
func TestOrderOfLines(t *testing.T) {
	t.Parallel()
	type amounts struct {
		line totals.Line
		cost totals.LineResult
	}
	rapid.Check(t, func(t *rapid.T) {
		in := baskets.Draw(t, "basket")
		order := rand.New(rand.NewSource(rapid.Int64().Draw(t, "order"))).Perm(len(in.Lines))
		other := in
		other.Lines = make([]totals.Line, len(in.Lines))
		for to, from := range order {
			other.Lines[to] = in.Lines[from]
		}
		a, err := totals.Compute(in)
		if err != nil {
			t.Fatal(err)
		}
		b, err := totals.Compute(other)
		if err != nil {
			t.Fatal(err)
		}
		if tie(in.Lines) && in.Discount.Minor > 0 {
			return
		}
		if a.Total != b.Total || a.Subtotal != b.Subtotal || a.Discount != b.Discount || !slices.Equal(a.TaxLines, b.TaxLines) {
			t.Fatalf("in order %v the total is %+v, want %+v", order, b.Total, a.Total)
		}
		for to, from := range order {
			if (amounts{in.Lines[from], a.Lines[from]}) != (amounts{other.Lines[to], b.Lines[to]}) {
				t.Fatalf("in order %v line %d costs %+v, want %+v", order, from, b.Lines[to], a.Lines[from])
			}
		}
	})
}

// tie tells whether two lines weigh the same.
func tie(lines []totals.Line) bool {
	seen := map[int64]bool{}
	for _, l := range lines {
		weight := l.UnitPrice.Minor*int64(l.Quantity) - l.Discount.Minor
		if seen[weight] {
			return true
		}
		seen[weight] = true
	}
	return false
}

// TestAllocate holds Allocate against rule M-7, with weights and caps that have nothing to do with each other.
func TestAllocate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		shares := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) totals.Share {
			most := rapid.SampledFrom([]int64{3, 100, 1 << 40}).Draw(t, "most")
			return totals.Share{Weight: rapid.Int64Range(0, most).Draw(t, "weight"), Cap: rapid.Int64Range(0, most).Draw(t, "cap")}
		}), 0, 20).Draw(t, "shares")
		amount := rapid.OneOf(rapid.Int64Range(0, 100), rapid.Int64Range(0, 1<<44)).Draw(t, "amount")
		parts, err := totals.Allocate(amount, shares)
		if err != nil {
			t.Fatal(err)
		}
		var sum, caps, weights int64
		for _, s := range shares {
			caps, weights = caps+s.Cap, weights+s.Weight
		}
		amount = min(amount, caps)
		capped := false
		for i, part := range parts {
			if sum += part; part < 0 || part > shares[i].Cap {
				t.Fatalf("part %d is %d of at most %d", i, part, shares[i].Cap)
			}
			capped = capped || part == shares[i].Cap
		}
		if sum != amount {
			t.Fatalf("the parts %v add up to %d, want %d", parts, sum, amount)
		}
		for i, part := range parts {
			if capped || weights == 0 {
				break
			}
			exact := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(amount), big.NewInt(shares[i].Weight)), big.NewInt(weights))
			if off := exact.Sub(exact, big.NewRat(part, 1)); off.Abs(off).Cmp(big.NewRat(1, 1)) >= 0 {
				t.Fatalf("part %d is %d, a unit or more off %v", i, part, off)
			}
		}
	})
	for name, c := range map[string]struct {
		amount int64
		shares []totals.Share
		want   []int64
		err    error
	}{
		"whole units":                           {10, []totals.Share{{1, 9}, {4, 9}}, []int64{2, 8}, nil},
		"the largest fraction":                  {10, []totals.Share{{20, 99}, {10, 99}, {3, 99}}, []int64{6, 3, 1}, nil},
		"equal fractions go to the larger":      {1, []totals.Share{{1, 9}, {1, 9}, {2, 9}, {4, 9}}, []int64{0, 0, 0, 1}, nil},
		"equal weights go to the first":         {2, []totals.Share{{1, 9}, {1, 9}, {1, 9}}, []int64{1, 1, 0}, nil},
		"what a cap cuts off goes to the next":  {10, []totals.Share{{8, 3}, {1, 9}, {1, 9}}, []int64{3, 6, 1}, nil},
		"more than all caps":                    {10, []totals.Share{{1, 2}, {1, 3}}, []int64{2, 3}, nil},
		"nobody weighs anything":                {3, []totals.Share{{0, 2}, {0, 2}}, []int64{2, 1}, nil},
		"nobody to give to":                     {3, nil, []int64{}, nil},
		"a negative amount":                     {-1, []totals.Share{{1, 1}}, nil, totals.ErrInput},
		"a negative weight":                     {1, []totals.Share{{-1, 1}}, nil, totals.ErrInput},
		"a negative cap":                        {1, []totals.Share{{1, -1}}, nil, totals.ErrInput},
		"weights that are too large to add up":  {1, []totals.Share{{math.MaxInt64, 1}, {1, 1}}, nil, money.ErrRange},
		"the largest amount there is is shared": {math.MaxInt64, []totals.Share{{math.MaxInt64 - 1, math.MaxInt64 - 1}, {1, 1}}, []int64{math.MaxInt64 - 1, 1}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := totals.Allocate(c.amount, c.shares)
			if !errors.Is(err, c.err) || !slices.Equal(got, c.want) {
				t.Errorf("Allocate(%d, %v) = %v, %v, want %v, %v", c.amount, c.shares, got, err, c.want, c.err)
			}
		})
	}
}

// TestComputeRefuses gives Compute what it cannot add up.
func TestComputeRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in  totals.Input
		err error
	}{
		"a discount of more than the line":  {totals.Input{Lines: []totals.Line{{UnitPrice: eur(5), Quantity: 1, Discount: eur(6)}}}, totals.ErrInput},
		"a negative discount":               {totals.Input{Lines: []totals.Line{{UnitPrice: eur(5), Quantity: 1, Discount: eur(-1)}}}, totals.ErrInput},
		"a negative discount on all lines":  {totals.Input{Discount: eur(-1)}, totals.ErrInput},
		"a negative rate":                   {totals.Input{Lines: []totals.Line{{UnitPrice: eur(5), Quantity: 1, TaxRate: -1}}}, totals.ErrInput},
		"a rate of more than 1000 %":        {totals.Input{Lines: []totals.Line{{UnitPrice: eur(5), Quantity: 1, TaxRate: totals.MaxRate + 1}}}, totals.ErrInput},
		"negative shipping":                 {totals.Input{Shipping: &totals.Charge{Amount: eur(-1)}}, totals.ErrInput},
		"tax on top that is too large":      {totals.Input{Lines: []totals.Line{{UnitPrice: eur(math.MaxInt64), Quantity: 1, TaxRate: 1}}}, money.ErrRange},
		"tax of 1000 % that is too large":   {totals.Input{Lines: []totals.Line{{UnitPrice: eur(math.MaxInt64 / 5), Quantity: 1, TaxRate: totals.MaxRate}}}, money.ErrRange},
		"tax of 1000 % that only just fits": {totals.Input{Lines: []totals.Line{{UnitPrice: eur(math.MaxInt64 / 11), Quantity: 1, TaxRate: totals.MaxRate}}}, nil},
		"tax inside of the largest price":   {totals.Input{Inclusive: true, Lines: []totals.Line{{UnitPrice: eur(math.MaxInt64), Quantity: 1, TaxRate: totals.MaxRate}}}, nil},
		"shipping that is too much":         {totals.Input{Lines: []totals.Line{{UnitPrice: eur(math.MaxInt64), Quantity: 1}}, Shipping: &totals.Charge{Amount: eur(1)}}, money.ErrRange},
		"a discount on too many cents":      {totals.Input{Discount: eur(1), Lines: []totals.Line{{UnitPrice: eur(math.MaxInt64), Quantity: 1}, {UnitPrice: eur(1), Quantity: 1}}}, money.ErrRange},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.in.Currency = "EUR"
			if _, err := totals.Compute(c.in); !errors.Is(err, c.err) {
				t.Errorf("Compute = %v, want %v", err, c.err)
			}
		})
	}
}
