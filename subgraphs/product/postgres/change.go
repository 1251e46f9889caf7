package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/subgraphs/product"
)

// batch is a running change of many products.
type batch struct {
	tx       *database.Tx
	currency string
	location uuid.UUID // the default one
}

// oneAtATime lets changes of many products wait for each other, so that two do not make the same handle.
const oneAtATime = `SELECT pg_advisory_xact_lock(hashtextextended('catalogue of ' || current_schema(), 0))`

func (s store) Change(ctx context.Context, currency string, change func(product.Batch) error) error {
	return s.db.DB.Transact(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec(ctx, oneAtATime); err != nil {
			return fmt.Errorf("wait for other changes: %w", err)
		}
		b := batch{tx: tx, currency: currency}
		if _, err := tx.Exec(ctx, `INSERT INTO locations (id, name, is_default) SELECT $1, 'Default', true
			WHERE NOT EXISTS (SELECT FROM locations WHERE is_default)`, gid.New()); err != nil {
			return fmt.Errorf("make default location: %w", err)
		}
		if err := tx.Get(ctx, &b.location, `SELECT id FROM locations WHERE is_default`); err != nil {
			return fmt.Errorf("read default location: %w", err)
		}
		return change(b)
	})
}

func (b batch) Load(ctx context.Context, handles []string) (map[string]*product.Product, error) {
	var rows []productRow
	const query = `SELECT ` + productColumns + ` FROM products p WHERE p.handle = ANY ($1::text[]) ORDER BY p.id FOR UPDATE`
	if err := b.tx.Select(ctx, &rows, query, pq.Array(handles)); err != nil {
		return nil, fmt.Errorf("read products: %w", err)
	}
	products, err := assemble(ctx, b.tx, rows, b.currency, fmt.Sprintf(variantQuery, "LEFT JOIN", "c.valid_until IS NULL"))
	if err != nil {
		return nil, err
	}
	found := make(map[string]*product.Product, len(products))
	for _, p := range products {
		found[p.Handle] = p
	}
	return found, nil
}

// Statements of Save take rows as a JSON list in $1, and write only those that differ.
const (
	saveProducts = `
INSERT INTO products (id, version, handle, title, description, description_html, vendor, product_type, tags, seo_title, seo_description, published_at, created_at, updated_at)
SELECT id, version, handle, title, description, description_html, vendor, product_type, tags, seo_title, seo_description, published_at, created_at, updated_at
FROM jsonb_to_recordset($1::jsonb) r(id uuid, version bigint, handle text, title text, description text, description_html text, vendor text,
	product_type text, tags text[], seo_title text, seo_description text, published_at timestamptz, created_at timestamptz, updated_at timestamptz)
ON CONFLICT (id) DO UPDATE SET (version, handle, title, description, description_html, vendor, product_type, tags, seo_title, seo_description, published_at, updated_at)
	= (excluded.version, excluded.handle, excluded.title, excluded.description, excluded.description_html, excluded.vendor, excluded.product_type,
		excluded.tags, excluded.seo_title, excluded.seo_description, excluded.published_at, excluded.updated_at)`

	saveOptions = `
INSERT INTO options AS t (id, product_id, position, name)
SELECT id, product_id, position, name FROM jsonb_to_recordset($1::jsonb) r(id uuid, product_id uuid, position integer, name text)
ON CONFLICT (id) DO UPDATE SET (position, name) = (excluded.position, excluded.name)
WHERE (t.position, t.name) IS DISTINCT FROM (excluded.position, excluded.name)`

	saveValues = `
INSERT INTO option_values AS t (id, option_id, position, name)
SELECT id, option_id, position, name FROM jsonb_to_recordset($1::jsonb) r(id uuid, option_id uuid, position integer, name text)
ON CONFLICT (id) DO UPDATE SET (position, name) = (excluded.position, excluded.name)
WHERE (t.position, t.name) IS DISTINCT FROM (excluded.position, excluded.name)`

	saveImages = `
INSERT INTO images AS t (id, product_id, position, source, alt, width, height)
SELECT id, product_id, position, source, alt, width, height
FROM jsonb_to_recordset($1::jsonb) r(id uuid, product_id uuid, position integer, source text, alt text, width integer, height integer)
ON CONFLICT (id) DO UPDATE SET (position, source, alt, width, height) = (excluded.position, excluded.source, excluded.alt, excluded.width, excluded.height)
WHERE (t.position, t.source, t.alt, t.width, t.height) IS DISTINCT FROM (excluded.position, excluded.source, excluded.alt, excluded.width, excluded.height)`

	saveVariants = `
INSERT INTO variants AS t (id, product_id, position, value_ids, sku, barcode, image_id, tracked, requires_shipping, tax_class, weight_mg, weight_unit)
SELECT id, product_id, position, value_ids, sku, barcode, image_id, tracked, requires_shipping, tax_class, weight_mg, weight_unit
FROM jsonb_to_recordset($1::jsonb) r(id uuid, product_id uuid, position integer, value_ids uuid[], sku text, barcode text, image_id uuid,
	tracked boolean, requires_shipping boolean, tax_class text, weight_mg bigint, weight_unit text)
ON CONFLICT (id) DO UPDATE SET (position, value_ids, sku, barcode, image_id, tracked, requires_shipping, tax_class, weight_mg, weight_unit)
	= (excluded.position, excluded.value_ids, excluded.sku, excluded.barcode, excluded.image_id, excluded.tracked, excluded.requires_shipping,
		excluded.tax_class, excluded.weight_mg, excluded.weight_unit)
WHERE (t.position, t.value_ids, t.sku, t.barcode, t.image_id, t.tracked, t.requires_shipping, t.tax_class, t.weight_mg, t.weight_unit)
	IS DISTINCT FROM (excluded.position, excluded.value_ids, excluded.sku, excluded.barcode, excluded.image_id, excluded.tracked,
		excluded.requires_shipping, excluded.tax_class, excluded.weight_mg, excluded.weight_unit)`

	saveStock = `
INSERT INTO stock AS t (variant_id, location_id, on_hand, backorder_limit)
SELECT id, $2, on_hand, backorder_limit FROM jsonb_to_recordset($1::jsonb) r(id uuid, on_hand bigint, backorder_limit bigint)
ON CONFLICT (variant_id, location_id) DO UPDATE SET (on_hand, backorder_limit, version) = (excluded.on_hand, excluded.backorder_limit, t.version + 1)
WHERE (t.on_hand, t.backorder_limit) IS DISTINCT FROM (excluded.on_hand, excluded.backorder_limit)`

	closePrices = `
UPDATE prices c SET valid_until = greatest(c.valid_from, $3)
FROM jsonb_to_recordset($1::jsonb) r(id uuid, price_id uuid)
WHERE c.variant_id = r.id AND c.currency = $2 AND c.valid_until IS NULL AND c.id IS DISTINCT FROM r.price_id`

	savePrices = `
INSERT INTO prices (id, variant_id, currency, amount, compare_at, valid_from)
SELECT price_id, id, $2, amount, compare_at, $3 FROM jsonb_to_recordset($1::jsonb) r(id uuid, price_id uuid, amount bigint, compare_at bigint)
WHERE price_id IS NOT NULL
ON CONFLICT (id) DO NOTHING`
)

