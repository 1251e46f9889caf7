package postgres_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
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

// draw draws a product and the same for the oracle.
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
	for _, table := range []string{"stock", "products", "collections", "locations", "outbox"} {
		exec(`DELETE FROM ` + table)
	}
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
		for range 3 {
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
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s (-oracle +database):\n%s", what, diff)
	}
}

// Choices are those that options and values are named now.
func TestFacetsFollowNames(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, postgres.Migrations)
	store := postgres.New(db)
	price := &product.Price{Key: gid.New(), Amount: money.Money{Minor: 100, Currency: "EUR"}}
	value := &product.OptionValue{Key: gid.New(), Name: "S"}
	option := &product.Option{Key: gid.New(), Name: "Size", OptionValues: []*product.OptionValue{value}}
	p := &product.Product{
		Key: gid.New(), Handle: "p", Title: "P", Published: new(noon.Add(-time.Hour)), CreatedAt: noon, UpdatedAt: noon, Options: []*product.Option{option},
		Variants: []*product.Variant{{Key: gid.New(), TaxClass: "standard", Values: []uuid.UUID{value.Key}, Offer: price}},
	}
	for i, names := range [][2]string{{"Size", "S"}, {"Size", "Small"}, {"Height", "Small"}, {"Length", "Short"}} {
		p.Version, option.Name, value.Name = int64(i+1), names[0], names[1]
		if err := store.Change(t.Context(), "EUR", func(b product.Batch) error { return b.Save(t.Context(), []*product.Product{p}, noon.Add(-time.Hour)) }); err != nil {
			t.Fatal(err)
		}
		got, err := store.ProductFacets(t.Context(), view, product.Filters{})
		if err != nil || len(got) != 3 || got[2].Option != names[0] || len(got[2].Values) != 1 || got[2].Values[0].Value != names[1] {
			t.Errorf("facets %+v, %v; want %s %s", got, err, names[0], names[1])
		}
		n, err := store.CountProducts(t.Context(), view, product.Filters{Choices: []product.SelectedOption{{Name: names[0], Value: names[1]}}}, 9)
		if n != 1 || err != nil {
			t.Errorf("%d products of %v, %v", n, names, err)
		}
	}
}

// checkInStock holds what lists believe of stock against its figures.
func checkInStock(t *testing.T, db *outbox.DB) {
	t.Helper()
	var wrong int
	const query = `SELECT count(*) FROM in_stock i FULL JOIN (
		SELECT variant_id FROM stock GROUP BY variant_id HAVING sum(on_hand - allocated - held - safety + backorder_limit) >= 1
	) s ON s.variant_id = i.variant_id WHERE i.variant_id IS NULL OR s.variant_id IS NULL`
	if err := db.Get(t.Context(), &wrong, query); err != nil || wrong > 0 {
		t.Errorf("%d variants are wrongly in stock or not, %v", wrong, err)
	}
}
