package cart_test

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/subgraphs/cart"
)

func TestChoose(t *testing.T) { // Rules P-1, P-2.
	t.Parallel()
	row := func(n byte, minor int64, currency string, from time.Time, until *time.Time) cart.Price {
		return cart.Price{ID: uuid.UUID{n}, Amount: money.Money{Minor: minor, Currency: currency}, From: from, Until: until}
	}
	before, after := noon.Add(-time.Hour), noon.Add(time.Hour)
	for name, c := range map[string]struct {
		rows []cart.Price
		want byte
	}{
		"none":                                   {nil, 0},
		"another currency":                       {[]cart.Price{row(1, 5, "USD", before, nil)}, 0},
		"from its first moment on":               {[]cart.Price{row(1, 5, "EUR", noon, nil)}, 1},
		"not before":                             {[]cart.Price{row(1, 5, "EUR", noon.Add(time.Nanosecond), nil)}, 0},
		"until before its last moment":           {[]cart.Price{row(1, 5, "EUR", before, &after)}, 1},
		"not at its last moment":                 {[]cart.Price{row(1, 5, "EUR", before, &noon)}, 0},
		"one follows the other without a gap":    {[]cart.Price{row(1, 5, "EUR", before, &noon), row(2, 9, "EUR", noon, nil)}, 2},
		"one that ends before one that does not": {[]cart.Price{row(1, 5, "EUR", before, nil), row(2, 9, "EUR", before, &after)}, 2},
		"the lower amount":                       {[]cart.Price{row(1, 5, "EUR", before, nil), row(2, 4, "EUR", before, nil)}, 2},
		"the lower id":                           {[]cart.Price{row(2, 5, "EUR", before, nil), row(1, 5, "EUR", before, nil)}, 1},
	} {
		got := byte(0)
		if p := cart.Choose(c.rows, "EUR", noon); p != nil {
			got = p.ID[0]
		}
		if got != c.want {
			t.Errorf("%s: row %d, want %d", name, got, c.want)
		}
	}
}

func TestSellable(t *testing.T) { // Rule I-1.
	t.Parallel()
	for _, c := range []struct {
		stock    cart.Stock
		sellable int64
		left     int
	}{
		{cart.Stock{}, math.MaxInt64, -1},
		{counted(5), 5, 5},
		{counted(-5), 0, 0},
		{cart.Stock{Tracked: true, Available: 3, Backorder: 4}, 7, 3},
		{cart.Stock{Tracked: true, Available: -3, Backorder: 4}, 1, 0},
		{cart.Stock{Tracked: true, Available: 3, Backorder: math.MaxInt64}, math.MaxInt64, 3},
	} {
		left := -1
		if n := c.stock.Left(); n != nil {
			left = *n
		}
		if got := c.stock.Sellable(); got != c.sellable || left != c.left {
			t.Errorf("%+v: %d sellable, %d left, want %d, %d", c.stock, got, left, c.sellable, c.left)
		}
	}
}

func TestKnow(t *testing.T) { // Rules P-4, P-6, O-2d.
	t.Parallel()
	c := filled(t, item(tea, 2), item(tea, 1, "a", "b"), item(cup, 3))
	now := offers()
	now[tea].Price, now[tea].Stock = price(300), counted(2) // Of three in the cart.
	delete(now, cup)
	version, revision := c.Version, c.Revision
	c.Know(now, noon)
	states := []string{c.Lines[0].State, c.Lines[1].State, c.Lines[2].State}
	if diff := cmp.Diff([]string{cart.InsufficientStock, cart.InsufficientStock, cart.Unavailable}, states); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	sum, err := c.Totals()
	if err != nil || sum.Total != eur(3*300+3*1000) || c.Version != version || c.Revision != revision {
		t.Errorf("total %v, %v, version %d, revision %d: want what things cost now, as no change", sum.Total, err, c.Version, c.Revision)
	}
	now[tea].Price, now[cup] = nil, offers()[cup]
	now[cup].OnSale = false
	if c.Know(now, noon); c.Lines[0].State != cart.NoPrice || c.Lines[0].Price != eur(300) || c.Lines[2].State != cart.Unavailable {
		t.Errorf("lines = %+v, want the last price and NO_PRICE", c.Lines)
	}
	c.State = cart.Completed
	if c.Know(offers(), noon); c.Lines[0].Price != eur(300) || c.Lines[0].State != cart.OK {
		t.Errorf("a cart that became an order shows %+v, want what it was", c.Lines[0])
	}
}

