package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/schema"
	"github.com/soukhq/souk/subgraphs/product/exchange"
)

// small is a catalogue with all that can be asked for.
const small = header +
	"shirt,Shirt,Size,S,Colour,Red,A-1,10.00,15,shopify,0,deny,https://img.test/1.png,front,Sale,true,Acme,<p>A <b>fine</b> shirt &amp; more.</p>,\"cotton,Summer\"\n" +
	"shirt,,,S,,Blue,A-2,12.50,9,shopify,4,deny,https://img.test/2.png,,,,,,\n" +
	"shirt,,,L,,Red,,8,,shopify,0,continue,,,,,,,\n" +
	"shirt,,,L,,Blue,,,,shopify,9,deny,,,,,,,\n" +
	"gift,Gift,Title,Default Title,,,,5,,,,,,,Sale,true,,,\n" +
	"hidden,Hidden,,,,,,5,,,,,,,Sale,false,,,\n" +
	"priceless,Priceless,,,,,,,,,,,,,Sale,true,,,\n"

func TestProductAnswersEveryField(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.load(t, small, exchange.Options{})
	var got map[string]any
	s.data(t, &got, `{ product(handle: "shirt") {
		handle title description short: description(truncateAt: 6) descriptionHtml vendor productType tags availableForSale
		options { name values optionValues { name firstSelectableVariant { title } } }
		variantsCount { value exact }
		variants(first: 2, reverse: true) { totalCount { value } pageInfo { hasNextPage hasPreviousPage } edges { node {
			sku barcode title product { handle } selectedOptions { name value } image { url altText } price { amount currencyCode } compareAtPrice { amount }
			availableForSale currentlyNotInStock quantityAvailable requiresShipping taxClass weight { value unit } } } }
		variantBySelectedOptions(selectedOptions: [{name: "Size", value: "S"}, {name: "Colour", value: "Red"}]) { compareAtPrice { amount } quantityAvailable }
		none: variantBySelectedOptions(selectedOptions: [{name: "Size", value: "L"}, {name: "Colour", value: "Blue"}]) { id }
		selectedOrFirstAvailableVariant { title }
		chosen: selectedOrFirstAvailableVariant(selectedOptions: [{name: "size", value: "l"}, {name: "COLOUR", value: "red"}], caseInsensitiveMatch: true) { title }
		priceRange { minVariantPrice { amount } maxVariantPrice { amount } }
		compareAtPriceRange { minVariantPrice { amount } maxVariantPrice { amount } }
		collections(first: 5) { totalCount { value } nodes { handle title image { url } products(first: 5) { totalCount { value exact } nodes { handle } } } }
		featuredImage { url altText width } images(last: 1) { pageInfo { hasPreviousPage } nodes { url } }
		seo { title description } publishedAt createdAt updatedAt
	} }`, nil)
	noon := "2026-11-22T12:00:00Z"
	amount := func(a string) map[string]any { return map[string]any{"amount": a} }
	want := map[string]any{
		"handle": "shirt", "title": "Shirt", "description": "A fine shirt & more.", "short": "A fin…", "descriptionHtml": "<p>A <b>fine</b> shirt &amp; more.</p>",
		"vendor": "Acme", "productType": "", "tags": []any{"cotton", "Summer"}, "availableForSale": true,
		"options": []any{
			map[string]any{"name": "Size", "values": []any{"S", "L"}, "optionValues": []any{
				map[string]any{"name": "S", "firstSelectableVariant": map[string]any{"title": "S / Red"}},
				map[string]any{"name": "L", "firstSelectableVariant": map[string]any{"title": "L / Red"}},
			}},
			map[string]any{"name": "Colour", "values": []any{"Red", "Blue"}, "optionValues": []any{
				map[string]any{"name": "Red", "firstSelectableVariant": map[string]any{"title": "S / Red"}},
				map[string]any{"name": "Blue", "firstSelectableVariant": map[string]any{"title": "S / Blue"}},
			}},
		},
		"variantsCount": map[string]any{"value": 3.0, "exact": true},
		"variants": map[string]any{
			"totalCount": map[string]any{"value": 3.0}, "pageInfo": map[string]any{"hasNextPage": true, "hasPreviousPage": false},
			"edges": []any{
				map[string]any{"node": map[string]any{
					"sku": nil, "barcode": nil, "title": "L / Red", "product": map[string]any{"handle": "shirt"},
					"selectedOptions": []any{map[string]any{"name": "Size", "value": "L"}, map[string]any{"name": "Colour", "value": "Red"}},
					"image":           map[string]any{"url": "https://img.test/1.png", "altText": "front"}, "price": map[string]any{"amount": "8.00", "currencyCode": "EUR"}, "compareAtPrice": nil,
					"availableForSale": true, "currentlyNotInStock": true, "quantityAvailable": 0.0, "requiresShipping": true, "taxClass": "standard", "weight": nil,
				}},
				map[string]any{"node": map[string]any{
					"sku": "A-2", "barcode": nil, "title": "S / Blue", "product": map[string]any{"handle": "shirt"},
					"selectedOptions": []any{map[string]any{"name": "Size", "value": "S"}, map[string]any{"name": "Colour", "value": "Blue"}},
					"image":           map[string]any{"url": "https://img.test/1.png", "altText": "front"}, "price": map[string]any{"amount": "12.50", "currencyCode": "EUR"}, "compareAtPrice": nil,
					"availableForSale": true, "currentlyNotInStock": false, "quantityAvailable": 4.0, "requiresShipping": true, "taxClass": "standard", "weight": nil,
				}},
			},
		},
		"variantBySelectedOptions": map[string]any{"compareAtPrice": amount("15.00"), "quantityAvailable": 0.0}, "none": nil,
		"selectedOrFirstAvailableVariant": map[string]any{"title": "S / Blue"}, "chosen": map[string]any{"title": "L / Red"},
		"priceRange":          map[string]any{"minVariantPrice": amount("8.00"), "maxVariantPrice": amount("12.50")},
		"compareAtPriceRange": map[string]any{"minVariantPrice": amount("15.00"), "maxVariantPrice": amount("15.00")},
		"collections": map[string]any{"totalCount": map[string]any{"value": 1.0}, "nodes": []any{map[string]any{
			"handle": "sale", "title": "Sale", "image": map[string]any{"url": "https://img.test/1.png"},
			"products": map[string]any{"totalCount": map[string]any{"value": 2.0, "exact": true}, "nodes": []any{map[string]any{"handle": "shirt"}, map[string]any{"handle": "gift"}}},
		}}},
		"featuredImage": map[string]any{"url": "https://img.test/1.png", "altText": "front", "width": nil},
		"images":        map[string]any{"pageInfo": map[string]any{"hasPreviousPage": true}, "nodes": []any{map[string]any{"url": "https://img.test/2.png"}}},
		"seo":           map[string]any{"title": nil, "description": nil}, "publishedAt": noon, "createdAt": noon, "updatedAt": noon,
	}
	if diff := cmp.Diff(map[string]any{"product": want}, got); diff != "" {
		t.Errorf("product (-want +got):\n%s", diff)
	}
}

