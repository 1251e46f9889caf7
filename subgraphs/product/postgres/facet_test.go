package postgres_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/internal/paging"
	"github.com/soukhq/souk/subgraphs/product"
	"github.com/soukhq/souk/subgraphs/product/postgres"
	"pgregory.net/rapid"
)

// thing is a product of the oracle, which knows nothing of SQL.
type thing struct {
	key                 uuid.UUID
	title, vendor, kind string
	tags                []string
	published           bool
	forms               []form
}

// form is a variant of the oracle.
type form struct {
	choices       map[string]string
	before, after *int64 // what it costs before and from noon
	available     bool
}

func (f form) price(at time.Time) *int64 {
	if at.Before(noon) {
		return f.before
	}
	return f.after
}

func ok[T comparable](wanted []T, is T) bool { return len(wanted) == 0 || slices.Contains(wanted, is) }

func (f form) meets(wanted product.Filters, at time.Time) bool {
	price := f.price(at)
	if price == nil || !ok(wanted.Available, f.available) {
		return false
	}
	if len(wanted.Prices) > 0 && !slices.ContainsFunc(wanted.Prices, func(s product.Span) bool { return s.Min <= *price && *price <= s.Max }) {
		return false
	}
	for _, c := range wanted.Choices {
		if !slices.ContainsFunc(wanted.Choices, func(o product.SelectedOption) bool { return o.Name == c.Name && f.choices[o.Name] == o.Value }) {
			return false
		}
	}
	return true
}

func (p thing) meets(wanted product.Filters, at time.Time) bool {
	tagged := len(wanted.Tags) == 0 || slices.ContainsFunc(wanted.Tags, func(tag string) bool { return slices.Contains(p.tags, tag) })
	return p.published && ok(wanted.Vendors, p.vendor) && ok(wanted.Types, p.kind) && tagged &&
		slices.ContainsFunc(p.forms, func(f form) bool { return f.meets(wanted, at) })
}

func matching(things []thing, wanted product.Filters, at time.Time) (found []thing) {
	for _, p := range things {
		if p.meets(wanted, at) {
			found = append(found, p)
		}
	}
	return found
}

// facets counts by asking again for each value.
func facets(things []thing, wanted product.Filters, at time.Time) []product.Facet {
	values := map[string]map[string]bool{} // facet → value → selected
	note := func(facet, value string, selected bool) {
		if values[facet] == nil {
			values[facet] = map[string]bool{}
		}
		values[facet][value] = values[facet][value] || selected
	}
	for _, p := range things {
		if p.vendor != "" {
			note("vendor", p.vendor, false)
		}
		if p.kind != "" {
			note("type", p.kind, false)
		}
		for _, tag := range p.tags {
			note("tag", tag, false)
		}
		for _, f := range p.forms {
			for option, value := range f.choices {
				note("option "+option, value, false)
			}
		}
	}
	note("available", "true", slices.Contains(wanted.Available, true))
	note("available", "false", slices.Contains(wanted.Available, false))
	note("price", "", len(wanted.Prices) > 0)
	for _, v := range wanted.Vendors {
		note("vendor", v, true)
	}
	for _, v := range wanted.Types {
		note("type", v, true)
	}
	for _, v := range wanted.Tags {
		note("tag", v, true)
	}
	for _, c := range wanted.Choices {
		note("option "+c.Name, c.Value, true)
	}
	var all []product.Facet
	order := []string{"available", "price"}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if strings.HasPrefix(name, "option ") {
			order = append(order, name)
		}
	}
	for _, name := range append(order, "type", "vendor", "tag") {
		if f := facet(things, wanted, at, name, values[name]); len(f.Values) > 0 {
			all = append(all, f)
		}
	}
	return all
}

var kinds = map[string]product.FacetKind{
	"available": product.ByAvailability, "price": product.ByPriceRange, "type": product.ByProductType, "vendor": product.ByMaker, "tag": product.ByTag,
}

