package exchange_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/subgraphs/product"
	"github.com/soukhq/souk/subgraphs/product/exchange"
	"github.com/soukhq/souk/subgraphs/product/postgres"
)

// read imports a file without a database and returns its products by handle.
func read(t *testing.T, csv string) map[string]*product.Product {
	t.Helper()
	store := &memory{}
	if _, err := exchange.ImportShopify(t.Context(), strings.NewReader(csv), store, exchange.Options{Currency: "EUR", Now: noon}, nil); err != nil {
		t.Fatal(err)
	}
	found := map[string]*product.Product{}
	for _, p := range store.saved {
		found[p.Handle] = p
	}
	return found
}

func TestVariantsAndOptions(t *testing.T) {
	t.Parallel()
	p := read(t, "\xEF\xBB\xBFvariant price,Title,HANDLE,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant Compare At Price,Variant SKU,Variant Barcode,"+
		"Variant Grams,Variant Weight Unit,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Requires Shipping,Variant Taxable,Unknown\r\n"+
		"10,Shirt,shirt,Size,S,Colour,Red,12.5,A-1,'0123,453.59237,lb,shopify,-3,deny,TRUE,false,x\r\n"+
		"10.00,,shirt,,S,,Blue,,,,0,kg,shopify,0,continue,false,,\r\n"+
		",,shirt,,M,,Red,,A-3,,1500,,,7,deny\r\n")["shirt"]
	type seen struct {
		Title, TaxClass            string
		Price, Before              string
		Tracked, Buyable, NotThere bool
		Left                       int64
		Ships                      bool
		Weight                     float64
		Unit                       product.WeightUnit
	}
	var got []seen
	for _, v := range p.Variants {
		s := seen{Title: v.Title(), TaxClass: v.TaxClass, Tracked: v.Tracked, Buyable: v.AvailableForSale(), NotThere: v.CurrentlyNotInStock(), Left: v.Stock.Available(), Ships: v.RequiresShipping}
		if v.Offer != nil {
			s.Price = v.Price().String()
			if before := v.CompareAtPrice(); before != nil {
				s.Before = before.String()
			}
		}
		if v.Weight != nil {
			s.Weight, s.Unit = v.Weight.Value(), v.Weight.Unit
		}
		got = append(got, s)
	}
	want := []seen{
		{Title: "S / Red", TaxClass: "none", Price: "10.00 EUR", Before: "12.50 EUR", Tracked: true, Left: -3, Ships: true, Weight: 1, Unit: product.Pounds},
		{Title: "S / Blue", TaxClass: "standard", Price: "10.00 EUR", Tracked: true, Buyable: true, NotThere: true},
		{Title: "M / Red", TaxClass: "standard", Buyable: true, Left: 7, Ships: true, Weight: 1.5, Unit: product.Kilograms},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("variants (-want +got):\n%s", diff)
	}
	if *p.Variants[0].Barcode != "0123" || *p.Variants[0].Sku != "A-1" || p.Variants[1].Sku != nil {
		t.Errorf("barcode %q, sku %q, %v", *p.Variants[0].Barcode, *p.Variants[0].Sku, p.Variants[1].Sku)
	}
	if got := p.Options[0].Values(); !cmp.Equal(got, []string{"S", "M"}) {
		t.Errorf("sizes %v", got)
	}
}

func TestPicturesOfAProduct(t *testing.T) {
	t.Parallel()
	p := read(t, "Handle,Title,Option1 Name,Option1 Value,Image Src,Image Position,Image Alt Text,Variant Image\n"+
		"a,A,Size,S,https://img.test/2.png,2,second,//img.test/own.png\n"+
		"a,,,M,https://img.test/1.png,1,first,https://img.test/2.png\n"+
		"a,,,,https://img.test/3.png,3,,\n"+
		"a,,,,https://img.test/late.png,,,\n")["a"]
	var got []string
	for _, i := range p.Pictures {
		alt := ""
		if i.AltText != nil {
			alt = *i.AltText
		}
		got = append(got, strings.TrimPrefix(i.Source, "https://img.test/")+" "+alt)
	}
	if diff := cmp.Diff([]string{"1.png first", "2.png second", "3.png ", "late.png ", "own.png "}, got); diff != "" {
		t.Errorf("pictures (-want +got):\n%s", diff)
	}
	if len(p.Variants) != 2 || p.Variants[0].Image().Source != "https://img.test/own.png" || p.Variants[1].Image() != p.Pictures[1] {
		t.Errorf("%d variants, pictures %+v", len(p.Variants), p.Variants[0].Picture)
	}
}