// Rule P-4: what has no price in the currency, or is not published, is nowhere.
func TestWhatIsNotInTheCatalogueIsNowhere(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.load(t, small, exchange.Options{})
	var hidden, variants []string
	if err := s.db.Select(t.Context(), &hidden, `SELECT id FROM products WHERE handle IN ('hidden', 'priceless')`); err != nil {
		t.Fatal(err)
	}
	const query = `SELECT v.id FROM variants v JOIN products p ON p.id = v.product_id WHERE p.handle IN ('hidden', 'priceless') OR NOT EXISTS (SELECT FROM prices WHERE variant_id = v.id)`
	if err := s.db.Select(t.Context(), &variants, query); err != nil || len(variants) != 3 {
		t.Fatalf("%d variants, %v; want 3 that are not in the catalogue", len(variants), err)
	}
	reps := []any{map[string]any{"__typename": "Product", "id": "gid://souk/ProductVariant/" + hidden[0]}, map[string]any{"__typename": "Product", "id": "nonsense"}}
	for _, id := range hidden {
		reps = append(reps, map[string]any{"__typename": "Product", "id": "gid://souk/Product/" + id})
	}
	for _, id := range variants {
		reps = append(reps, map[string]any{"__typename": "ProductVariant", "id": "gid://souk/ProductVariant/" + id})
	}
	var got struct {
		Entities []any `json:"_entities"`
		Hidden   any
		ByID     any
		Products struct {
			TotalCount struct{ Value int }
			Nodes      []struct{ Handle string }
		}
	}
	s.data(t, &got, `query($reps: [_Any!]!, $id: ID) { _entities(representations: $reps) { __typename } hidden: product(handle: "hidden") { id }
		byId: product(id: $id) { id } products { totalCount { value } nodes { handle } } }`, map[string]any{"reps": reps, "id": "gid://souk/Product/" + hidden[0]})
	for i, e := range got.Entities {
		if e != nil {
			t.Errorf("%v answered %v, want null", reps[i], e)
		}
	}
	if len(got.Entities) != 7 || got.Hidden != nil || got.ByID != nil || got.Products.TotalCount.Value != 2 || len(got.Products.Nodes) != 2 {
		t.Errorf("%+v, want two products", got)
	}
}

