package graph_test

import (
	"sync"
	"testing"

	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
)

const setInventory = `mutation($c: [InventorySetInput!]!, $k: String) { m: inventorySet(changes: $c, idempotencyKey: $k) { levels { variantId onHand available } ` + errorFields + ` } }`

type inventoryPayload struct {
	Levels []struct {
		VariantID         string
		OnHand, Available int
	}
}

// Rule I-7: lost updates are refused, and every movement is in the ledger.
func TestInventorySet(t *testing.T) {
	t.Parallel()
	s := open(t)
	variant := s.anyVariant(t)
	var payload inventoryPayload
	set := func(quantity int, compare any) string {
		return s.change(t, setInventory, map[string]any{"c": []any{map[string]any{"variantId": variant, "quantity": quantity, "compareQuantity": compare}}}, &payload)
	}
	if got := set(10, nil); got != "" || payload.Levels[0].OnHand != 10 || payload.Levels[0].Available != 10 {
		t.Fatalf("%s, %+v", got, payload)
	}
	if got := set(12, 9); got != "COMPARE_QUANTITY_STALE changes.0.compareQuantity" || payload.Levels[0].OnHand != 10 {
		t.Errorf("a lost update: %s, %+v", got, payload)
	}
	var wins sync.Map
	var group sync.WaitGroup
	for i := range 8 { // Of changes at the same time that begin alike one holds.
		group.Go(func() {
			var payload inventoryPayload
			got := s.change(t, setInventory, map[string]any{"c": []any{map[string]any{"variantId": variant, "quantity": 20 + i, "compareQuantity": 10}}}, &payload)
			if got == "" {
				wins.Store(i, true)
			} else if got != "COMPARE_QUANTITY_STALE changes.0.compareQuantity" {
				t.Errorf("at the same time: %s", got)
			}
		})
	}
	group.Wait()
	n := 0
	wins.Range(func(any, any) bool { n++; return true })
	if n != 1 {
		t.Errorf("%d changes held, want 1", n)
	}
	var ledger struct {
		Actors int
		Sum    int64
	}
	if err := s.db.Get(t.Context(), &ledger, `SELECT count(*) FILTER (WHERE actor = 'client:erp') AS actors, sum(on_hand)::bigint AS sum FROM stock_movements WHERE variant_id = $1`, variant[len(variant)-36:]); err != nil {
		t.Fatal(err)
	}
	if s.change(t, setInventory, map[string]any{"c": []any{map[string]any{"variantId": variant, "quantity": 3}}}, &payload); ledger.Actors != 2 || ledger.Sum < 20 || payload.Levels[0].OnHand != 3 {
		t.Errorf("the ledger: %+v, then %+v", ledger, payload)
	}
	if got := set(3, 3); got != "" {
		t.Errorf("nothing to change: %s", got)
	}
	if got := set(-1, nil); got != "INVALID changes.0.quantity" {
		t.Errorf("less than nothing: %s", got)
	}
	other := map[string]any{"variantId": gid.Format("ProductVariant", gid.New()), "quantity": 1}
	if got := s.change(t, setInventory, map[string]any{"c": []any{other}}, &payload); got != "NOT_FOUND changes.0.variantId" {
		t.Errorf("what is not there: %s", got)
	}
	changed := 0
	for _, e := range outboxtest.Events(t, s.db) {
		if e.Type == event.TypeOf[event.InventoryChanged]() {
			changed++
		}
	}
	if changed != 3 {
		t.Errorf("told %d times, want 3", changed)
	}
}

// Who edits a product leaves its pieces alone, and does not remove variants whose pieces are reserved.
func TestProductSetLeavesStockAlone(t *testing.T) {
	t.Parallel()
	s := open(t)
	variant := s.anyVariant(t)
	var payload inventoryPayload
	s.change(t, setInventory, map[string]any{"c": []any{map[string]any{"variantId": variant, "quantity": 7}}}, &payload)
	key := variant[len(variant)-36:]
	if _, err := s.db.Exec(t.Context(), `UPDATE stock SET held = 2 WHERE variant_id = $1`, key); err != nil {
		t.Fatal(err)
	}
	var set setPayload
	which := map[string]any{"handle": "nur-lantern"}
	if got := s.change(t, setProduct, map[string]any{"i": map[string]any{"title": "Lantern"}, "w": which}, &set); got != "" || set.Product.Title != "Lantern" {
		t.Errorf("%s, %+v", got, set)
	}
	s.change(t, setInventory, map[string]any{"c": []any{map[string]any{"variantId": variant, "quantity": 7, "compareQuantity": 7}}}, &payload)
	if payload.Levels[0].OnHand != 7 || payload.Levels[0].Available != 5 {
		t.Errorf("%+v", payload)
	}
	removed := map[string]any{"productOptions": []any{}, "variants": []any{map[string]any{}}}
	if got := s.change(t, setProduct, map[string]any{"i": removed, "w": which}, &set); got != "VARIANT_IN_USE input.variants" {
		t.Errorf("a variant in use: %s", got)
	}
}

// Rule A-1: without the scope the field is forbidden, its siblings are not; who cannot sign has no scope.
func TestScopes(t *testing.T) {
	t.Parallel()
	s := open(t)
	variant := s.anyVariant(t)
	const both = `mutation($v: ID!) {
		prices: pricesSet(prices: [{variantId: $v, currencyCode: EUR, amount: "1.00"}]) { userErrors { code } }
		inventory: inventorySet(changes: [{variantId: $v, quantity: 4}]) { levels { onHand } }
		product: productSet(input: {title: "Mine"}, identifier: {handle: "nur-lantern"}) { productId }
	}`
	for name, c := range map[string]struct {
		who       identity.Identity
		want      string
		forbidden int
	}{
		"nobody":             {identity.Identity{}, `{"prices":null,"inventory":null,"product":null}`, 3},
		"a customer":         {identity.Identity{Customer: gid.Format("Customer", gid.New())}, `{"prices":null,"inventory":null,"product":null}`, 3},
		"a service":          {identity.Identity{Service: "cart"}, `{"prices":null,"inventory":null,"product":null}`, 3},
		"who counts pieces":  {identity.Identity{Client: "scale", Scopes: []string{identity.InventoryWrite}}, `{"prices":null,"inventory":{"levels":[{"onHand":4}]},"product":null}`, 2},
		"who may do another": {identity.Identity{Client: "x", Scopes: []string{"products:read"}}, `{"prices":null,"inventory":null,"product":null}`, 3},
	} {
		a := s.askAs(t, c.who, identity.Context{}, both, map[string]any{"v": variant})
		forbidden := 0
		for _, e := range a.Errors {
			if e.Extensions.Code == "FORBIDDEN" && len(e.Path) == 1 {
				forbidden++
			}
		}
		if string(a.Data) != c.want || forbidden != c.forbidden || len(a.Errors) != forbidden {
			t.Errorf("%s: %s, %+v", name, a.Data, a.Errors)
		}
	}
}
