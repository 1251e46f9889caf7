package cart

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/internal/totals"
)

// Addition is something to put into a cart.
type Addition struct {
	Attributes    []Attribute
	MerchandiseID string
	Quantity      *int // nil: one piece
}

// Edit is the new state of a line; nil stays as it is, quantity 0 removes the line.
type Edit struct {
	Attributes    []Attribute
	ID            string
	MerchandiseID *string
	Quantity      *int
}

// Warning tells what was done differently than asked. It serves the GraphQL type CartWarning.
type Warning struct {
	Code    string
	Message string
	Target  string // the id of the line
}

// Named returns the variants that additions and edits name, as far as their ids can be read and a command may have them.
func Named(additions []Addition, edits []Edit) []uuid.UUID {
	var variants []uuid.UUID
	additions, edits = additions[:min(len(additions), MaxList)], edits[:min(len(edits), MaxList)]
	for _, a := range additions {
		if v, ok := variantOf(a.MerchandiseID); ok {
			variants = append(variants, v)
		}
	}
	for _, e := range edits {
		if e.MerchandiseID == nil {
			continue
		}
		if v, ok := variantOf(*e.MerchandiseID); ok {
			variants = append(variants, v)
		}
	}
	return variants
}

// Needs returns the variants whose offers a change needs: those that additions name, and those of lines that edits put
// something else or more into.
func (c *Cart) Needs(additions []Addition, edits []Edit) []uuid.UUID {
	variants := Named(additions, nil)
	for _, e := range edits {
		i := c.find(e.ID)
		if i < 0 || e.Quantity != nil && *e.Quantity == 0 {
			continue
		}
		line := c.Lines[i]
		if e.MerchandiseID != nil {
			if v, ok := variantOf(*e.MerchandiseID); ok && *e.MerchandiseID != gid.Format("ProductVariant", line.Variant) {
				variants = append(variants, v)
				continue
			}
		}
		if e.Quantity != nil && *e.Quantity > line.Quantity {
			variants = append(variants, line.Variant)
		}
	}
	return variants
}

// CheckLength is the fault of a list with too many items in a command.
func CheckLength(length int, field string) error {
	if length <= MaxList {
		return nil
	}
	return fault.New("MAXIMUM_EXCEEDED", fmt.Sprintf("There are more than %d items.", MaxList), field)
}

