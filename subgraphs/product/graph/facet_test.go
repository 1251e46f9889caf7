package graph_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/subgraphs/product/demo"
	"github.com/soukhq/souk/subgraphs/product/exchange"
	"github.com/soukhq/souk/subgraphs/product/postgres"
)

// racks is a catalogue to filter: of red shirts the small one is sold out, and the large one is dear.
const racks = header +
	"shirt,Shirt,Size,S,Colour,Red,,10,,shopify,0,deny,,,Tops,true,Acme,,\"cotton,summer\"\n" +
	"shirt,,,L,,Red,,30,,shopify,2,deny,,,,,,,\n" +
	"shirt,,,S,,Blue,,10,,shopify,2,deny,,,,,,,\n" +
	"vest,Vest,Size,S,Colour,Red,,12.50,,shopify,1,deny,,,Tops,true,Bolt,,cotton\n" +
	"hat,Hat,Colour,Blue,,,,5,,shopify,1,deny,,,Heads,true,Acme,,wool\n"

type filter struct {
	ID, Label, Type string
	Presentation    *string
	Range           *struct{ Min, Max struct{ Amount string } }
	Values          []filterValue
}

type filterValue struct {
	ID, Label, Input string
	Count            int
	Selected         bool
	Swatch           *struct{ Color *string }
}

type filteredPage struct {
	TotalCount struct{ Value int }
	PageInfo   struct{ EndCursor string }
	Nodes      []struct{ Handle string }
	Filters    []filter
}

const filteredFields = `totalCount { value } pageInfo { endCursor } nodes { handle }
	filters { id label type presentation range { min { amount } max { amount } } values { id label count input selected swatch { color } } }`

func (p filteredPage) handles() string {
	var handles []string
	for _, n := range p.Nodes {
		handles = append(handles, n.Handle)
	}
	return strings.Join(handles, " ")
}

// facets writes each facet with its values: * before those that are selected.
func (p filteredPage) facets() []string {
	var lines []string
	for _, f := range p.Filters {
		line := f.Label + ":"
		for _, v := range f.Values {
			star := ""
			if v.Selected {
				star = "*"
			}
			line += fmt.Sprintf(" %s%s %d", star, v.Label, v.Count)
		}
		lines = append(lines, line)
	}
	return lines
}

func (s *shop) filtered(t *testing.T, filters ...string) filteredPage {
	t.Helper()
	var got struct{ Products filteredPage }
	s.data(t, &got, `query($filters: [ProductFilter!]) { products(sortKey: TITLE, filters: $filters) {`+filteredFields+`} }`,
		map[string]any{"filters": inputs(t, filters)})
	return got.Products
}

