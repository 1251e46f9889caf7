package cart_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/internal/totals"
	"github.com/soukhq/souk/subgraphs/cart"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// Three variants of a shop: one that is not counted, one of which five are left, one of which none is.
var tea, cup, jar = uuid.MustParse("00000000-0000-7000-8000-000000000001"), uuid.MustParse("00000000-0000-7000-8000-000000000002"),
	uuid.MustParse("00000000-0000-7000-8000-000000000003")

func eur(minor int64) money.Money { return money.Money{Minor: minor, Currency: "EUR"} }

func offers() cart.Offers {
	return cart.Offers{
		tea: {OnSale: true, Price: price(250), Snapshot: cart.Snapshot{Title: "Tea", Weight: 100, RequiresShipping: true, TakenAt: noon}},
		cup: {OnSale: true, Price: price(1000), Stock: counted(5), Snapshot: cart.Snapshot{Title: "Cup", Weight: 400, TakenAt: noon}},
		jar: {OnSale: true, Price: price(700), Stock: counted(0), Snapshot: cart.Snapshot{Title: "Jar", TakenAt: noon}},
	}
}

func price(minor int64) *cart.Price { return &cart.Price{ID: uuid.Max, Amount: eur(minor)} }

func counted(pieces int64) cart.Stock { return cart.Stock{Tracked: true, Available: pieces} }

func id(variant uuid.UUID) string { return gid.Format("ProductVariant", variant) }

func item(variant uuid.UUID, quantity int, attributes ...string) cart.Addition {
	return cart.Addition{MerchandiseID: id(variant), Quantity: &quantity, Attributes: pairs(attributes)}
}

func pairs(texts []string) []cart.Attribute {
	var attributes []cart.Attribute
	for i := 0; i < len(texts); i += 2 {
		attributes = append(attributes, cart.Attribute{Key: texts[i], Value: texts[i+1]})
	}
	return attributes
}

// filled returns an open cart with these things in it.
func filled(t *testing.T, items ...cart.Addition) *cart.Cart {
	t.Helper()
	c := cart.Open("EUR", "", noon)
	if _, err := c.Add(items, offers()); err != nil {
		t.Fatal(err)
	}
	return c
}

// quantities writes the pieces of each line.
func quantities(c *cart.Cart) []int {
	q := []int{}
	for _, l := range c.Lines {
		q = append(q, l.Quantity)
	}
	return q
}

// faults writes what stands against a change as "CODE field.path".
func faults(t *testing.T, err error) []string {
	t.Helper()
	list, other := fault.Split(err)
	if other != nil {
		t.Fatal(other)
	}
	texts := []string{}
	for _, f := range list {
		texts = append(texts, f.Code+" "+strings.Join(f.Field, "."))
	}
	return texts
}

