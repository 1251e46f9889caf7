package product

import (
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
)

// Shelf is where the pieces of a variant are at one location (rule I-1).
type Shelf struct {
	Variant, Product, Location uuid.UUID
	Default                    bool // whether the location is the first one to sell from
	Tracked                    bool // whether the pieces of the variant are counted
	Stock                      Stock
}

// Reasons for which figures of a shelf change (rule I-7).
const (
	Counted   = "COUNTED"   // somebody said how many there are, or whether they are counted
	Removed   = "REMOVED"   // the variant is gone
	Reserved  = "RESERVED"  // a completion wants them
	Released  = "RELEASED"  // it came to nothing
	Committed = "COMMITTED" // it became an order
	Sold      = "SOLD"      // an order has them that were not reserved any more
)

// Move is by how much the figures of a shelf change.
type Move struct {
	Variant, Location                       uuid.UUID
	OnHand, Allocated, Held, BackorderLimit int64
	Reason                                  string
}

// MovesOf returns how a reservation or an order moves its pieces, for one of the reasons Reserved, Released, Committed, Sold.
func MovesOf(reason string, portions []Portion) []Move {
	moves := make([]Move, len(portions))
	for i, p := range portions {
		m := Move{Variant: p.Variant, Location: p.Location, Reason: reason}
		switch reason {
		case Reserved:
			m.Held = p.Quantity
		case Released:
			m.Held = -p.Quantity
		case Committed:
			m.Held, m.Allocated = -p.Quantity, p.Quantity
		case Sold:
			m.Allocated = p.Quantity
		}
		moves[i] = m
	}
	return moves
}

// Inventories tells of the variants whose inventories the moves changed. The shelves are as they were before, all those of
// each variant; a variant that is gone has no inventory to be told.
func Inventories(shelves []Shelf, moves []Move, now time.Time) []event.Event {
	type place struct{ variant, location uuid.UUID }
	moved := make(map[place]Move, len(moves))
	for _, m := range moves {
		moved[place{m.Variant, m.Location}] = m
	}
	before, after := map[uuid.UUID]Stock{}, map[uuid.UUID]Stock{}
	counted := map[uuid.UUID]bool{}
	var told []event.Event
	for i, s := range shelves {
		stock := s.Stock
		if m, is := moved[place{s.Variant, s.Location}]; is {
			stock = m.apply(stock)
			counted[s.Variant] = counted[s.Variant] || m.Reason == Counted
		}
		before[s.Variant] = before[s.Variant].plus(s.Stock)
		after[s.Variant] = after[s.Variant].plus(stock)
		if i+1 < len(shelves) && shelves[i+1].Variant == s.Variant {
			continue
		}
		was, is := before[s.Variant].told(s.Tracked), after[s.Variant].told(s.Tracked)
		if counted[s.Variant] || was.Available != is.Available || was.BackorderLimit != is.BackorderLimit {
			productID := gid.Format("Product", s.Product)
			e := event.New(variantID(s.Variant), is.Version, event.InventoryChanged{
				VariantID: variantID(s.Variant), ProductID: productID,
				Before: was.Available, After: is.Available, Inventory: is,
			}, now)
			e.CacheTags = stockTags(productID, before[s.Variant], after[s.Variant], counted[s.Variant])
			told = append(told, e)
		}
	}
	return told
}

// apply returns the figures after a move; each move makes a version.
func (m Move) apply(s Stock) Stock {
	return s.plus(Stock{OnHand: m.OnHand, Allocated: m.Allocated, Held: m.Held, BackorderLimit: m.BackorderLimit, Version: 1})
}