func facet(things []thing, wanted product.Filters, at time.Time, name string, values map[string]bool) product.Facet {
	option, chosen := strings.CutPrefix(name, "option ")
	f := product.Facet{Kind: kinds[name]}
	if chosen {
		f = product.Facet{Kind: product.ByChoice, Option: option, Label: option}
	}
	for value, selected := range values {
		only := wanted
		switch name {
		case "vendor":
			only.Vendors = []string{value}
		case "type":
			only.Types = []string{value}
		case "tag":
			only.Tags = []string{value}
		case "available":
			only.Available = []bool{value == "true"}
		case "price":
			only.Prices = nil
			f.Range = spread(matching(things, only, at), only, at)
		default:
			others := slices.DeleteFunc(slices.Clone(wanted.Choices), func(c product.SelectedOption) bool { return c.Name == option })
			only.Choices = append(others, product.SelectedOption{Name: option, Value: value})
		}
		if n := len(matching(things, only, at)); n > 0 || selected {
			f.Values = append(f.Values, product.FacetValue{Value: value, Label: value, Count: n, Selected: selected})
		}
	}
	slices.SortFunc(f.Values, func(a, b product.FacetValue) int {
		return cmp.Or(-strings.Compare(strconv.FormatBool(a.Selected), strconv.FormatBool(b.Selected)), cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
	})
	return f
}

func spread(things []thing, wanted product.Filters, at time.Time) *product.PriceRange {
	lowest, highest := int64(math.MaxInt64), int64(-1)
	for _, p := range things {
		for _, f := range p.forms {
			if f.meets(wanted, at) {
				lowest, highest = min(lowest, *f.price(at)), max(highest, *f.price(at))
			}
		}
	}
	if highest < 0 {
		return nil
	}
	return &product.PriceRange{MinVariantPrice: money.Money{Minor: lowest, Currency: "EUR"}, MaxVariantPrice: money.Money{Minor: highest, Currency: "EUR"}}
}

var (
	someTexts   = rapid.SampledFrom([]string{"", "a", "b", "c"})
	someTags    = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"t", "u", "v", "w"}), 0, 3, rapid.ID[string])
	somePrices  = rapid.Ptr(rapid.Int64Range(0, 5), true)
	someFilters = rapid.Custom(func(t *rapid.T) product.Filters {
		some := func(name string, values ...string) []string {
			return rapid.SliceOfN(rapid.SampledFrom(values), 0, 2).Draw(t, name)
		}
		f := product.Filters{Vendors: some("vendors", "a", "b", "x"), Types: some("types", "a", "b", "x"), Tags: some("tags", "t", "u", "v", "x")}
		f.Available = rapid.SliceOfN(rapid.Bool(), 0, 1).Draw(t, "available")
		for range rapid.IntRange(0, 2).Draw(t, "prices") {
			f.Prices = append(f.Prices, product.Span{Min: rapid.Int64Range(0, 5).Draw(t, "min"), Max: rapid.Int64Range(0, 5).Draw(t, "max")})
		}
		for range rapid.IntRange(0, 3).Draw(t, "choices") {
			f.Choices = append(f.Choices, product.SelectedOption{
				Name: rapid.SampledFrom([]string{"size", "colour", "x"}).Draw(t, "option"), Value: rapid.SampledFrom([]string{"1", "2", "3", "x"}).Draw(t, "value"),
			})
		}
		switch rapid.IntRange(0, 5).Draw(t, "part") { // Often few, since many let nothing pass.
		case 0:
			f = product.Filters{}
		case 1:
			f.Vendors, f.Types, f.Tags = nil, nil, nil
		case 2:
			f.Choices, f.Prices, f.Available = nil, nil, nil
		case 3:
			f = product.Filters{Choices: f.Choices, Available: f.Available, Tags: f.Tags}
		}
		n, err := f.Normal()
		if err != nil {
			t.Fatal(err)
		}
		return n
	})
)

