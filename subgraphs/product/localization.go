package product

import (
	"slices"
	"strings"

	"github.com/soukhq/souk/internal/money"
	"golang.org/x/text/currency"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/message"
)

// Localization is in which country and language a request is answered, and what else there is to choose from.
type Localization struct {
	Country            *Country
	Language           *Language
	AvailableCountries []*Country
	AvailableLanguages []*Language
}

// Country is a country with the currency in which the shop sells to it.
type Country struct {
	IsoCode, Name string
	Currency      *Currency
}

// Currency is a currency as people write it.
type Currency struct{ IsoCode, Symbol string }

// Language is a language by its name in that of the request and in itself.
type Language struct{ IsoCode, Name, EndonymName string }

// Localize returns in which country and language a view of the shop is. The country is that of the request; one that is not
// known is that of the shop.
func (s *Shop) Localize(view View, country string) *Localization {
	if money.In(country) == "" {
		country = s.Country
	}
	in := names{language.Make(view.Language(s.Languages))}
	l := &Localization{
		Country:  in.country(country, view.Currency),
		Language: in.language(view.Language(s.Languages)),
	}
	for _, c := range money.Countries(s.Currencies) {
		l.AvailableCountries = append(l.AvailableCountries, in.country(c, money.In(c)))
	}
	slices.SortFunc(l.AvailableCountries, func(a, b *Country) int { return strings.Compare(a.IsoCode, b.IsoCode) })
	for _, tag := range s.Languages {
		l.AvailableLanguages = append(l.AvailableLanguages, in.language(tag))
	}
	return l
}

// names are in a language.
type names struct{ tag language.Tag }

func (n names) country(code, sold string) *Country {
	name := code
	if region, err := language.ParseRegion(code); err == nil {
		name = display.Regions(n.tag).Name(region)
	}
	return &Country{IsoCode: code, Name: name, Currency: n.currency(sold)}
}

func (n names) currency(code string) *Currency {
	symbol := code
	if unit, err := currency.ParseISO(code); err == nil {
		symbol = message.NewPrinter(n.tag).Sprint(currency.NarrowSymbol(unit))
	}
	return &Currency{IsoCode: code, Symbol: symbol}
}

func (n names) language(tag string) *Language {
	t := language.Make(tag)
	return &Language{
		IsoCode: strings.ToUpper(strings.ReplaceAll(tag, "-", "_")), Name: display.Tags(n.tag).Name(t), EndonymName: display.Self.Name(t),
	}
}
