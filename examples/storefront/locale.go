package main

import (
	"embed"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

//go:embed words/*.txt
var words embed.FS

// locale is a country and a language to choose.
type locale struct{ Country, Language, Name string }

// Value is how the choice is kept.
func (l locale) Value() string { return l.Country + "-" + l.Language }

var (
	languages = []string{"en", "de"}
	locales   = []locale{
		{"US", "en", "United States · English · $"},
		{"DE", "de", "Deutschland · Deutsch · €"},
		{"DE", "en", "Germany · English · €"},
		{"US", "de", "USA · Deutsch · $"},
	}
	countries = map[string][2]string{ // English, German
		"AT": {"Austria", "Österreich"}, "CH": {"Switzerland", "Schweiz"}, "DE": {"Germany", "Deutschland"},
		"FR": {"France", "Frankreich"}, "GB": {"United Kingdom", "Vereinigtes Königreich"}, "US": {"United States", "USA"},
	}
	symbols = map[string]string{"USD": "$", "EUR": "€", "GBP": "£"}
	months  = [...]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"}
)

func isLocale(country, language string) bool {
	return slices.ContainsFunc(locales, func(l locale) bool { return l.Country == country && l.Language == language })
}

// countryCodes are those that the shop sends to.
func countryCodes() []string { return []string{"AT", "CH", "DE", "FR", "GB", "US"} }

func countryName(code, language string) string {
	names, known := countries[code]
	switch {
	case !known:
		return code
	case language == "de":
		return names[1]
	default:
		return names[0]
	}
}

// translator returns what writes a text in a language. A text that is in no list of words stays English.
func translator(language string) func(text string, values ...any) string {
	translations := map[string]string{}
	if list, err := words.ReadFile("words/" + language + ".txt"); err == nil {
		for line := range strings.Lines(string(list)) {
			if english, other, found := strings.Cut(strings.TrimSpace(line), " = "); found {
				translations[english] = other
			}
		}
	}
	return func(text string, values ...any) string {
		if other, found := translations[text]; found {
			text = other
		}
		if len(values) > 0 {
			return fmt.Sprintf(text, values...)
		}
		return text
	}
}

// amount writes an amount of money as people do.
func amount(m money, language string) string {
	symbol, known := symbols[m.CurrencyCode]
	switch {
	case m.Amount == "":
		return ""
	case language == "de":
		if !known {
			symbol = m.CurrencyCode
		}
		return strings.Replace(m.Amount, ".", ",", 1) + "\u00a0" + symbol
	case known:
		return symbol + m.Amount
	default:
		return m.CurrencyCode + "\u00a0" + m.Amount
	}
}

// day writes a day as people do.
func day(t time.Time, language string) string {
	if language == "de" {
		return fmt.Sprintf("%d. %s %d", t.Day(), months[t.Month()-1], t.Year())
	}
	return t.Format("January 2, 2006")
}

// chooseLocale keeps the country and the language that a visitor chose; the cart follows.
func chooseLocale(v *visit) error {
	country, language, _ := strings.Cut(v.r.FormValue("locale"), "-")
	if !isLocale(country, language) {
		return v.show(http.StatusUnprocessableEntity, "notfound", &layout{}, "", nil)
	}
	v.country, v.language = country, language
	v.remember(cookieLocale, country+"-"+language, 365*24*time.Hour)
	if v.cookies[cookieCart] != "" {
		var data struct{ Result *cartResult }
		if err := v.ask("cart-buyer", map[string]any{"cart": v.cookies[cookieCart], "buyer": map[string]any{"countryCode": country}}, &data); err != nil {
			return err
		}
	}
	back := v.r.FormValue("back")
	if !strings.HasPrefix(back, "/") || strings.HasPrefix(back, "//") || strings.Contains(back, `\`) {
		back = "/"
	}
	v.to(back)
	return nil
}