// Statements of Save that remove what is not there any more take the products in $1 and what is left in $2.
const (
	removeStock = `
DELETE FROM stock s USING variants v WHERE v.id = s.variant_id AND v.product_id = ANY ($1::uuid[]) AND NOT v.id = ANY ($2::uuid[])
	AND s.allocated = 0 AND s.held = 0`
	removeVariants = `DELETE FROM variants WHERE product_id = ANY ($1::uuid[]) AND NOT id = ANY ($2::uuid[])`
	removeImages   = `DELETE FROM images WHERE product_id = ANY ($1::uuid[]) AND NOT id = ANY ($2::uuid[])`
	removeValues   = `
DELETE FROM option_values v USING options o WHERE o.id = v.option_id AND o.product_id = ANY ($1::uuid[]) AND NOT v.id = ANY ($2::uuid[])`
	removeOptions = `DELETE FROM options WHERE product_id = ANY ($1::uuid[]) AND NOT id = ANY ($2::uuid[])`
)

func (b batch) Save(ctx context.Context, products []*product.Product, now time.Time) error {
	if len(products) == 0 {
		return nil
	}
	r := rowsOf(products)
	steps := []struct {
		what, query string
		args        []any
	}{
		{"products", saveProducts, []any{text(r.products)}},
		{"stock", removeStock, []any{uuids(r.keys), uuids(keysOf(r.variants))}},
		{"variants", removeVariants, []any{uuids(r.keys), uuids(keysOf(r.variants))}},
		{"images", removeImages, []any{uuids(r.keys), uuids(keysOf(r.images))}},
		{"option values", removeValues, []any{uuids(r.keys), uuids(keysOf(r.values))}},
		{"options", removeOptions, []any{uuids(r.keys), uuids(keysOf(r.options))}},
		{"options", saveOptions, []any{text(r.options)}},
		{"option values", saveValues, []any{text(r.values)}},
		{"images", saveImages, []any{text(r.images)}},
		{"variants", saveVariants, []any{text(r.variants)}},
		{"stock", saveStock, []any{text(r.variants), b.location}},
		{"prices", closePrices, []any{text(r.variants), b.currency, now}},
		{"prices", savePrices, []any{text(r.variants), b.currency, now}},
	}
	for _, s := range steps {
		if _, err := b.tx.Exec(ctx, s.query, s.args...); err != nil {
			return fmt.Errorf("save %s: %w", s.what, err)
		}
	}
	return nil
}

func text(rows any) string {
	b, err := json.Marshal(rows)
	if err != nil {
		panic(err) // Rows are texts, numbers and times.
	}
	return string(b)
}
