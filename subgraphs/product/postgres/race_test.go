package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/subgraphs/product/exchange"
	"github.com/soukhq/souk/subgraphs/product/postgres"
)

// 50 buyers for 5 pieces: five get one.
func TestFiftyBuyersForFivePieces(t *testing.T) {
	t.Parallel()
	s := opened(t, 5)
	completions := make([]event.CompletionRequested, 50)
	var all sync.WaitGroup
	for i := range completions {
		completions[i] = s.wants([2]int{0, 1})
		all.Go(func() {
			if err := s.react(t, completions[i]); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	reserved := 0
	for _, c := range completions {
		if slices.Equal(s.answers(t, c), []string{"reserved"}) {
			reserved++
		}
	}
	if reserved != 5 {
		t.Errorf("%d have a piece, want 5", reserved)
	}
	s.expect(t, "sold out", s.wants(), nil, [3]int64{0, 5, 0})
	checkInStock(t, s.db)
}

// Rule I-2: buyers whose lines are in opposite orders, and an import beside them, all get through.
func TestOppositeOrdersDoNotBlock(t *testing.T) {
	t.Parallel()
	const variants, buyers = 10, 30
	s := opened(t, slices.Repeat([]int{1000}, variants)...)
	var all sync.WaitGroup
	for b := range buyers {
		var lines [][2]int
		for v := range variants {
			lines = append(lines, [2]int{v, 1})
		}
		if b%2 > 0 {
			slices.Reverse(lines)
		}
		c := s.wants(lines...)
		all.Go(func() {
			end := event.Data(orderOf(c))
			if b%3 == 0 {
				end = failureOf(c)
			}
			for _, data := range []event.Data{c, end} {
				if err := s.react(t, data); err != nil {
					t.Error(err)
				}
			}
		})
	}
	imports := 0
	all.Go(func() {
		var b strings.Builder
		b.WriteString("Handle,Title,Variant Price,Variant Inventory Tracker,Variant Inventory Qty\n")
		for v := range variants {
			fmt.Fprintf(&b, "p-%03d,P,10.00,shopify,1100\n", variants-1-v)
		}
		o := exchange.Options{Currency: "EUR", Now: noon}
		if _, err := exchange.ImportShopify(t.Context(), strings.NewReader(b.String()), postgres.New(s.db), o, func(done, _ int) {
			if done == 0 {
				imports++
			}
		}); err != nil {
			t.Error(err)
		}
	})
	all.Wait()
	if n := s.runs.Load(); n != 2*buyers || imports != 1 {
		t.Errorf("%d transactions of buyers and %d of the import, want %d and 1: some were broken off", n, imports, 2*buyers)
	}
	s.expect(t, "all through", s.wants(), nil, slices.Repeat([][3]int64{{1080, 0, 20}}, variants)...)
	checkInStock(t, s.db)
}

// A reservation of fifty lines takes as many statements as one of a single line, and so does its end.
func TestReservationTakesAFixedNumberOfStatements(t *testing.T) {
	t.Parallel()
	s := opened(t, slices.Repeat([]int{9}, 50)...)
	counts := map[int][2]int64{}
	for _, n := range []int{1, 50} {
		var lines [][2]int
		for v := range n {
			lines = append(lines, [2]int{v, 1})
		}
		c := s.wants(lines...)
		var count [2]int64
		for i, data := range []event.Data{c, orderOf(c)} {
			ctx := database.WithCount(t.Context())
			e := event.New(c.CompletionID, 1, data, noon)
			if err := s.db.Transact(ctx, "test", func(tx *database.Tx) ([]event.Event, error) {
				return postgres.Checkout(func() time.Time { return noon })[e.Type](ctx, tx, e)
			}); err != nil {
				t.Fatal(err)
			}
			count[i] = database.Counted(ctx)
		}
		counts[n] = count
	}
	if counts[1] != counts[50] || counts[1][0] > 8 || counts[1][1] > 6 {
		t.Errorf("statements by number of lines %v, want the same, at most 8 and 6", counts)
	}
	s.check(t)
}

// A variant whose pieces are held or sold cannot be removed; one whose pieces are free again can.
func TestVariantsInUseStay(t *testing.T) {
	t.Parallel()
	s := opened(t, 5)
	c := s.wants([2]int{0, 2})
	without := func() error {
		const csv = "Handle,Title,Option1 Name,Option1 Value,Variant Price\np-000,P,Size,S,10.00\n"
		_, err := exchange.ImportShopify(t.Context(), strings.NewReader(csv), postgres.New(s.db), exchange.Options{Currency: "EUR", Now: noon}, nil)
		return err
	}
	s.hear(t, c)
	if err := without(); err == nil || !strings.Contains(err.Error(), "sold or held: p-000") {
		t.Errorf("removed while it is held: %v", err)
	}
	s.expect(t, "kept", c, []string{"reserved"}, [3]int64{3, 2, 0})
	s.hear(t, failureOf(c))
	if err := without(); err != nil {
		t.Errorf("not removed although it is free: %v", err)
	}
	checkLedger(t, s.db)
}