// make draws a product and the same for the oracle.
func draw(t *rapid.T, n int, location uuid.UUID) (*product.Product, []product.PriceChange, thing, [][2]any) {
	p := &product.Product{
		Key: gid.New(), Version: 1, Handle: fmt.Sprint("p", n), Title: fmt.Sprintf("Title %02d", n), Vendor: someTexts.Draw(t, "vendor"),
		ProductType: someTexts.Draw(t, "type"), Tags: someTags.Draw(t, "tags"), CreatedAt: noon, UpdatedAt: noon,
	}
	o := thing{key: p.Key, title: p.Title, vendor: p.Vendor, kind: p.ProductType, tags: p.Tags, published: rapid.IntRange(0, 5).Draw(t, "published") > 0}
	if o.published {
		p.Published = new(noon.Add(-2 * time.Hour))
	}
	for _, name := range rapid.SampledFrom([][]string{nil, {"size"}, {"size", "colour"}, {"colour", "size"}}).Draw(t, "options") {
		option := &product.Option{Key: gid.New(), Name: name}
		for _, value := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"1", "2", "3"}), 1, 3, rapid.ID[string]).Draw(t, name) {
			option.OptionValues = append(option.OptionValues, &product.OptionValue{Key: gid.New(), Name: value})
		}
		p.Options = append(p.Options, option)
	}
	var changes []product.PriceChange
	var elsewhere [][2]any
	used := map[string]bool{}
	for range rapid.IntRange(1, 5).Draw(t, "variants") {
		v := &product.Variant{Key: gid.New(), TaxClass: "standard", Tracked: rapid.IntRange(0, 3).Draw(t, "tracked") > 0}
		f := form{choices: map[string]string{}, before: somePrices.Draw(t, "before"), after: somePrices.Draw(t, "after")}
		for _, option := range p.Options {
			value := rapid.SampledFrom(option.OptionValues).Draw(t, "chosen")
			v.Values, f.choices[option.Name] = append(v.Values, value.Key), value.Name
		}
		if used[fmt.Sprint(v.Values)] {
			continue
		}
		used[fmt.Sprint(v.Values)] = true
		v.Stock = product.Stock{OnHand: rapid.Int64Range(0, 1).Draw(t, "here"), BackorderLimit: rapid.Int64Range(0, 1).Draw(t, "backorders")}
		more := rapid.Int64Range(-2, 1).Draw(t, "elsewhere")
		f.available = !v.Tracked || v.Stock.OnHand+v.Stock.BackorderLimit+more >= 1
		elsewhere = append(elsewhere, [2]any{v.Key, more})
		if f.before != nil {
			v.Offer = &product.Price{Key: gid.New(), Amount: money.Money{Minor: *f.before, Currency: "EUR"}}
		}
		change := product.PriceChange{Variant: v.Key, Currency: "EUR"}
		if f.after != nil {
			change.Price = &product.Price{Key: gid.New(), Amount: money.Money{Minor: *f.after, Currency: "EUR"}}
		}
		changes = append(changes, change)
		p.Variants, o.forms = append(p.Variants, v), append(o.forms, f)
	}
	return p, changes, o, elsewhere
}

