package postgres

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/internal/paging"
	"github.com/soukhq/souk/subgraphs/checkout"
)

func TestAnOrderIsOnlyOnce(t *testing.T) { // Rule O-1.
	t.Parallel()
	db := outboxtest.New(t, Migrations)
	c := ready(t, New(db), "", 1)
	first := checkout.NewOrder(c, gid.New(), 1, noon, checkout.Placement{})
	insert := func(o *checkout.Order) error {
		return db.DB.Transact(t.Context(), func(tx *database.Tx) error { return insertOrder(t.Context(), tx, o) })
	}
	must(t, insert(first))
	if err := insert(checkout.NewOrder(c, gid.New(), 2, noon, checkout.Placement{})); !database.Duplicate(err, ordersOfCart) {
		t.Errorf("a second order of the cart: %v, want it refused by %s", err, ordersOfCart)
	}
	second := checkout.NewOrder(c, first.CompletionUUID, 3, noon, checkout.Placement{})
	second.CartUUID = gid.New()
	if err := insert(second); !database.Duplicate(err, ordersOfCompletion) {
		t.Errorf("a second order of the completion: %v, want it refused by %s", err, ordersOfCompletion)
	}
}

// TestTheHistoryIsPaged reads all pages in both orders and both directions (rules G-5, A-3).
func TestTheHistoryIsPaged(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, Migrations)
	s := New(db)
	var numbers []string
	for range 7 {
		numbers = append(numbers, place(t, db, ada, 1).Number())
		place(t, db, bob, 1)
	}
	for _, oldest := range []bool{false, true} {
		for _, backward := range []bool{false, true} {
			var got, want []string
			var cursor *string
			for more := true; more; {
				args := paging.Args{First: new(3), After: cursor}
				if backward {
					args = paging.Args{Last: new(3), Before: cursor}
				}
				p, err := s.OrdersOf(t.Context(), ada, oldest, args)
				must(t, err)
				if p.Total != 7 {
					t.Errorf("total %d, want 7", p.Total)
				}
				var page []string
				for _, o := range p.Items {
					page = append(page, o.Number())
				}
				if backward {
					got, more = append(page, got...), p.HasPrevious
				} else {
					got, more = append(got, page...), p.HasNext
				}
				if before, after := cursor != nil, more; !backward && p.HasPrevious != before || backward && (p.HasNext != before || p.HasPrevious != after) {
					t.Errorf("the page %v has next %t, previous %t", page, p.HasNext, p.HasPrevious)
				}
				cursor = &p.Cursors[len(p.Cursors)-1]
				if backward {
					cursor = &p.Cursors[0]
				}
			}
			for i := range numbers {
				if oldest {
					want = append(want, numbers[i])
				} else {
					want = append(want, numbers[len(numbers)-1-i])
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("oldest %t, backward %t (-want +got):\n%s", oldest, backward, diff)
			}
		}
	}
	mine, err := s.OrdersOf(t.Context(), ada, false, paging.Args{First: new(1)})
	must(t, err)
	for name, args := range map[string]paging.Args{
		"a cursor of another's list": {After: new(paging.Cursor("orders of "+bob, gid.New().String()))},
		"no cursor":                  {Before: new("x")},
		"a cursor without an id":     {After: new(paging.Cursor("orders of "+ada, "x"))},
		"both ends":                  {First: new(1), Last: new(1)},
	} {
		if _, err := s.OrdersOf(t.Context(), ada, false, args); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	end, err := s.OrdersOf(t.Context(), ada, true, paging.Args{After: &mine.Cursors[0]})
	must(t, err)
	if len(end.Items) != 0 || end.HasNext || !end.HasPrevious || end.Total != 7 {
		t.Errorf("behind the last order: %+v, want nothing but what went before", end)
	}
	if none, err := s.OrdersOf(t.Context(), "gid://souk/Customer/3", false, paging.Args{}); err != nil || len(none.Items) != 0 || none.HasNext || none.HasPrevious || none.Total != 0 {
		t.Errorf("a customer without orders: %+v, %v", none, err)
	}
}
