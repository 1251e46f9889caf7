package product_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/subgraphs/product"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// lineOf wants pieces of a variant at 10.00 EUR; offerOf is what there is for it.
func lineOf(variant uuid.UUID, quantity int) event.CompletionLine {
	return event.CompletionLine{VariantID: gid.Format("ProductVariant", variant), Quantity: quantity, UnitPrice: "10.00"}
}

func offerOf(variant uuid.UUID) product.Offered {
	published := noon.Add(-time.Hour)
	return product.Offered{
		Variant: variant, Published: &published, Tracked: true, PriceOf: variant,
		Price: &product.PriceRow{Price: product.Price{Amount: euro(1000)}, ValidFrom: noon.Add(-time.Hour)},
	}
}

// Rule O-2f: a line is sold only as it was priced: that row, of that variant and currency, that amount, valid when prices
// were locked.
func TestReserveComparesPrices(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*product.Offered, *event.CompletionLine)
		want   string
	}{
		"as it was priced":          {func(*product.Offered, *event.CompletionLine) {}, ""},
		"in another notation":       {func(_ *product.Offered, l *event.CompletionLine) { l.UnitPrice = "10" }, ""},
		"not counted":               {func(o *product.Offered, l *event.CompletionLine) { o.Tracked, l.Quantity = false, 1000 }, ""},
		"a forged amount":           {func(_ *product.Offered, l *event.CompletionLine) { l.UnitPrice = "9.99" }, "PRICE_CHANGED"},
		"an amount that is none":    {func(_ *product.Offered, l *event.CompletionLine) { l.UnitPrice = "free" }, "PRICE_CHANGED"},
		"no such row":               {func(o *product.Offered, _ *event.CompletionLine) { o.Price = nil }, "PRICE_CHANGED"},
		"the row of another":        {func(o *product.Offered, _ *event.CompletionLine) { o.PriceOf = gid.New() }, "PRICE_CHANGED"},
		"another currency":          {func(o *product.Offered, _ *event.CompletionLine) { o.Price.Amount.Currency = "USD" }, "PRICE_CHANGED"},
		"valid from that moment on": {func(o *product.Offered, _ *event.CompletionLine) { o.Price.ValidFrom = noon }, ""},
		"not valid yet":             {func(o *product.Offered, _ *event.CompletionLine) { o.Price.ValidFrom = noon.Add(1) }, "PRICE_CHANGED"},
		"closed a moment later":     {func(o *product.Offered, _ *event.CompletionLine) { o.Price.ValidUntil = new(noon.Add(1)) }, ""},
		"closed at that moment":     {func(o *product.Offered, _ *event.CompletionLine) { o.Price.ValidUntil = new(noon) }, "PRICE_CHANGED"},
		"no such variant":           {func(o *product.Offered, _ *event.CompletionLine) { *o = product.Offered{} }, "UNAVAILABLE"},
		"withdrawn":                 {func(o *product.Offered, _ *event.CompletionLine) { o.Published = nil }, "UNAVAILABLE"},
		"not on sale yet":           {func(o *product.Offered, _ *event.CompletionLine) { o.Published = new(noon.Add(1)) }, "UNAVAILABLE"},
		"no pieces":                 {func(_ *product.Offered, l *event.CompletionLine) { l.Quantity = 0 }, "UNAVAILABLE"},
	} {
		variant := gid.New()
		offer, line := offerOf(variant), lineOf(variant, 1)
		c.change(&offer, &line)
		shelves := []product.Shelf{{Variant: variant, Location: gid.New(), Stock: product.Stock{OnHand: 1}}}
		completion := event.CompletionRequested{CurrencyCode: "EUR", PricedAt: noon, Lines: []event.CompletionLine{line}}
		_, refused := product.Reserve(completion, []product.Offered{offer}, shelves)
		reason := ""
		if len(refused) == 1 && refused[0].VariantID == line.VariantID {
			reason = refused[0].Reason
		}
		if reason != c.want || len(refused) > 1 {
			t.Errorf("%s: refused %+v, want %q", name, refused, c.want)
		}
	}
}

// Rule I-2: demand is summed over all lines of a variant, and every variant that fails is named once for each reason.
func TestReserveNamesAllThatFails(t *testing.T) {
	t.Parallel()
	enough, short, dear, gone := gid.New(), gid.New(), gid.New(), gid.New()
	completion := event.CompletionRequested{CurrencyCode: "EUR", PricedAt: noon, Lines: []event.CompletionLine{
		lineOf(short, 3), lineOf(enough, 5), lineOf(dear, 9), lineOf(short, 3), lineOf(gone, 1),
	}}
	offers := []product.Offered{offerOf(short), offerOf(enough), offerOf(dear), offerOf(short), {}}
	offers[2].Price.Amount = euro(1100)
	location := gid.New()
	var shelves []product.Shelf
	for _, v := range []uuid.UUID{enough, short, dear} {
		shelves = append(shelves, product.Shelf{Variant: v, Location: location, Stock: product.Stock{OnHand: 9, Allocated: 1, Held: 2, Safety: 2, BackorderLimit: 1}})
	}
	left := int64(5)
	want := []event.RejectedVariant{
		{VariantID: gid.Format("ProductVariant", dear), Reason: "PRICE_CHANGED"},
		{VariantID: gid.Format("ProductVariant", gone), Reason: "UNAVAILABLE"},
		{VariantID: gid.Format("ProductVariant", short), Reason: "OUT_OF_STOCK", Available: &left},
		{VariantID: gid.Format("ProductVariant", dear), Reason: "OUT_OF_STOCK", Available: &left},
	}
	held, refused := product.Reserve(completion, offers, shelves)
	if diff := cmp.Diff(want, refused); diff != "" || held != nil {
		t.Errorf("held %v, refused differs:\n%s", held, diff)
	}
	fitting := completion
	fitting.Lines = []event.CompletionLine{lineOf(short, 2), lineOf(enough, 5), lineOf(short, 3)}
	held, refused = product.Reserve(fitting, []product.Offered{offers[0], offers[1], offers[0]}, shelves)
	if diff := cmp.Diff([]product.Portion{{short, location, 5}, {enough, location, 5}}, held); diff != "" || refused != nil {
		t.Errorf("refused %v, held differs:\n%s", refused, diff)
	}
}

// Rule I-3: one location that has all, else the fewest, else those that come first: the default one, then the oldest.
func TestAllot(t *testing.T) {
	t.Parallel()
	a, b := gid.New(), gid.New()
	first, second, third := gid.New(), gid.New(), gid.New()
	shelves := func(figures map[uuid.UUID][2]int64) (all []product.Shelf) {
		for location, n := range figures {
			for i, v := range []uuid.UUID{a, b} {
				all = append(all, product.Shelf{Variant: v, Location: location, Default: location == second, Stock: product.Stock{OnHand: n[i]}})
			}
		}
		return all
	}
	for name, c := range map[string]struct {
		there map[uuid.UUID][2]int64
		a, b  int64
		want  []product.Portion
	}{
		"the default one has all":  {map[uuid.UUID][2]int64{first: {5, 5}, second: {5, 5}, third: {9, 9}}, 5, 5, []product.Portion{{a, second, 5}, {b, second, 5}}},
		"the oldest that has all":  {map[uuid.UUID][2]int64{first: {5, 5}, second: {5, 4}, third: {9, 9}}, 5, 5, []product.Portion{{a, first, 5}, {b, first, 5}}},
		"one further away has all": {map[uuid.UUID][2]int64{first: {5, 4}, second: {4, 5}, third: {9, 9}}, 5, 5, []product.Portion{{a, third, 5}, {b, third, 5}}},
		"two have all together":    {map[uuid.UUID][2]int64{first: {1, 5}, second: {1, 4}, third: {5, 0}}, 5, 5, []product.Portion{{a, third, 5}, {b, first, 5}}},
		"a variant in two parts":   {map[uuid.UUID][2]int64{first: {3, 0}, second: {2, 0}, third: {2, 0}}, 5, 0, []product.Portion{{a, second, 2}, {a, first, 3}}},
		"all are needed":           {map[uuid.UUID][2]int64{first: {3, 0}, second: {1, 0}, third: {2, 0}}, 6, 0, []product.Portion{{a, second, 1}, {a, first, 3}, {a, third, 2}}},
		"less is there":            {map[uuid.UUID][2]int64{first: {3, 0}, second: {-1, 0}, third: {2, 0}}, 6, 0, []product.Portion{{a, second, 1}, {a, first, 3}, {a, third, 2}}},
	} {
		wanted := []product.Wanted{{Variant: a, Quantity: c.a}}
		if c.b > 0 {
			wanted = append(wanted, product.Wanted{Variant: b, Quantity: c.b})
		}
		if diff := cmp.Diff(c.want, product.Allot(wanted, shelves(c.there))); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
	many := make([]product.Shelf, 300) // So many sets of locations cannot all be tried.
	for i := range many {
		many[i] = product.Shelf{Variant: a, Location: gid.New(), Stock: product.Stock{OnHand: 1}}
	}
	if got := product.Allot([]product.Wanted{{Variant: a, Quantity: 200}}, many); len(got) != 200 {
		t.Errorf("of 300 shelves with one piece %d gave some, want 200", len(got))
	}
}