func TestAdd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, items []cart.Addition
		quantities    []int
		warnings      int
		faults        []string
	}{
		"equal lines merge, C-4":                  {items: []cart.Addition{item(tea, 1), item(tea, 2)}, quantities: []int{3}},
		"attributes in another order merge, C-4":  {items: []cart.Addition{item(tea, 1, "a", "1", "b", "2"), item(tea, 1, "b", "2", "a", "1")}, quantities: []int{2}},
		"other attributes stay apart, C-4":        {items: []cart.Addition{item(tea, 1, "a", "1"), item(tea, 1, "a", "2"), item(tea, 1)}, quantities: []int{1, 1, 1}},
		"it grows what is there, C-4":             {before: []cart.Addition{item(cup, 1), item(tea, 1)}, items: []cart.Addition{item(tea, 4)}, quantities: []int{1, 5}},
		"no quantity is one piece":                {items: []cart.Addition{{MerchandiseID: id(tea)}}, quantities: []int{1}},
		"as many as there are, C-5":               {items: []cart.Addition{item(cup, 7)}, quantities: []int{5}, warnings: 1},
		"as many as are left over all lines, C-5": {before: []cart.Addition{item(cup, 3, "a", "1")}, items: []cart.Addition{item(cup, 1), item(cup, 4, "b", "")}, quantities: []int{3, 1, 1}, warnings: 1},
		"none is left, C-5":                       {items: []cart.Addition{item(tea, 1), item(jar, 1)}, faults: []string{"OUT_OF_STOCK lines.1.quantity"}},
		"all are in the cart, C-5":                {before: []cart.Addition{item(cup, 5)}, items: []cart.Addition{item(cup, 1)}, faults: []string{"OUT_OF_STOCK lines.0.quantity"}},
		"the largest quantity, M-9":               {items: []cart.Addition{item(tea, totals.MaxQuantity)}, quantities: []int{totals.MaxQuantity}},
		"more than that in one line, M-9":         {before: []cart.Addition{item(tea, totals.MaxQuantity)}, items: []cart.Addition{item(tea, 1)}, faults: []string{"MAXIMUM_EXCEEDED lines.0.quantity"}},
		"every fault with its index, C-3": {
			items: []cart.Addition{item(tea, 0), item(tea, 1), item(tea, -1), {MerchandiseID: "gid://souk/Product/x"}, item(uuid.Nil, 1), item(tea, 1_000_000), item(tea, 1, "", "x")},
			faults: []string{"INVALID lines.0.quantity", "INVALID lines.2.quantity", "MERCHANDISE_NOT_FOUND lines.3.merchandiseId",
				"MERCHANDISE_NOT_FOUND lines.4.merchandiseId", "MAXIMUM_EXCEEDED lines.5.quantity", "INVALID lines.6.attributes.0.key"},
		},
		"several faults of one item, C-3": {items: []cart.Addition{item(uuid.Nil, 0)}, faults: []string{"INVALID lines.0.quantity", "MERCHANDISE_NOT_FOUND lines.0.merchandiseId"}},
		"nothing":                         {quantities: []int{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := filled(t, c.before...)
			known := offers()
			known[uuid.Nil] = nil
			var warnings []cart.Warning
			before := quantities(got)
			changed, err := got.Apply(noon, offers(), func(c2 *cart.Cart) (err error) {
				warnings, err = c2.Add(c.items, known)
				return err
			})
			if len(c.faults) > 0 { // All or nothing.
				c.quantities = before
			}
			if diff := cmp.Diff(c.quantities, quantities(got)); diff != "" {
				t.Errorf("quantities (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(append([]string{}, c.faults...), faults(t, err)); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
			if len(warnings) != c.warnings {
				t.Errorf("warnings = %+v, want %d", warnings, c.warnings)
			}
			if want := len(c.items) > 0 && len(c.faults) == 0; changed != want {
				t.Errorf("changed = %v, want %v", changed, want)
			}
		})
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	// The cart holds 2 tea, 1 tea with a note, 3 cups.
	for name, c := range map[string]struct {
		line       int
		edit       cart.Edit
		quantities []int
		warnings   int
		faults     []string
	}{
		"it sets, C-4":                        {0, cart.Edit{Quantity: new(7)}, []int{7, 1, 3}, 0, nil},
		"0 removes, C-4":                      {1, cart.Edit{Quantity: new(0)}, []int{2, 3}, 0, nil},
		"-1 is no quantity":                   {0, cart.Edit{Quantity: new(-1)}, nil, 0, []string{"INVALID lines.0.quantity"}},
		"too many, M-9":                       {0, cart.Edit{Quantity: new(1_000_000)}, nil, 0, []string{"MAXIMUM_EXCEEDED lines.0.quantity"}},
		"as many as there are, C-5":           {2, cart.Edit{Quantity: new(9)}, []int{2, 1, 5}, 1, nil},
		"fewer are never refused":             {2, cart.Edit{Quantity: new(1)}, []int{2, 1, 1}, 0, nil},
		"another variant":                     {0, cart.Edit{MerchandiseID: new(id(cup))}, []int{5, 1}, 0, nil},
		"another variant, none left, C-5":     {0, cart.Edit{MerchandiseID: new(id(jar))}, nil, 0, []string{"OUT_OF_STOCK lines.0.quantity"}},
		"another variant that does not exist": {0, cart.Edit{MerchandiseID: new("x")}, nil, 0, []string{"MERCHANDISE_NOT_FOUND lines.0.merchandiseId"}},
		"equal attributes merge, C-4":         {1, cart.Edit{Attributes: []cart.Attribute{}}, []int{3, 3}, 0, nil},
		"other attributes":                    {0, cart.Edit{Attributes: pairs([]string{"x", "y"})}, []int{2, 1, 3}, 0, nil},
		"a merged line that is too large":     {1, cart.Edit{Attributes: []cart.Attribute{}, Quantity: new(999_998)}, nil, 0, []string{"MAXIMUM_EXCEEDED lines.0.quantity"}},
		"no such line":                        {-1, cart.Edit{ID: "gid://souk/CartLine/x"}, nil, 0, []string{"INVALID_MERCHANDISE_LINE lines.0.id"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := filled(t, item(tea, 2), item(tea, 1, "note", "x"), item(cup, 3))
			if c.line >= 0 {
				c.edit.ID = got.Lines[c.line].ID()
			}
			var warnings []cart.Warning
			_, err := got.Apply(noon, offers(), func(c2 *cart.Cart) (err error) {
				warnings, err = c2.Update([]cart.Edit{c.edit}, offers())
				return err
			})
			if len(c.faults) > 0 {
				c.quantities = []int{2, 1, 3}
			}
			if diff := cmp.Diff(c.quantities, quantities(got)); diff != "" {
				t.Errorf("quantities (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(append([]string{}, c.faults...), faults(t, err)); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
			if len(warnings) != c.warnings {
				t.Errorf("warnings = %+v, want %d", warnings, c.warnings)
			}
		})
	}
}

func TestRemove(t *testing.T) {
	t.Parallel()
	c := filled(t, item(tea, 1), item(cup, 2))
	first := c.Lines[0].ID()
	if diff := cmp.Diff([]string{"INVALID_MERCHANDISE_LINE lineIds.1"}, faults(t, c.Remove([]string{first, "x"}))); diff != "" {
		t.Errorf("Remove of a line that is not there (-want +got):\n%s", diff)
	}
	if err := c.Remove([]string{first, first}); err != nil || len(c.Lines) != 1 || c.Lines[0].Quantity != 2 {
		t.Errorf("Remove = %v, %v", err, quantities(c))
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	many := func(n int) []cart.Addition {
		var items []cart.Addition
		for i := range n {
			items = append(items, item(tea, 1, "n", strings.Repeat("x", i)))
		}
		return items
	}
	dear := offers()
	dear[cup] = &cart.Offer{OnSale: true, Price: price(math.MaxInt64 / 2)}
	foreign, hidden := offers(), offers()
	foreign[tea].Price, hidden[tea].OnSale = nil, false
	for name, c := range map[string]struct {
		items  []cart.Addition
		offers cart.Offers
		fault  string
	}{
		"200 lines, C-4":        {many(200), offers(), ""},
		"201 lines, C-4":        {many(201), offers(), "CART_TOO_LARGE lines"},
		"251 items, G-5":        {many(251), offers(), "MAXIMUM_EXCEEDED lines"},
		"a total without room":  {[]cart.Addition{item(cup, 3)}, dear, "MAXIMUM_EXCEEDED lines"},
		"another currency, P-4": {[]cart.Addition{item(tea, 3)}, foreign, "NO_PRICE lines.0.merchandiseId"},
		"not published":         {[]cart.Addition{item(tea, 3)}, hidden, "MERCHANDISE_NOT_FOUND lines.0.merchandiseId"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := cart.Open("EUR", "", noon).Add(c.items, c.offers)
			if got := strings.Join(faults(t, err), "; "); got != c.fault {
				t.Errorf("fault = %q, want %q", got, c.fault)
			}
		})
	}
}

func TestApply(t *testing.T) {
	t.Parallel()
	later := noon.Add(time.Hour)
	c := filled(t, item(tea, 2))
	t.Run("an effect counts, C-1", func(t *testing.T) {
		changed, err := c.Apply(later, offers(), func(c *cart.Cart) error { return c.SetNote("hello") })
		if !changed || err != nil || c.Version != 2 || !c.UpdatedAt.Equal(later) {
			t.Errorf("Apply = %v, %v, version %d at %v", changed, err, c.Version, c.UpdatedAt)
		}
	})
	t.Run("no effect does not, C-1", func(t *testing.T) {
		again := offers()
		again[tea].Snapshot.TakenAt = later
		changed, err := c.Apply(later.Add(time.Hour), again, func(c *cart.Cart) error {
			_, err := c.Update([]cart.Edit{{ID: c.Lines[0].ID(), Quantity: new(2)}}, again)
			return errors.Join(err, c.SetNote("hello"), c.SetAttributes(nil), c.SetBuyer(cart.BuyerChange{}, "", ""))
		})
		if changed || err != nil || c.Version != 2 || !c.UpdatedAt.Equal(later) {
			t.Errorf("Apply = %v, %v, version %d at %v", changed, err, c.Version, c.UpdatedAt)
		}
	})
	t.Run("a fault takes everything back", func(t *testing.T) {
		changed, err := c.Apply(later, offers(), func(c *cart.Cart) error {
			c.Lines[0].Quantity = 99
			return errors.Join(c.SetNote("other"), cart.Busy())
		})
		if changed || err == nil || *c.Note != "hello" || c.Lines[0].Quantity != 2 {
			t.Errorf("Apply = %v, %v, cart %+v", changed, err, c)
		}
	})
	t.Run("another version is expected, C-2", func(t *testing.T) {
		if c.Expect(nil) != nil || c.Expect(new(2)) != nil || !strings.HasPrefix(c.Expect(new(1)).Error(), "CART_VERSION_CONFLICT") {
			t.Error("Expect does not hold the version against the cart's")
		}
	})
}
