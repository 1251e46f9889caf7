package product_test

import (
	"slices"
	"testing"
	"time"

	"github.com/soukhq/souk/subgraphs/product"
)

// Rule G-3: the fall-back chain of languages.
func TestFallback(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		wanted string
		spoken []string
		want   []string
	}{
		{"", []string{"en", "de"}, nil},
		{"de", []string{"en", "de"}, []string{"de"}},
		{"de-AT", []string{"en", "de"}, []string{"de"}},
		{"de-AT", []string{"en", "de", "de-at"}, []string{"de-at", "de"}},
		{"PT_BR", []string{"en", "pt-br"}, []string{"pt-br"}},
		{"zh-Hant-HK", []string{"en", "zh-hant"}, []string{"zh-hant"}},
		{"fr", []string{"en", "de"}, nil},
		{"en", []string{"en", "de"}, nil},
		{"en-GB", []string{"en", "en-gb"}, []string{"en-gb"}},
		{"en-US", []string{"en-us", "en", "de"}, nil},
		{"-", []string{"en"}, nil},
	} {
		if got := product.Fallback(c.wanted, c.spoken); !slices.Equal(got, c.want) {
			t.Errorf("Fallback(%q, %q) = %q, want %q", c.wanted, c.spoken, got, c.want)
		}
	}
}

func TestLocalizeNamesWhatThereIs(t *testing.T) {
	t.Parallel()
	shop := product.Shop{Country: "US", Currencies: []string{"USD", "EUR"}, Languages: []string{"en", "de"}}
	l := shop.Localize(shop.View("AT", "", "de-AT", time.Time{}), "AT")
	if *l.Country != (product.Country{IsoCode: "AT", Name: "Österreich", Currency: l.Country.Currency}) || *l.Country.Currency != (product.Currency{IsoCode: "EUR", Symbol: "€"}) {
		t.Errorf("country %+v, %+v", l.Country, l.Country.Currency)
	}
	if *l.Language != (product.Language{IsoCode: "DE", Name: "Deutsch", EndonymName: "Deutsch"}) {
		t.Errorf("language %+v", l.Language)
	}
	if len(l.AvailableLanguages) != 2 || *l.AvailableLanguages[0] != (product.Language{IsoCode: "EN", Name: "Englisch", EndonymName: "English"}) {
		t.Errorf("languages %+v", l.AvailableLanguages)
	}
	sold := map[string]string{}
	for _, c := range l.AvailableCountries {
		sold[c.IsoCode] = c.Currency.IsoCode + " " + c.Currency.Symbol
	}
	if sold["DE"] != "EUR €" || sold["US"] != "USD $" || sold["CH"] != "" {
		t.Errorf("countries %v", sold)
	}
	if l := shop.Localize(shop.View("QQ", "", "", time.Time{}), "QQ"); l.Country.IsoCode != "US" || l.Country.Currency.IsoCode != "USD" || l.Language.IsoCode != "EN" {
		t.Errorf("nowhere: %+v, %+v", l.Country, l.Language)
	}
}
