package checkout

import (
	"slices"
	"strconv"
	"strings"

	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/internal/totals"
)

// shippingTaxClass is that of delivery (rule T-6).
const shippingTaxClass = "standard"

// Rate is the tax that a country levies on a class of goods (rule T-5).
type Rate struct {
	Country  string
	TaxClass string
	Title    string
	PPM      totals.Rate
}

// TaxLine is the tax of one rate. It serves the GraphQL type TaxLine.
type TaxLine struct {
	Title        string      `json:"title"`
	Rate         string      `json:"rate"` // a fraction, such as 0.19
	Amount       money.Money `json:"amount"`
	Jurisdiction *string     `json:"jurisdiction"`
}

// taxCountry is where the goods are taxed: where they go; empty while that is not known.
func (c *Checkout) taxCountry() string {
	for _, a := range []*Address{c.ShippingAddress, c.BillingAddress} {
		if a != nil && a.CountryCode != nil {
			return *a.CountryCode
		}
	}
	return c.CountryCode
}

// ratesOf returns the rates of a country by tax class.
func ratesOf(rates []Rate, country string) map[string]Rate {
	found := map[string]Rate{}
	for _, r := range rates {
		if r.Country == country {
			found[r.TaxClass] = r
		}
	}
	return found
}

func (r Rate) line(amount money.Money) TaxLine {
	return TaxLine{Title: r.Title, Rate: fraction(r.PPM), Amount: amount, Jurisdiction: &r.Country}
}

// taxLines names the tax of each rate. Of classes with the same rate that comes first which is called before the others.
func taxLines(lines []totals.TaxLine, taxes map[string]Rate) []TaxLine {
	named := make([]TaxLine, len(lines))
	for i, l := range lines {
		var names []Rate
		for _, r := range taxes {
			if r.PPM == l.Rate {
				names = append(names, r)
			}
		}
		first := slices.MinFunc(names, func(a, b Rate) int { return strings.Compare(a.TaxClass, b.TaxClass) })
		named[i] = first.line(l.Tax)
	}
	return named
}

// fraction writes a rate as a decimal fraction: "0.19", "0.081", "0".
func fraction(rate totals.Rate) string {
	digits := strconv.FormatInt(int64(rate), 10)
	if len(digits) <= 6 {
		digits = strings.Repeat("0", 7-len(digits)) + digits
	}
	whole, part := digits[:len(digits)-6], strings.TrimRight(digits[len(digits)-6:], "0")
	if part == "" {
		return whole
	}
	return whole + "." + part
}