func TestTextsAndState(t *testing.T) {
	t.Parallel()
	products := read(t, "Handle,Title,Body (HTML),Tags,Published,Status,Vendor,Type,SEO Title\n"+
		"a,A,\"<p>Big &amp; <b>bo</b>ld</p><ul><li>one</li><li>two</li></ul><script>alert(1)</script><a href=\"\"javascript:x\"\" onclick=\"\"y\"\">z</a>\",\"b, A ,,a,c\",TRUE,active,V,T,S\n"+
		"b,B,,,false,,,,\nc,C,,,,draft,,,\nd,D,,,true,Archived,,,\n")
	a := products["a"]
	if a.Text != "Big & bold one two z" {
		t.Errorf("text %q", a.Text)
	}
	if strings.Contains(a.DescriptionHTML, "script") || strings.Contains(a.DescriptionHTML, "onclick") || !strings.Contains(a.DescriptionHTML, "<b>bo</b>ld") {
		t.Errorf("markup %q", a.DescriptionHTML)
	}
	if diff := cmp.Diff([]string{"A", "b", "c"}, a.Tags); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	if a.Vendor != "V" || a.ProductType != "T" || *a.Seo.Title != "S" || a.Seo.Description != nil {
		t.Errorf("%+v", a)
	}
	for handle, want := range map[string]bool{"a": true, "b": false, "c": false, "d": false} {
		if got := products[handle].Published != nil; got != want {
			t.Errorf("%s published: %t, want %t", handle, got, want)
		}
	}
}

// The files that an export names beside it are copied under the hash of their content; files of failed imports are not kept.
func TestFilesAreCopied(t *testing.T) {
	t.Parallel()
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	db := outboxtest.New(t, postgres.Migrations)
	dir := filepath.Join(t.TempDir(), "media")
	o := exchange.Options{Currency: "EUR", Now: noon, MediaDir: dir, Files: fstest.MapFS{"images/a.png": {Data: picture.Bytes()}}}
	const csv = "Handle,Title,Variant Price,Image Src\na,A,1,images/a.png\nb,B,1,./images/a.png\n"
	if report := load(t, db, csv, o); report.Pictures != 1 {
		t.Errorf("%+v, want 1 picture copied", report)
	}
	if report := load(t, db, csv, o); report.Pictures != 0 || report.Unchanged != 2 {
		t.Errorf("again: %+v, want nothing copied", report)
	}
	names, err := os.ReadDir(dir)
	if err != nil || len(names) != 1 {
		t.Fatalf("files %v, %v; want one", names, err)
	}
	p := byHandle(t, postgres.New(db), "a")
	i := p.FeaturedImage()
	if i.Source != names[0].Name() || *i.Width != 3 || *i.Height != 2 {
		t.Errorf("picture %+v of %s", i, names[0].Name())
	}
	if _, err := exchange.ImportShopify(t.Context(), strings.NewReader(csv+"c,C,x,\n"), postgres.New(db), o, nil); err == nil {
		t.Error("a wrong file was imported")
	}
}

func byHandle(t *testing.T, store product.Store, handle string) *product.Product {
	t.Helper()
	keys, err := store.ProductKeys(t.Context(), []string{handle})
	if err != nil {
		t.Fatal(err)
	}
	key := keys[handle]
	found, err := store.Products(t.Context(), view, []uuid.UUID{key})
	if err != nil {
		t.Fatal(err)
	}
	return found[key]
}

