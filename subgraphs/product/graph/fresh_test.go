package graph_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/soukhq/souk/subgraphs/product/demo"
)

// An administrator reads what was just written, and so does everybody else, although results are kept.
func TestWritesAreReadAtOnce(t *testing.T) {
	t.Parallel()
	k := openKeeper(t, "")
	if _, err := demo.Load(t.Context(), k.store, t.TempDir(), k.now()); err != nil {
		t.Fatal(err)
	}
	read := func() (variant, shown string) {
		var data struct {
			Collection struct {
				Products struct {
					Nodes []struct {
						Title    string
						Variants struct {
							Nodes []struct {
								ID                string
								Price             struct{ Amount string }
								QuantityAvailable int
							}
						}
					}
				}
			}
		}
		a := k.on.ask(t, `{ collection(handle: "light") { products(first: 1) { nodes { title variants(first: 1) { nodes { id price { amount } quantityAvailable } } } } } }`, nil)
		if err := json.Unmarshal(a.Data, &data); err != nil || len(a.Errors) > 0 {
			t.Fatal(err, a.Errors)
		}
		p := data.Collection.Products.Nodes[0]
		v := p.Variants.Nodes[0]
		return v.ID, fmt.Sprintf("%s %s %d", p.Title, v.Price.Amount, v.QuantityAvailable)
	}
	for i := range 10 {
		k.set(k.now().Add(time.Second))
		variant, _ := read() // Now it is kept.
		title, price := fmt.Sprintf("Lantern %d", i), fmt.Sprintf("%d.00", 40+i)
		var payload struct{ Variants, Levels []any }
		for mutation, variables := range map[string]map[string]any{
			setProduct:   {"i": map[string]any{"title": title}, "w": map[string]any{"handle": "nur-lantern"}},
			setPrices:    {"p": []any{map[string]any{"variantId": variant, "currencyCode": "EUR", "amount": price}}},
			setInventory: {"c": []any{map[string]any{"variantId": variant, "quantity": 30 + i}}},
		} {
			if got := k.on.change(t, mutation, variables, &payload); got != "" {
				t.Fatal(got)
			}
		}
		if _, shown := read(); shown != fmt.Sprintf("%s %s %d", title, price, 30+i) {
			t.Errorf("after change %d: %s", i, shown)
		}
	}
}
