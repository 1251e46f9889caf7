package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/subgraphs/cart"
)

const insertCart = `INSERT INTO carts (id, version, revision, state, locked_by, currency, customer, country, email, phone, note, attributes, created_at, updated_at)
SELECT id, version, revision, state, locked_by, currency, customer, country, email, phone, note, attributes, created_at, updated_at
FROM jsonb_populate_record(NULL::carts, $1::jsonb)`

func insert(ctx context.Context, tx *database.Tx, c *cart.Cart) error {
	if err := write(ctx, tx, insertCart, rowOf(c)); err != nil {
		return fmt.Errorf("insert cart: %w", err)
	}
	return writeLines(ctx, tx, c)
}

const updateCart = `UPDATE carts c SET version = r.version, revision = r.revision, state = r.state, locked_by = r.locked_by, customer = r.customer,
  country = r.country, email = r.email, phone = r.phone, note = r.note, attributes = r.attributes, updated_at = r.updated_at
FROM jsonb_populate_record(NULL::carts, $1::jsonb) r WHERE c.id = r.id`

// save writes the cart with its lines.
func save(ctx context.Context, tx *database.Tx, c *cart.Cart) error {
	if err := saveHead(ctx, tx, c); err != nil {
		return err
	}
	if err := removeLines(ctx, tx, c); err != nil {
		return err
	}
	return writeLines(ctx, tx, c)
}

// saveHead writes the cart without its lines.
func saveHead(ctx context.Context, tx *database.Tx, c *cart.Cart) error {
	if err := write(ctx, tx, updateCart, rowOf(c)); err != nil {
		return fmt.Errorf("update cart: %w", err)
	}
	return nil
}

const deleteLines = `DELETE FROM cart_lines WHERE cart_id = $1 AND id <> ALL($2::uuid[])`

// removeLines deletes the lines that the cart no longer has.
func removeLines(ctx context.Context, tx *database.Tx, c *cart.Cart) error {
	kept := make([]uuid.UUID, len(c.Lines))
	for i, l := range c.Lines {
		kept[i] = l.UUID
	}
	if _, err := tx.Exec(ctx, deleteLines, c.UUID.String(), pq.Array(texts(kept))); err != nil {
		return fmt.Errorf("delete cart lines: %w", err)
	}
	return nil
}

const upsertLines = `INSERT INTO cart_lines AS l (id, cart_id, position, variant_id, quantity, attributes, price, price_id, priced_at, compare_at,
  product_id, title, variant_title, sku, handle, image, options, requires_shipping, weight, tax_class, facts, taken_at)
SELECT id, cart_id, position, variant_id, quantity, attributes, price, price_id, priced_at, compare_at,
  product_id, title, variant_title, sku, handle, image, options, requires_shipping, weight, tax_class, facts, taken_at
FROM jsonb_populate_recordset(NULL::cart_lines, $1::jsonb)
ON CONFLICT (id) DO UPDATE SET position = excluded.position, variant_id = excluded.variant_id, quantity = excluded.quantity,
  attributes = excluded.attributes, price = excluded.price, price_id = excluded.price_id, priced_at = excluded.priced_at,
  compare_at = excluded.compare_at, product_id = excluded.product_id, title = excluded.title, variant_title = excluded.variant_title,
  sku = excluded.sku, handle = excluded.handle, image = excluded.image, options = excluded.options,
  requires_shipping = excluded.requires_shipping, weight = excluded.weight, tax_class = excluded.tax_class, facts = excluded.facts,
  taken_at = excluded.taken_at
WHERE l.* IS DISTINCT FROM excluded.*`

// writeLines writes all lines of the cart in one statement; rows that are as they were stay untouched.
func writeLines(ctx context.Context, tx *database.Tx, c *cart.Cart) error {
	if len(c.Lines) == 0 {
		return nil
	}
	rows := make([]lineRow, len(c.Lines))
	for i := range c.Lines {
		rows[i] = rowOfLine(c.UUID, &c.Lines[i])
	}
	if err := write(ctx, tx, upsertLines, rows); err != nil {
		return fmt.Errorf("write cart lines: %w", err)
	}
	return nil
}

// write runs a statement whose only parameter is JSON.
func write(ctx context.Context, tx *database.Tx, statement string, value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("write row: %w", err)
	}
	_, err = tx.Exec(ctx, statement, string(b))
	return err
}
