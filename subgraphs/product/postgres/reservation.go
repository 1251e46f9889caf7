package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/subgraphs/product"
)

// Unbalanced finds shelves whose pieces are not those of the reservations: held those of the ones that live, allocated
// those of the ones that were committed (rule I-4). There must be none.
const Unbalanced = `
SELECT s.variant_id, s.location_id, s.held, coalesce(r.held, 0) AS reserved, s.allocated, coalesce(r.committed, 0) AS committed
FROM stock s FULL JOIN (
	SELECT w.variant_id, w.location_id, sum(w.quantity) FILTER (WHERE r.state IN ('HELD', 'PINNED')) AS held,
		sum(w.quantity) FILTER (WHERE r.state = 'COMMITTED') AS committed
	FROM reservations r JOIN reservation_rows w ON w.reservation_id = r.id
	GROUP BY w.variant_id, w.location_id
) r USING (variant_id, location_id)
WHERE coalesce(s.held, 0) <> coalesce(r.held, 0) OR coalesce(s.allocated, 0) <> coalesce(r.committed, 0)`

// reservation is what there is for a completion.
type reservation struct {
	State  string
	Answer *string // which lines were refused, as JSON: none where all are reserved; nil where nobody asked yet

	key   uuid.UUID
	fresh bool // nothing was known of it until now
}

func (r reservation) answered() bool { return r.Answer != nil }

// open locks the reservation of a completion. One that is fresh is released until more is known of it: so a completion whose
// failure comes first is refused later (rule I-5).
func (r reactions) open(ctx context.Context, tx *database.Tx, completion, checkout string) (reservation, error) {
	key, err := completionKey(completion)
	if err != nil {
		return reservation{}, err
	}
	const insert = `
INSERT INTO reservations (id, checkout, state, created_at, updated_at) VALUES ($1, $2, 'RELEASED', $3, $3) ON CONFLICT (id) DO NOTHING`
	made, err := tx.Exec(ctx, insert, key, checkout, r.now())
	if err != nil {
		return reservation{}, fmt.Errorf("make reservation: %w", err)
	}
	old := reservation{State: released, key: key, fresh: made > 0}
	if old.fresh {
		return old, nil
	}
	if err := tx.Get(ctx, &old, `SELECT state, answer FROM reservations WHERE id = $1 FOR UPDATE`, key); err != nil {
		return reservation{}, fmt.Errorf("lock reservation: %w", err)
	}
	return old, nil
}

// become moves a reservation that is locked from its state to another one (rule O-2a).
func (r reactions) become(ctx context.Context, tx *database.Tx, old reservation, state string) error {
	const query = `UPDATE reservations SET (state, updated_at) = ($3, $4) WHERE id = $1 AND state = $2`
	n, err := tx.Exec(ctx, query, old.key, old.State, state, r.now())
	if err != nil {
		return fmt.Errorf("end reservation: %w", err)
	}
	if n != 1 {
		return fmt.Errorf("end reservation %s: it is not %s any more", old.key, old.State)
	}
	return nil
}

// keep writes the rows of a reservation.
func keep(ctx context.Context, tx *database.Tx, key uuid.UUID, portions []product.Portion) error {
	if len(portions) == 0 {
		return nil
	}
	variants, locations, quantities := make([]uuid.UUID, len(portions)), make([]uuid.UUID, len(portions)), make([]int64, len(portions))
	for i, p := range portions {
		variants[i], locations[i], quantities[i] = p.Variant, p.Location, p.Quantity
	}
	const query = `
INSERT INTO reservation_rows (reservation_id, variant_id, location_id, quantity)
SELECT $1, r.* FROM unnest($2::uuid[], $3::uuid[], $4::bigint[]) r`
	if _, err := tx.Exec(ctx, query, key, uuids(variants), uuids(locations), pq.Array(quantities)); err != nil {
		return fmt.Errorf("write reservation: %w", err)
	}
	return nil
}

// replace writes the rows of a reservation in place of those it had.
func replace(ctx context.Context, tx *database.Tx, key uuid.UUID, portions []product.Portion) error {
	if _, err := tx.Exec(ctx, `DELETE FROM reservation_rows WHERE reservation_id = $1`, key); err != nil {
		return fmt.Errorf("write reservation: %w", err)
	}
	return keep(ctx, tx, key, portions)
}

// kept reads the rows of a reservation.
func kept(ctx context.Context, tx *database.Tx, key uuid.UUID) ([]product.Portion, error) {
	var rows []struct {
		Variant, Location uuid.UUID
		Quantity          int64
	}
	const query = `SELECT variant_id AS variant, location_id AS location, quantity FROM reservation_rows WHERE reservation_id = $1`
	if err := tx.Select(ctx, &rows, query, key); err != nil {
		return nil, fmt.Errorf("read reservation: %w", err)
	}
	portions := make([]product.Portion, len(rows))
	for i, r := range rows {
		portions[i] = product.Portion(r)
	}
	return portions, nil
}

func variantsOf(portions []product.Portion) []uuid.UUID {
	seen := map[uuid.UUID]bool{}
	var variants []uuid.UUID
	for _, p := range portions {
		if !seen[p.Variant] {
			seen[p.Variant] = true
			variants = append(variants, p.Variant)
		}
	}
	return variants
}

type offerRow struct {
	Variant    *uuid.UUID
	Tracked    *bool
	Published  *time.Time
	PriceID    *uuid.UUID `db:"price_id"`
	PriceOf    *uuid.UUID `db:"price_of"`
	Currency   *string
	Amount     *int64
	ValidFrom  *time.Time `db:"valid_from"`
	ValidUntil *time.Time `db:"valid_until"`
}

func (r offerRow) offer() product.Offered {
	var o product.Offered
	if r.Variant != nil {
		o.Variant, o.Tracked, o.Published = *r.Variant, *r.Tracked, r.Published
	}
	if r.PriceID != nil {
		row := priceRow{ID: *r.PriceID, VariantID: *r.PriceOf, Currency: *r.Currency, Amount: *r.Amount, ValidFrom: *r.ValidFrom, ValidUntil: r.ValidUntil}
		price := row.price()
		o.Price, o.PriceOf = &price, row.VariantID
	}
	return o
}

// offered reads what there is for lines: one for each, in their order.
func offered(ctx context.Context, tx *database.Tx, lines []event.CompletionLine) ([]product.Offered, error) {
	variants, prices := make([]uuid.UUID, len(lines)), make([]uuid.UUID, len(lines)) // What cannot be read is uuid.Nil, which is nothing's key.
	for i, l := range lines {
		variants[i], _ = gid.Parse("ProductVariant", l.VariantID)
		prices[i], _ = uuid.Parse(l.PriceID)
	}
	var rows []offerRow
	const query = `
SELECT v.id AS variant, v.tracked, p.published_at AS published, c.id AS price_id, c.variant_id AS price_of, c.currency, c.amount, c.valid_from, c.valid_until
FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY l(variant, price, n)
LEFT JOIN variants v ON v.id = l.variant LEFT JOIN products p ON p.id = v.product_id LEFT JOIN prices c ON c.id = l.price
ORDER BY l.n`
	if err := tx.Select(ctx, &rows, query, uuids(variants), uuids(prices)); err != nil {
		return nil, fmt.Errorf("read offers: %w", err)
	}
	offers := make([]product.Offered, len(rows))
	for i, r := range rows {
		offers[i] = r.offer()
	}
	return offers, nil
}
