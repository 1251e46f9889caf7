package main

import (
	"strings"

	"github.com/soukhq/souk/router"
)

// shopContext is what our services are told about the circumstances of a request (rule G-3). Clients say it by a
// directive on the operation, else by headers.
var shopContext = router.Context{
	Directives: `
"Asks for answers as they are meant for a country, a language, a currency and a sales channel."
directive @inContext(
  country: CountryCode
  language: LanguageCode
  currency: CurrencyCode
  channel: String
) on QUERY | MUTATION | SUBSCRIPTION`,
	Values: []router.ContextValue{
		{Name: "channel", Sources: []router.ContextSource{{Directive: "inContext", Argument: "channel"}, {Header: "X-Channel"}}},
		{Name: "country", Sources: []router.ContextSource{{Directive: "inContext", Argument: "country"}, {Header: "X-Country"}}},
		{Name: "currency", Sources: []router.ContextSource{{Directive: "inContext", Argument: "currency"}}},
		{Name: "language", Sources: []router.ContextSource{
			{Directive: "inContext", Argument: "language"}, {Header: "Accept-Language", Read: firstLanguage},
		}},
	},
}

// firstLanguage returns the first tag of an Accept-Language header, "" where any language will do.
func firstLanguage(header string) string {
	first, _, _ := strings.Cut(header, ",")
	tag, _, _ := strings.Cut(first, ";")
	if tag = strings.TrimSpace(tag); tag == "*" {
		return ""
	}
	return tag
}
