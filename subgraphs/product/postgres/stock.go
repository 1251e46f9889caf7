package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/subgraphs/product"
)

// figures are how many pieces of a variant somebody says there are at the default location.
type figures struct {
	variant                uuid.UUID
	onHand, backorderLimit int64
	switched               bool // pieces are counted from now on, or not any more
	kept                   bool // the pieces of a shelf that is there are not counted anew
}

func countsOf(variants []savedVariant, switched []uuid.UUID) []figures {
	counts := make([]figures, len(variants))
	for i, v := range variants {
		counts[i] = figures{v.ID, v.OnHand, v.BackorderLimit, slices.Contains(switched, v.ID), false}
	}
	return counts
}

type shelfRow struct {
	VariantID      uuid.UUID `db:"variant_id"`
	ProductID      uuid.UUID `db:"product_id"`
	LocationID     uuid.UUID `db:"location_id"`
	IsDefault      bool      `db:"is_default"`
	Tracked        bool
	OnHand         int64 `db:"on_hand"`
	Allocated      int64
	Held           int64
	Safety         int64
	BackorderLimit int64 `db:"backorder_limit"`
	Version        int64
}

func (r shelfRow) shelf() product.Shelf {
	return product.Shelf{
		Variant: r.VariantID, Product: r.ProductID, Location: r.LocationID, Default: r.IsDefault, Tracked: r.Tracked,
		Stock: product.Stock{
			OnHand: r.OnHand, Allocated: r.Allocated, Held: r.Held, Safety: r.Safety, BackorderLimit: r.BackorderLimit, Version: r.Version,
		},
	}
}

const (
	// lockShelves locks all shelves of variants, always in one order (rule I-2).
	lockShelves = `
SELECT s.variant_id, v.product_id, s.location_id, l.is_default, v.tracked, s.on_hand, s.allocated, s.held, s.safety, s.backorder_limit, s.version
FROM stock s JOIN unnest($1::uuid[]) w(id) ON w.id = s.variant_id JOIN variants v ON v.id = s.variant_id JOIN locations l ON l.id = s.location_id
ORDER BY s.variant_id, s.location_id
FOR UPDATE OF s`

	// moveStock changes shelves and writes the ledger. Pieces are held only where they can be sold (rule I-2).
	moveStock = `
WITH moves AS (
	SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[])
		m(variant_id, location_id, on_hand, allocated, held, backorder_limit, reason)
), moved AS (
	UPDATE stock s SET (on_hand, allocated, held, backorder_limit, version)
		= (s.on_hand + m.on_hand, s.allocated + m.allocated, s.held + m.held, s.backorder_limit + m.backorder_limit, s.version + 1)
	FROM moves m
	WHERE s.variant_id = m.variant_id AND s.location_id = m.location_id
		AND (m.held <= 0 OR s.on_hand - s.allocated - s.held - s.safety + s.backorder_limit >= m.held)
	RETURNING m.*
)
INSERT INTO stock_movements (variant_id, location_id, on_hand, allocated, held, backorder_limit, reason, actor, reference, at)
SELECT variant_id, location_id, on_hand, allocated, held, backorder_limit, reason, $8, $9, $10 FROM moved`

	// fillShelves makes shelves that are not there and writes the ledger.
	fillShelves = `
WITH filled AS (
	INSERT INTO stock (variant_id, location_id, on_hand, backorder_limit)
	SELECT variant_id, $4, on_hand, backorder_limit FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) c(variant_id, on_hand, backorder_limit)
	RETURNING *
)
INSERT INTO stock_movements (variant_id, location_id, on_hand, backorder_limit, reason, actor, at)
SELECT variant_id, location_id, on_hand, backorder_limit, $5, $6, $7 FROM filled`

	// emptyShelves removes the shelves of variants that are gone.
	emptyShelves = `
WITH gone AS (DELETE FROM stock WHERE variant_id = ANY ($1::uuid[]) RETURNING *)
INSERT INTO stock_movements (variant_id, location_id, on_hand, backorder_limit, reason, actor, at)
SELECT variant_id, location_id, -on_hand, -backorder_limit, $2, $3, $4 FROM gone`

	removeVariants = `DELETE FROM variants WHERE id = ANY ($1::uuid[])`

	variantNames = `
SELECT p.handle || coalesce(' (' || v.sku || ')', '') FROM variants v JOIN products p ON p.id = v.product_id WHERE v.id = ANY ($1::uuid[]) ORDER BY 1`
)

// staff is the actor of changes that people make.
const staff = "staff"

func lock(ctx context.Context, tx *database.Tx, variants []uuid.UUID) ([]product.Shelf, error) {
	var rows []shelfRow
	if err := tx.Select(ctx, &rows, lockShelves, uuids(variants)); err != nil {
		return nil, fmt.Errorf("lock stock: %w", err)
	}
	shelves := make([]product.Shelf, len(rows))
	for i, r := range rows {
		shelves[i] = r.shelf()
	}
	return shelves, nil
}

