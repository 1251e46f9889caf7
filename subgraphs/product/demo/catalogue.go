package demo

import (
	_ "embed"
	"fmt"
	"strconv"

	"github.com/goccy/go-yaml"
	"github.com/soukhq/souk/internal/money"
)

//go:embed catalogue.yaml
var file []byte

// Language is that of the texts; each has a translation into the language Translated.
const Language, Translated = "en", "de"

// Currencies are those of the prices.
var Currencies = [2]string{"EUR", "USD"}

type (
	texts   [2]string  // in both languages
	amounts [2]float64 // in both currencies
)

// catalogue is the file.
type catalogue struct {
	Colours     map[string][3]string // both names, #rrggbb
	Collections []group
	Products    []thing
}

// group is a collection.
type group struct {
	Handle      string
	Title, Text texts
}

// thing is a product.
type thing struct {
	Handle, Kind, Ornament, Type, Vendor string
	In, Tags, Colours                    []string
	Sizes                                []size
	Price                                amounts
	Was                                  *amounts
	Grams, Stock                         int64
	TaxClass                             string `yaml:"taxClass"`
	Title, Text                          texts
}

// size is a choice of size, and what it costs more.
type size struct {
	Name texts
	More amounts
}

func readCatalogue() (*catalogue, error) {
	c := new(catalogue)
	if err := yaml.UnmarshalWithOptions(file, c, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("read the demonstration catalogue: %w", err)
	}
	return c, nil
}

// plus adds what a size costs more to an amount.
func (a amounts) plus(more amounts) amounts { return amounts{a[0] + more[0], a[1] + more[1]} }

// in returns the amount in one of the currencies.
func (a amounts) in(currency int) (money.Money, error) {
	return money.Parse(strconv.FormatFloat(a[currency], 'f', 2, 64), Currencies[currency])
}
