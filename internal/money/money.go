// Package money holds an amount in the minor unit of a currency.
package money

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Money is an amount of a currency in its minor unit: 1250 EUR is €12.50 (rule M-1). The zero value is no money in no
// currency. It serves the GraphQL type MoneyV2.
type Money struct {
	Minor    int64
	Currency string // ISO 4217
}

var (
	// ErrPrecision says that a decimal has more digits than its currency (rule M-2).
	ErrPrecision = errors.New("the amount has more decimals than the currency")
	// ErrSyntax says that a text is not a decimal number.
	ErrSyntax = errors.New("the amount is not a decimal number")
	// ErrRange says that an amount is too large to be kept.
	ErrRange = errors.New("the amount is too large")
	// ErrCurrency says that a code is not an ISO 4217 currency that can be used.
	ErrCurrency = errors.New("there is no such currency")
)

// Parse reads a decimal such as "12.5" or "-3" in a currency. It refuses more decimals than the currency has instead of
// rounding (rule M-2); trailing zeros do not count.
func Parse(decimal, currency string) (Money, error) {
	exponent, err := Exponent(currency)
	if err != nil {
		return Money{}, err
	}
	digits, negative := strings.CutPrefix(decimal, "-")
	whole, fraction, dotted := strings.Cut(digits, ".")
	if whole == "" || dotted && fraction == "" || !isDigits(whole) || !isDigits(fraction) {
		return Money{}, ErrSyntax
	}
	if len(fraction) > exponent {
		if strings.Trim(fraction[exponent:], "0") != "" {
			return Money{}, ErrPrecision
		}
		fraction = fraction[:exponent]
	}
	minor, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", exponent-len(fraction)), 10, 64)
	if err != nil {
		return Money{}, ErrRange
	}
	if negative {
		minor = -minor
	}
	return Money{Minor: minor, Currency: currency}, nil
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// Amount writes the amount with exactly the decimals of its currency: "12.50" EUR, "5" JPY, "1.250" BHD (rule M-2).
func (m Money) Amount() string {
	exponent, err := Exponent(m.Currency)
	if err != nil {
		panic(fmt.Sprintf("money: amount in currency %q", m.Currency)) // A programming error: every Money names its currency.
	}
	sign, n := "", uint64(m.Minor)
	if m.Minor < 0 {
		sign, n = "-", -n
	}
	s := strconv.FormatUint(n, 10)
	if exponent == 0 {
		return sign + s
	}
	if pad := exponent + 1 - len(s); pad > 0 {
		s = strings.Repeat("0", pad) + s
	}
	return sign + s[:len(s)-exponent] + "." + s[len(s)-exponent:]
}

// CurrencyCode returns the ISO 4217 code.
func (m Money) CurrencyCode() string { return m.Currency }

// String writes amount and currency, for people.
func (m Money) String() string { return m.Amount() + " " + m.Currency }

// Add adds an amount of the same currency. Different currencies are a programming error and panic (rule M-1).
func (m Money) Add(other Money) (Money, error) {
	if m.Currency != other.Currency {
		panic(fmt.Sprintf("money: %s added to %s", other.Currency, m.Currency))
	}
	sum := m.Minor + other.Minor
	if (sum > m.Minor) != (other.Minor > 0) && other.Minor != 0 {
		return Money{}, ErrRange
	}
	return Money{Minor: sum, Currency: m.Currency}, nil
}

// Times multiplies by a whole number that is not negative (rule M-5).
func (m Money) Times(n int64) (Money, error) {
	if n < 0 {
		panic("money: negative quantity")
	}
	if n != 0 && (m.Minor > math.MaxInt64/n || m.Minor < math.MinInt64/n) {
		return Money{}, ErrRange
	}
	return Money{Minor: m.Minor * n, Currency: m.Currency}, nil
}

// Exponent returns the number of decimals of a currency.
func Exponent(currency string) (int, error) {
	if len(currency) != 3 || strings.Trim(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return 0, ErrCurrency
	}
	if e, ok := exponents[currency]; ok {
		return e, nil
	}
	return 2, nil
}

// exponents are the currencies of ISO 4217 that do not have two decimals.
var exponents = map[string]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0, "UYI": 0,
	"VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
	"CLF": 4, "UYW": 4,
}
