package subgraphs_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/internal/subgraph"
	"github.com/soukhq/souk/subgraphs"
	"github.com/soukhq/souk/subgraphs/product/postgres"
)

// The example catalogue imports with the pictures beside it, and a second time changes nothing.
func TestImportOfTheExample(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "examples")
	db := outboxtest.New(t, postgres.Migrations)
	media := t.TempDir()
	env := subgraph.Env{Currency: "EUR", MediaDir: media, Now: time.Now}
	var told []int
	for i, want := range []subgraphs.ImportReport{{Created: 4, Variants: 8, Pictures: 3}, {Unchanged: 4, Variants: 8}} {
		file, err := os.Open(filepath.Join(dir, "catalogue.csv"))
		if err != nil {
			t.Fatal(err)
		}
		report, err := subgraphs.ImportShopify(t.Context(), db.DB, env, file, dir, "", func(done, total int) { told = append(told, done, total) })
		if err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
		if report != want {
			t.Errorf("import %d: %+v, want %+v", i+1, report, want)
		}
	}
	if want := []int{0, 4, 4, 4, 0, 4, 4, 4}; !slices.Equal(told, want) {
		t.Errorf("progress %v, want from 0 of 4 to 4 of 4 each time", told)
	}
	if files, err := os.ReadDir(media); err != nil || len(files) != 3 {
		t.Errorf("%d pictures, %v; want 3", len(files), err)
	}
}