func TestFaultsOfArguments(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.load(t, small, exchange.Options{})
	for query, want := range map[string]string{
		`{ products(first: 251) { nodes { id } } }`:                                           "PAGE_TOO_LARGE",
		`{ products(first: 1, last: 1) { nodes { id } } }`:                                    "INVALID",
		`{ products(first: -1) { nodes { id } } }`:                                            "INVALID",
		`{ products(after: "x") { nodes { id } } }`:                                           "INVALID_CURSOR",
		`{ collections(before: "x", last: 1) { nodes { id } } }`:                              "INVALID_CURSOR",
		`{ product { id } }`:                                                                  "REQUIRED",
		`{ collection { id } }`:                                                               "REQUIRED",
		`{ product(handle: "shirt") { variants(first: 251) { nodes { id } } } }`:              "PAGE_TOO_LARGE",
		`{ product(handle: "shirt") { images(after: "x") { nodes { id } } } }`:                "INVALID_CURSOR",
		`{ product(handle: "shirt") { collections(after: "x") { nodes { id } } } }`:           "INVALID_CURSOR",
		`{ collection(handle: "sale") { products(last: 300) { nodes { id } } } }`:             "PAGE_TOO_LARGE",
		`{ collections { nodes { products(after: "x", sortKey: PRICE) { nodes { id } } } } }`: "INVALID_CURSOR",
	} {
		a := s.ask(t, query, nil)
		if len(a.Errors) != 1 || a.Errors[0].Extensions.Code != want || a.Errors[0].Message == "" {
			t.Errorf("%s: %+v, want %s", query, a.Errors, want)
		}
	}
	var got map[string]any
	s.data(t, &got, fmt.Sprintf(`{ a: product(handle: "no\u0000ne") { id } b: product(id: "shirt") { id } c: product(id: %q) { id }
		d: collection(handle: "") { id } e: product(id: %[1]q, handle: "shirt") { id } }`, gid.Format("Product", gid.New())), nil)
	for alias, found := range got {
		if found != nil {
			t.Errorf("%s: %v, want null", alias, found)
		}
	}
}

