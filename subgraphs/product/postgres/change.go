package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/subgraphs/product"
)

// batch is a running change of many products. What is told of it, and figures of stock, are written when it ends: then the
// stock is locked in its order (rule I-2), and not for long.
type batch struct {
	tx       *database.Tx
	currency string
	location uuid.UUID   // the default one
	now      time.Time   // of the last change
	told     []uuid.UUID // products
	gathered []uuid.UUID // collections that were made or changed
	counts   []figures
	removed  []uuid.UUID   // variants
	events   []event.Event // that are known before it ends
}

// oneAtATime lets changes of many products wait for each other, so that two do not make the same handle.
const oneAtATime = `SELECT pg_advisory_xact_lock(hashtextextended('catalogue of ' || current_schema(), 0))`

func (s store) Change(ctx context.Context, currency string, change func(product.Batch) error) error {
	return s.change(ctx, "product.change", currency, func(b *batch) error { return change(b) })
}

func (s store) change(ctx context.Context, name, currency string, change func(*batch) error) error {
	return s.db.Transact(ctx, name, func(tx *database.Tx) ([]event.Event, error) {
		if _, err := tx.Exec(ctx, oneAtATime); err != nil {
			return nil, fmt.Errorf("wait for other changes: %w", err)
		}
		b := &batch{tx: tx, currency: currency}
		if _, err := tx.Exec(ctx, `INSERT INTO locations (id, name, is_default) SELECT $1, 'Default', true
			WHERE NOT EXISTS (SELECT FROM locations WHERE is_default)`, gid.New()); err != nil {
			return nil, fmt.Errorf("make default location: %w", err)
		}
		if err := tx.Get(ctx, &b.location, `SELECT id FROM locations WHERE is_default`); err != nil {
			return nil, fmt.Errorf("read default location: %w", err)
		}
		if err := change(b); err != nil {
			return nil, err
		}
		return b.end(ctx)
	})
}

// chunk is how many products are told at once.
const chunk = 200

// end writes the stock, then tells the products; it returns what is left to be told.
func (b *batch) end(ctx context.Context) ([]event.Event, error) {
	inventories, err := b.saveStock(ctx)
	if err != nil {
		return nil, err
	}
	for keys := range slices.Chunk(b.told, chunk) {
		products, err := readTold(ctx, b.tx, keys, b.now)
		if err != nil {
			return nil, err
		}
		in, err := collectionsOf(ctx, b.tx, keys)
		if err != nil {
			return nil, err
		}
		events := make([]event.Event, len(products))
		for i, p := range products {
			events[i] = event.New(p.ProductID, p.Version, p, b.now)
			key, _ := gid.Parse("Product", p.ProductID)
			events[i].CacheTags = product.CacheTags(p.ProductID, in[key])
		}
		if err := outbox.Append(ctx, b.tx, events...); err != nil {
			return nil, err
		}
	}
	collections, err := b.tellCollections(ctx)
	return slices.Concat(inventories, b.events, collections), err
}

func (b *batch) Load(ctx context.Context, handles []string) (map[string]*product.Product, error) {
	return b.load(ctx, `p.handle = ANY ($1::text[])`, pq.Array(handles))
}

