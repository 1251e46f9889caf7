package cart_test

import (
	"testing"

	"github.com/soukhq/souk/internal/totals"
	"github.com/soukhq/souk/subgraphs/cart"
	"pgregory.net/rapid"
)

// TestAnyOrderOfCommandsKeepsTheRules plays random commands against a cart and holds what it has to be after each: rules
// C-1, C-3, C-4, C-5, M-5, M-8, and M-9.
func TestAnyOrderOfCommandsKeepsTheRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := cart.Open("EUR", "", noon)
		for range rapid.IntRange(1, 30).Draw(t, "commands") {
			version, before := c.Version, c.TotalQuantity()
			changed, err := c.Apply(noon, offers(), command(t))
			if changed != (c.Version == version+1) || err != nil && (changed || c.TotalQuantity() != before) {
				t.Fatalf("changed %v, error %v, version %d after %d, pieces %d after %d", changed, err, c.Version, version, c.TotalQuantity(), before)
			}
			hold(t, c)
		}
	})
}

// command draws one.
func command(t *rapid.T) func(*cart.Cart) error {
	quantity := rapid.IntRange(-1, 8)
	attributes := rapid.SampledFrom([][]cart.Attribute{nil, pairs([]string{"a", "1"}), pairs([]string{"a", "1", "b", "2"}), pairs([]string{"b", "2", "a", "1"})})
	line := func(c *cart.Cart) string {
		if len(c.Lines) == 0 {
			return "none"
		}
		return c.Lines[rapid.IntRange(0, len(c.Lines)-1).Draw(t, "line")].ID()
	}
	switch rapid.IntRange(0, 2).Draw(t, "command") {
	case 0:
		items := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) cart.Addition {
			return cart.Addition{
				MerchandiseID: rapid.SampledFrom([]string{id(tea), id(cup), id(jar)}).Draw(t, "variant"),
				Quantity:      new(quantity.Draw(t, "quantity")), Attributes: attributes.Draw(t, "attributes"),
			}
		}), 0, 3).Draw(t, "items")
		return func(c *cart.Cart) error { _, err := c.Add(items, offers()); return err }
	case 1:
		return func(c *cart.Cart) error {
			edit := cart.Edit{ID: line(c), Quantity: new(quantity.Draw(t, "quantity")), Attributes: attributes.Draw(t, "attributes")}
			if rapid.Bool().Draw(t, "another") {
				edit.MerchandiseID = new(rapid.SampledFrom([]string{id(tea), id(cup), id(jar)}).Draw(t, "variant"))
			}
			_, err := c.Update([]cart.Edit{edit}, offers())
			return err
		}
	default:
		return func(c *cart.Cart) error { return c.Remove([]string{line(c)}) }
	}
}

func hold(t *rapid.T, c *cart.Cart) {
	sum, cups, position := int64(0), 0, 0
	for i, l := range c.Lines {
		if l.Quantity < 1 || l.Quantity > totals.MaxQuantity || l.Position <= position || l.Variant == jar {
			t.Fatalf("line %d is %+v", i, l)
		}
		position = l.Position
		sum += l.Price.Minor * int64(l.Quantity)
		if l.Variant == cup {
			cups += l.Quantity
		}
		for _, other := range c.Lines[:i] {
			if other.UUID == l.UUID || other.Variant == l.Variant && sameSet(other.Attributes, l.Attributes) {
				t.Fatalf("two lines are one: %+v, %+v", other, l)
			}
		}
	}
	basket, err := c.Totals()
	if err != nil || basket.Total.Minor != sum || cups > 5 {
		t.Fatalf("total %v, %v, want %d; %d cups of 5", basket.Total, err, sum, cups)
	}
}

func sameSet(a, b []cart.Attribute) bool {
	seen := map[cart.Attribute]bool{}
	for _, p := range a {
		seen[p] = true
	}
	for _, p := range b {
		if !seen[p] {
			return false
		}
	}
	return len(a) == len(b)
}