// fresh replaces the catalogue by a random one.
func fresh(ctx context.Context, t *rapid.T, db *outbox.DB, store product.Store) []thing {
	exec := func(statement string, args ...any) {
		if _, err := db.Exec(ctx, statement, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(`TRUNCATE products, collections, locations, stock_movements, outbox CASCADE`)
	second := gid.New()
	var things []thing
	var products []*product.Product
	var changes []product.PriceChange
	var shelves [][2]any
	for n := range rapid.IntRange(0, 10).Draw(t, "products") {
		p, prices, o, elsewhere := draw(t, n, second)
		products, changes, things, shelves = append(products, p), append(changes, prices...), append(things, o), append(shelves, elsewhere...)
	}
	if err := store.Change(ctx, "EUR", func(b product.Batch) error {
		if err := b.Save(ctx, products, noon.Add(-time.Hour)); err != nil {
			return err
		}
		if err := b.SetPrices(ctx, changes, noon); err != nil {
			return err
		}
		var members []product.Membership
		for i, p := range products {
			members = append(members, product.Membership{Product: p.Key, Collection: fmt.Sprint("k", i%2), Title: "k"})
		}
		_, err := b.Gather(ctx, members, noon)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	exec(`INSERT INTO locations (id, name) VALUES ($1, 'elsewhere')`, second)
	for _, s := range shelves {
		exec(`INSERT INTO stock (variant_id, location_id, on_hand) VALUES ($1, $2, $3)`, s[0], second, s[1])
	}
	return things
}

// Rules S-5, S-6, S-7, P-4: pages, counts and facets are those that an oracle finds, which looks at each product and, for
// facets, asks again for each value.
func TestListsAndFacetsAreThoseOfAnOracle(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, postgres.Migrations)
	store := postgres.New(db)
	ctx := t.Context()
	rapid.Check(t, func(t *rapid.T) {
		things := fresh(ctx, t, db, store)
		var collections []uuid.UUID
		parts := map[uuid.UUID][]thing{}
		for i := range min(2, len(things)) {
			key, err := store.CollectionKey(ctx, fmt.Sprint("k", i))
			if err != nil {
				t.Fatal(err)
			}
			collections = append(collections, key)
			for n := i; n < len(things); n += 2 {
				parts[key] = append(parts[key], things[n])
			}
		}
		for range 4 {
			wanted := someFilters.Draw(t, "filters")
			at := product.View{Currency: "EUR", At: noon.Add(time.Duration(rapid.IntRange(-1, 0).Draw(t, "moment")) * time.Minute)}
			reverse, byPrice := rapid.Bool().Draw(t, "reverse"), rapid.Bool().Draw(t, "by price")
			list := product.Listing{Order: product.ByTitle, Reverse: reverse, Filters: wanted}
			if byPrice {
				list.Order = product.ByPrice
			}
			walk(t, ordered(matching(things, wanted, at.At), at.At, list), list, func(l product.Listing) (product.Page, error) { return store.ProductPage(ctx, at, l) })
			n, err := store.CountProducts(ctx, at, wanted, 100)
			same(t, "count", len(matching(things, wanted, at.At)), n, err)
			got, err := store.ProductFacets(ctx, at, wanted)
			same(t, "facets", facets(things, wanted, at.At), got, err)

			pages, err := store.MemberPages(ctx, at, collections, list)
			counts, err2 := store.CountMembers(ctx, at, collections, wanted, 100)
			found, err3 := store.MemberFacets(ctx, at, collections, wanted)
			for _, k := range collections {
				same(t, "members", ordered(matching(parts[k], wanted, at.At), at.At, list), pages[k].Keys, err)
				same(t, "count of members", len(matching(parts[k], wanted, at.At)), counts[k], err2)
				same(t, "facets of members", facets(parts[k], wanted, at.At), found[k], err3)
			}
		}
	})
}

// ordered returns the keys in the order of a list.
func ordered(things []thing, at time.Time, list product.Listing) []uuid.UUID {
	lowest := func(p thing) int64 {
		l := int64(math.MaxInt64)
		for _, f := range p.forms {
			if price := f.price(at); price != nil {
				l = min(l, *price)
			}
		}
		return l
	}
	slices.SortFunc(things, func(a, b thing) int {
		by := strings.Compare(a.title, b.title)
		if list.Order == product.ByPrice {
			by = cmp.Or(cmp.Compare(lowest(a), lowest(b)), strings.Compare(a.key.String(), b.key.String()))
		}
		if list.Reverse {
			return -by
		}
		return by
	})
	var keys []uuid.UUID
	for _, p := range things {
		keys = append(keys, p.key)
	}
	return keys
}

// walk reads a list in pages of three.
func walk(t *rapid.T, want []uuid.UUID, list product.Listing, read func(product.Listing) (product.Page, error)) {
	var got []uuid.UUID
	list.Args = paging.Args{First: new(3)}
	for {
		page, err := read(list)
		if err != nil {
			t.Fatal(err)
		}
		if page.HasPrevious != (len(got) > 0) {
			t.Fatalf("previous %t after %d", page.HasPrevious, len(got))
		}
		got = append(got, page.Keys...)
		if !page.HasNext {
			break
		}
		list.Args.After = &page.Cursors[len(page.Cursors)-1]
	}
	same(t, "pages", want, got, nil)
}

func same(t *rapid.T, what string, want, got any, err error) {
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s (-oracle +database):\n%s", what, diff)
	}
}
