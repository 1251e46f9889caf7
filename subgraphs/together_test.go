package subgraphs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/subgraphs"
)

const threeProducts = `Handle,Title,Published,Status,Option1 Name,Option1 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Compare At Price,Variant Requires Shipping,Image Src
pot,Clay Pot,true,active,Size,Small,POT-S,800,shopify,3,deny,9.99,12.00,true,https://img.example/pot.jpg
seed,Seed,true,active,Title,Default Title,SEED,5,,0,deny,2.00,,true,
plan,Garden Plan,true,active,Title,Default Title,PLAN,0,shopify,0,continue,5.00,,false,
gone,Gone,true,active,Title,Default Title,GONE,0,shopify,0,deny,5.00,,true,
`

// stock fills a product service with three products and one of which nothing is left. It returns its database and the id of
// the first variant of each by handle.
func stock(t *testing.T, product *service) (*database.DB, map[string]string) {
	t.Helper()
	db, err := database.Open(t.Context(), product.address, 2, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := subgraphs.ImportShopify(t.Context(), db, product.env, strings.NewReader(threeProducts), t.TempDir(), "", nil); err != nil {
		t.Fatal(err)
	}
	var data struct {
		Products struct {
			Nodes []struct {
				Handle   string
				Variants struct{ Nodes []struct{ ID string } }
			}
		}
	}
	product.ask(t, nobody, `{ products(first: 10) { nodes { handle variants(first: 1) { nodes { id } } } } }`, nil, &data)
	variants := map[string]string{}
	for _, p := range data.Products.Nodes {
		variants[p.Handle] = p.Variants.Nodes[0].ID
	}
	return db, variants
}

// TestWhatCartProvidesIsWhatProductSays holds that a cart shows of merchandise what product itself answers, out of what
// product told: rules B-2, F-2.
func TestWhatCartProvidesIsWhatProductSays(t *testing.T) {
	t.Parallel()
	cart, product := startCart(t), start(t, "product")
	db, variants := stock(t, product)
	for _, e := range outboxtest.Events(t, outbox.Open(db)) {
		if e.Type == event.TypeOf[event.ProductUpdated]() {
			cart.product.hear(e)
		}
	}
	cart.product.take(true)
	var lines, representations []any
	for _, handle := range []string{"pot", "seed", "plan"} {
		lines = append(lines, line(variants[handle], 1))
		representations = append(representations, map[string]any{"__typename": "ProductVariant", "id": variants[handle]})
	}
	created := cart.create(t, nobody, map[string]any{"lines": lines})
	if len(created.UserErrors) > 0 {
		t.Fatal(created.UserErrors)
	}
	var shown struct {
		Cart struct {
			Lines struct {
				Nodes []struct{ Merchandise map[string]any }
			}
		}
	}
	cart.ask(t, nobody, `query ($id: ID!) { cart(id: $id) { lines(first: 5) { nodes { merchandise { `+provided+` } } } } }`, map[string]any{"id": created.Cart.ID}, &shown)
	var said struct {
		Entities []map[string]any `json:"_entities"`
	}
	product.ask(t, nobody, `query ($v: [_Any!]!) { _entities(representations: $v) { `+provided+` } }`, map[string]any{"v": representations}, &said)
	for i, l := range shown.Cart.Lines.Nodes {
		if diff := cmp.Diff(said.Entities[i], l.Merchandise); diff != "" {
			t.Errorf("line %d (-said by product +shown by cart):\n%s", i, diff)
		}
	}
}

// TestCartAndProductTogether asks the real product service what the tests of cart ask one that is not real.
func TestCartAndProductTogether(t *testing.T) {
	t.Parallel()
	cart, product := startCart(t), start(t, "product")
	cart.env.Calls.AddHandler("product", product.handler)
	_, variants := stock(t, product)
	got := cart.create(t, nobody, map[string]any{"lines": []any{line(variants["pot"], 5), line(variants["seed"], 700), line(variants["plan"], 2)}})
	if len(got.UserErrors) > 0 || len(got.Warnings) != 1 || got.Warnings[0].Code != "MERCHANDISE_NOT_ENOUGH_STOCK" {
		t.Fatalf("cartCreate = %+v", got)
	}
	lines := got.Cart.Lines.Nodes
	if lines[0].Quantity != 3 || lines[1].Quantity != 700 || lines[2].Quantity != 2 || got.Cart.Cost.TotalAmount.Amount != "1439.97" {
		t.Errorf("lines = %+v", lines)
	}
	if s, c := lines[0].Snapshot, lines[0].Cost; s.Title != "Clay Pot" || s.SKU != "POT-S" || s.Handle != "pot" || s.Image.URL != "https://img.example/pot.jpg" ||
		s.SelectedOptions[0].Value != "Small" || c.CompareAtAmountPerQuantity.Amount != "12.00" {
		t.Errorf("the first line is %+v", lines[0])
	}
	facts, _ := cart.entities(t, nobody, got.Cart.ID)
	if g := facts[0].DeliveryFacts.Groups[0]; g.Weight != 3*800+700*5 || !g.RequiresShipping {
		t.Errorf("delivery facts = %+v", g)
	}
	wrong := cart.add(t, got.Cart.ID, line(variants["gone"], 1), line(gid.Format("ProductVariant", gid.New()), 1))
	if diff := cmp.Diff([]string{"OUT_OF_STOCK at lines.0.quantity", "MERCHANDISE_NOT_FOUND at lines.1.merchandiseId"}, brief(wrong.UserErrors)); diff != "" {
		t.Errorf("userErrors (-want +got):\n%s", diff)
	}
}
