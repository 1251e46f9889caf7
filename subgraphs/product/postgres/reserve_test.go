package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/subgraphs/product/postgres"
)

// shop is a catalogue whose stock is sold.
type shop struct {
	db       *outbox.DB
	runs     atomic.Int64    // of transactions, those that were broken off included
	variants []event.Variant // one of each product, at 10.00 EUR
}

// opened returns a shop with so many pieces of each of its variants; less than none: not counted.
func opened(t *testing.T, pieces ...int) *shop {
	t.Helper()
	var b strings.Builder
	b.WriteString("Handle,Title,Variant Price,Variant Inventory Tracker,Variant Inventory Qty\n")
	for i, n := range pieces {
		if n < 0 {
			fmt.Fprintf(&b, "p-%03d,P,10.00,,\n", i)
		} else {
			fmt.Fprintf(&b, "p-%03d,P,10.00,shopify,%d\n", i, n)
		}
	}
	s := &shop{db: outboxtest.New(t, postgres.Migrations)}
	load(t, s.db, b.String(), noon)
	for _, p := range told[event.ProductUpdated](t, s.db, 0) {
		s.variants = append(s.variants, p.Variants[0])
	}
	return s
}

// wants is a completion that wants pieces of the variants of those numbers.
func (s *shop) wants(lines ...[2]int) event.CompletionRequested {
	c := event.CompletionRequested{
		CompletionID: gid.Format("CheckoutCompletion", gid.New()), CheckoutID: gid.Format("Checkout", gid.New()), CurrencyCode: "EUR",
		PricedAt: noon.Add(time.Minute),
	}
	for _, l := range lines {
		v := s.variants[l[0]]
		c.Lines = append(c.Lines, event.CompletionLine{VariantID: v.VariantID, Quantity: l[1], PriceID: v.Prices[0].PriceID, UnitPrice: "10.00"})
	}
	return c
}

func failureOf(c event.CompletionRequested) event.CompletionFailed {
	return event.CompletionFailed{CompletionID: c.CompletionID, CheckoutID: c.CheckoutID, Code: "PAYMENT_DECLINED"}
}

func orderOf(c event.CompletionRequested) event.OrderPlaced {
	o := event.OrderPlaced{OrderID: gid.Format("Order", gid.New()), CompletionID: c.CompletionID, CheckoutID: c.CheckoutID}
	for _, l := range c.Lines {
		o.Lines = append(o.Lines, event.OrderLine{VariantID: l.VariantID, Quantity: l.Quantity})
	}
	return o
}

// hear applies events of checkout, each in a transaction of its own.
func (s *shop) hear(t *testing.T, all ...event.Data) {
	t.Helper()
	for _, data := range all {
		if err := s.react(t, data); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *shop) react(t *testing.T, data event.Data) error {
	e := event.New(gid.Format("CheckoutCompletion", gid.New()), 1, data, noon)
	handler := postgres.Checkout(func() time.Time { return noon.Add(time.Hour) })[e.Type]
	return s.db.Transact(t.Context(), "test", func(tx *database.Tx) ([]event.Event, error) {
		s.runs.Add(1)
		return handler(t.Context(), tx, e)
	})
}

// answers are what was told of a completion: "reserved", or the reasons against it.
func (s *shop) answers(t *testing.T, c event.CompletionRequested) (all []string) {
	t.Helper()
	for _, e := range outboxtest.Events(t, s.db) {
		if e.Subject != c.CompletionID {
			continue
		}
		if e.Type == event.TypeOf[event.StockReserved]() {
			all = append(all, "reserved")
			continue
		}
		rejected, err := event.Read[event.StockRejected](e)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range rejected.Lines {
			all = append(all, l.Reason)
		}
	}
	return all
}

// stock returns available, held and allocated pieces of a variant, as the graph counts them.
func (s *shop) stock(t *testing.T, number int) [3]int64 {
	t.Helper()
	key, _ := gid.Parse("ProductVariant", s.variants[number].VariantID)
	found, err := postgres.New(s.db).Variants(t.Context(), view, []uuid.UUID{key})
	if err != nil || found[key] == nil {
		t.Fatalf("variant %d: %v, %v", number, found[key], err)
	}
	v := found[key]
	if n := v.QuantityAvailable(); n != nil && int64(*n) != max(0, v.Stock.Available()) {
		t.Errorf("%d pieces are shown, %d are there", *n, v.Stock.Available())
	}
	if v.AvailableForSale() != (!v.Tracked || v.Stock.Available() > 0) {
		t.Errorf("for sale: %t, with %d pieces", v.AvailableForSale(), v.Stock.Available())
	}
	return [3]int64{v.Stock.Available(), v.Stock.Held, v.Stock.Allocated}
}

func (s *shop) expect(t *testing.T, when string, c event.CompletionRequested, answers []string, stock ...[3]int64) {
	t.Helper()
	if got := s.answers(t, c); !slices.Equal(got, answers) {
		t.Errorf("%s: told %v, want %v", when, got, answers)
	}
	for i, want := range stock {
		if got := s.stock(t, i); got != want {
			t.Errorf("%s: variant %d has %v available, held, allocated; want %v", when, i, got, want)
		}
	}
	s.check(t)
}

// check demands that stock, reservations, ledger, and what was told of the inventories agree.
func (s *shop) check(t *testing.T) {
	t.Helper()
	checkLedger(t, s.db)
	var wrong []struct {
		Variant   uuid.UUID  `db:"variant_id"`
		Location  *uuid.UUID `db:"location_id"`
		Held      *int64
		Reserved  int64
		Allocated *int64
		Committed int64
	}
	if err := s.db.Select(t.Context(), &wrong, postgres.Unbalanced); err != nil {
		t.Fatal(err)
	}
	if len(wrong) > 0 {
		t.Errorf("stock and reservations differ: %+v", wrong)
	}
	last := map[string]event.Inventory{}
	for _, v := range s.variants {
		last[v.VariantID] = v.Stock
	}
	for _, i := range told[event.InventoryChanged](t, s.db, 0) {
		if was := last[i.VariantID]; i.Before != was.Available || i.After != i.Inventory.Available || i.Inventory.Version <= was.Version {
			t.Errorf("told %+v after %+v", i, was)
		}
		last[i.VariantID] = i.Inventory
	}
	for i, v := range s.variants {
		if now := s.stock(t, i)[0]; last[v.VariantID].Available != now {
			t.Errorf("the last that was told of variant %d is %+v, but it has %d", i, last[v.VariantID], now)
		}
	}
}

// Rules I-2, I-4, I-5, O-2: what is requested is held, what became an order is sold, what failed is free again; each event
// may come again.
func TestReservationFollowsItsCompletion(t *testing.T) {
	t.Parallel()
	s := opened(t, 5, 3, -1)
	first, second := s.wants([2]int{0, 2}, [2]int{1, 3}, [2]int{0, 1}, [2]int{2, 999}), s.wants([2]int{0, 2})
	reserved := []string{"reserved"}
	for range 2 {
		s.hear(t, first)
		s.expect(t, "requested", first, reserved, [3]int64{2, 3, 0}, [3]int64{0, 3, 0}, [3]int64{0, 0, 0})
	}
	s.hear(t, second)
	s.expect(t, "two requested", second, reserved, [3]int64{0, 5, 0})
	forgotten := event.CompletionFailed{CompletionID: second.CompletionID, Code: "NOT_FOUND"} // Checkout does not know it any more.
	for _, failure := range []event.CompletionFailed{forgotten, failureOf(second), {CompletionID: gid.Format("CheckoutCompletion", gid.New())}} {
		s.hear(t, failure)
		s.expect(t, "one failed", second, reserved, [3]int64{2, 3, 0})
	}
	s.hear(t, second) // A repeat does not hold again.
	for range 2 {
		s.hear(t, orderOf(first))
		s.expect(t, "one placed", first, reserved, [3]int64{2, 0, 3}, [3]int64{0, 0, 3})
	}
	s.hear(t, failureOf(first), first) // There is no way back from an order.
	s.expect(t, "after the order", first, reserved, [3]int64{2, 0, 3}, [3]int64{0, 0, 3})
}

// Rule I-2: one line that fails holds nothing, and the rejected completion stays as it is when it fails then.
func TestRejectedCompletionHoldsNothing(t *testing.T) {
	t.Parallel()
	s := opened(t, 5, 3)
	c := s.wants([2]int{0, 2}, [2]int{1, 2}, [2]int{1, 2})
	c.Lines = append(c.Lines, event.CompletionLine{VariantID: gid.Format("ProductVariant", gid.New()), Quantity: 1, UnitPrice: "1.00"})
	s.hear(t, c, failureOf(c), c)
	s.expect(t, "rejected", c, []string{"UNAVAILABLE", "OUT_OF_STOCK"}, [3]int64{5, 0, 0}, [3]int64{3, 0, 0})
	if n := len(told[event.InventoryChanged](t, s.db, 0)); n != 0 {
		t.Errorf("%d inventories were told, want none", n)
	}
	rejected := told[event.StockRejected](t, s.db, 0)
	left := int64(3)
	if diff := cmp.Diff(event.RejectedVariant{VariantID: s.variants[1].VariantID, Reason: "OUT_OF_STOCK", Available: &left}, rejected[0].Lines[1]); diff != "" {
		t.Errorf("the line that is short differs:\n%s", diff)
	}
}

// Rule I-5: a completion whose failure was heard first is refused.
func TestLateRequestIsRefused(t *testing.T) {
	t.Parallel()
	s := opened(t, 5)
	c := s.wants([2]int{0, 2}, [2]int{0, 1})
	s.hear(t, failureOf(c), failureOf(c))
	s.expect(t, "failed first", c, nil, [3]int64{5, 0, 0})
	s.hear(t, c, c)
	s.expect(t, "requested late", c, []string{"CANCELLED"}, [3]int64{5, 0, 0})
}

// An answer that the log has lost is told again, as it was; one that it has is not.
func TestLostAnswerIsToldAgain(t *testing.T) {
	t.Parallel()
	s := opened(t, 5)
	good, bad := s.wants([2]int{0, 2}), s.wants([2]int{0, 4})
	s.hear(t, good, bad)
	if _, err := s.db.Exec(t.Context(), `DELETE FROM outbox WHERE subject LIKE '%CheckoutCompletion%'`); err != nil {
		t.Fatal(err)
	}
	s.hear(t, failureOf(good), good, bad, good, bad)
	s.expect(t, "again", good, []string{"reserved"}, [3]int64{5, 0, 0})
	s.expect(t, "again", bad, []string{"OUT_OF_STOCK"})
}

// Rule O-2, step 4: after an order there is only forward. Where a restored database has lost its reservation, or refused it
// in the second life, its pieces are sold all the same.
func TestOrderIsSoldWhatever(t *testing.T) {
	t.Parallel()
	s := opened(t, 5, 5, -1)
	lost, refused := s.wants([2]int{0, 2}, [2]int{2, 1}, [2]int{0, 2}), s.wants([2]int{0, 9}, [2]int{1, 1})
	s.hear(t, orderOf(lost), orderOf(lost))
	s.expect(t, "without a request", lost, nil, [3]int64{1, 0, 4})
	s.hear(t, lost)
	s.expect(t, "requested after all", lost, []string{"reserved"}, [3]int64{1, 0, 4})
	s.hear(t, refused, orderOf(refused), orderOf(refused))
	s.expect(t, "after a refusal", refused, []string{"OUT_OF_STOCK"}, [3]int64{-8, 0, 13}, [3]int64{4, 0, 1})
}

// Rule O-2f: the price that was locked is honoured although it was closed since; a forged one is not.
func TestReservationComparesPrices(t *testing.T) {
	t.Parallel()
	s := opened(t, 5, 5)
	load(t, s.db, "Handle,Title,Variant Price,Variant Inventory Tracker,Variant Inventory Qty\np-000,P,12.00,shopify,5\n", noon.Add(2*time.Minute))
	c := s.wants([2]int{0, 1})
	s.hear(t, c)
	s.expect(t, "closed since", c, []string{"reserved"}, [3]int64{4, 1, 0})
	for when, change := range map[string]func(*event.CompletionRequested){
		"priced when it was closed": func(c *event.CompletionRequested) { c.PricedAt = noon.Add(2 * time.Minute) },
		"another amount":            func(c *event.CompletionRequested) { c.Lines[0].UnitPrice = "0.01" },
		"another variant's row":     func(c *event.CompletionRequested) { c.Lines[0].PriceID = s.variants[1].Prices[0].PriceID },
		"no row":                    func(c *event.CompletionRequested) { c.Lines[0].PriceID = "none" },
		"another currency":          func(c *event.CompletionRequested) { c.CurrencyCode = "USD" },
	} {
		c := s.wants([2]int{0, 1})
		change(&c)
		s.hear(t, c)
		s.expect(t, when, c, []string{"PRICE_CHANGED"}, [3]int64{4, 1, 0})
	}
}
