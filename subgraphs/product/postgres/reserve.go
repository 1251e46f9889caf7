package postgres

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/consumer"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/subgraphs/product"
)

// Checkout returns what happens to stock on the events of checkout (rule O-2): a completion that is requested is reserved,
// all lines or none, one that became an order is committed, one that failed is released.
func Checkout(now func() time.Time) map[string]consumer.Handler {
	r := reactions{now}
	return map[string]consumer.Handler{
		event.TypeOf[event.CompletionRequested](): r.requested,
		event.TypeOf[event.OrderPlaced]():         r.placed,
		event.TypeOf[event.CompletionFailed]():    r.failed,
	}
}

// reactions are idempotent by the reservation's row, which each locks before anything else.
type reactions struct{ now func() time.Time }

const actor = "checkout"

// States of a reservation.
const (
	pinned    = "PINNED"
	committed = "COMMITTED"
	released  = "RELEASED"
)

func (r reactions) requested(ctx context.Context, tx *database.Tx, e event.Event) ([]event.Event, error) {
	c, err := event.Read[event.CompletionRequested](e)
	if err != nil {
		return nil, err
	}
	old, err := r.open(ctx, tx, c.CompletionID, c.CheckoutID)
	switch {
	case err != nil:
		return nil, err
	case old.answered():
		return r.repeat(ctx, tx, c.CompletionID, old)
	case old.State == committed: // The order came first.
		return r.answer(ctx, tx, c, old, committed, nil)
	case !old.fresh:
		return r.answer(ctx, tx, c, old, released, product.Cancelled(c))
	}
	offers, err := offered(ctx, tx, c.Lines)
	if err != nil {
		return nil, err
	}
	var variants []uuid.UUID
	for _, w := range product.Demand(c, offers) {
		variants = append(variants, w.Variant)
	}
	shelves, err := lock(ctx, tx, variants)
	if err != nil {
		return nil, err
	}
	held, refused := product.Reserve(c, offers, shelves)
	if len(refused) > 0 {
		return r.answer(ctx, tx, c, old, released, refused)
	}
	inventories, err := r.move(ctx, tx, old.key, product.Reserved, held, shelves)
	if err != nil {
		return nil, err
	}
	if err := keep(ctx, tx, old.key, held); err != nil {
		return nil, err
	}
	answer, err := r.answer(ctx, tx, c, old, pinned, nil)
	return append(answer, inventories...), err
}

// placed moves what is held to what is sold. An order is for ever: where its pieces are not held any more, because the
// database was restored, they are sold all the same.
func (r reactions) placed(ctx context.Context, tx *database.Tx, e event.Event) ([]event.Event, error) {
	o, err := event.Read[event.OrderPlaced](e)
	if err != nil {
		return nil, err
	}
	old, err := r.open(ctx, tx, o.CompletionID, o.CheckoutID)
	switch {
	case err != nil:
		return nil, err
	case old.State == committed:
		return nil, nil
	case old.State == released:
		return r.sell(ctx, tx, o, old)
	}
	return r.finish(ctx, tx, old, committed, product.Committed)
}

func (r reactions) failed(ctx context.Context, tx *database.Tx, e event.Event) ([]event.Event, error) {
	c, err := event.Read[event.CompletionFailed](e)
	if err != nil {
		return nil, err
	}
	old, err := r.open(ctx, tx, c.CompletionID, cmp.Or(c.CheckoutID, "forgotten"))
	if err != nil || old.State == released || old.State == committed {
		return nil, err
	}
	return r.finish(ctx, tx, old, released, product.Released)
}

// finish ends a reservation that lives.
func (r reactions) finish(ctx context.Context, tx *database.Tx, old reservation, state, reason string) ([]event.Event, error) {
	held, err := kept(ctx, tx, old.key)
	if err != nil {
		return nil, err
	}
	shelves, err := lock(ctx, tx, variantsOf(held))
	if err != nil {
		return nil, err
	}
	inventories, err := r.move(ctx, tx, old.key, reason, held, shelves)
	if err != nil {
		return nil, err
	}
	return inventories, r.become(ctx, tx, old, state)
}

