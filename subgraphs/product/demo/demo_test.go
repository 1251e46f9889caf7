package demo_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/internal/paging"
	"github.com/soukhq/souk/subgraphs/product"
	"github.com/soukhq/souk/subgraphs/product/demo"
	"github.com/soukhq/souk/subgraphs/product/postgres"
)

// all reads the catalogue as a view shows it.
func all(t *testing.T, store product.Store, view product.View) []*product.Product {
	t.Helper()
	size := paging.Maximum
	page, err := store.ProductPage(t.Context(), view, product.Listing{Order: product.ByCreation, Args: paging.Args{First: &size}})
	if err != nil {
		t.Fatal(err)
	}
	found, err := store.Products(t.Context(), view, page.Keys)
	if err != nil {
		t.Fatal(err)
	}
	list := make([]*product.Product, len(page.Keys))
	for i, key := range page.Keys {
		list[i] = found[key]
	}
	return list
}

func TestLoadMakesAShopOnce(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, postgres.Migrations)
	store, dir, now := postgres.New(db), t.TempDir(), time.Now()
	if made, err := demo.Load(t.Context(), store, dir, now); made < 60 || err != nil {
		t.Fatalf("Load = %d, %v; want at least 60 products", made, err)
	}
	english := all(t, store, product.View{Currency: "EUR", At: now})
	german := all(t, store, product.View{Currency: "USD", Languages: []string{"de-at", "de"}, At: now})
	if len(english) < 60 || len(german) != len(english) {
		t.Fatalf("%d products in euros, %d in dollars", len(english), len(german))
	}
	pieces := map[int64]int{}
	soldOut, reduced, choices, swatches := 0, 0, 0, 0
	for i, p := range english {
		complete(t, p, dir)
		complete(t, german[i], dir)
		if p.Text == german[i].Text || p.DescriptionHTML == german[i].DescriptionHTML || *p.Seo.Description == *german[i].Seo.Description || *p.FeaturedImage().AltText == "" {
			t.Errorf("%s has no German texts", p.Handle)
		}
		if len(p.Variants) != len(german[i].Variants) {
			t.Errorf("%s has %d variants in euros, %d in dollars", p.Handle, len(p.Variants), len(german[i].Variants))
		}
		for _, v := range p.Variants {
			pieces[v.Stock.OnHand]++
			if v.TaxClass == "reduced" {
				reduced++
			}
		}
		for j, o := range p.Options {
			choices++
			if o.Name == "Color" && german[i].Options[j].Name == "Farbe" {
				for _, v := range o.OptionValues {
					if v.Swatch == nil || v.Swatch.Color == nil {
						t.Errorf("%s in %s has no swatch", p.Handle, v.Name)
					}
					swatches++
				}
			}
		}
		if !p.AvailableForSale() {
			soldOut++
		}
	}
	if soldOut == 0 || reduced == 0 || choices == 0 || swatches == 0 || pieces[0] <= soldOut || pieces[1]+pieces[2]+pieces[3] == 0 {
		t.Errorf("%d products sold out, %d variants taxed less, %d options, %d swatches, pieces %v", soldOut, reduced, choices, swatches, pieces)
	}
	before := toldProducts(t, db)
	if made, err := demo.Load(t.Context(), store, dir, now.Add(time.Minute)); made != 0 || err != nil {
		t.Errorf("again: %d, %v", made, err)
	}
	if after := toldProducts(t, db); before != len(english) || after != before {
		t.Errorf("%d products were told %d times, then %d times", len(english), before, after)
	}
	if in, err := demo.In(t.Context(), store); !in || err != nil {
		t.Errorf("In = %t, %v", in, err)
	}
}

// toldProducts counts the events that tell of products.
func toldProducts(t *testing.T, db *outbox.DB) (n int) {
	for _, e := range outboxtest.Events(t, db) {
		if e.Type == event.TypeOf[event.ProductUpdated]() {
			n++
		}
	}
	return n
}

// complete checks that a product has all that a shop window shows.
func complete(t *testing.T, p *product.Product, dir string) {
	t.Helper()
	if p.Title == "" || p.Text == "" || p.DescriptionHTML == "" || p.Vendor == "" || p.ProductType == "" || p.Seo.Title == nil || p.Seo.Description == nil ||
		len(p.Variants) == 0 || len(p.Pictures) == 0 {
		t.Errorf("%s lacks something: %+v", p.Handle, p)
	}
	for _, v := range p.Variants {
		if v.Picture == nil || v.Sku == nil || v.Weight == nil || !v.Tracked || v.Price().Minor <= 0 {
			t.Errorf("%s: variant %s lacks something", p.Handle, v.Title())
		}
	}
	for _, i := range p.Pictures {
		drawn, err := os.ReadFile(filepath.Join(dir, i.Source))
		if err != nil || i.AltText == nil {
			t.Errorf("%s: picture %+v: %v", p.Handle, i, err)
		}
		for d := xml.NewDecoder(bytes.NewReader(drawn)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: picture %s: %v", p.Handle, i.Source, err)
			}
		}
	}
}

func TestCollectionsHaveTextsAndPictures(t *testing.T) {
	t.Parallel()
	store, now := postgres.New(outboxtest.New(t, postgres.Migrations)), time.Now()
	if in, err := demo.In(t.Context(), store); in || err != nil {
		t.Errorf("In an empty shop = %t, %v", in, err)
	}
	if _, err := demo.Load(t.Context(), store, t.TempDir(), now); err != nil {
		t.Fatal(err)
	}
	size := paging.Maximum
	page, err := store.CollectionPage(t.Context(), product.Listing{Order: product.ByTitle, Args: paging.Args{First: &size}})
	if err != nil || len(page.Keys) != 8 {
		t.Fatalf("%d collections, %v", len(page.Keys), err)
	}
	read := func(languages ...string) map[uuid.UUID]*product.Collection {
		found, err := store.Collections(t.Context(), product.View{Currency: "USD", Languages: languages, At: now}, page.Keys)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	english, german := read(), read("de")
	for _, key := range page.Keys {
		e, g := english[key], german[key]
		if e.Title == "" || e.Title == g.Title || e.Text == g.Text || e.DescriptionHTML == g.DescriptionHTML || e.Image == nil || *e.Image.AltText == *g.Image.AltText {
			t.Errorf("%s: %+v in English, %+v in German", e.Handle, e, g)
		}
	}
}

// BenchmarkLoad measures what the first start of a shop takes longer because of the catalogue.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		store, dir := postgres.New(outboxtest.New(b, postgres.Migrations)), b.TempDir()
		b.StartTimer()
		if _, err := demo.Load(b.Context(), store, dir, time.Now()); err != nil {
			b.Fatal(err)
		}
	}
}
