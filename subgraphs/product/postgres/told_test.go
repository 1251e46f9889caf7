package postgres_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/database/databasetest"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/event/eventtest"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/subgraphs/product/exchange"
	"github.com/soukhq/souk/subgraphs/product/postgres"
)

// told returns the data of the events of one type that were appended after the first n events.
func told[T event.Data](t *testing.T, db *outbox.DB, n int) (all []T) {
	t.Helper()
	for _, e := range outboxtest.Events(t, db)[n:] {
		if e.Type != event.TypeOf[T]() {
			continue
		}
		data, err := event.Read[T](e)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data)
	}
	return all
}

// states returns what the state feed says of products.
func states(t *testing.T, db *outbox.DB, ids ...string) (all []event.ProductUpdated) {
	t.Helper()
	list, err := postgres.New(db).States(t.Context(), ids, noon)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		var p event.ProductUpdated
		if err := json.Unmarshal(s.Data, &p); err != nil {
			t.Fatal(err)
		}
		if s.Subject != p.ProductID || s.Version != p.Version || s.Kind != "Product" || s.Deleted {
			t.Errorf("state %+v of %+v", s, p)
		}
		all = append(all, p)
	}
	return all
}

const shirts = "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Barcode,Variant Grams,Variant Weight Unit," +
	"Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Compare At Price,Image Src,Image Position,Image Alt Text,Variant Image\n" +
	"shirt,Shirt,<p>Fine.</p>,Acme,Tops,\"red, new\",true,Size,S,Colour,Red,S-1,123,250.5,g,shopify,5,deny,10.00,12.50,https://img.test/a.png,1,Front,\n" +
	"shirt,,,,,,,,L,,Red,S-2,,1000,lb,shopify,0,continue,11.00,,https://img.test/b.png,2,,https://img.test/b.png\n" +
	"shirt,,,,,,,,L,,Blue,,,,,,,,12.00,,,,,\n" +
	"mug,Mug,,,,,false,,,,,,,,,shopify,3,deny,5.00,,,,,\n"

// Rule E-1: an import tells every product that is new or changed, complete and once; nothing when nothing changed. What
// was told is what the state feed says.
func TestImportTellsProducts(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, postgres.Migrations)
	load(t, db, shirts, noon)
	first := told[event.ProductUpdated](t, db, 0)
	if len(first) != 2 || len(outboxtest.Events(t, db)) != 2 {
		t.Fatalf("%d products told in %d events, want 2 in 2", len(first), len(outboxtest.Events(t, db)))
	}
	shirt, mug := first[0], first[1]
	if diff := cmp.Diff(first, states(t, db, shirt.ProductID, mug.ProductID)); diff != "" {
		t.Errorf("told and state differ:\n%s", diff)
	}
	everything(t, shirt)
	everything(t, shirt.Variants[0])
	if mug.PublishedAt != nil || len(mug.Variants) != 1 || mug.Variants[0].Title != "Default Title" || mug.Image != nil {
		t.Errorf("the mug, which is not published: %+v", mug)
	}
	small, large, blue := shirt.Variants[0], shirt.Variants[1], shirt.Variants[2]
	if small.Title != "S / Red" || small.WeightGrams != 251 || small.Image.Source != "https://img.test/a.png" || *small.Prices[0].CompareAt != "12.50" ||
		small.Stock != (event.Inventory{Version: 1, Tracked: true, Available: 5}) {
		t.Errorf("small %+v", small)
	}
	if large.Image.Source != "https://img.test/b.png" || large.Weight.Unit != "POUNDS" || large.Stock.BackorderLimit == 0 || large.Prices[0].Amount != "11.00" {
		t.Errorf("large %+v", large)
	}
	if blue.Stock.Tracked || blue.Weight != nil || len(blue.SelectedOptions) != 2 {
		t.Errorf("blue %+v", blue)
	}
	load(t, db, shirts, noon.Add(time.Hour))
	if n := len(outboxtest.Events(t, db)); n != 2 {
		t.Errorf("an import that changes nothing told %d events", n-2)
	}
	later := noon.Add(2 * time.Hour)
	load(t, db, strings.Replace(shirts, "deny,10.00", "deny,9.00", 1), later)
	again := told[event.ProductUpdated](t, db, 2)
	if len(again) != 1 || again[0].Version != 2 || len(outboxtest.Events(t, db)) != 3 {
		t.Fatalf("a new price told %+v", again)
	}
	if p := again[0].Variants[0].Prices; len(p) != 1 || p[0].Amount != "9.00" || !p[0].ValidFrom.Equal(later) || p[0].ValidUntil != nil {
		t.Errorf("prices %+v, want the one that is open", p)
	}
	checkLedger(t, db)
}

