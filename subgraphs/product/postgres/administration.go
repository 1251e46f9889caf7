package postgres

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/idempotency"
	"github.com/soukhq/souk/subgraphs/product"
)

// once runs an administrator's change, once for its key. What the state of things has against it is remembered with the key.
func (s store) once(ctx context.Context, name string, a product.Asked, run func(*batch) (id string, err error)) (id string, err error) {
	var told idempotency.Outcome
	err = s.change(ctx, name, a.Currency, func(b *batch) error {
		b.now = a.Now
		var err error
		told, _, err = idempotency.Once(ctx, b.tx, a.Key, a.Now, func() (idempotency.Outcome, error) {
			id, err := run(b)
			return idempotency.Done(id, err)
		})
		return err
	})
	if err != nil {
		return "", err
	}
	return told.ID, told.Err()
}

func (s store) SetProduct(ctx context.Context, a product.Asked, which product.Which, edit product.Edit) (uuid.UUID, error) {
	id, err := s.once(ctx, "product.set", a, func(b *batch) (string, error) { return b.setProduct(ctx, a, which, edit) })
	key, _ := gid.Parse("Product", id)
	return key, err
}

func (b *batch) setProduct(ctx context.Context, a product.Asked, which product.Which, edit product.Edit) (id string, err error) {
	old, err := b.find(ctx, which)
	if err != nil {
		return "", err
	}
	if old == nil && edit.Handle == nil {
		edit.Handle = which.Handle
	}
	if old != nil {
		id = old.ID()
	}
	if edit.Handle != nil && (old == nil || old.Handle != *edit.Handle) {
		if others, err := b.Load(ctx, []string{*edit.Handle}); err != nil || len(others) > 0 {
			if err == nil {
				err = fault.New("TAKEN", "Another product has this handle.", "input", "handle")
			}
			return id, err
		}
	}
	next, prices, changed, err := product.Set(old, edit, a.Now)
	if err != nil {
		return id, err
	}
	if changed {
		if err := b.Save(ctx, []*product.Product{next}, a.Now); err != nil {
			return id, err
		}
		for i := range b.counts { // Who edits a product does not count its pieces.
			b.counts[i].kept = true
		}
	}
	return next.ID(), b.SetPrices(ctx, prices, a.Now)
}

// find reads the product that is named, nil where it is to be made.
func (b *batch) find(ctx context.Context, which product.Which) (*product.Product, error) {
	var found map[string]*product.Product
	var err error
	switch {
	case which.Key != uuid.Nil:
		found, err = b.load(ctx, `p.id = $1`, which.Key)
	case which.Handle != nil:
		found, err = b.Load(ctx, []string{*which.Handle})
	}
	for _, p := range found {
		if which.Handle == nil || p.Handle == *which.Handle {
			return p, err
		}
	}
	if err == nil && which.Key != uuid.Nil {
		err = fault.New("NOT_FOUND", "There is no such product.", "identifier", "id")
	}
	return nil, err
}

func (s store) SetPrices(ctx context.Context, a product.Asked, changes []product.PriceChange) error {
	_, err := s.once(ctx, "product.prices", a, func(b *batch) (string, error) {
		variants := make([]uuid.UUID, len(changes))
		for i, c := range changes {
			variants[i] = c.Variant
		}
		if err := b.exist(ctx, variants, "prices"); err != nil {
			return "", err
		}
		return "", b.SetPrices(ctx, changes, a.Now)
	})
	return err
}

// exist reports the variants of a list that do not.
func (b *batch) exist(ctx context.Context, variants []uuid.UUID, field string) error {
	var there []uuid.UUID
	if err := b.tx.Select(ctx, &there, `SELECT id FROM variants WHERE id = ANY ($1::uuid[])`, uuids(variants)); err != nil {
		return fmt.Errorf("read variants: %w", err)
	}
	var faults fault.List
	for i, v := range variants {
		if !slices.Contains(there, v) {
			faults = append(faults, product.NoVariant().At(field, strconv.Itoa(i), "variantId"))
		}
	}
	return faults.Err()
}

func (s store) SetInventory(ctx context.Context, a product.Asked, counts []product.Tally) error {
	_, err := s.once(ctx, "product.inventory", a, func(b *batch) (string, error) { return "", b.recount(ctx, a, counts) })
	return err
}

func (b *batch) recount(ctx context.Context, a product.Asked, counts []product.Tally) error {
	variants := make([]uuid.UUID, len(counts))
	for i, c := range counts {
		variants[i] = c.Variant
	}
	if err := b.exist(ctx, variants, "changes"); err != nil {
		return err
	}
	if _, err := b.tx.Exec(ctx, openShelves, uuids(variants), b.location); err != nil {
		return fmt.Errorf("make shelves: %w", err)
	}
	shelves, err := lock(ctx, b.tx, variants)
	if err != nil {
		return err
	}
	moves, err := product.Recount(shelves, counts)
	if err != nil || len(moves) == 0 {
		return err
	}
	if _, err := move(ctx, b.tx, moves, a.Actor, nil, a.Now); err != nil {
		return err
	}
	b.events = append(b.events, product.Inventories(shelves, moves, a.Now)...)
	return nil
}

// openShelves makes empty shelves of variants at a location where they have none.
const openShelves = `
INSERT INTO stock (variant_id, location_id, on_hand) SELECT unnest($1::uuid[]), $2, 0 ON CONFLICT DO NOTHING`

func (s store) Levels(ctx context.Context, variants []uuid.UUID) (map[uuid.UUID]*product.Level, error) {
	return readLevels(ctx, s.db, variants)
}

func readLevels(ctx context.Context, q database.Queryer, variants []uuid.UUID) (map[uuid.UUID]*product.Level, error) {
	var rows []shelfRow
	const query = `
SELECT s.variant_id, s.on_hand, s.allocated, s.held, s.safety, s.backorder_limit, s.version
FROM stock s JOIN locations l ON l.id = s.location_id WHERE l.is_default AND s.variant_id = ANY ($1::uuid[])`
	if err := q.Select(ctx, &rows, query, uuids(variants)); err != nil {
		return nil, fmt.Errorf("read stock: %w", err)
	}
	levels := make(map[uuid.UUID]*product.Level, len(rows))
	for _, r := range rows {
		levels[r.VariantID] = &product.Level{Variant: r.VariantID, Stock: r.shelf().Stock}
	}
	return levels, nil
}
