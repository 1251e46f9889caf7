package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/internal/paging"
	"github.com/soukhq/souk/subgraphs/product"
	"github.com/soukhq/souk/subgraphs/product/postgres"
)

// fill writes products with ten variants each: five sizes in two of nine colours. Every tenth is in the collection "tenth".
const fill = `
INSERT INTO products (id, handle, title, description, description_html, vendor, product_type, tags, published_at, created_at, updated_at)
SELECT md5('p' || n)::uuid, 'p' || n, 'Product ' || n, '', '', 'Vendor ' || n %% 40, 'Type ' || n %% 12, ARRAY['a' || n %% 7, 'b' || n %% 23],
	'2026-01-01', '2026-01-01', '2026-01-01' FROM generate_series(1, %[1]d) n;
INSERT INTO options (id, product_id, position, name)
SELECT md5('o' || n || i)::uuid, md5('p' || n)::uuid, i, (ARRAY['Size', 'Colour'])[i + 1] FROM generate_series(1, %[1]d) n, generate_series(0, 1) i;
INSERT INTO option_values (id, option_id, position, name)
SELECT md5('s' || n || i)::uuid, md5('o' || n || '0')::uuid, i, 'S' || i FROM generate_series(1, %[1]d) n, generate_series(0, 4) i;
INSERT INTO option_values (id, option_id, position, name)
SELECT md5('c' || n || i)::uuid, md5('o' || n || '1')::uuid, i, 'C' || (n + i) %% 9 FROM generate_series(1, %[1]d) n, generate_series(0, 1) i;
INSERT INTO variants (id, product_id, position, value_ids, tracked, requires_shipping, tax_class)
SELECT md5('v' || n || '-' || i)::uuid, md5('p' || n)::uuid, i, ARRAY[md5('s' || n || i %% 5)::uuid, md5('c' || n || i / 5)::uuid], true, true, 'standard'
FROM generate_series(1, %[1]d) n, generate_series(0, 9) i;
INSERT INTO prices (id, variant_id, currency, amount, valid_from)
SELECT md5('r' || id || currency)::uuid, id, currency, 500 + abs(hashtext(id::text)) %% 20000, '2026-01-01'
FROM variants, (VALUES ('EUR'), ('USD')) c(currency);
INSERT INTO locations (id, name, is_default) VALUES (md5('l')::uuid, 'here', true);
INSERT INTO stock (variant_id, location_id, on_hand) SELECT id, md5('l')::uuid, abs(hashtext(id::text || 's')) %% 4 FROM variants;
INSERT INTO collections (id, handle, title, updated_at) VALUES (md5('k')::uuid, 'tenth', 'Tenth', '2026-01-01');
INSERT INTO collection_members (collection_id, product_id, position) SELECT md5('k')::uuid, md5('p' || n)::uuid, n FROM generate_series(10, %[1]d, 10) n;
ANALYZE`

func filled(t testing.TB, products int) (product.Store, *outbox.DB) {
	t.Helper()
	db := outboxtest.New(t, postgres.Migrations)
	for statement := range strings.SplitSeq(fmt.Sprintf(fill, products), ";\n") {
		if _, err := db.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return postgres.New(db), db
}

// BenchmarkFilters reads filtered pages and facets of 3,000 products with ten variants each.
func BenchmarkFilters(b *testing.B) {
	store, _ := filled(b, 3000)
	price := []product.Span{{Min: 1000, Max: 9000}}
	sizes := []product.SelectedOption{{Name: "Size", Value: "S1"}, {Name: "Size", Value: "S2"}}
	for _, c := range []struct {
		name    string
		filters product.Filters
	}{
		{"none", product.Filters{}},
		{"vendor", product.Filters{Vendors: []string{"Vendor 3", "Vendor 4"}}},
		{"size", product.Filters{Choices: sizes}},
		{"price", product.Filters{Prices: price}},
		{"nothing matches", product.Filters{Prices: []product.Span{{Min: 1, Max: 2}}}},
		{"available", product.Filters{Available: []bool{true}}},
		{"all", product.Filters{Vendors: []string{"Vendor 3", "Vendor 4"}, Choices: sizes, Prices: price, Available: []bool{true}}},
	} {
		collection, err := store.CollectionKey(b.Context(), "tenth")
		if err != nil {
			b.Fatal(err)
		}
		for what, run := range map[string]func(context.Context) error{
			"page by title": func(ctx context.Context) error {
				return second(store.ProductPage(ctx, view, product.Listing{Order: product.ByTitle, Filters: c.filters, Args: paging.Args{First: new(24)}}))
			},
			"page by price": func(ctx context.Context) error {
				return second(store.ProductPage(ctx, view, product.Listing{Order: product.ByPrice, Filters: c.filters, Args: paging.Args{First: new(24)}}))
			},
			"count":  func(ctx context.Context) error { return second(store.CountProducts(ctx, view, c.filters, 10_001)) },
			"facets": func(ctx context.Context) error { return second(store.ProductFacets(ctx, view, c.filters)) },
			"facets of 300 members": func(ctx context.Context) error {
				return second(store.MemberFacets(ctx, view, []uuid.UUID{collection}, c.filters))
			},
		} {
			b.Run(c.name+"/"+what, func(b *testing.B) {
				for b.Loop() {
					if err := run(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