// everything demands that each field of what is told says something.
func everything(t *testing.T, data any) {
	t.Helper()
	text, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	for name, value := range fields {
		if slices.Contains([]string{"null", `""`, "[]", "0", "false"}, string(value)) {
			t.Errorf("%T tells nothing of %s", data, name)
		}
	}
}

// Rules I-1, I-7: an import that changes only figures of stock tells the inventories and not the product.
func TestImportTellsInventories(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, postgres.Migrations)
	load(t, db, shirts, noon)
	before := told[event.ProductUpdated](t, db, 0)[0]
	load(t, db, strings.Replace(shirts, "shopify,5,deny", "shopify,7,deny", 1), noon.Add(time.Hour))
	want := []event.InventoryChanged{{
		VariantID: before.Variants[0].VariantID, ProductID: before.ProductID, Before: 5, After: 7,
		Inventory: event.Inventory{Version: 2, Tracked: true, Available: 7},
	}}
	if diff := cmp.Diff(want, told[event.InventoryChanged](t, db, 2)); diff != "" || len(outboxtest.Events(t, db)) != 3 {
		t.Errorf("%d events, inventories differ:\n%s", len(outboxtest.Events(t, db)), diff)
	}
	now := states(t, db, before.ProductID)[0]
	if now.Version != 1 || !now.UpdatedAt.Equal(noon) || now.Variants[0].Stock != want[0].Inventory {
		t.Errorf("the product is in version %d of %s with %+v, want 1 of %s with %+v", now.Version, now.UpdatedAt, now.Variants[0].Stock, noon, want[0].Inventory)
	}
	uncounted := strings.NewReplacer("shopify,5,deny", "shopify,7,deny", "shopify,0,continue", ",0,continue").Replace(shirts)
	load(t, db, uncounted, noon.Add(2*time.Hour)) // The large ones are not counted any more: both are told.
	if p, i := told[event.ProductUpdated](t, db, 3), told[event.InventoryChanged](t, db, 3); len(p) != 1 || len(i) != 1 ||
		i[0].Inventory.Tracked || i[0].Inventory.Version != 2 || p[0].Variants[1].Stock != i[0].Inventory {
		t.Errorf("products %+v, inventories %+v", p, i)
	}
	load(t, db, "Handle,Title,Variant Price\nshirt,Shirt,3\n", noon.Add(3*time.Hour)) // All variants go.
	if left := states(t, db, before.ProductID)[0]; len(left.Variants) != 1 || left.Version != 3 {
		t.Errorf("after the variants went: %+v", left)
	}
	checkLedger(t, db)
}

// checkLedger finds shelves whose figures are not the sum of what happened to them (rule I-7), and events that their schemas
// do not allow (rule E-2).
func checkLedger(t *testing.T, db *outbox.DB) {
	t.Helper()
	eventtest.Check(t, outboxtest.Events(t, db)...)
	var wrong []string
	const query = `
SELECT 'ledger of ' || coalesce(s.variant_id, m.variant_id) FROM stock s FULL JOIN (
	SELECT variant_id, location_id, sum(on_hand) AS on_hand, sum(allocated) AS allocated, sum(held) AS held, sum(backorder_limit) AS backorder_limit
	FROM stock_movements GROUP BY variant_id, location_id) m USING (variant_id, location_id)
WHERE (coalesce(s.on_hand, 0), coalesce(s.allocated, 0), coalesce(s.held, 0), coalesce(s.backorder_limit, 0))
	IS DISTINCT FROM (m.on_hand, m.allocated, m.held, m.backorder_limit)`
	if err := db.Select(t.Context(), &wrong, query); err != nil {
		t.Fatal(err)
	}
	if len(wrong) > 0 {
		t.Errorf("out of balance: %v", wrong)
	}
}

