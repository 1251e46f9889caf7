package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/launch/launchtest"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/internal/paging"
	"github.com/soukhq/souk/subgraphs/product"
	"github.com/soukhq/souk/subgraphs/product/exchange"
	"github.com/soukhq/souk/subgraphs/product/postgres"
)

func TestMain(m *testing.M) { os.Exit(launchtest.Main(m)) }

var (
	noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	view = product.View{Currency: "EUR", At: noon}
)

func load(t *testing.T, db *outbox.DB, csv string, at time.Time) {
	t.Helper()
	o := exchange.Options{Currency: "EUR", Now: at}
	if _, err := exchange.ImportShopify(t.Context(), strings.NewReader(csv), postgres.New(db), o, nil); err != nil {
		t.Fatal(err)
	}
}

// various is a catalogue with equal and missing sort values.
func various(t *testing.T, db *outbox.DB, n int) {
	t.Helper()
	var b strings.Builder
	b.WriteString("Handle,Title,Vendor,Type,Variant Price,Published,Collection\n")
	for i := range n {
		vendor, kind, visible := "", "", "true"
		if i%3 > 0 {
			vendor = fmt.Sprintf("Vendor %d", i%4)
		}
		if i%2 > 0 {
			kind = []string{"ärmel", "Zoo", "apfel"}[i%3]
		}
		if i%7 == 6 {
			visible = "false"
		}
		fmt.Fprintf(&b, "h-%02d,Title %d,%s,%s,%d,%s,All\n", i, i*13%5, vendor, kind, i*31%6+1, visible)
		if i%10 == 9 { // Products that come at different times.
			load(t, db, b.String(), noon.Add(time.Duration(i-n)*time.Minute))
		}
	}
	load(t, db, b.String(), noon)
}

// list reads pages of a list.
type list func(args paging.Args) (product.Page, error)

// Rules S-8, S-9, S-10: whatever the order, paging in both directions yields every item once, in one order, and the
// page says truthfully whether there is more.
func TestPagesYieldEveryItemOnce(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, postgres.Migrations)
	store := postgres.New(db)
	various(t, db, 40)
	all, err := store.CollectionKey(t.Context(), "all")
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	lists := map[string]func(product.Order, bool) list{
		"products": func(o product.Order, reverse bool) list {
			return func(args paging.Args) (product.Page, error) {
				return store.ProductPage(ctx, view, product.Listing{Order: o, Reverse: reverse, Args: args})
			}
		},
		"members": func(o product.Order, reverse bool) list {
			return func(args paging.Args) (product.Page, error) {
				pages, err := store.MemberPages(ctx, view, []uuid.UUID{all}, product.Listing{Order: o, Reverse: reverse, Args: args})
				return pages[all], err
			}
		},
	}
	orders := map[string][]product.Order{
		"products": {product.ByKey, product.ByCreation, product.ByChange, product.ByTitle, product.ByVendor, product.ByType, product.ByPrice},
		"members":  {product.ByKey, product.ByCreation, product.ByTitle, product.ByPrice, product.ByPosition},
	}
	total, err := store.CountProducts(ctx, view, product.Filters{}, 1000)
	if err != nil || total != 35 {
		t.Fatalf("%d products, %v; want 35 that are published", total, err)
	}
	for name, kinds := range orders {
		for _, order := range kinds {
			for _, reverse := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s by %s reversed %t", name, order, reverse), func(t *testing.T) {
					l := lists[name](order, reverse)
					whole := l.read(t, paging.Args{First: new(250)})
					if len(whole.Keys) != total || whole.HasNext || whole.HasPrevious {
						t.Fatalf("the whole list has %d items, next %t, previous %t", len(whole.Keys), whole.HasNext, whole.HasPrevious)
					}
					checkOrder(t, ctx, store, whole.Keys, order, reverse)
					for _, size := range []int{4, 35} {
						l.walk(t, whole, size)
						l.walkBack(t, whole, size)
					}
					l.between(t, whole)
				})
			}
		}
	}
}

