package exchange

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/subgraphs/product"
)

// Tax classes of what is taxed and what is not.
const (
	taxed   = "standard"
	untaxed = "none"
)

// addVariants reads the variants of a product: its first row is one, and each further row that says something of one.
func (p *parser) addVariants(made *product.Product, rows []record) {
	p.addOptions(made, rows)
	lines := map[string]int{}
	for i, r := range rows {
		if i > 0 && !slices.ContainsFunc(variantColumns, func(c string) bool { return r.fields[c] != "" }) {
			continue
		}
		v := p.variant(made, r)
		if v == nil {
			continue
		}
		chosen := ""
		for _, key := range v.Values {
			chosen += key.String()
		}
		if before, twice := lines[chosen]; twice {
			p.wrong(r, optionValues[0], "The variant is there twice: also in line %d.", before)
			continue
		}
		lines[chosen] = r.line
		made.Variants = append(made.Variants, v)
	}
	if len(made.Variants) > maxVariants {
		p.wrong(rows[0], colHandle, "The product has more than %d variants.", maxVariants)
	}
}

// addOptions reads the names of options from the first row. The one option Title with the one value Default Title stands
// for none.
func (p *parser) addOptions(made *product.Product, rows []record) {
	first := rows[0]
	if strings.EqualFold(first.fields[optionNames[0]], "Title") && first.fields[optionValues[0]] == "Default Title" &&
		first.fields[optionNames[1]] == "" && !slices.ContainsFunc(rows[1:], func(r record) bool { return r.fields[optionValues[0]] != "" }) {
		return
	}
	for i, column := range optionNames {
		name := p.short(first, column)
		if name == "" {
			continue
		}
		switch {
		case i > len(made.Options):
			p.wrong(first, column, "The option before it has no name.")
		case slices.ContainsFunc(made.Options, func(o *product.Option) bool { return strings.EqualFold(o.Name, name) }):
			p.wrong(first, column, "The option %q is there twice.", name)
		}
		made.Options = append(made.Options, &product.Option{Key: gid.New(), Name: name})
	}
}

// variant reads a variant, nil where its choice of options is wrong.
func (p *parser) variant(made *product.Product, r record) *product.Variant {
	values, ok := p.values(made, r)
	v := &product.Variant{
		Key: gid.New(), Values: values, Sku: r.optional(colSKU), Tracked: r.fields[colTracker] != "", Offer: p.price(r),
		RequiresShipping: p.boolean(r, colShipping, true), TaxClass: taxed, Weight: p.weight(r), Picture: p.image(made, r, colVariantImage),
	}
	if code := strings.TrimPrefix(r.fields[colBarcode], "'"); code != "" { // Spreadsheets mark a text of digits so.
		v.Barcode = &code
	}
	p.short(r, colSKU)
	p.short(r, colBarcode)
	if !p.boolean(r, colTaxable, true) {
		v.TaxClass = untaxed
	}
	if quantity, there := r.fields[colQuantity]; there {
		n, err := strconv.ParseInt(quantity, 10, 64)
		if err != nil || n > product.Unlimited || n < -product.Unlimited {
			p.wrong(r, colQuantity, "%q is not a whole number of pieces.", quantity)
		}
		v.Stock.OnHand = n
	}
	switch policy := r.fields[colPolicy]; strings.ToLower(policy) {
	case "", "deny", "false":
	case "continue", "true":
		v.Stock.BackorderLimit = product.Unlimited
	default:
		p.wrong(r, colPolicy, "%q is neither deny nor continue.", policy)
	}
	if !ok {
		return nil
	}
	return v
}

// values reads the choice of options of a variant.
func (p *parser) values(made *product.Product, r record) (chosen []uuid.UUID, ok bool) {
	ok = true
	for i, column := range optionValues {
		name := p.short(r, column)
		switch {
		case i >= len(made.Options) && (name == "" || name == "Default Title"):
		case i >= len(made.Options):
			p.wrong(r, column, "The value %q belongs to no option: the first line of the product names them.", name)
			ok = false
		case name == "":
			p.wrong(r, column, "The value of the option %q is missing.", made.Options[i].Name)
			ok = false
		default:
			chosen = append(chosen, valueOf(made.Options[i], name))
		}
	}
	return chosen, ok
}

func valueOf(o *product.Option, name string) uuid.UUID {
	if i := slices.IndexFunc(o.OptionValues, func(v *product.OptionValue) bool { return v.Name == name }); i >= 0 {
		return o.OptionValues[i].Key
	}
	v := &product.OptionValue{Key: gid.New(), Name: name}
	o.OptionValues = append(o.OptionValues, v)
	return v.Key
}

// price reads what a variant costs. Without a price it is not for sale, never free of charge (rule P-4).
func (p *parser) price(r record) *product.Price {
	amount := p.money(r, colPrice)
	before := p.money(r, colCompareAt)
	if amount == nil {
		return nil
	}
	return &product.Price{Key: gid.New(), Amount: *amount, CompareAt: before}
}

func (p *parser) money(r record, column string) *money.Money {
	text, there := r.fields[column]
	if !there {
		return nil
	}
	m, err := money.Parse(text, p.options.Currency)
	switch {
	case errors.Is(err, money.ErrPrecision): // Rule M-2.
		p.wrong(r, column, "%q has more decimals than %s has.", text, p.options.Currency)
	case errors.Is(err, money.ErrRange):
		p.wrong(r, column, "%q is too large.", text)
	case err != nil:
		p.wrong(r, column, "%q is not an amount such as 1250.00: digits, and a point before the decimals.", text)
	case m.Minor < 0:
		p.wrong(r, column, "%q is less than nothing.", text)
	default:
		return &m
	}
	return nil
}

var weightUnits = map[string]product.WeightUnit{
	"": product.Kilograms, "g": product.Grams, "kg": product.Kilograms, "oz": product.Ounces, "lb": product.Pounds,
}

// weight reads what a variant weighs: always in grams, with the unit in which it is shown. Nothing stands for not said.
func (p *parser) weight(r record) *product.Weight {
	unit, known := weightUnits[strings.ToLower(r.fields[colWeightUnit])]
	if !known {
		p.wrong(r, colWeightUnit, "%q is not g, kg, oz or lb.", r.fields[colWeightUnit])
	}
	text, there := r.fields[colGrams]
	if !there {
		return nil
	}
	grams, err := strconv.ParseFloat(text, 64)
	if err != nil || !(grams >= 0 && grams < 1e9) {
		p.wrong(r, colGrams, "%q is not a number of grams.", text)
		return nil
	}
	milligrams := int64(math.Round(grams * 1000))
	if milligrams == 0 {
		return nil
	}
	return &product.Weight{Milligrams: milligrams, Unit: unit}
}

func (p *parser) boolean(r record, column string, otherwise bool) bool {
	switch text := r.fields[column]; strings.ToLower(text) {
	case "":
		return otherwise
	case "true":
		return true
	case "false":
		return false
	default:
		p.wrong(r, column, "%q is neither true nor false.", text)
		return otherwise
	}
}
