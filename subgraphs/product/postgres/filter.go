package postgres

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lib/pq"
	"github.com/soukhq/souk/subgraphs/product"
)

// condition is what the filters of one facet ask for, in SQL; it may be null, which is no.
type condition struct {
	kind      product.FacetKind
	option    string // of choices: the name of the option
	ofVariant bool
	sql       string
}

// columns are the SQL expressions of what variants are filtered by.
type columns struct{ choices, amount, available string }

// ofOffers are those of offers.
var ofOffers = columns{
	choices: "v.choice_ids", amount: "c.amount", available: "(NOT v.tracked OR EXISTS (SELECT FROM in_stock i WHERE i.variant_id = v.id))",
}

// theseChoices are the keys of choices of one option.
const theseChoices = `(SELECT coalesce(array_agg(d.id), '{}') FROM choices d WHERE d.option = %s AND d.value = ANY (%s::text[]))`

// conditions returns a condition for each facet that is filtered by. What is cheap to ask comes first.
func conditions(f product.Filters, cols columns, args *arguments) []condition {
	var all []condition
	ofProduct := func(kind product.FacetKind, format string, values []string) {
		if len(values) > 0 {
			all = append(all, condition{kind: kind, sql: fmt.Sprintf(format, args.add(pq.Array(values)))})
		}
	}
	ofProduct(product.ByMaker, `p.vendor = ANY (%s::text[])`, f.Vendors)
	ofProduct(product.ByProductType, `p.product_type = ANY (%s::text[])`, f.Types)
	ofProduct(product.ByTag, `p.tags && %s::text[]`, f.Tags)
	options := f.Options()
	for _, name := range slices.Sorted(maps.Keys(options)) {
		values := options[name]
		sql := cols.choices + ` && ` + fmt.Sprintf(theseChoices, args.add(name), args.add(pq.Array(values)))
		all = append(all, condition{kind: product.ByChoice, option: name, ofVariant: true, sql: sql})
	}
	var spans []string
	for _, s := range f.Prices {
		spans = append(spans, fmt.Sprintf(`%s BETWEEN %s::bigint AND %s::bigint`, cols.amount, args.add(s.Min), args.add(s.Max)))
	}
	if spans != nil {
		all = append(all, condition{kind: product.ByPriceRange, ofVariant: true, sql: `(` + strings.Join(spans, ` OR `) + `)`})
	}
	if len(f.Available) > 0 {
		sql := fmt.Sprintf(`%s = ANY (%s::boolean[])`, cols.available, args.add(pq.Array(f.Available)))
		all = append(all, condition{kind: product.ByAvailability, ofVariant: true, sql: sql})
	}
	return all
}

// products is the source of the products of the catalogue that filters let pass, for that order.
func products(order product.Order, f product.Filters, args *arguments) string {
	source, ofProduct, ofVariant := forSale, "", ""
	for _, c := range conditions(f, ofOffers, args) {
		if c.ofVariant {
			ofVariant += ` AND ` + c.sql
		} else {
			ofProduct += ` AND ` + c.sql
		}
	}
	if ofVariant != "" {
		source, ofVariant = published, ` AND EXISTS (SELECT FROM `+offers+ofVariant+` OFFSET 0)`
	}
	if order == product.ByPrice {
		source = priced
	}
	return source + ofProduct + ofVariant
}

// members is the source of those of them that are in a collection.
func members(order product.Order, f product.Filters, args *arguments) string {
	return `collection_members m CROSS JOIN ` + products(order, f, args) + ` AND m.collection_id = o.id AND m.product_id = p.id`
}