func (l list) read(t *testing.T, args paging.Args) product.Page {
	t.Helper()
	p, err := l(args)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (l list) walk(t *testing.T, whole product.Page, size int) {
	t.Helper()
	var got []uuid.UUID
	args := paging.Args{First: &size}
	for {
		p := l.read(t, args)
		if want := len(got) > 0; p.HasPrevious != want {
			t.Errorf("page of %d after %d: previous %t, want %t", size, len(got), p.HasPrevious, want)
		}
		got = append(got, p.Keys...)
		if want := len(got) < len(whole.Keys); p.HasNext != want {
			t.Fatalf("page of %d up to %d: next %t, want %t", size, len(got), p.HasNext, want)
		}
		if !p.HasNext {
			break
		}
		args.After = &p.Cursors[len(p.Cursors)-1]
	}
	if diff := cmp.Diff(whole.Keys, got); diff != "" {
		t.Errorf("pages of %d (-whole +pages):\n%s", size, diff)
	}
}

func (l list) walkBack(t *testing.T, whole product.Page, size int) {
	t.Helper()
	var got []uuid.UUID
	args := paging.Args{Last: &size}
	for {
		p := l.read(t, args)
		if want := len(got) > 0; p.HasNext != want {
			t.Errorf("page of last %d before %d: next %t, want %t", size, len(got), p.HasNext, want)
		}
		got = append(slices.Clone(p.Keys), got...)
		if want := len(got) < len(whole.Keys); p.HasPrevious != want {
			t.Fatalf("page of last %d down to %d: previous %t, want %t", size, len(got), p.HasPrevious, want)
		}
		if !p.HasPrevious {
			break
		}
		args.Before = &p.Cursors[0]
	}
	if diff := cmp.Diff(whole.Keys, got); diff != "" {
		t.Errorf("pages of last %d (-whole +pages):\n%s", size, diff)
	}
}

// between reads pages between two cursors, empty ones among them.
func (l list) between(t *testing.T, whole product.Page) {
	t.Helper()
	from, to := &whole.Cursors[4], &whole.Cursors[9]
	for name, c := range map[string]struct {
		args           paging.Args
		want           []uuid.UUID
		next, previous bool
	}{
		"first":              {paging.Args{After: from, Before: to, First: new(250)}, whole.Keys[5:9], true, true},
		"last":               {paging.Args{After: from, Before: to, Last: new(2)}, whole.Keys[7:9], true, true},
		"crossed":            {paging.Args{After: to, Before: from, First: new(5)}, nil, true, true},
		"behind the end":     {paging.Args{After: &whole.Cursors[len(whole.Cursors)-1], First: new(5)}, nil, false, true},
		"before the start":   {paging.Args{Before: &whole.Cursors[0], Last: new(5)}, nil, true, false},
		"none":               {paging.Args{First: new(0)}, nil, true, false},
		"none after a place": {paging.Args{First: new(0), After: from}, nil, true, true},
	} {
		p := l.read(t, c.args)
		if !slices.Equal(p.Keys, c.want) || p.HasNext != c.next || p.HasPrevious != c.previous {
			t.Errorf("%s: %d items, next %t, previous %t; want %d, %t, %t", name, len(p.Keys), p.HasNext, p.HasPrevious, len(c.want), c.next, c.previous)
		}
	}
}

// checkOrder holds the values of the items against the order, those that are missing last (rule S-9).
func checkOrder(t *testing.T, ctx context.Context, store product.Store, keys []uuid.UUID, order product.Order, reverse bool) {
	t.Helper()
	found, err := store.Products(ctx, view, keys)
	if err != nil {
		t.Fatal(err)
	}
	value := func(p *product.Product) string {
		switch order {
		case product.ByTitle:
			return p.Title
		case product.ByVendor:
			return p.Vendor
		case product.ByPrice:
			return fmt.Sprintf("%09d", p.PriceRange().MinVariantPrice.Minor)
		case product.ByCreation:
			return p.CreatedAt.Format(time.RFC3339Nano)
		case product.ByKey:
			return p.Key.String()
		default:
			return ""
		}
	}
	for i := 1; i < len(keys); i++ {
		a, b := value(found[keys[i-1]]), value(found[keys[i]])
		switch {
		case a == "" && b != "":
			t.Errorf("an item without a value comes before %q", b)
		case b != "" && (a > b) != reverse && a != b:
			t.Errorf("%q comes before %q", a, b)
		}
	}
}

// Rule S-8: a cursor belongs to one list, order and direction, and forged ones are faults, not internal errors.
func TestCursorsAreBoundToTheirList(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, postgres.Migrations)
	store := postgres.New(db)
	various(t, db, 10)
	ctx := t.Context()
	page, err := store.ProductPage(ctx, view, product.Listing{Order: product.ByTitle})
	if err != nil {
		t.Fatal(err)
	}
	cursor := page.Cursors[0]
	all, err := store.CollectionKey(ctx, "all")
	if err != nil {
		t.Fatal(err)
	}
	key := page.Keys[0].String()
	products := func(order product.Order, reverse bool, cursor string) error {
		_, err := store.ProductPage(ctx, view, product.Listing{Order: order, Reverse: reverse, Args: paging.Args{After: &cursor}})
		return err
	}
	for name, got := range map[string]error{
		"another order":     products(product.ByVendor, false, cursor),
		"the other way":     products(product.ByTitle, true, cursor),
		"no cursor":         products(product.ByTitle, false, "nonsense"),
		"a forged time":     products(product.ByCreation, false, paging.Cursor("products EUR CREATED_AT false", "yesterday", key)),
		"a forged price":    products(product.ByPrice, false, paging.Cursor("products EUR PRICE false", "1e9", key)),
		"a forged text":     products(product.ByTitle, false, paging.Cursor("products EUR TITLE false", "a\x00b", key)),
		"a forged key":      products(product.ByTitle, false, paging.Cursor("products EUR TITLE false", "a", "b")),
		"a forged null":     products(product.ByTitle, false, paging.Cursor("products EUR TITLE false", key)),
		"too little":        products(product.ByTitle, false, paging.Cursor("products EUR TITLE false")),
		"another currency":  second(store.ProductPage(ctx, product.View{Currency: "USD", At: noon}, product.Listing{Order: product.ByTitle, Args: paging.Args{After: &cursor}})),
		"a collection":      second(store.MemberPages(ctx, view, []uuid.UUID{all}, product.Listing{Order: product.ByTitle, Args: paging.Args{Before: &cursor}})),
		"two collections":   second(store.MemberPages(ctx, view, []uuid.UUID{all, all}, product.Listing{Order: product.ByTitle, Args: paging.Args{After: &cursor}})),
		"other collections": second(store.CollectionPage(ctx, product.Listing{Order: product.ByTitle, Args: paging.Args{After: &cursor}})),
	} {
		var f *fault.Error
		if !errors.As(got, &f) || f.Code != "INVALID_CURSOR" {
			t.Errorf("%s: %v, want INVALID_CURSOR", name, got)
		}
	}
	if err := products(product.ByTitle, false, cursor); err != nil {
		t.Errorf("its own list: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }
