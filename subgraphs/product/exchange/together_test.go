package exchange_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/subgraphs/product/exchange"
	"github.com/soukhq/souk/subgraphs/product/postgres"
)

// Two imports of one file at the same time are as two after each other.
func TestImportsAtTheSameTime(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, postgres.Migrations)
	const csv = "Handle,Title,Variant Price,Collection\na,A,1,All\nb,B,2,All\n"
	var reports [4]exchange.Report
	var all sync.WaitGroup
	for i := range reports {
		all.Go(func() {
			var err error
			if reports[i], err = exchange.ImportShopify(t.Context(), strings.NewReader(csv), postgres.New(db), exchange.Options{Currency: "EUR", Now: noon}, nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	var sum exchange.Report
	for _, r := range reports {
		sum.Created += r.Created
		sum.Unchanged += r.Unchanged
		sum.Collections += r.Collections
	}
	if want := (exchange.Report{Created: 2, Unchanged: 6, Collections: 1}); sum != want {
		t.Errorf("together %+v, want %+v", sum, want)
	}
}
