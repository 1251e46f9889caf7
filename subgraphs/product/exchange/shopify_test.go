package exchange_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/soukhq/souk/internal/launch/launchtest"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/subgraphs/product/exchange"
	"github.com/soukhq/souk/subgraphs/product/postgres"
)

func TestMain(m *testing.M) { os.Exit(launchtest.Main(m)) }

// shared returns a file of the data that all parts of the project read. Without SOUK_SHARED a missing folder skips.
func shared(t *testing.T, name string) string {
	t.Helper()
	dir, named := os.LookupEnv("SOUK_SHARED")
	if !named {
		dir = filepath.Join("..", "..", "..", "..", "shared")
	}
	if _, err := os.Stat(dir); !named && errors.Is(err, fs.ErrNotExist) {
		t.Skip("the shared data are not there: name their folder in SOUK_SHARED")
	}
	content, err := os.ReadFile(filepath.Join(dir, "data", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// rows are versions and times of change of all products, to see that nothing was written.
func rows(t *testing.T, db *outbox.DB) string {
	t.Helper()
	var text string
	const query = `SELECT concat_ws(' ',
		(SELECT string_agg(concat_ws(' ', xmin, id, version, updated_at), ';' ORDER BY id) FROM products),
		(SELECT string_agg(concat_ws(' ', xmin, id), ';' ORDER BY id) FROM variants),
		(SELECT string_agg(concat_ws(' ', xmin, id, valid_until), ';' ORDER BY id) FROM prices),
		(SELECT string_agg(concat_ws(' ', xmin, variant_id, version), ';' ORDER BY variant_id) FROM stock),
		(SELECT string_agg(concat_ws(' ', xmin, id, version, updated_at), ';' ORDER BY id) FROM collections),
		(SELECT string_agg(concat_ws(' ', xmin, id), ';' ORDER BY id) FROM images))`
	if err := db.Get(t.Context(), &text, query); err != nil {
		t.Fatal(err)
	}
	return text
}

func TestRealExports(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]exchange.Report{
		"shopify-apparel.csv":         {Created: 20, Variants: 22},
		"shopify-home-and-garden.csv": {Created: 20, Variants: 21},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := outboxtest.New(t, postgres.Migrations)
			o := exchange.Options{Currency: "EUR", Now: noon, CollectionsFrom: exchange.FromTags}
			first := load(t, db, shared(t, name), o)
			if first.Collections == 0 {
				t.Error("no collections were made of tags")
			}
			want.Collections = first.Collections
			if first != want {
				t.Errorf("first import: %+v, want %+v", first, want)
			}
			before := rows(t, db)
			o.Now = noon.Add(time.Hour)
			second := load(t, db, shared(t, name), o)
			if want := (exchange.Report{Unchanged: 20, Variants: want.Variants}); second != want {
				t.Errorf("second import: %+v, want %+v", second, want)
			}
			if after := rows(t, db); after != before {
				t.Errorf("the second import wrote rows:\n%s\nwere\n%s", after, before)
			}
		})
	}
}
