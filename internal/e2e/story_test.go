package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// everything crosses all four services.
const everything = `query Everything($id: ID!) {
  cart(id: $id) {
    totalQuantity
    cost { totalAmount { amount currencyCode } }
    lines(first: 250) { nodes { quantity merchandise { ... on ProductVariant { title price { amount } product { handle description tags } } } } }
    deliveryGroups(first: 5) { nodes { deliveryOptions { handle title } } }
    buyerIdentity { customer { firstName } }
  }
}`

const createCart = `mutation($i: CartInput) { cartCreate(input: $i) { cart { id } userErrors { code field message } } }`

// catalogue writes a product export with one product of n variants, of each of which there are five pieces, and returns its
// path.
func catalogue(t *testing.T, n int) string {
	t.Helper()
	return stocked(t, n, 5)
}

// stocked is catalogue with another number of pieces.
func stocked(t *testing.T, n, pieces int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("Handle,Title,Body (HTML),Vendor,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Requires Shipping\n")
	for i := range n {
		title, option := "", ""
		if i == 0 {
			title, option = "Lantern", "Colour"
		}
		fmt.Fprintf(&b, "lantern,%s,<p>A <b>brass</b> lantern.</p>,Souk,\"brass, light\",true,%s,Shade %02d,L-%02d,250,shopify,%d,deny,%d.50,true\n", title, option, i, i, pieces, 10+i)
	}
	path := filepath.Join(t.TempDir(), "catalogue.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// buy fills a cart with n lines for a signed-in customer and reads it over all four services.
func (s *shop) buy(token string, n int) answer {
	s.t.Helper()
	created := s.must(token, createCart, map[string]any{"i": map[string]any{"lines": lines(s.variantIDs(n))}})
	if e := get[[]any](s.t, created.Data, "cartCreate", "userErrors"); len(e) > 0 {
		s.t.Fatalf("cartCreate: %v", e)
	}
	return s.must(token, everything, map[string]any{"id": get[string](s.t, created.Data, "cartCreate", "cart", "id")})
}

// checkEverything checks an answer of four services to a cart with n lines.
func checkEverything(t *testing.T, a answer, n int, firstName string) {
	t.Helper()
	cart := a.Data["cart"]
	if got := len(get[[]any](t, cart, "lines", "nodes")); got != n {
		t.Errorf("%d lines, want %d", got, n)
	}
	for i := range n {
		if handle := get[string](t, cart, "lines", "nodes", i, "merchandise", "product", "handle"); handle == "" {
			t.Errorf("line %d has no handle", i)
		}
	}
	if got := get[string](t, cart, "buyerIdentity", "customer", "firstName"); got != firstName {
		t.Errorf("first name %q, want %q", got, firstName)
	}
	if got := get[string](t, cart, "deliveryGroups", "nodes", 0, "deliveryOptions", 0, "handle"); got != "standard" {
		t.Errorf("delivery option %q, want standard", got)
	}
	for _, name := range services {
		if a.Extensions.Souk.Fetches[name] != 1 {
			t.Errorf("fetches %v, want exactly 1 of %s", a.Extensions.Souk.Fetches, name)
		}
	}
}

// TestStory imports real catalogues and reads a cart across all four services, in one process and as five.
func TestStory(t *testing.T) {
	t.Parallel()
	for mode, begin := range map[string]func(*testing.T) *shop{
		"one process":    func(t *testing.T) *shop { return startOne(t) },
		"five processes": func(t *testing.T) *shop { return startFive(t) },
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s := begin(t)
			s.load(data(t, "shopify-apparel.csv"))
			s.load(data(t, "shopify-home-and-garden.csv"), "--collections", "tags")
			again := s.load(data(t, "shopify-apparel.csv"))
			if !strings.Contains(again, "20 unchanged") {
				t.Errorf("the second import says:\n%s\nwant 20 products unchanged", again)
			}
			a := s.must("", `{ products(first: 250) { totalCount { value } } collections(first: 250) { nodes { title products(first: 250) { nodes { handle } } } } product(handle: "ocean-blue-shirt") { title featuredImage { url } } }`, nil)
			if n := get[float64](t, a.Data, "products", "totalCount", "value"); n != 40 {
				t.Errorf("%v products, want 40", n)
			}
			if n := len(get[[]any](t, a.Data, "collections", "nodes")); n == 0 {
				t.Error("no collection was made of tags")
			}
			token := s.signUp("ada@example.com", "Ada")
			checkEverything(t, s.buy(token, 3), 3, "Ada")
		})
	}
}

// TestRequestsDoNotGrowWithLines asks for carts of 1 and of 50 lines: one request to product and the same number of SQL
// statements.
func TestRequestsDoNotGrowWithLines(t *testing.T) {
	t.Parallel()
	s := startFive(t)
	s.processes["product"].stop()
	s.env["product"] = append(s.env["product"], "SOUK_CACHE=off") // What is kept takes no statement at all.
	s.startService("product")
	s.processes["product"].waitFor(`answers at`)
	s.load(catalogue(t, 60))
	token := s.signUp("ada@example.com", "Ada")
	checkEverything(t, s.buy(token, 1), 1, "Ada")
	checkEverything(t, s.buy(token, 50), 50, "Ada")

	variants := s.variantIDs(50)
	statements := func(service, query string, representations []map[string]any) int {
		a := ask(t, s.subgraphs[service], "", query, map[string]any{"r": representations})
		if len(a.Errors) > 0 || len(get[[]any](t, a.Data, "_entities")) != len(representations) {
			t.Fatalf("%s answers %+v", service, a)
		}
		return a.Extensions.Souk.Statements
	}
	var representations []map[string]any
	for _, id := range variants {
		representations = append(representations, map[string]any{"__typename": "ProductVariant", "id": id})
	}
	const variantQuery = `query($r: [_Any!]!) { _entities(representations: $r) { ... on ProductVariant { title price { amount } product { handle description tags } } } }`
	one, fifty := statements("product", variantQuery, representations[:1]), statements("product", variantQuery, representations)
	if one != fifty || one == 0 {
		t.Errorf("product runs %d SQL statements for 1 variant and %d for 50, want the same number", one, fifty)
	}
	const cartQuery = `query($r: [_Any!]!) { _entities(representations: $r) { ... on Cart { totalQuantity lines(first: 250) { nodes { id quantity } } } } }`
	cart := func(n int) []map[string]any {
		a := s.must("", createCart, map[string]any{"i": map[string]any{"lines": lines(variants[:n])}})
		return []map[string]any{{"__typename": "Cart", "id": get[string](t, a.Data, "cartCreate", "cart", "id")}}
	}
	one, fifty = statements("cart", cartQuery, cart(1)), statements("cart", cartQuery, cart(50))
	if one != fifty || one == 0 {
		t.Errorf("cart runs %d SQL statements for 1 line and %d for 50, want the same number", one, fifty)
	}
}
