package cart

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/totals"
)

// offered returns the variant that an id names, and its offer, which has a price.
func offered(merchandise string, offers Offers) (uuid.UUID, *Offer, fault.List) {
	variant, ok := variantOf(merchandise)
	offer := offers[variant]
	switch {
	case !ok, offer == nil, !offer.OnSale: // What is not published is not in the catalogue.
		return variant, nil, fault.List{fault.New("MERCHANDISE_NOT_FOUND", "There is no such variant.", "merchandiseId")}
	case offer.Price == nil:
		return variant, nil, fault.List{fault.New("NO_PRICE", "The variant is not sold in the currency of the cart.", "merchandiseId")}
	default:
		return variant, offer, nil
	}
}

// grant returns how many of the wanted pieces there are, beside those of the same variant in all lines but one (rule C-5).
func (c *Cart) grant(variant uuid.UUID, offer *Offer, wanted, except int) int {
	left := offer.Stock.Sellable()
	for i, l := range c.Lines {
		if i != except && l.Variant == variant {
			left -= int64(l.Quantity)
		}
	}
	return int(max(0, min(int64(wanted), left)))
}

func (c *Cart) find(lineID string) int {
	return slices.IndexFunc(c.Lines, func(l Line) bool { return l.ID() == lineID })
}

func (c *Cart) nextPosition() int {
	if len(c.Lines) == 0 {
		return 1
	}
	return c.Lines[len(c.Lines)-1].Position + 1
}

func variantOf(merchandise string) (uuid.UUID, bool) { return gid.Parse("ProductVariant", merchandise) }

func checkQuantity(quantity, least int) fault.List {
	switch {
	case quantity < least:
		return fault.List{fault.New("INVALID", fmt.Sprintf("The quantity is at least %d.", least), "quantity")}
	case quantity > totals.MaxQuantity:
		return fault.List{tooMany()}
	default:
		return nil
	}
}

// fewer is the warning of a line that got fewer pieces than wanted.
func fewer(line *Line, wanted, granted int) []Warning {
	if granted == wanted {
		return nil
	}
	return []Warning{{
		Code: "MERCHANDISE_NOT_ENOUGH_STOCK", Target: line.ID(),
		Message: fmt.Sprintf("Of %d pieces only %d were put into the cart: there are no more.", wanted, granted),
	}}
}

func tooMany() *fault.Error {
	return fault.New("MAXIMUM_EXCEEDED", "A line has at most 999,999 pieces.", "quantity")
}

func outOfStock() *fault.Error {
	return fault.New("OUT_OF_STOCK", "Nothing is left of this.", "quantity")
}

func noLine(field ...string) *fault.Error {
	return fault.New("INVALID_MERCHANDISE_LINE", "The cart has no such line.", field...)
}

// at puts the index of an item before the fields of its faults.
func at(i int, list string, faults fault.List) fault.List {
	placed := make(fault.List, len(faults))
	for k, f := range faults {
		placed[k] = f.At(list, strconv.Itoa(i))
	}
	return placed
}