// Add puts things into the cart, all or nothing, and reports everything that stands against it by the index of the item
// (rule C-3). What is already there grows (rule C-4). offers must hold what the change needs,
// else the error is *Unknown.
func (c *Cart) Add(items []Addition, offers Offers) ([]Warning, error) {
	if err := CheckLength(len(items), "lines"); err != nil {
		return nil, err
	}
	if lacking := offers.Lacks(c.Needs(items, nil)); len(lacking) > 0 {
		return nil, &Unknown{Variants: lacking, Currency: c.CurrencyCode}
	}
	var warnings []Warning
	var faults fault.List
	for i, item := range items {
		w, wrong := c.add(item, offers)
		warnings = append(warnings, w...)
		faults = append(faults, at(i, "lines", wrong)...)
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return warnings, c.settle(offers)
}

// Update sets lines to a new state, as Add does.
func (c *Cart) Update(edits []Edit, offers Offers) ([]Warning, error) {
	if err := CheckLength(len(edits), "lines"); err != nil {
		return nil, err
	}
	if lacking := offers.Lacks(c.Needs(nil, edits)); len(lacking) > 0 {
		return nil, &Unknown{Variants: lacking, Currency: c.CurrencyCode}
	}
	var warnings []Warning
	var faults fault.List
	for i, edit := range edits {
		w, wrong := c.update(edit, offers)
		warnings = append(warnings, w...)
		faults = append(faults, at(i, "lines", wrong)...)
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return warnings, c.settle(offers)
}

// Remove takes lines out, all or nothing.
func (c *Cart) Remove(lineIDs []string) error {
	if err := CheckLength(len(lineIDs), "lineIds"); err != nil {
		return err
	}
	var faults fault.List
	gone := map[string]bool{}
	for i, id := range lineIDs {
		if c.find(id) < 0 {
			faults = append(faults, noLine("lineIds", strconv.Itoa(i)))
		}
		gone[id] = true
	}
	if err := faults.Err(); err != nil {
		return err
	}
	c.Lines = slices.DeleteFunc(c.Lines, func(l Line) bool { return gone[l.ID()] })
	return nil
}

func (c *Cart) add(item Addition, offers Offers) ([]Warning, fault.List) {
	quantity := 1
	if item.Quantity != nil {
		quantity = *item.Quantity
	}
	faults := checkAttributes(item.Attributes)
	faults = append(faults, checkQuantity(quantity, 1)...)
	variant, offer, wrong := offered(item.MerchandiseID, offers)
	if faults = append(faults, wrong...); len(faults) > 0 {
		return nil, faults
	}
	granted := c.grant(variant, offer, quantity, -1)
	if granted < 1 {
		return nil, fault.List{outOfStock()}
	}
	i := slices.IndexFunc(c.Lines, func(l Line) bool { return l.merges(variant, item.Attributes) })
	if i < 0 {
		i = len(c.Lines)
		c.Lines = append(c.Lines, Line{
			UUID: gid.New(), Position: c.nextPosition(), Variant: variant, Attributes: append([]Attribute{}, item.Attributes...),
		})
	}
	line := &c.Lines[i]
	if line.Quantity += granted; line.Quantity > totals.MaxQuantity {
		return nil, fault.List{tooMany()}
	}
	line.price(offer)
	return fewer(line, quantity, granted), nil
}

func (c *Cart) update(edit Edit, offers Offers) ([]Warning, fault.List) {
	i := c.find(edit.ID)
	if i < 0 {
		return nil, fault.List{noLine("id")}
	}
	line := c.Lines[i]
	if edit.Quantity != nil && *edit.Quantity == 0 {
		c.Lines = slices.Delete(c.Lines, i, i+1)
		return nil, nil
	}
	quantity := line.Quantity
	if edit.Quantity != nil {
		quantity = *edit.Quantity
	}
	faults := checkAttributes(edit.Attributes)
	faults = append(faults, checkQuantity(quantity, 0)...)
	merchandise := gid.Format("ProductVariant", line.Variant)
	if edit.MerchandiseID != nil {
		merchandise = *edit.MerchandiseID
	}
	granted, more := quantity, quantity > line.Quantity || merchandise != gid.Format("ProductVariant", line.Variant)
	if more { // Fewer pieces of the same are never refused.
		variant, offer, wrong := offered(merchandise, offers)
		if faults = append(faults, wrong...); len(faults) > 0 {
			return nil, faults
		}
		if granted = c.grant(variant, offer, quantity, i); granted < 1 {
			return nil, fault.List{outOfStock()}
		}
		line.Variant = variant
		line.price(offer)
	}
	if len(faults) > 0 {
		return nil, faults
	}
	line.Quantity = granted
	if edit.Attributes != nil && !line.merges(line.Variant, edit.Attributes) {
		line.Attributes = append([]Attribute{}, edit.Attributes...)
	}
	return c.put(i, line, quantity)
}

// put writes a line that was edited back, or merges it with the one that it has become equal to.
func (c *Cart) put(i int, line Line, wanted int) ([]Warning, fault.List) {
	granted := line.Quantity
	other := slices.IndexFunc(c.Lines, func(l Line) bool { return l.UUID != line.UUID && l.merges(line.Variant, line.Attributes) })
	if other < 0 {
		c.Lines[i] = line
		return fewer(&line, wanted, granted), nil
	}
	line.Quantity += c.Lines[other].Quantity
	if line.Quantity > totals.MaxQuantity {
		return nil, fault.List{tooMany()}
	}
	first, second := min(i, other), max(i, other)
	line.UUID, line.Position = c.Lines[first].UUID, c.Lines[first].Position
	c.Lines[first] = line
	c.Lines = slices.Delete(c.Lines, second, second+1)
	return fewer(&line, wanted, granted), nil
}

// settle prices the lines anew and checks what has to hold of the whole cart.
func (c *Cart) settle(offers Offers) error {
	if len(c.Lines) > MaxLines {
		return fault.New("CART_TOO_LARGE", fmt.Sprintf("A cart has at most %d lines.", MaxLines), "lines")
	}
	c.reprice(offers)
	_, err := c.Totals()
	if errors.Is(err, money.ErrRange) {
		return fault.New("MAXIMUM_EXCEEDED", "The cart costs more than can be written.", "lines")
	}
	return err
}