// Rule E-1, and the upgrade of a shop that was made before there was a log: each product is told once, complete, and is
// changed and told from there on.
func TestUpgradeTellsProducts(t *testing.T) {
	t.Parallel()
	source := outboxtest.New(t, postgres.Migrations)
	load(t, source, shirts, noon.Add(123450*time.Microsecond))
	raw := databasetest.Empty(t)
	old, err := fs.ReadFile(postgres.Migrations, "0001_catalogue.sql")
	if err != nil {
		t.Fatal(err)
	}
	if err := database.Migrate(t.Context(), raw, fstest.MapFS{"0001_catalogue.sql": {Data: old}}); err != nil {
		t.Fatal(err)
	}
	db := outbox.Open(raw)
	for _, table := range []string{"products", "options", "option_values", "images", "variants", "locations", "stock", "prices"} {
		var rows string
		if err := source.Get(t.Context(), &rows, fmt.Sprintf(`SELECT jsonb_agg(x) FROM %s x`, table)); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(t.Context(), fmt.Sprintf(`INSERT INTO %[1]s SELECT * FROM jsonb_populate_recordset(null::%[1]s, $1::jsonb)`, table), rows); err != nil {
			t.Fatal(err)
		}
	}
	for _, price := range []string{ // In other currencies, one of them to come, one that is over.
		`gen_random_uuid(), id, 'JPY', 5, NULL, '2026-11-01', NULL`, `gen_random_uuid(), id, 'BHD', 1250, 2005, '2100-01-01', '2100-02-01 12:34:56.7'`,
		`gen_random_uuid(), id, 'USD', 1, NULL, '2001-01-01', '2001-01-02'`,
	} {
		if _, err := db.Exec(t.Context(), `INSERT INTO prices SELECT `+price+` FROM variants`); err != nil {
			t.Fatal(err)
		}
	}
	if err := outbox.Migrate(t.Context(), raw, postgres.Migrations); err != nil {
		t.Fatal(err)
	}
	upgraded := told[event.ProductUpdated](t, db, 0)
	if len(upgraded) != 2 || len(upgraded[0].Variants[0].Prices) != 3 {
		t.Fatalf("told %+v", upgraded)
	}
	if diff := cmp.Diff(states(t, db, upgraded[0].ProductID, upgraded[1].ProductID), upgraded); diff != "" {
		t.Errorf("state and told differ:\n%s", diff)
	}
	for _, e := range outboxtest.Events(t, db) {
		if e.SpecVersion != "1.0" || e.Service() != "product" || e.ID.Version() != 7 || e.Kind() != "Product" || time.Since(e.Time) > time.Hour || e.AggregateVersion != 1 {
			t.Errorf("event %+v", e)
		}
	}
	load(t, db, strings.Replace(shirts, "deny,10.00", "deny,9.00", 1), time.Now())
	if again := told[event.ProductUpdated](t, db, 2); len(again) != 1 || again[0].Version != 2 {
		t.Errorf("a change after the upgrade told %+v", again)
	}
	checkLedger(t, db)
}

// Imports and the state feed take as many statements for many products as for one, as long as they fit into one part.
func TestTellingTakesAFixedNumberOfStatements(t *testing.T) {
	t.Parallel()
	counts := map[int][4]int64{}
	for _, n := range []int{1, 150} {
		db := outboxtest.New(t, postgres.Migrations)
		var count [4]int64
		for i, price := range []string{"1,5", "2,5", "2,6"} { // New ones, another price, another number of pieces.
			var b strings.Builder
			b.WriteString("Handle,Title,Variant Inventory Tracker,Variant Price,Variant Inventory Qty\n")
			for k := range n {
				fmt.Fprintf(&b, "p-%d,P,shopify,%s\n", k, price)
			}
			ctx := database.WithCount(t.Context())
			o := exchange.Options{Currency: "EUR", Now: noon.Add(time.Duration(i) * time.Minute)}
			if _, err := exchange.ImportShopify(ctx, strings.NewReader(b.String()), postgres.New(db), o, nil); err != nil {
				t.Fatal(err)
			}
			count[i] = database.Counted(ctx)
		}
		var ids []string
		for _, p := range told[event.ProductUpdated](t, db, 0)[:n] {
			ids = append(ids, p.ProductID)
		}
		if inventories := told[event.InventoryChanged](t, db, 2*n); len(inventories) != n {
			t.Errorf("%d inventories told, want %d", len(inventories), n)
		}
		ctx := database.WithCount(t.Context())
		list, err := postgres.New(db).States(ctx, ids, noon)
		if err != nil || len(list) != n {
			t.Fatalf("%d states, %v; want %d", len(list), err, n)
		}
		count[3] = database.Counted(ctx)
		counts[n] = count
	}
	if counts[1] != counts[150] {
		t.Errorf("statements by number of products: %v, want the same", counts)
	}
}