func inputs(t *testing.T, filters []string) []any {
	t.Helper()
	var all []any
	if err := json.Unmarshal([]byte("["+strings.Join(filters, ",")+"]"), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

const (
	isRed   = `{"variantOption":{"name":"Colour","value":"Red"}}`
	isSmall = `{"variantOption":{"name":"Size","value":"S"}}`
	isLarge = `{"variantOption":{"name":"Size","value":"L"}}`
)

// Rule S-5: values of one facet widen, facets narrow, and one and the same variant has to meet all that is asked of variants.
func TestFilters(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.load(t, racks, exchange.Options{})
	for _, c := range []struct {
		name, want string
		filters    []string
	}{
		{"nothing", "hat shirt vest", nil},
		{"an empty filter", "hat shirt vest", []string{`{}`}},
		{"a vendor", "hat shirt", []string{`{"productVendor":"Acme"}`}},
		{"two vendors", "hat shirt vest", []string{`{"productVendor":"Acme"}`, `{"productVendor":"Bolt"}`}},
		{"a vendor and a tag", "shirt", []string{`{"productVendor":"Acme"}`, `{"tag":"cotton"}`}},
		{"both in one", "shirt", []string{`{"productVendor":"Acme","tag":"cotton"}`}},
		{"two tags", "hat shirt", []string{`{"tag":"wool"}`, `{"tag":"summer"}`}},
		{"red and small", "shirt vest", []string{isRed, isSmall}},
		{"red, small and there: not the shirt, of which another is there", "vest", []string{isRed, isSmall, `{"available":true}`}},
		{"red, small and sold out", "shirt", []string{isRed, isSmall, `{"available":false}`}},
		{"red and cheap: not the shirt that is sold out and the one that is dear", "vest", []string{isRed, `{"price":{"max":15}}`, `{"available":true}`}},
		{"large and cheap: no variant", "", []string{isLarge, `{"price":{"max":29.99}}`}},
		{"small or large, and dear", "shirt", []string{isSmall, isLarge, `{"price":{"min":12.501}}`}},
		{"a price that ends where it begins", "vest", []string{`{"price":{"min":12.5,"max":12.5}}`}},
		{"two prices", "hat shirt", []string{`{"price":{"max":5}}`, `{"price":{"min":20}}`}},
		{"an option that nothing has", "", []string{`{"variantOption":{"name":"Taste","value":"Sweet"}}`}},
		{"a kind that nothing has", "", []string{`{"productType":"Boat"}`}},
	} {
		if got := s.filtered(t, c.filters...); got.handles() != c.want || got.TotalCount.Value != len(strings.Fields(c.want)) {
			t.Errorf("%s: %q of %d, want %q", c.name, got.handles(), got.TotalCount.Value, c.want)
		}
	}
}

// Rule S-6: a value counts what there were if it were the only one of its facet; those that are selected are always listed.
func TestFacets(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.load(t, racks, exchange.Options{})
	for _, c := range []struct {
		name    string
		filters []string
		want    []string
	}{
		{"nothing selected", nil, []string{
			"Availability: In stock 3 Out of stock 1", "Price: Price 3", "Colour: Blue 2 Red 2", "Size: S 2 L 1", "Vendor: Acme 2 Bolt 1", "Tag: cotton 2 summer 1 wool 1",
		}},
		{"a size: other sizes count on", []string{isLarge}, []string{
			"Availability: In stock 1", "Price: Price 1", "Colour: Red 1", "Size: *L 1 S 2", "Vendor: Acme 1", "Tag: cotton 1 summer 1",
		}},
		{"what is red, small and there", []string{isRed, isSmall, `{"available":true}`}, []string{
			"Availability: *In stock 1 Out of stock 1", "Price: Price 1", "Colour: *Red 1 Blue 1", "Size: *S 1 L 1", "Vendor: Bolt 1", "Tag: cotton 1",
		}},
		{"nothing matches", []string{`{"productVendor":"Nobody"}`, `{"price":{"min":99}}`, isLarge}, []string{
			"Price: *Price 0", "Size: *L 0", "Vendor: *Nobody 0",
		}},
	} {
		if got := s.filtered(t, c.filters...).facets(); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%q, want\n%q", c.name, got, c.want)
		}
	}
	price := s.filtered(t, `{"price":{"min":11,"max":20}}`, isRed).Filters[1]
	if price.Type != "PRICE_RANGE" || price.Range.Min.Amount != "10.00" || price.Range.Max.Amount != "30.00" || price.Values[0].Input != `{"price":{"max":30.00,"min":10.00}}` {
		t.Errorf("the range follows the filter of prices: %+v", price)
	}
}

// The input of every value is a filter that gives as many products as the value counts.
func TestInputsOfFacets(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.load(t, racks, exchange.Options{})
	seen := map[string]bool{}
	for _, f := range s.filtered(t).Filters {
		for _, v := range f.Values {
			got := s.filtered(t, v.Input)
			if got.TotalCount.Value != v.Count || seen[f.ID+" "+v.ID] {
				t.Errorf("%s %s: %d products by %s, want %d", f.ID, v.ID, got.TotalCount.Value, v.Input, v.Count)
			}
			seen[f.ID+" "+v.ID] = true
		}
	}
	if len(seen) != 12 || !seen["filter.v.option.Colour filter.v.option.Colour.Red"] || !seen["filter.v.availability filter.v.availability.true"] {
		t.Errorf("values: %v", seen)
	}
}

// Rule S-8: a cursor belongs to the filters of its list, in whatever order they are said.
func TestCursorsAreBoundToFilters(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.load(t, racks, exchange.Options{})
	const query = `query($filters: [ProductFilter!], $after: String) { products(first: 1, after: $after, sortKey: TITLE, filters: $filters) { pageInfo { endCursor } nodes { handle } } }`
	var got struct{ Products filteredPage }
	s.data(t, &got, query, map[string]any{"filters": inputs(t, []string{isRed, isSmall, isSmall})})
	after := got.Products.PageInfo.EndCursor
	for name, c := range map[string]struct {
		filters []string
		code    string
	}{
		"the same": {[]string{isRed, isSmall}, ""}, "another order": {[]string{isSmall, isRed}, ""}, "none": {nil, "INVALID_CURSOR"},
		"fewer": {[]string{isRed}, "INVALID_CURSOR"}, "more": {[]string{isRed, isSmall, isLarge}, "INVALID_CURSOR"},
	} {
		a := s.ask(t, query, map[string]any{"filters": inputs(t, c.filters), "after": after})
		switch {
		case c.code == "" && len(a.Errors) > 0, c.code != "" && (len(a.Errors) != 1 || a.Errors[0].Extensions.Code != c.code):
			t.Errorf("%s: %+v, want %q", name, a.Errors, c.code)
		}
	}
	for name, filters := range map[string][]string{
		"too many": slices.Repeat([]string{`{"tag":"a%d"}`}, 51), "no text": {`{"tag":"a\u0000"}`},
	} {
		for i := range filters {
			filters[i] = strings.ReplaceAll(filters[i], "%d", fmt.Sprint(i))
		}
		if a := s.ask(t, query, map[string]any{"filters": inputs(t, filters)}); len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "INVALID" {
			t.Errorf("%s: %+v", name, a.Errors)
		}
	}
}

// Rule F-5: filters and facets cost one statement for all facets, none where nobody asks, for any number of collections.
func TestFacetsTakeAFixedNumberOfStatements(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.load(t, catalogue(30), exchange.Options{})
	filters := inputs(t, []string{`{"variantOption":{"name":"Size","value":"S1"}}`, `{"variantOption":{"name":"Size","value":"S2"}}`, `{"price":{"min":2,"max":30}}`, `{"available":true}`})
	ask := func(query string, n int) (int, json.RawMessage) {
		t.Helper()
		a := s.ask(t, `query($n: Int, $filters: [ProductFilter!], $no: Boolean = false) { `+query+` again: products(filters: $filters) @include(if: $no) { nodes { id } } }`,
			map[string]any{"n": n, "filters": filters})
		if len(a.Errors) > 0 {
			t.Fatal(a.Errors)
		}
		return a.Extensions.Souk.Statements, a.Data
	}
	const list, filtered = `products(first: $n) { totalCount { value } nodes { id } }`, `products(first: $n, filters: $filters) { totalCount { value } nodes { id } }`
	const faceted = `products(first: $n, filters: $filters) { totalCount { value } nodes { id } filters { id values { count } } }`
	const nested = `collections(first: $n) { nodes { products(first: 3, filters: $filters) { totalCount { value } nodes { id } filters { id values { count } } } } }`
	plain, _ := ask(list, 1)
	without, _ := ask(filtered, 20)
	one, _ := ask(faceted, 1)
	many, data := ask(faceted, 20)
	if without != plain || one != plain+1 || many != one {
		t.Errorf("%d statements, %d with filters, %d and %d with facets, which should cost one", plain, without, one, many)
	}
	if !strings.Contains(string(data), `{"id":"filter.v.option.Size","values":[{"count":`) {
		t.Errorf("facets: %s", data)
	}
	few, _ := ask(nested, 1)
	if all, _ := ask(nested, 11); all != few {
		t.Errorf("%d statements for a collection, %d for eleven", few, all)
	}
}

// Rule G-3: names of facets and values are in the language of the request, what tells them apart is not.
func TestFacetsSpeakTheLanguageOfTheRequest(t *testing.T) {
	t.Parallel()
	s := open(t)
	if _, err := demo.Load(t.Context(), postgres.New(s.db), t.TempDir(), s.now); err != nil {
		t.Fatal(err)
	}
	a := s.askAs(t, identity.Identity{}, identity.Context{Language: "de-AT", Currency: "USD"}, `{ collection(handle: "light") { products {`+filteredFields+`} } }`, nil)
	var got struct {
		Collection struct{ Products filteredPage }
	}
	if err := json.Unmarshal(a.Data, &got); err != nil || len(a.Errors) > 0 {
		t.Fatal(err, a.Errors)
	}
	i := slices.IndexFunc(got.Collection.Products.Filters, func(f filter) bool { return f.ID == "filter.v.option.Color" })
	if i < 0 {
		t.Fatalf("facets %q", got.Collection.Products.facets())
	}
	colour := got.Collection.Products.Filters[i]
	j := slices.IndexFunc(colour.Values, func(v filterValue) bool { return v.ID == "filter.v.option.Color.Brass" })
	if j < 0 || colour.Label != "Farbe" || *colour.Presentation != "SWATCH" || colour.Values[j].Label != "Messing" || colour.Values[j].Swatch == nil ||
		colour.Values[j].Input != `{"variantOption":{"name":"Color","value":"Brass"}}` {
		t.Errorf("colours: %+v", colour)
	}
	if first := got.Collection.Products.facets()[0]; !strings.HasPrefix(first, "Verfügbarkeit: Lieferbar ") {
		t.Errorf("first facet %q", first)
	}
}
