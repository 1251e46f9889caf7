package graph_test

import (
	"fmt"
	"testing"

	"github.com/soukhq/souk/subgraphs/product/exchange"
)

const listing = `query Listing($first: Int) {
	products(first: $first) {
		totalCount { value }
		pageInfo { hasNextPage endCursor }
		nodes {
			id handle title availableForSale featuredImage { url } priceRange { minVariantPrice { amount } }
			variants(first: 10) { nodes { id title price { amount currencyCode } compareAtPrice { amount } availableForSale quantityAvailable
				image { url altText } selectedOptions { name value } product { id } } }
			collections(first: 5) { nodes { handle title products(first: 2) { totalCount { value } nodes { id collections(first: 1) { nodes { id } } } } } }
		}
	}
}`

type listed struct {
	Products struct {
		Nodes []struct {
			ID       string
			Variants struct{ Nodes []struct{ ID string } }
		}
	}
}

// Rule F-5: a listing takes a fixed number of statements, at most 12 without and with its collections.
func TestListingTakesAFixedNumberOfStatements(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.load(t, catalogue(60), exchange.Options{})
	counts := map[int]int{}
	for _, n := range []int{1, 5, 50} {
		var got listed
		a := s.data(t, &got, `query Plain($first: Int) { products(first: $first) { totalCount { value } nodes { id title featuredImage { url }
			variants(first: 10) { nodes { id price { amount } compareAtPrice { amount } availableForSale image { url } } } } } }`, map[string]any{"first": n})
		if len(got.Products.Nodes) != n || len(got.Products.Nodes[0].Variants.Nodes) != 10 {
			t.Fatalf("%d products with %d variants, want %d with 10", len(got.Products.Nodes), len(got.Products.Nodes[0].Variants.Nodes), n)
		}
		if a.Extensions.Souk.Statements > 12 {
			t.Errorf("a listing of %d took %d statements, want at most 12", n, a.Extensions.Souk.Statements)
		}
		a = s.data(t, &got, listing, map[string]any{"first": n})
		counts[n] = a.Extensions.Souk.Statements
	}
	if counts[1] != counts[5] || counts[1] != counts[50] {
		t.Errorf("statements by size of the page: %v, want the same", counts)
	}
}

// Rule F-4: entities are answered in order, duplicates and strangers included, with one number of statements.
func TestEntitiesTakeAFixedNumberOfStatements(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.load(t, catalogue(10), exchange.Options{})
	var all listed
	s.data(t, &all, listing, map[string]any{"first": 10})
	var ids []string
	for _, p := range all.Products.Nodes {
		for _, v := range p.Variants.Nodes {
			ids = append(ids, v.ID)
		}
	}
	const query = `query($reps: [_Any!]!) { _entities(representations: $reps) { ... on ProductVariant {
		id title price { amount } availableForSale image { url } product { id handle description tags collections(first: 5) { nodes { title } } } } } }`
	counts := map[int]int{}
	for _, n := range []int{1, 50, 1000} {
		var reps []map[string]any
		for i := range n {
			reps = append(reps, map[string]any{"__typename": "ProductVariant", "id": ids[(i*7)%len(ids)]})
		}
		var got struct {
			Entities []struct{ ID string } `json:"_entities"`
		}
		counts[n] = s.data(t, &got, query, map[string]any{"reps": reps}).Extensions.Souk.Statements
		for i, e := range got.Entities {
			if e.ID != reps[i]["id"] {
				t.Fatalf("entity %d of %d is %s, want %s", i, n, e.ID, reps[i]["id"])
			}
		}
	}
	if counts[1] != counts[50] || counts[1] != counts[1000] {
		t.Errorf("statements by number of entities: %v, want the same", counts)
	}
}

func BenchmarkListing(b *testing.B) {
	s := open(b)
	s.load(b, catalogue(60), exchange.Options{})
	for _, n := range []int{1, 50} {
		b.Run(fmt.Sprintf("%dx10", n), func(b *testing.B) {
			for b.Loop() {
				var got listed
				s.data(b, &got, listing, map[string]any{"first": n})
			}
		})
	}
}

// Collections with their products, and those with their collections, take one number of statements too.
func TestCollectionsTakeAFixedNumberOfStatements(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.load(t, catalogue(30), exchange.Options{})
	counts := map[int]int{}
	for _, n := range []int{1, 3, 11} {
		var got struct {
			Collections struct {
				Nodes []struct {
					Title    string
					Products struct {
						TotalCount struct{ Value int }
						Nodes      []struct{ ID string }
					}
				}
			}
		}
		a := s.data(t, &got, `query($n: Int) { collections(first: $n, sortKey: TITLE) { totalCount { value } nodes { title image { url }
			products(first: 2, sortKey: PRICE, reverse: true) { totalCount { value } nodes { id collections(first: 3) { nodes { title products(first: 1) { nodes { title } } } } } } } } }`, map[string]any{"n": n})
		counts[n] = a.Extensions.Souk.Statements
		if len(got.Collections.Nodes) != n {
			t.Fatalf("%d collections, want %d", len(got.Collections.Nodes), n)
		}
		for _, c := range got.Collections.Nodes {
			want := 3
			if c.Title == "Everything" {
				want = 30
			}
			if c.Products.TotalCount.Value != want || len(c.Products.Nodes) != 2 {
				t.Errorf("%s has %d products, %d shown; want %d, 2 shown", c.Title, c.Products.TotalCount.Value, len(c.Products.Nodes), want)
			}
		}
	}
	if counts[1] != counts[3] || counts[1] != counts[11] {
		t.Errorf("statements by number of collections: %v, want the same", counts)
	}
}
