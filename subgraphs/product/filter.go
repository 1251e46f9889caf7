package product

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/money"
)

// MaxFilters is how many values may be filtered by at once.
const MaxFilters = 50

// Filters narrow a list of products. Several values of one facet widen it, several facets narrow it; what is asked of variants
// (choices, prices, availability) must be met by one and the same variant (rule S-5). The zero value lets all pass.
type Filters struct {
	Available []bool
	Prices    []Span
	Choices   []SelectedOption // named as in the shop's own language
	Types     []string
	Vendors   []string
	Tags      []string
}

// Span is a range of prices in the minor unit, both ends included.
type Span struct{ Min, Max int64 }

// NewSpan returns the span of the amounts between two, given in whole units of a currency; nil means no limit.
func NewSpan(currency string, lowest, highest *float64) (Span, error) {
	exponent, err := money.Exponent(currency)
	if err != nil {
		return Span{}, err
	}
	s := Span{Max: math.MaxInt64}
	if lowest != nil {
		s.Min = -minorBelow(-*lowest, exponent)
	}
	if highest != nil {
		s.Max = minorBelow(*highest, exponent)
	}
	return s, nil
}

// minorBelow returns the largest number of minor units that is not more than an amount, which is meant as it is written
// shortest: 0.29 is 29 hundredths, although no number of 64 bits is.
func minorBelow(amount float64, exponent int) int64 {
	exact, _ := new(big.Rat).SetString(strconv.FormatFloat(amount, 'f', -1, 64) + "e" + strconv.Itoa(exponent))
	units := new(big.Int).Div(exact.Num(), exact.Denom()) // Euclidean: rounds down, as the denominator is positive.
	switch {
	case units.IsInt64():
		return max(units.Int64(), -math.MaxInt64)
	case units.Sign() < 0:
		return -math.MaxInt64
	default:
		return math.MaxInt64
	}
}

// Normal returns the same filters in one order, each once. Too many are a fault, and texts that there cannot be.
func (f Filters) Normal() (Filters, error) {
	n := Filters{
		Available: unique(f.Available, func(a, b bool) int { return cmp.Compare(number(a), number(b)) }),
		Prices:    unique(f.Prices, func(a, b Span) int { return cmp.Or(cmp.Compare(a.Min, b.Min), cmp.Compare(a.Max, b.Max)) }),
		Choices: unique(f.Choices, func(a, b SelectedOption) int {
			return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Value, b.Value))
		}),
		Types:   unique(f.Types, strings.Compare),
		Vendors: unique(f.Vendors, strings.Compare),
		Tags:    unique(f.Tags, strings.Compare),
	}
	texts := slices.Concat(n.Types, n.Vendors, n.Tags)
	for _, c := range n.Choices {
		texts = append(texts, c.Name, c.Value)
	}
	switch {
	case len(n.Available)+len(n.Prices)+len(n.Choices)+len(n.Types)+len(n.Vendors)+len(n.Tags) > MaxFilters:
		return Filters{}, fault.New("INVALID", "Filter by at most 50 values.", "filters")
	case slices.ContainsFunc(texts, func(t string) bool { return strings.ContainsRune(t, 0) }):
		return Filters{}, fault.New("INVALID", "A filter holds a character that no text has.", "filters")
	default:
		return n, nil
	}
}

func unique[T comparable](values []T, compare func(a, b T) int) []T {
	return slices.Compact(slices.SortedFunc(slices.Values(values), compare))
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Key returns a text that equal filters share and others do not; empty where all pass. The filters must be normal.
func (f Filters) Key() string {
	text, err := json.Marshal(f)
	if err != nil {
		panic(err) // Texts and numbers can always be written.
	}
	if none, _ := json.Marshal(Filters{}); string(text) == string(none) {
		return ""
	}
	hash := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(hash[:16])
}

// Options returns the values of each option, by its name.
func (f Filters) Options() map[string][]string {
	byName := map[string][]string{}
	for _, c := range f.Choices {
		byName[c.Name] = append(byName[c.Name], c.Value)
	}
	return byName
}
