package totals_test

import (
	"testing"

	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/internal/totals"
)

// line is a line in decimals, as one writes it on paper; rate is in percent times ten thousand.
type line struct {
	price    string
	quantity int
	rate     totals.Rate
	discount string
}

// TestFiguresByHand holds Compute against figures that were worked out with pencil and paper. Each comment is the working.
func TestFiguresByHand(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                string
		currency            string
		exclusive           bool
		lines               []line
		discount            string
		shipping            string
		shippingRate        totals.Rate
		taxes               []string // of the lines
		gross, net, tax     string
		subtotal            string
		rates               []totals.Rate
		taxByRate           []string
		discountGranted     string
		sharesOfTheDiscount []string
	}{
		// 119.00 × 19/119 = 19.00 exactly.
		{name: "19 % inside, exact", currency: "EUR", lines: []line{{"119.00", 1, 190_000, ""}},
			taxes: []string{"19.00"}, gross: "119.00", net: "100.00", tax: "19.00", subtotal: "119.00"},
		// 19.99 × 19/119 = 379.81/119 = 3.19168… → 3.19; net 16.80.
		{name: "19 % inside, rounded down", currency: "EUR", lines: []line{{"19.99", 1, 190_000, ""}},
			taxes: []string{"3.19"}, gross: "19.99", net: "16.80", tax: "3.19", subtotal: "19.99"},
		// 12.50 × 7/107 = 87.5/107 = 0.81775… → 0.82; net 11.68.
		{name: "7 % inside, rounded up", currency: "EUR", lines: []line{{"12.50", 1, 70_000, ""}},
			taxes: []string{"0.82"}, gross: "12.50", net: "11.68", tax: "0.82", subtotal: "12.50"},
		// 0.21 × 20/120 = 0.035, half a cent → 0.04; net 0.17.
		{name: "half a cent inside goes away from zero", currency: "EUR", lines: []line{{"0.21", 1, 200_000, ""}},
			taxes: []string{"0.04"}, gross: "0.21", net: "0.17", tax: "0.04", subtotal: "0.21"},
		// 0.50 × 5 % = 0.025, half a cent → 0.03. To even it would be 0.02.
		{name: "half a cent on top goes away from zero", currency: "USD", exclusive: true, lines: []line{{"0.50", 1, 50_000, ""}},
			taxes: []string{"0.03"}, gross: "0.53", net: "0.50", tax: "0.03", subtotal: "0.50"},
		// 3 × 3.33 = 9.99; × 19/119 = 189.81/119 = 1.59504… → 1.60. Rounded by piece it would be 3 × 0.53 = 1.59.
		{name: "odd cents times quantity are rounded once for the line", currency: "EUR", lines: []line{{"3.33", 3, 190_000, ""}},
			taxes: []string{"1.60"}, gross: "9.99", net: "8.39", tax: "1.60", subtotal: "9.99"},
		// 7 × 1.01 = 7.07; × 19/119 = 134.33/119 = 1.12882… → 1.13. 2 × 0.99 = 1.98; × 7/107 = 13.86/107 = 0.12953… → 0.13.
		// Shipping 4.90 × 19/119 = 93.1/119 = 0.78235… → 0.78. Gross 7.07 + 1.98 + 4.90 = 13.95; tax 1.13 + 0.13 + 0.78 = 2.04.
		{name: "two rates with shipping", currency: "EUR", lines: []line{{"1.01", 7, 190_000, ""}, {"0.99", 2, 70_000, ""}}, shipping: "4.90", shippingRate: 190_000,
			taxes: []string{"1.13", "0.13"}, gross: "13.95", net: "11.91", tax: "2.04", subtotal: "9.05",
			rates: []totals.Rate{70_000, 190_000}, taxByRate: []string{"0.13", "1.91"}},
		// 19.99 × 8.875 % = 1.7741125 → 1.77. 2 × 4.95 = 9.90; × 8.875 % = 0.878625 → 0.88. Shipping 5.00, untaxed.
		// Net 19.99 + 9.90 + 5.00 = 34.89; tax 2.65; gross 37.54.
		{name: "sales tax of 8.875 % on top", currency: "USD", exclusive: true, lines: []line{{"19.99", 1, 88_750, ""}, {"4.95", 2, 88_750, ""}}, shipping: "5.00",
			taxes: []string{"1.77", "0.88"}, gross: "37.54", net: "34.89", tax: "2.65", subtotal: "29.89",
			rates: []totals.Rate{0, 88_750}, taxByRate: []string{"0.00", "2.65"}},
		// 40.00 × 8.875 % = 3.55 exactly.
		{name: "sales tax of 8.875 % without a rest", currency: "USD", exclusive: true, lines: []line{{"40.00", 1, 88_750, ""}},
			taxes: []string{"3.55"}, gross: "43.55", net: "40.00", tax: "3.55", subtotal: "40.00"},
		// 1980 × 10/110 = 180. 3 × 333 = 999; × 8/108 = 74. Both exact.
		{name: "yen have no decimals", currency: "JPY", lines: []line{{"1980", 1, 100_000, ""}, {"333", 3, 80_000, ""}},
			taxes: []string{"180", "74"}, gross: "2979", net: "2725", tax: "254", subtotal: "2979"},
		// 105 × 10 % = 10.5 yen → 11.
		{name: "half a yen", currency: "JPY", exclusive: true, lines: []line{{"105", 1, 100_000, ""}},
			taxes: []string{"11"}, gross: "116", net: "105", tax: "11", subtotal: "105"},
		// 3 × 1.255 = 3.765; × 10 % = 0.3765, half a fils → 0.377.
		{name: "dinars have three decimals", currency: "BHD", exclusive: true, lines: []line{{"1.255", 3, 100_000, ""}},
			taxes: []string{"0.377"}, gross: "4.142", net: "3.765", tax: "0.377", subtotal: "3.765"},
		// 1.2345 × 19/119 = 23.4555/119 = 0.197105… → 0.1971; net 1.0374.
		{name: "unidades de fomento have four decimals", currency: "CLF", lines: []line{{"1.2345", 1, 190_000, ""}},
			taxes: []string{"0.1971"}, gross: "1.2345", net: "1.0374", tax: "0.1971", subtotal: "1.2345"},
		// 2 × 10.00 − 0.01 = 19.99; tax as above 3.19.
		{name: "a discount on a line reduces what is taxed", currency: "EUR", lines: []line{{"10.00", 2, 190_000, "0.01"}},
			taxes: []string{"3.19"}, gross: "19.99", net: "16.80", tax: "3.19", subtotal: "19.99"},
		// 10.00 over 20.00, 10.00, 3.00: 10 × 20/33 = 6.0606…, 10 × 10/33 = 3.0303…, 10 × 3/33 = 0.9090…; whole cents 6.06 + 3.03 + 0.90
		// = 9.99, the last cent to the largest fraction: .90 of the third (the others .60 and .30). Lines 13.94, 6.97, 2.09.
		// 13.94 × 19/119 = 264.86/119 = 2.22571… → 2.23; 6.97 × 19/119 = 132.43/119 = 1.11285… → 1.11;
		// 2.09 × 7/107 = 14.63/107 = 0.13672… → 0.14. Tax 3.48; gross 23.00; net 19.52.
		{name: "a discount on all lines", currency: "EUR", lines: []line{{"20.00", 1, 190_000, ""}, {"10.00", 1, 190_000, ""}, {"3.00", 1, 70_000, ""}}, discount: "10.00",
			taxes: []string{"2.23", "1.11", "0.14"}, gross: "23.00", net: "19.52", tax: "3.48", subtotal: "23.00",
			rates: []totals.Rate{70_000, 190_000}, taxByRate: []string{"0.14", "3.34"},
			discountGranted: "10.00", sharesOfTheDiscount: []string{"6.06", "3.03", "0.91"}},
		// 0.01 over three lines of 1.00: the fractions are equal, and so are the weights; the first line gets it.
		{name: "a tie goes to the first line", currency: "EUR", lines: []line{{"1.00", 1, 0, ""}, {"1.00", 1, 0, ""}, {"1.00", 1, 0, ""}}, discount: "0.01",
			taxes: []string{"0.00", "0.00", "0.00"}, gross: "2.99", net: "2.99", tax: "0.00", subtotal: "2.99",
			discountGranted: "0.01", sharesOfTheDiscount: []string{"0.01", "0.00", "0.00"}},
		// 50.00 off goods for 12.00 takes off 12.00; shipping 4.90 stays, with 0.78 of tax.
		{name: "a discount of more than there is", currency: "EUR", lines: []line{{"12.00", 1, 190_000, ""}}, discount: "50.00", shipping: "4.90", shippingRate: 190_000,
			taxes: []string{"0.00"}, gross: "4.90", net: "4.12", tax: "0.78", subtotal: "0.00",
			discountGranted: "12.00", sharesOfTheDiscount: []string{"12.00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			parse := func(decimal string) money.Money {
				if decimal == "" {
					return money.Money{}
				}
				m, err := money.Parse(decimal, c.currency)
				if err != nil {
					t.Fatal(err)
				}
				return m
			}
			in := totals.Input{Currency: c.currency, Inclusive: !c.exclusive, Discount: parse(c.discount)}
			for _, l := range c.lines {
				in.Lines = append(in.Lines, totals.Line{UnitPrice: parse(l.price), Quantity: l.quantity, Discount: parse(l.discount), TaxRate: l.rate})
			}
			if c.shipping != "" {
				in.Shipping = &totals.Charge{Amount: parse(c.shipping), TaxRate: c.shippingRate}
			}
			r, err := totals.Compute(in)
			if err != nil {
				t.Fatal(err)
			}
			same := func(what string, got money.Money, want string) {
				if got.Amount() != want {
					t.Errorf("%s is %s, want %s", what, got.Amount(), want)
				}
			}
			for i, tax := range c.taxes {
				same("the tax of a line", r.Lines[i].Total.Tax, tax)
			}
			for i, share := range c.sharesOfTheDiscount {
				same("the share of a line", r.Lines[i].Share, share)
			}
			if c.discountGranted != "" {
				same("the discount", r.Discount, c.discountGranted)
			}
			same("gross", r.Total.Gross, c.gross)
			same("net", r.Total.Net, c.net)
			same("tax", r.Total.Tax, c.tax)
			same("subtotal", r.Subtotal, c.subtotal)
			if c.rates != nil && len(r.TaxLines) != len(c.rates) {
				t.Fatalf("%d tax lines, want %d", len(r.TaxLines), len(c.rates))
			}
			for i, rate := range c.rates {
				if r.TaxLines[i].Rate != rate {
					t.Errorf("tax line %d is for %d, want %d", i, r.TaxLines[i].Rate, rate)
				}
				same("the tax of a rate", r.TaxLines[i].Tax, c.taxByRate[i])
			}
		})
	}
}