// Every cursor that a list gives works in that list, in every order.
func TestCursorsOfTheGraph(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.load(t, catalogue(7), exchange.Options{})
	type page struct {
		PageInfo struct {
			EndCursor   string
			HasNextPage bool
		}
		Edges []struct {
			Cursor string
			Node   struct{ Title string }
		}
	}
	for _, list := range []string{
		"products(first: 2, after: $after, sortKey: TITLE, reverse: true)", "products(first: 2, after: $after, sortKey: PRICE)", "products(first: 2, after: $after)",
		"collections(first: 2, after: $after, sortKey: TITLE)", "collections(first: 2, after: $after, sortKey: UPDATED_AT, reverse: true)",
		`collection(handle: "everything") { products(first: 2, after: $after) `, `collection(handle: "everything") { products(first: 2, after: $after, sortKey: CREATED) `,
		`product(handle: "p-003") { variants(first: 2, after: $after) `, `product(handle: "p-003") { collections(first: 1, after: $after) `,
	} {
		titles := map[string]int{}
		variables := map[string]any{}
		for range 20 {
			open := strings.Count(list, "{")
			query := "query($after: String) { " + list + "{ pageInfo { endCursor hasNextPage } edges { cursor node { title } } }" + strings.Repeat("}", open) + "}"
			var p page
			if open == 0 {
				var got map[string]page
				s.data(t, &got, query, variables)
				for _, p = range got {
				}
			} else {
				var got map[string]map[string]page
				s.data(t, &got, query, variables)
				for _, outer := range got {
					for _, p = range outer {
					}
				}
			}
			for _, e := range p.Edges {
				titles[e.Node.Title]++
			}
			if !p.PageInfo.HasNextPage {
				break
			}
			variables["after"] = p.PageInfo.EndCursor
		}
		want := 7
		switch {
		case strings.Contains(list, "variants"):
			want = 10
		case strings.Contains(list, `"p-003") { collections`):
			want = 2
		case strings.HasPrefix(list, "collections"):
			want = 8
		}
		if len(titles) != want {
			t.Errorf("%s: %v, want %d different items", list, titles, want)
		}
		for title, n := range titles {
			if n != 1 {
				t.Errorf("%s: %s came %d times", list, title, n)
			}
		}
	}
}

func TestServiceTellsItsSchema(t *testing.T) {
	t.Parallel()
	s := open(t)
	var got struct {
		Service struct{ SDL string } `json:"_service"`
	}
	s.data(t, &got, `{ _service { sdl } }`, nil)
	for _, part := range []string{"type ProductVariant implements Node @key(fields: \"id\")", "type MoneyV2 @shareable"} {
		if !strings.Contains(got.Service.SDL, part) || !strings.Contains(schema.SDL("product"), part) {
			t.Errorf("the schema lacks %s", part)
		}
	}
}

// A foreign service knows products by their handles and the shop by its id.
func TestEntitiesOfForeignServices(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.load(t, catalogue(3), exchange.Options{})
	var got struct {
		Shop struct {
			ID, Name      string
			Description   *string
			PrimaryDomain struct{ URL, Host string }
		}
	}
	s.data(t, &got, `{ shop { id name description primaryDomain { url host } } }`, nil)
	if d := got.Shop.PrimaryDomain; got.Shop.Name != "Souk" || got.Shop.Description != nil || d.URL != "https://shop.test:8443/de" || d.Host != "shop.test:8443" {
		t.Errorf("shop %+v", got.Shop)
	}
	var entities struct {
		Entities []struct{ Title, Name string } `json:"_entities"`
	}
	product := func(handle string) map[string]any { return map[string]any{"__typename": "Product", "handle": handle} }
	reps := []map[string]any{
		product("p-002"), {"__typename": "Shop", "id": got.Shop.ID}, product("nothing"), product("p-000"), product("p-\x00"), product("p-002"), {"__typename": "Shop", "id": "gid://souk/Shop/x"},
	}
	s.data(t, &entities, `query($reps: [_Any!]!) { _entities(representations: $reps) { ... on Product { title } ... on Shop { name } } }`, map[string]any{"reps": reps})
	var titles []string
	for _, e := range entities.Entities {
		titles = append(titles, e.Title+e.Name)
	}
	if want := []string{"Product 002", "Souk", "", "Product 000", "", "Product 002", ""}; !slices.Equal(titles, want) {
		t.Errorf("entities %q, want %q", titles, want)
	}
}