func TestPricesAreTakenAnewOnEachWrite(t *testing.T) { // Rule P-6.
	t.Parallel()
	c := filled(t, item(tea, 2), item(cup, 1))
	dearer := offers()
	dearer[tea].Price = &cart.Price{ID: uuid.UUID{7}, Amount: eur(300), CompareAt: &money.Money{Minor: 300, Currency: "EUR"}}
	delete(dearer, cup) // The line keeps what is known.
	later := noon.Add(time.Hour)
	if changed, err := c.Apply(later, dearer, func(c *cart.Cart) error { return c.SetNote("x") }); err != nil || !changed {
		t.Fatal(changed, err)
	}
	sum, err := c.Totals()
	if l := c.Lines[0]; err != nil || sum.Total != eur(2*300+1000) || l.PriceID != (uuid.UUID{7}) || !l.PricedAt.Equal(later) || l.CompareAt != nil {
		t.Errorf("total = %v, %v, want 16.00 EUR; the line is %+v", sum.Total, err, l)
	}
	if !c.Lines[1].PricedAt.Before(later) {
		t.Errorf("the line without an offer was priced at %v", c.Lines[1].PricedAt)
	}
}

// TestWhatProductSaidCountsForAWhile holds that a variant for which product was asked is not gone before its event came.
func TestWhatProductSaidCountsForAWhile(t *testing.T) {
	t.Parallel()
	said := offers()
	said[tea].Price.ID = uuid.Nil
	c := cart.Open("EUR", "", noon)
	if _, err := c.Fill(cart.Content{Lines: []cart.Addition{item(tea, 1)}}, said); err != nil {
		t.Fatal(err)
	}
	for after, want := range map[time.Duration]string{0: cart.OK, 59 * time.Second: cart.OK, time.Minute: cart.Unavailable} {
		if c.Know(nil, noon.Add(after)); c.Lines[0].State != want {
			t.Errorf("after %v the line is %s, want %s", after, c.Lines[0].State, want)
		}
	}
}

func TestAChangeSaysWhatItHasToKnow(t *testing.T) { // Rule B-1 c.
	t.Parallel()
	c := filled(t, item(tea, 2), item(cup, 1))
	edit := func(line int, e cart.Edit) cart.Edit { e.ID = c.Lines[line].ID(); return e }
	for name, change := range map[string]struct {
		items []cart.Addition
		edits []cart.Edit
		want  []uuid.UUID
	}{
		"what is added":                 {items: []cart.Addition{item(jar, 1), item(tea, 1), {MerchandiseID: "x"}}, want: []uuid.UUID{jar, tea}},
		"more pieces":                   {edits: []cart.Edit{edit(0, cart.Edit{Quantity: new(3)})}, want: []uuid.UUID{tea}},
		"another variant":               {edits: []cart.Edit{edit(0, cart.Edit{MerchandiseID: new(id(jar))})}, want: []uuid.UUID{jar}},
		"fewer pieces need nothing":     {edits: []cart.Edit{edit(0, cart.Edit{Quantity: new(1), MerchandiseID: new(id(tea))}), edit(1, cart.Edit{Quantity: new(0)})}},
		"attributes need nothing":       {edits: []cart.Edit{edit(0, cart.Edit{Attributes: pairs([]string{"a", "b"})})}},
		"a line that there is not":      {edits: []cart.Edit{{ID: "x", Quantity: new(9)}}},
		"what is removed needs nothing": {edits: []cart.Edit{edit(0, cart.Edit{Quantity: new(0), MerchandiseID: new(id(jar))})}},
	} {
		if diff := cmp.Diff(change.want, c.Needs(change.items, change.edits)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		var unknown *cart.Unknown
		added, updated := *c, *c
		updated.Lines = slices.Clone(c.Lines)
		_, err := added.Add(change.items, cart.Offers{})
		if _, other := updated.Update(change.edits, cart.Offers{}); errors.As(errors.Join(err, other), &unknown) != (change.want != nil) {
			t.Errorf("%s: without offers Add = %v, Update = %v", name, err, other)
		}
	}
}
