package money

import (
	"slices"
	"strings"
)

// users are the countries (ISO 3166) that use each currency (ISO 4217).
var users = map[string]string{
	"AED": "AE", "AFN": "AF", "ALL": "AL", "AMD": "AM", "AOA": "AO", "ARS": "AR", "AUD": "AU CC CX HM KI NF NR TV", "AWG": "AW", "AZN": "AZ",
	"BAM": "BA", "BBD": "BB", "BDT": "BD", "BHD": "BH", "BIF": "BI", "BMD": "BM", "BND": "BN", "BOB": "BO", "BRL": "BR", "BSD": "BS",
	"BTN": "BT", "BWP": "BW", "BYN": "BY", "BZD": "BZ", "CAD": "CA", "CDF": "CD", "CHF": "CH LI", "CLP": "CL", "CNY": "CN", "COP": "CO",
	"CRC": "CR", "CUP": "CU", "CVE": "CV", "CZK": "CZ", "DJF": "DJ", "DKK": "DK FO GL", "DOP": "DO", "DZD": "DZ", "EGP": "EG", "ERN": "ER", "ETB": "ET",
	"EUR": "AD AT AX BE BG BL CY DE EE ES FI FR GF GP GR HR IE IT LT LU LV MC ME MF MQ MT NL PM PT RE SI SK SM TF VA XK YT",
	"FJD": "FJ", "FKP": "FK", "GBP": "GB GG GS IM JE TA", "GEL": "GE", "GHS": "GH", "GIP": "GI", "GMD": "GM", "GNF": "GN", "GTQ": "GT",
	"GYD": "GY", "HKD": "HK", "HNL": "HN", "HTG": "HT", "HUF": "HU", "IDR": "ID", "ILS": "IL PS", "INR": "IN", "IQD": "IQ", "IRR": "IR",
	"ISK": "IS", "JMD": "JM", "JOD": "JO", "JPY": "JP", "KES": "KE", "KGS": "KG", "KHR": "KH", "KMF": "KM", "KPW": "KP", "KRW": "KR", "KWD": "KW",
	"KYD": "KY", "KZT": "KZ", "LAK": "LA", "LBP": "LB", "LKR": "LK", "LRD": "LR", "LSL": "LS", "LYD": "LY", "MAD": "EH MA", "MDL": "MD",
	"MGA": "MG", "MKD": "MK", "MMK": "MM", "MNT": "MN", "MOP": "MO", "MRU": "MR", "MUR": "MU", "MVR": "MV", "MWK": "MW", "MXN": "MX",
	"MYR": "MY", "MZN": "MZ", "NAD": "NA", "NGN": "NG", "NIO": "NI", "NOK": "BV NO SJ", "NPR": "NP", "NZD": "CK NU NZ PN TK", "OMR": "OM",
	"PAB": "PA", "PEN": "PE", "PGK": "PG", "PHP": "PH", "PKR": "PK", "PLN": "PL", "PYG": "PY", "QAR": "QA", "RON": "RO", "RSD": "RS",
	"RUB": "RU", "RWF": "RW", "SAR": "SA", "SBD": "SB", "SCR": "SC", "SDG": "SD", "SEK": "SE", "SGD": "SG", "SHP": "AC SH", "SLE": "SL",
	"SOS": "SO", "SRD": "SR", "SSP": "SS", "STN": "ST", "SYP": "SY", "SZL": "SZ", "THB": "TH", "TJS": "TJ", "TMT": "TM", "TND": "TN",
	"TOP": "TO", "TRY": "TR", "TTD": "TT", "TWD": "TW", "TZS": "TZ", "UAH": "UA", "UGX": "UG",
	"USD": "AS BQ EC FM GU IO MH MP PR PW SV TC TL UM US VG VI", "UYU": "UY", "UZS": "UZ", "VED": "VE", "VND": "VN", "VUV": "VU", "WST": "WS", "XAF": "CF CG CM GA GQ TD",
	"XCD": "AG AI DM GD KN LC MS VC", "XCG": "CW SX", "XOF": "BF BJ CI GW ML NE SN TG", "XPF": "NC PF WF", "YER": "YE", "ZAR": "ZA",
	"ZMW": "ZM", "ZWG": "ZW",
}

// inCountry is the currency of each country.
var inCountry = func() map[string]string {
	m := map[string]string{}
	for currency, countries := range users {
		for _, c := range strings.Fields(countries) {
			m[c] = currency
		}
	}
	return m
}()

// In returns the currency that a country uses, empty where it is not known.
func In(country string) string { return inCountry[country] }

// Countries returns the countries that use some currencies.
func Countries(currencies []string) []string {
	var countries []string
	for _, currency := range currencies {
		countries = append(countries, strings.Fields(users[currency])...)
	}
	return countries
}

// Sold returns in which of the currencies of a shop a request is answered: in the one that is asked for, else in that of the
// country, where the shop sells in them; else in the first, which is the shop's own (rule G-3).
func Sold(currencies []string, asked, country string) string {
	for _, wanted := range []string{asked, In(country)} {
		if slices.Contains(currencies, wanted) {
			return wanted
		}
	}
	return currencies[0]
}