// move changes shelves that are locked, by an actor and because of the aggregate of the reference, which may be null. It
// returns on how many it did.
func move(ctx context.Context, tx *database.Tx, moves []product.Move, actor string, reference *uuid.UUID, now time.Time) (int64, error) {
	n := len(moves)
	variants, locations, reasons := make([]uuid.UUID, n), make([]uuid.UUID, n), make([]string, n)
	onHand, allocated, held, limit := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	for i, m := range moves {
		variants[i], locations[i], reasons[i] = m.Variant, m.Location, m.Reason
		onHand[i], allocated[i], held[i], limit[i] = m.OnHand, m.Allocated, m.Held, m.BackorderLimit
	}
	moved, err := tx.Exec(ctx, moveStock, uuids(variants), uuids(locations), pq.Array(onHand), pq.Array(allocated), pq.Array(held),
		pq.Array(limit), pq.Array(reasons), actor, reference, now)
	if err != nil {
		return 0, fmt.Errorf("move stock: %w", err)
	}
	return moved, nil
}

// saveStock writes the figures of a change of products, removes variants that are gone, and tells the inventories that
// changed; those of new variants are told with their products.
func (b *batch) saveStock(ctx context.Context) ([]event.Event, error) {
	variants := slices.Clone(b.removed)
	for _, c := range b.counts {
		variants = append(variants, c.variant)
	}
	if len(variants) == 0 {
		return nil, nil
	}
	shelves, err := lock(ctx, b.tx, variants)
	if err != nil {
		return nil, err
	}
	moves, unfilled := b.compare(shelves)
	if len(moves) > 0 {
		if _, err := move(ctx, b.tx, moves, staff, nil, b.now); err != nil {
			return nil, err
		}
	}
	if len(unfilled.variants) > 0 {
		if _, err := b.tx.Exec(ctx, fillShelves, uuids(unfilled.variants), pq.Array(unfilled.onHand), pq.Array(unfilled.limits),
			b.location, product.Counted, staff, b.now); err != nil {
			return nil, fmt.Errorf("fill shelves: %w", err)
		}
	}
	if len(b.removed) > 0 {
		if err := b.remove(ctx, shelves); err != nil {
			return nil, err
		}
	}
	return product.Inventories(shelves, moves, b.now), nil
}

// remove removes variants that are gone. One whose pieces are sold or held cannot be removed.
func (b *batch) remove(ctx context.Context, shelves []product.Shelf) error {
	var wanted []uuid.UUID
	for _, s := range shelves {
		if (s.Stock.Allocated != 0 || s.Stock.Held != 0) && slices.Contains(b.removed, s.Variant) {
			wanted = append(wanted, s.Variant)
		}
	}
	if len(wanted) > 0 {
		var names []string
		if err := b.tx.Select(ctx, &names, variantNames, uuids(wanted)); err != nil {
			return fmt.Errorf("read variants: %w", err)
		}
		return &product.InUseError{Names: names}
	}
	if _, err := b.tx.Exec(ctx, emptyShelves, uuids(b.removed), product.Removed, staff, b.now); err != nil {
		return fmt.Errorf("empty shelves: %w", err)
	}
	if _, err := b.tx.Exec(ctx, removeVariants, uuids(b.removed)); err != nil {
		return fmt.Errorf("remove variants: %w", err)
	}
	return nil
}

// unfilled are the figures of shelves that are not there.
type unfilled struct {
	variants       []uuid.UUID
	onHand, limits []int64
}

// compare returns how the shelves of the default location have to change.
func (b *batch) compare(shelves []product.Shelf) (moves []product.Move, missing unfilled) {
	there := make(map[uuid.UUID]product.Stock, len(shelves))
	for _, s := range shelves {
		if s.Location == b.location {
			there[s.Variant] = s.Stock
		}
	}
	for _, c := range b.counts {
		now, found := there[c.variant]
		switch {
		case !found:
			missing.variants = append(missing.variants, c.variant)
			missing.onHand, missing.limits = append(missing.onHand, c.onHand), append(missing.limits, c.backorderLimit)
		case c.kept && c.switched:
			moves = append(moves, product.Move{Variant: c.variant, Location: b.location, Reason: product.Counted})
		case c.kept:
		case c.switched || now.OnHand != c.onHand || now.BackorderLimit != c.backorderLimit:
			moves = append(moves, product.Move{
				Variant: c.variant, Location: b.location, OnHand: c.onHand - now.OnHand, BackorderLimit: c.backorderLimit - now.BackorderLimit,
				Reason: product.Counted,
			})
		}
	}
	return moves, missing
}
