package product

import (
	"fmt"
	"strconv"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
)

// CountEdit says how many pieces of a variant are to be there.
type CountEdit struct {
	VariantID       string
	Quantity        int
	CompareQuantity *int // those that the caller thinks are there
}

// Tally is how many pieces of a variant somebody found where the shop sells from.
type Tally struct {
	Variant uuid.UUID
	OnHand  int64
	Was     *int64 // how many there must be before; nil: any number
}

// Tallies reads numbers that are to be set. What is wrong with them is faults.
func Tallies(edits []*CountEdit) ([]Tally, error) {
	if len(edits) > maxEdits {
		return nil, fault.New("TOO_LONG", "There are more than 250 changes.", "changes")
	}
	var faults fault.List
	counts := make([]Tally, len(edits))
	named := map[uuid.UUID]bool{}
	for i, e := range edits {
		at := []string{"changes", strconv.Itoa(i)}
		key, ok := gid.Parse("ProductVariant", e.VariantID)
		switch {
		case !ok:
			faults = append(faults, NoVariant().At(append(at, "variantId")...))
		case named[key]:
			faults.Addf("INVALID", append(at, "variantId"), "The variant is there twice.")
		case e.Quantity < 0 || e.Quantity > Unlimited:
			faults.Addf("INVALID", append(at, "quantity"), "There are from 0 to %d pieces.", Unlimited)
		}
		named[key] = true
		counts[i] = Tally{Variant: key, OnHand: int64(e.Quantity)}
		if e.CompareQuantity != nil {
			was := int64(*e.CompareQuantity)
			counts[i].Was = &was
		}
	}
	return counts, faults.Err()
}

// Recount returns how shelves change so that as many pieces are there as were found, all or nothing: a number of pieces that
// is not the one before is a fault, so that no change of others is lost (rule I-7). The shelves are all those of the variants.
func Recount(shelves []Shelf, counts []Tally) ([]Move, error) {
	there := map[uuid.UUID]Shelf{}
	for _, s := range shelves {
		if s.Default {
			there[s.Variant] = s
		}
	}
	var faults fault.List
	var moves []Move
	for i, c := range counts {
		shelf, known := there[c.Variant]
		switch {
		case !known:
			faults = append(faults, NoVariant().At("changes", strconv.Itoa(i), "variantId"))
		case c.Was != nil && *c.Was != shelf.Stock.OnHand:
			faults = append(faults, fault.New("COMPARE_QUANTITY_STALE",
				fmt.Sprintf("There are %d pieces by now, not %d.", shelf.Stock.OnHand, *c.Was), "changes", strconv.Itoa(i), "compareQuantity"))
		case c.OnHand != shelf.Stock.OnHand:
			moves = append(moves, Move{Variant: c.Variant, Location: shelf.Location, OnHand: c.OnHand - shelf.Stock.OnHand, Reason: Counted})
		}
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return moves, nil
}

// Level is how many pieces of a variant there are where the shop sells from.
type Level struct {
	Variant uuid.UUID
	Stock   Stock
}

// VariantID returns the id of the variant.
func (l *Level) VariantID() string { return variantID(l.Variant) }

// OnHand returns the pieces that are there.
func (l *Level) OnHand() int { return int(l.Stock.OnHand) }

// Allocated returns those of them that are sold and not sent yet.
func (l *Level) Allocated() int { return int(l.Stock.Allocated) }

// Held returns those of them that are reserved.
func (l *Level) Held() int { return int(l.Stock.Held) }

// Available returns the pieces that are left to sell.
func (l *Level) Available() int { return int(l.Stock.Available()) }