// load reads the products for which a condition holds, by their handles.
func (b *batch) load(ctx context.Context, condition string, args ...any) (map[string]*product.Product, error) {
	var rows []productRow
	const query = `SELECT ` + productColumns + ` FROM products p WHERE %s ORDER BY p.id FOR UPDATE`
	if err := b.tx.Select(ctx, &rows, fmt.Sprintf(query, condition), args...); err != nil {
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
		excluded.tags, excluded.seo_title, excluded.seo_description, excluded.published_at, excluded.updated_at)
WHERE products.version <> excluded.version
RETURNING id`

	saveOptions = `
INSERT INTO options AS t (id, product_id, position, name)
SELECT id, product_id, position, name FROM jsonb_to_recordset($1::jsonb) r(id uuid, product_id uuid, position integer, name text)
ON CONFLICT (id) DO UPDATE SET (position, name) = (excluded.position, excluded.name)
WHERE (t.position, t.name) IS DISTINCT FROM (excluded.position, excluded.name)`

	saveValues = `
INSERT INTO option_values AS t (id, option_id, position, name, swatch_color, swatch_image_id)
SELECT id, option_id, position, name, swatch_color, swatch_image_id
FROM jsonb_to_recordset($1::jsonb) r(id uuid, option_id uuid, position integer, name text, swatch_color text, swatch_image_id uuid)
ON CONFLICT (id) DO UPDATE SET (position, name, swatch_color, swatch_image_id)
	= (excluded.position, excluded.name, excluded.swatch_color, excluded.swatch_image_id)
WHERE (t.position, t.name, t.swatch_color, t.swatch_image_id)
	IS DISTINCT FROM (excluded.position, excluded.name, excluded.swatch_color, excluded.swatch_image_id)`

	saveImages = `
INSERT INTO images AS t (id, product_id, position, source, alt, width, height)
SELECT id, product_id, position, source, alt, width, height
FROM jsonb_to_recordset($1::jsonb) r(id uuid, product_id uuid, position integer, source text, alt text, width integer, height integer)
ON CONFLICT (id) DO UPDATE SET (position, source, alt, width, height) = (excluded.position, excluded.source, excluded.alt, excluded.width, excluded.height)
WHERE (t.position, t.source, t.alt, t.width, t.height) IS DISTINCT FROM (excluded.position, excluded.source, excluded.alt, excluded.width, excluded.height)`

	// saveVariants returns those that are counted from now on, or not any more.
	saveVariants = `
WITH saved AS (
INSERT INTO variants AS t (id, product_id, position, value_ids, sku, barcode, image_id, tracked, requires_shipping, tax_class, weight_mg, weight_unit)
SELECT id, product_id, position, value_ids, sku, barcode, image_id, tracked, requires_shipping, tax_class, weight_mg, weight_unit
FROM jsonb_to_recordset($1::jsonb) r(id uuid, product_id uuid, position integer, value_ids uuid[], sku text, barcode text, image_id uuid,
	tracked boolean, requires_shipping boolean, tax_class text, weight_mg bigint, weight_unit text)
ON CONFLICT (id) DO UPDATE SET (position, value_ids, sku, barcode, image_id, tracked, requires_shipping, tax_class, weight_mg, weight_unit)
	= (excluded.position, excluded.value_ids, excluded.sku, excluded.barcode, excluded.image_id, excluded.tracked, excluded.requires_shipping,
		excluded.tax_class, excluded.weight_mg, excluded.weight_unit)
WHERE (t.position, t.value_ids, t.sku, t.barcode, t.image_id, t.tracked, t.requires_shipping, t.tax_class, t.weight_mg, t.weight_unit)
	IS DISTINCT FROM (excluded.position, excluded.value_ids, excluded.sku, excluded.barcode, excluded.image_id, excluded.tracked,
		excluded.requires_shipping, excluded.tax_class, excluded.weight_mg, excluded.weight_unit)
RETURNING id, tracked
)
SELECT saved.id FROM saved JOIN variants before ON before.id = saved.id WHERE before.tracked <> saved.tracked`

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

// Statements of Save about what is not there any more take the products in $1 and what is left in $2.
const (
	goneVariants = `SELECT id FROM variants WHERE product_id = ANY ($1::uuid[]) AND NOT id = ANY ($2::uuid[])`
	removeImages = `DELETE FROM images WHERE product_id = ANY ($1::uuid[]) AND NOT id = ANY ($2::uuid[])`
	removeValues = `
DELETE FROM option_values v USING options o WHERE o.id = v.option_id AND o.product_id = ANY ($1::uuid[]) AND NOT v.id = ANY ($2::uuid[])`
	removeOptions = `DELETE FROM options WHERE product_id = ANY ($1::uuid[]) AND NOT id = ANY ($2::uuid[])`
	removeTexts   = `DELETE FROM translations WHERE owner_id = ANY ($1::uuid[]) AND NOT subject_id = ANY ($2::uuid[])`
)

func (b *batch) Save(ctx context.Context, products []*product.Product, now time.Time) error {
	if len(products) == 0 {
		return nil
	}
	r := rowsOf(products)
	b.now = now
	var told, gone, switched []uuid.UUID
	if err := b.tx.Select(ctx, &told, saveProducts, text(r.products)); err != nil {
		return fmt.Errorf("save products: %w", err)
	}
	if err := b.tx.Select(ctx, &gone, goneVariants, uuids(r.keys), uuids(keysOf(r.variants))); err != nil {
		return fmt.Errorf("read variants that are gone: %w", err)
	}
	if err := b.exec(ctx, []step{
		{"images", removeImages, []any{uuids(r.keys), uuids(keysOf(r.images))}},
		{"option values", removeValues, []any{uuids(r.keys), uuids(keysOf(r.values))}},
		{"options", removeOptions, []any{uuids(r.keys), uuids(keysOf(r.options))}},
		{"translations", removeTexts, []any{uuids(r.keys), uuids(slices.Concat(r.keys, keysOf(r.options), keysOf(r.values), keysOf(r.images)))}},
		{"images", saveImages, []any{text(r.images)}},
		{"options", saveOptions, []any{text(r.options)}},
		{"option values", saveValues, []any{text(r.values)}},
	}); err != nil {
		return err
	}
	if err := b.tx.Select(ctx, &switched, saveVariants, text(r.variants)); err != nil {
		return fmt.Errorf("save variants: %w", err)
	}
	b.told, b.removed = append(b.told, told...), append(b.removed, gone...)
	b.counts = append(b.counts, countsOf(r.variants, switched)...)
	return b.exec(ctx, []step{
		{"prices", closePrices, []any{text(r.variants), b.currency, now}},
		{"prices", savePrices, []any{text(r.variants), b.currency, now}},
	})
}

// step is a statement of a change.
type step struct {
	what, query string
	args        []any
}

func (b *batch) exec(ctx context.Context, steps []step) error {
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