func (r reactions) sell(ctx context.Context, tx *database.Tx, o event.OrderPlaced, old reservation) ([]event.Event, error) {
	lines := make([]event.CompletionLine, len(o.Lines))
	for i, l := range o.Lines {
		lines[i].VariantID = l.VariantID
	}
	offers, err := offered(ctx, tx, lines)
	if err != nil {
		return nil, err
	}
	wanted := product.OrderDemand(o, offers)
	var variants []uuid.UUID
	for _, w := range wanted {
		variants = append(variants, w.Variant)
	}
	shelves, err := lock(ctx, tx, variants)
	if err != nil {
		return nil, err
	}
	sold := product.Allot(wanted, shelves)
	inventories, err := r.move(ctx, tx, old.key, product.Sold, sold, shelves)
	if err != nil {
		return nil, err
	}
	if err := replace(ctx, tx, old.key, sold); err != nil {
		return nil, err
	}
	return inventories, r.become(ctx, tx, old, committed)
}

// move moves pieces of shelves that are locked, all or none, and tells the inventories.
func (r reactions) move(ctx context.Context, tx *database.Tx, key uuid.UUID, reason string, portions []product.Portion, shelves []product.Shelf) ([]event.Event, error) {
	if len(portions) == 0 {
		return nil, nil
	}
	now, moves := r.now(), product.MovesOf(reason, portions)
	moved, err := move(ctx, tx, moves, actor, &key, now)
	if err != nil {
		return nil, err
	}
	if moved != int64(len(moves)) { // It cannot be: they were looked at after they were locked.
		return nil, fmt.Errorf("%s stock of completion %s: %d of %d shelves moved", reason, key, moved, len(moves))
	}
	return product.Inventories(shelves, moves, now), nil
}

// answer notes and tells whether all lines are reserved: it is the one event of product about a completion.
func (r reactions) answer(ctx context.Context, tx *database.Tx, c event.CompletionRequested, old reservation, state string, refused []event.RejectedVariant) ([]event.Event, error) {
	if refused == nil {
		refused = []event.RejectedVariant{}
	}
	const query = `UPDATE reservations SET (state, answer, updated_at) = ($2, $3::jsonb, $4) WHERE id = $1`
	if _, err := tx.Exec(ctx, query, old.key, state, text(refused), r.now()); err != nil {
		return nil, fmt.Errorf("answer completion: %w", err)
	}
	return []event.Event{answerOf(c.CompletionID, refused, r.now())}, nil
}

// repeat tells an answer again if the log does not have it any more.
func (r reactions) repeat(ctx context.Context, tx *database.Tx, id string, old reservation) ([]event.Event, error) {
	var there bool
	if err := tx.Get(ctx, &there, `SELECT EXISTS (SELECT FROM outbox WHERE subject = $1 AND version = 1)`, id); err != nil {
		return nil, fmt.Errorf("look for answer: %w", err)
	}
	if there {
		return nil, nil
	}
	var refused []event.RejectedVariant
	if err := json.Unmarshal([]byte(*old.Answer), &refused); err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	return []event.Event{answerOf(id, refused, r.now())}, nil
}

func answerOf(id string, refused []event.RejectedVariant, now time.Time) event.Event {
	if len(refused) > 0 {
		return event.New(id, 1, event.StockRejected{CompletionID: id, Lines: refused}, now)
	}
	return event.New(id, 1, event.StockReserved{CompletionID: id}, now)
}

func completionKey(id string) (uuid.UUID, error) {
	key, ok := gid.Parse("CheckoutCompletion", id)
	if !ok {
		return uuid.Nil, fmt.Errorf("%q is not the id of a completion", id)
	}
	return key, nil
}
