package exchange_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/subgraphs/product"
	"github.com/soukhq/souk/subgraphs/product/exchange"
	"github.com/soukhq/souk/subgraphs/product/postgres"
)

var (
	noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	view = product.View{Currency: "EUR", At: noon}
)

func load(t *testing.T, db *outbox.DB, csv string, o exchange.Options) exchange.Report {
	t.Helper()
	report, err := exchange.ImportShopify(t.Context(), strings.NewReader(csv), postgres.New(db), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// memory is a store that only remembers what was saved.
type memory struct {
	product.Store
	saved []*product.Product
}

func (m *memory) Change(_ context.Context, _ string, change func(product.Batch) error) error {
	return change(memorised{memory: m})
}

// memorised is a change of a memory.
type memorised struct {
	product.Batch
	memory *memory
}

func (memorised) Load(context.Context, []string) (map[string]*product.Product, error) {
	return nil, nil
}

func (b memorised) Save(_ context.Context, products []*product.Product, _ time.Time) error {
	b.memory.saved = append(b.memory.saved, products...)
	return nil
}

func (memorised) Gather(context.Context, []product.Membership, time.Time) (int, error) { return 0, nil }
