package money_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/soukhq/souk/internal/money"
)

// Rule G-3: the currency of a request is one that the shop sells in.
func TestSold(t *testing.T) {
	t.Parallel()
	both := []string{"USD", "EUR"}
	for _, c := range []struct {
		name           string
		sold           []string
		asked, country string
		want           string
	}{
		{"nothing said", both, "", "", "USD"},
		{"a country of the euro", both, "", "DE", "EUR"},
		{"the country of the shop", both, "", "US", "USD"},
		{"a country whose currency is not sold in", both, "", "CH", "USD"},
		{"no country", both, "", "QQ", "USD"},
		{"asked for", both, "EUR", "US", "EUR"},
		{"asked for what is not sold in", both, "CHF", "DE", "EUR"},
		{"a shop of one currency", []string{"USD"}, "EUR", "DE", "USD"},
	} {
		if got := money.Sold(c.sold, c.asked, c.country); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// Every country that clients can name has a currency, one that money can count.
func TestEveryCountryHasACurrency(t *testing.T) {
	t.Parallel()
	schema, err := os.ReadFile("../../schema/shared.graphql")
	if err != nil {
		t.Fatal(err)
	}
	countries := regexp.MustCompile(`(?s)enum CountryCode \{(.*?)\n\}`).FindSubmatch(schema)[1]
	n := 0
	for _, m := range regexp.MustCompile(`(?m)^  ([A-Z]{2})$`).FindAllSubmatch(countries, -1) {
		country := string(m[1])
		currency := money.In(country)
		if country == "ZZ" || country == "AN" || country == "AQ" {
			continue // Unknown, one that is no more, and one without shops.
		}
		if _, err := money.Exponent(currency); err != nil {
			t.Errorf("%s: %q: %v", country, currency, err)
		}
		n++
	}
	if n < 240 {
		t.Errorf("only %d countries", n)
	}
}
