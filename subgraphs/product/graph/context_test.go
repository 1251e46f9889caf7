package graph_test

import (
	"encoding/json"
	"testing"

	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/subgraphs/product/demo"
	"github.com/soukhq/souk/subgraphs/product/exchange"
	"github.com/soukhq/souk/subgraphs/product/postgres"
)

const lantern = `{ product(handle: "nur-lantern") {
	title description descriptionHtml seo { title description } featuredImage { altText }
	options { name optionValues { name swatch { color image { previewImage { url } } } } }
	variants(first: 1) { nodes { title price { amount currencyCode } selectedOptions { name value } image { altText } } }
	collections(first: 1) { nodes { title description image { altText } } }
} localization { country { isoCode currency { isoCode } } language { isoCode endonymName } }
  shop { paymentSettings { countryCode currencyCode enabledPresentmentCurrencies } } }`

// Rule G-3: prices by country and currency, texts by language.
func TestAnswersFollowTheContextOfTheRequest(t *testing.T) {
	t.Parallel()
	s := open(t)
	if _, err := demo.Load(t.Context(), postgres.New(s.db), t.TempDir(), s.now); err != nil {
		t.Fatal(err)
	}
	statements := 0
	for _, c := range []struct {
		name                                                           string
		in                                                             identity.Context
		title, option, value, variant, alt, collection, price, isoCode string
	}{
		{"nothing said", identity.Context{}, "Nur lantern", "Color", "Brass", "Brass / S", "Nur lantern, Brass", "Light", "49.00 EUR", "DE EUR EN"},
		{"America", identity.Context{Country: "US", Language: "en-US"}, "Nur lantern", "Color", "Brass", "Brass / S", "Nur lantern, Brass", "Light", "54.00 USD", "US USD EN"},
		{"Austria", identity.Context{Country: "AT", Language: "de-AT"}, "Laterne Nur", "Farbe", "Messing", "Messing / S", "Laterne Nur, Messing", "Licht", "49.00 EUR", "AT EUR DE"},
		{"by enum and currency", identity.Context{Country: "DE", Currency: "USD", Language: "DE"}, "Laterne Nur", "Farbe", "Messing", "Messing / S", "Laterne Nur, Messing", "Licht", "54.00 USD", "DE USD DE"},
		{"what is not known", identity.Context{Country: "QQ", Currency: "XXX", Language: "tlh"}, "Nur lantern", "Color", "Brass", "Brass / S", "Nur lantern, Brass", "Light", "49.00 EUR", "DE EUR EN"},
	} {
		a := s.askAs(t, identity.Identity{}, c.in, lantern, nil)
		var got struct {
			Product struct {
				Title, Description, DescriptionHTML string
				Seo                                 struct{ Title, Description string }
				FeaturedImage                       struct{ AltText string }
				Options                             []struct {
					Name         string
					OptionValues []struct {
						Name   string
						Swatch struct {
							Color string
							Image *struct{}
						}
					}
				}
				Variants struct {
					Nodes []struct {
						Title           string
						Price           struct{ Amount, CurrencyCode string }
						SelectedOptions []struct{ Name, Value string }
						Image           struct{ AltText string }
					}
				}
				Collections struct {
					Nodes []struct {
						Title, Description string
						Image              struct{ AltText string }
					}
				}
			}
			Localization struct {
				Country struct {
					IsoCode  string
					Currency struct{ IsoCode string }
				}
				Language struct{ IsoCode string }
			}
			Shop struct {
				PaymentSettings struct {
					CountryCode, CurrencyCode    string
					EnabledPresentmentCurrencies []string
				}
			}
		}
		if err := json.Unmarshal(a.Data, &got); err != nil || len(a.Errors) > 0 {
			t.Fatalf("%s: %v, %+v", c.name, err, a.Errors)
		}
		p := got.Product
		v := p.Variants.Nodes[0]
		if p.Title != c.title || p.Seo.Title != c.title || p.FeaturedImage.AltText != c.alt || p.Options[0].Name != c.option ||
			p.Options[0].OptionValues[0].Name != c.value || p.Options[0].OptionValues[0].Swatch.Color != "#c99a3f" || v.Title != c.variant ||
			v.SelectedOptions[0] != struct{ Name, Value string }{c.option, c.value} || v.Price.Amount+" "+v.Price.CurrencyCode != c.price ||
			v.Image.AltText != c.alt || p.Collections.Nodes[0].Title != c.collection || p.Collections.Nodes[0].Image.AltText != c.alt {
			t.Errorf("%s: %s", c.name, a.Data)
		}
		l := got.Localization
		if is := l.Country.IsoCode + " " + l.Country.Currency.IsoCode + " " + l.Language.IsoCode; is != c.isoCode {
			t.Errorf("%s: in %s, want %s", c.name, is, c.isoCode)
		}
		if s := got.Shop.PaymentSettings; s.CountryCode != "DE" || s.CurrencyCode != "EUR" || len(s.EnabledPresentmentCurrencies) != 2 {
			t.Errorf("payment settings: %+v", s)
		}
		statements = max(statements, a.Extensions.Souk.Statements)
	}
	if statements > 12 {
		t.Errorf("%d statements, want at most 12 (rule F-5)", statements)
	}
}

// Rule P-4: what has no price in the currency of the context is not in its catalogue; rule G-3: only signed words count.
func TestCatalogueOfACurrency(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.load(t, "Handle,Title,Variant Price\nrug,Rug,10\n", exchange.Options{})
	const query = `{ product(handle: "rug") { title } products(first: 9) { nodes { handle } } }`
	for want, in := range map[string]identity.Context{
		`{"product":{"title":"Rug"},"products":{"nodes":[{"handle":"rug"}]}}`: {Country: "FR"},
		`{"product":null,"products":{"nodes":[]}}`:                            {Country: "US"},
	} {
		if a := s.askAs(t, identity.Identity{}, in, query, nil); string(a.Data) != want {
			t.Errorf("%+v: %s, want %s", in, a.Data, want)
		}
	}
}

// Languages of a view do not cost statements where there is nothing to translate.
func TestStatementsOfLanguages(t *testing.T) {
	t.Parallel()
	s := open(t)
	if _, err := demo.Load(t.Context(), postgres.New(s.db), t.TempDir(), s.now); err != nil {
		t.Fatal(err)
	}
	const query = `query($n: Int) { products(first: $n) { nodes { title collections(first: 3) { nodes { title } } } } }`
	count := func(language string, n int) int {
		a := s.askAs(t, identity.Identity{}, identity.Context{Language: language}, query, map[string]any{"n": n})
		if len(a.Errors) > 0 {
			t.Fatal(a.Errors)
		}
		return a.Extensions.Souk.Statements
	}
	if plain, own, german := count("", 50), count("en-GB", 50), count("de", 50); own != plain || german != plain+2 || count("de", 1) != german {
		t.Errorf("%d statements where no language is said, %d in the shop's own, %d in another, %d for one product", plain, own, german, count("de", 1))
	}
}
