package subgraphs_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/internal/gid"
)

// TestCartAsksNobody asserts rule B-1 b: what cart was told of is added, changed and read without another service, and in
// as many statements for one line as for fifty.
func TestCartAsksNobody(t *testing.T) {
	t.Parallel()
	statements := map[string][]int{}
	s := startCart(t)
	s.product.take(true)
	for _, n := range []int{1, 50, 200} {
		variants := s.product.sellMany(n)
		id := s.create(t, nobody, nil).Cart.ID
		added := s.add(t, id, linesOf(variants)...)
		if len(added.UserErrors) > 0 || added.Cart.TotalQuantity != n {
			t.Fatalf("adding %d lines: %+v", n, added.UserErrors)
		}
		var edits []map[string]any
		for _, l := range added.Cart.Lines.Nodes {
			edits = append(edits, map[string]any{"id": l.ID, "quantity": 2})
		}
		updated := s.update(t, id, edits...)
		if updated.Cart.TotalQuantity != 2*n {
			t.Fatalf("updating %d lines: %+v", n, updated.UserErrors)
		}
		got, reading := s.read(t, nobody, id)
		if diff := cmp.Diff(updated.Cart, got); diff != "" {
			t.Errorf("the cart that is read (-answered +read):\n%s", diff)
		}
		created := s.create(t, nobody, map[string]any{"lines": linesOf(variants)})
		if created.Cart.TotalQuantity != n {
			t.Fatalf("opening with %d lines: %+v", n, created.UserErrors)
		}
		statements["create"] = append(statements["create"], created.statements)
		statements["add"] = append(statements["add"], added.statements)
		statements["update"] = append(statements["update"], updated.statements)
		statements["read"] = append(statements["read"], reading)
	}
	for what, want := range map[string]int{"create": 5, "add": 8, "update": 8, "read": 2} {
		if got := statements[what]; slices.Max(got) != want || slices.Min(got) != want {
			t.Errorf("%s took %v statements at 1, 50, 200 lines, want %d", what, got, want)
		}
	}
	if asked := s.product.take(false); asked != 0 {
		t.Errorf("product was asked %d times", asked)
	}
}

// TestCartAsksForWhatItDoesNotKnow asserts rule B-1 c: one question of cart's own for all variants that it was not told of,
// before anything is refused, and no longer than 300 ms.
func TestCartAsksForWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	s := startCart(t)
	known, one, two := s.product.sell("tea", "2.50", "EUR", nil), s.product.launch("cup", "10.00", "EUR", new(5)), s.product.launch("jar", "7.00", "EUR", nil)
	unknown := gid.Format("ProductVariant", gid.New())
	id := s.create(t, nobody, map[string]any{"lines": []any{line(known, 1)}}).Cart.ID
	got := s.add(t, id, line(known, 1), line(one, 9), line(two, 2))
	if asked := s.product.take(false); asked != 1 || len(got.UserErrors) > 0 || got.Cart.TotalQuantity != 9 || got.Cart.Cost.TotalAmount.Amount != "69.00" {
		t.Fatalf("asked %d times: %+v", asked, got)
	}
	if s.product.asker.Service != "cart" || s.product.asker.Customer != "" {
		t.Errorf("product was asked by %+v, want cart itself", s.product.asker)
	}
	if after, _ := s.read(t, nobody, id); !cmp.Equal(got.Cart, after) || after.Lines.Nodes[1].State != "OK" {
		t.Errorf("the cart that is read (-answered +read):\n%s", cmp.Diff(got.Cart, after))
	}
	wrong := s.add(t, id, line(unknown, 1), line(known, 0))
	if diff := cmp.Diff([]string{"MERCHANDISE_NOT_FOUND at lines.0.merchandiseId", "INVALID at lines.1.quantity"}, brief(wrong.UserErrors)); diff != "" || s.product.take(false) != 1 {
		t.Errorf("a variant that does not exist (-want +got):\n%s", diff)
	}
	before, _ := s.read(t, nobody, id)
	for name, away := range map[string]func() func(){
		"down": func() func() { s.product.take(true); return func() { s.product.take(false) } }, "slow": s.product.hold,
	} {
		back := away()
		got := s.add(t, id, line(unknown, 1))
		if diff := cmp.Diff([]string{"SERVICE_UNAVAILABLE at "}, brief(got.UserErrors)); diff != "" {
			t.Errorf("product is %s (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(before, got.Cart); diff != "" {
			t.Errorf("product is %s: the cart (-want +got):\n%s", name, diff)
		}
		if created := s.create(t, nobody, map[string]any{"lines": []any{line(unknown, 1)}}); created.Cart != nil || brief(created.UserErrors)[0] != "SERVICE_UNAVAILABLE at " {
			t.Errorf("product is %s: cartCreate = %+v", name, created)
		}
		back()
	}
}

// TestACartInAShopOfItsOwn holds that carts work in a shop that has no other service at all.
func TestACartInAShopOfItsOwn(t *testing.T) {
	t.Parallel()
	service := start(t, "cart")
	s := cartService{service, newShop(t, service.address)}
	tea := s.product.sell("tea", "2.50", "EUR", nil)
	id := s.create(t, nobody, map[string]any{"lines": []any{line(tea, 1)}}).Cart.ID
	if got := s.add(t, id, line(tea, 1)); len(got.UserErrors) > 0 || got.Cart.TotalQuantity != 2 {
		t.Errorf("cartLinesAdd = %+v", got)
	}
	if got := s.add(t, id, line(gid.Format("ProductVariant", gid.New()), 1)); brief(got.UserErrors)[0] != "SERVICE_UNAVAILABLE at " || got.Cart.TotalQuantity != 2 {
		t.Errorf("a variant that nobody told of: %+v", got)
	}
}
