package product

import (
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/money"
)

// Shop is the shop as it presents itself.
type Shop struct {
	Name        string
	Description *string  // nil when not said
	Storefront  string   // its address
	Country     string   // ISO 3166
	Currencies  []string // ISO 4217: those it sells in, its own first
	Languages   []string // tags in lower case: those it speaks, its own first
}

// View returns the catalogue for a request that names a country, a currency and a language, where it does, at a moment (rule
// G-3).
func (s *Shop) View(country, currency, language string, at time.Time) View {
	return View{Currency: money.Sold(s.Currencies, currency, country), Languages: Fallback(language, s.Languages), At: at}
}

// PaymentSettings returns how it is paid.
func (s *Shop) PaymentSettings() *PaymentSettings {
	return &PaymentSettings{CountryCode: s.Country, CurrencyCode: s.Currencies[0], EnabledPresentmentCurrencies: s.Currencies}
}

// PaymentSettings are how a shop is paid.
type PaymentSettings struct {
	CountryCode, CurrencyCode    string
	EnabledPresentmentCurrencies []string
}

// shopKey is that of the one shop of an installation.
var shopKey = uuid.MustParse("00000000-0000-7000-8000-000000000001")

// ID returns the id that the graph shows.
func (*Shop) ID() string { return gid.Format("Shop", shopKey) }

// PrimaryDomain returns where the storefront is.
func (s *Shop) PrimaryDomain() *Domain {
	d := &Domain{URL: s.Storefront}
	if u, err := url.Parse(s.Storefront); err == nil {
		d.Host = u.Host
	}
	return d
}

// Domain is a web address.
type Domain struct {
	URL, Host string
}
