package exchange_test

import (
	"strings"
	"testing"

	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/subgraphs/product/exchange"
	"github.com/soukhq/souk/subgraphs/product/postgres"
)

func load(t *testing.T, db *database.DB, csv string, o exchange.Options) exchange.Report {
	t.Helper()
	report, err := exchange.ImportShopify(t.Context(), strings.NewReader(csv), postgres.New(db), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return report
}
