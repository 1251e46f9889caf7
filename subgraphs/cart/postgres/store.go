// Package postgres keeps carts in PostgreSQL.
package postgres

import (
	"context"
	"embed"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/subgraphs/cart"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the schema of the cart database, step by step.
var Migrations = database.Embedded(files)

type store struct{ db *outbox.DB }

// New makes a store on the cart database.
func New(db *outbox.DB) cart.Store { return store{db} }

// One statement, so that version and lines fit together while others write.
const selectCarts = `SELECT id, version, currency, customer, country, email, phone, note, attributes, created_at, updated_at,
  (SELECT jsonb_agg(to_jsonb(l) ORDER BY l.position) FROM cart_lines l WHERE l.cart_id = c.id) AS lines
FROM carts c WHERE id = ANY($1::uuid[])`

func (s store) ByIDs(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*cart.Cart, error) {
	return load(ctx, s.db, ids)
}

func load(ctx context.Context, q database.Queryer, ids []uuid.UUID) (map[uuid.UUID]*cart.Cart, error) {
	carts := make(map[uuid.UUID]*cart.Cart, len(ids))
	if len(ids) == 0 {
		return carts, nil
	}
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = id.String()
	}
	var rows []cartRow
	if err := q.Select(ctx, &rows, selectCarts, pq.Array(keys)); err != nil {
		return nil, fmt.Errorf("read carts: %w", err)
	}
	for _, r := range rows {
		carts[r.ID] = r.cart()
	}
	return carts, nil
}

const insertCart = `INSERT INTO carts (id, version, currency, customer, country, email, phone, note, attributes, created_at, updated_at)
SELECT id, version, currency, customer, country, email, phone, note, attributes, created_at, updated_at
FROM jsonb_populate_record(NULL::carts, $1::jsonb)`

func (s store) Insert(ctx context.Context, c *cart.Cart) error {
	return s.db.DB.Transact(ctx, func(tx *database.Tx) error {
		if err := write(ctx, tx, insertCart, rowOf(c)); err != nil {
			return fmt.Errorf("insert cart: %w", err)
		}
		return writeLines(ctx, tx, c)
	})
}

const (
	setLockTimeout = `SET LOCAL lock_timeout = '2s'` // rule C-1
	lockCart       = `SELECT FROM carts WHERE id = $1 FOR UPDATE`
)

func (s store) Update(ctx context.Context, id uuid.UUID, now time.Time, change func(*cart.Cart) error) (*cart.Cart, error) {
	var c *cart.Cart
	err := s.db.DB.Transact(ctx, func(tx *database.Tx) error {
		c = nil
		if _, err := tx.Exec(ctx, setLockTimeout); err != nil {
			return fmt.Errorf("limit wait for cart: %w", err)
		}
		if _, err := tx.Exec(ctx, lockCart, id.String()); err != nil {
			return fmt.Errorf("lock cart: %w", err)
		}
		carts, err := load(ctx, tx, []uuid.UUID{id}) // A statement of its own: it sees what was written before the lock was free.
		if err != nil {
			return err
		}
		if c = carts[id]; c == nil {
			return cart.NotFound()
		}
		changed, err := c.Apply(now, change)
		if err != nil || !changed {
			return err
		}
		return save(ctx, tx, c)
	})
	if !database.Locked(err) {
		return c, err
	}
	carts, err := s.ByIDs(ctx, []uuid.UUID{id})
	if err != nil {
		return nil, err
	}
	return carts[id], cart.Busy()
}

const updateCart = `UPDATE carts c SET version = r.version, customer = r.customer, country = r.country, email = r.email, phone = r.phone,
  note = r.note, attributes = r.attributes, updated_at = r.updated_at
FROM jsonb_populate_record(NULL::carts, $1::jsonb) r WHERE c.id = r.id`

func save(ctx context.Context, tx *database.Tx, c *cart.Cart) error {
	if err := write(ctx, tx, updateCart, rowOf(c)); err != nil {
		return fmt.Errorf("update cart: %w", err)
	}
	if err := removeLines(ctx, tx, c); err != nil {
		return err
	}
	return writeLines(ctx, tx, c)
}

const deleteLines = `DELETE FROM cart_lines WHERE cart_id = $1 AND id <> ALL($2::uuid[])`

// removeLines deletes the lines that the cart no longer has.
func removeLines(ctx context.Context, tx *database.Tx, c *cart.Cart) error {
	kept := make([]string, len(c.Lines))
	for i, l := range c.Lines {
		kept[i] = l.UUID.String()
	}
	if _, err := tx.Exec(ctx, deleteLines, c.UUID.String(), pq.Array(kept)); err != nil {
		return fmt.Errorf("delete cart lines: %w", err)
	}
	return nil
}

const upsertLines = `INSERT INTO cart_lines AS l (id, cart_id, position, variant_id, quantity, attributes, price, compare_at, product_id,
  title, variant_title, sku, handle, image, options, requires_shipping, weight, tax_class, taken_at)
SELECT id, cart_id, position, variant_id, quantity, attributes, price, compare_at, product_id,
  title, variant_title, sku, handle, image, options, requires_shipping, weight, tax_class, taken_at
FROM jsonb_populate_recordset(NULL::cart_lines, $1::jsonb)
ON CONFLICT (id) DO UPDATE SET position = excluded.position, variant_id = excluded.variant_id, quantity = excluded.quantity,
  attributes = excluded.attributes, price = excluded.price, compare_at = excluded.compare_at, product_id = excluded.product_id,
  title = excluded.title, variant_title = excluded.variant_title, sku = excluded.sku, handle = excluded.handle,
  image = excluded.image, options = excluded.options, requires_shipping = excluded.requires_shipping,
  weight = excluded.weight, tax_class = excluded.tax_class, taken_at = excluded.taken_at
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