// A changed file changes what differs: the price by closing a row (rule P-4), variants that are gone, nothing else.
func TestAChangedFile(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, postgres.Migrations)
	store := postgres.New(db)
	const header = "Handle,Title,Option1 Name,Option1 Value,Variant Price,Variant Inventory Tracker,Variant Inventory Qty,Collection\n"
	load(t, db, header+"a,A,Size,S,10,shopify,1,All\na,,,M,11,shopify,1,\na,,,L,12,shopify,1,\nb,B,Size,S,5,,,All\n", exchange.Options{Currency: "EUR", Now: noon})
	before, other := byHandle(t, store, "a"), byHandle(t, store, "b")

	later := noon.Add(time.Hour)
	report := load(t, db, header+"a,A,Size,S,10,shopify,1,All\na,,,M,9.99,shopify,2,\na,,,XL,,shopify,1,\nb,B,Size,S,5,,,All\nc,C,Size,S,5,,,All\n", exchange.Options{Currency: "EUR", Now: later})
	if want := (exchange.Report{Created: 1, Updated: 1, Unchanged: 1, Variants: 5, Unpriced: 1}); report != want {
		t.Errorf("%+v, want %+v", report, want)
	}
	view := product.View{Currency: "EUR", At: later}
	found, err := store.Products(t.Context(), view, []uuid.UUID{before.Key, other.Key})
	if err != nil {
		t.Fatal(err)
	}
	after := found[before.Key]
	if after.Version != before.Version+1 || !after.UpdatedAt.Equal(later) || !after.CreatedAt.Equal(noon) || !after.PublishedAt().Equal(noon) {
		t.Errorf("product %+v", after)
	}
	if found[other.Key].Version != 1 || !found[other.Key].UpdatedAt.Equal(noon) {
		t.Errorf("the other product changed: %+v", found[other.Key])
	}
	if len(after.Variants) != 2 { // XL has no price, so it is not in the catalogue.
		t.Fatalf("%d variants, want 2", len(after.Variants))
	}
	small, medium := after.Variants[0], after.Variants[1]
	if small.Key != before.Variants[0].Key || small.Offer.Key != before.Variants[0].Offer.Key {
		t.Error("what did not change has other keys")
	}
	if medium.Key != before.Variants[1].Key || medium.Offer.Key == before.Variants[1].Offer.Key || medium.Price() != (money.Money{Minor: 999, Currency: "EUR"}) || medium.Stock.OnHand != 2 {
		t.Errorf("medium: %+v %+v", medium, medium.Offer)
	}
	old, err := store.Variants(t.Context(), product.View{Currency: "EUR", At: later.Add(-time.Microsecond)}, []uuid.UUID{medium.Key})
	if err != nil || old[medium.Key].Price().Minor != 1100 {
		t.Errorf("before the change it cost %v, %v; want 11.00", old[medium.Key].Price(), err)
	}
	var closed int
	if err := db.Get(t.Context(), &closed, `SELECT count(*) FROM prices WHERE variant_id = $1 AND valid_until = $2`, medium.Key, later); err != nil || closed != 1 {
		t.Errorf("%d closed prices, %v; want 1", closed, err)
	}
	if _, err := db.Exec(t.Context(), `UPDATE prices SET amount = 1`); err == nil {
		t.Error("a price can be changed")
	}
}

func TestCollectionsOfAFile(t *testing.T) {
	t.Parallel()
	for from, want := range map[string][]string{"": {"summer-sale"}, exchange.FromTags: {"red", "round", "summer-sale"}, exchange.FromTypes: {"ball", "summer-sale"}} {
		t.Run("from "+from, func(t *testing.T) {
			t.Parallel()
			db := outboxtest.New(t, postgres.Migrations)
			load(t, db, "Handle,Title,Tags,Type,Collection,Variant Price\na,A,\"Red,Round\",Ball,Summer  Sale!,1\nb,B,red,,,1\n", exchange.Options{Currency: "EUR", Now: noon, CollectionsFrom: from})
			var got []string
			if err := db.Select(t.Context(), &got, `SELECT handle FROM collections ORDER BY handle`); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("collections (-want +got):\n%s", diff)
			}
		})
	}
}

// What fails in the middle leaves nothing behind: no product, no file.
func TestNothingIsHalfWritten(t *testing.T) {
	t.Parallel()
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	db := outboxtest.New(t, postgres.Migrations)
	if _, err := db.Exec(t.Context(), `ALTER TABLE products ADD CONSTRAINT full_up CHECK (handle <> 'h-250')`); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("Handle,Title,Variant Price,Image Src\n")
	for i := range 300 {
		b.WriteString("h-" + strconv.Itoa(i) + ",T,1,a.png\n")
	}
	dir, done := t.TempDir(), 0
	_, err := exchange.ImportShopify(t.Context(), strings.NewReader(b.String()), postgres.New(db), exchange.Options{
		Currency: "EUR", Now: noon, MediaDir: dir, Files: fstest.MapFS{"a.png": {Data: picture.Bytes()}},
	}, func(n, total int) { done = n * 1000 / total })
	if err == nil || done != 666 {
		t.Errorf("%v after %d/1000, want an error after 200 of 300", err, done)
	}
	var products int
	if err := db.Get(t.Context(), &products, `SELECT count(*) FROM products`); err != nil || products != 0 {
		t.Errorf("%d products, %v; want none", products, err)
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) != 0 {
		t.Errorf("files %v, %v; want none", names, err)
	}
}

func BenchmarkImport2000Variants(b *testing.B) {
	var csv strings.Builder
	csv.WriteString("Handle,Title,Option1 Name,Option1 Value,Variant Price,Image Src\n")
	for i := range 2000 {
		title, option := "", ""
		if i%10 == 0 {
			title, option = "T", "Size"
		}
		n := strconv.Itoa(i)
		csv.WriteString("h-" + strconv.Itoa(i/10) + "," + title + "," + option + "," + n + ",1.50,https://img.test/" + n + ".png\n")
	}
	for b.Loop() {
		b.StopTimer()
		db := outboxtest.New(b, postgres.Migrations)
		b.StartTimer()
		if _, err := exchange.ImportShopify(b.Context(), strings.NewReader(csv.String()), postgres.New(db), exchange.Options{Currency: "EUR", Now: noon}, nil); err != nil {
			b.Fatal(err)
		}
	}
}
