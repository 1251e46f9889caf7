package e2e

import (
	"fmt"
	"slices"
)

// balance is what the databases of all services and of the gateway hold of the orders, counted past the graph.
type balance struct {
	Orders         int // that there are
	Authorisations int // that the gateway granted and that were not voided
	Doubled        int // attempts for which the gateway granted more than one
	Committed      int // reservations
	Allocated      int // pieces by the stock, less those by the orders
	Completed      int // carts
	Live           int // reservations that are neither committed nor released
	Held           int // pieces
	Locked         int // carts
	Pending        int // attempts that have not ended
	Parked         int // events, over all services
}

func (f *fleet) balance() balance {
	f.t.Helper()
	b := balance{
		Orders:         f.number("checkout", `SELECT count(*) FROM orders`),
		Authorisations: f.number("fakepay", `SELECT count(*) FROM payments WHERE status IN ('AUTHORIZED', 'CAPTURED')`),
		Doubled:        f.number("fakepay", `SELECT count(*) FROM (SELECT FROM payments WHERE status <> 'DECLINED' GROUP BY reference HAVING count(*) > 1) AS d`),
		Committed:      f.number("product", `SELECT count(*) FROM reservations WHERE state = 'COMMITTED'`),
		Allocated: f.number("product", `SELECT coalesce(sum(allocated), 0) FROM stock`) -
			f.number("checkout", `SELECT coalesce(sum((l->>'quantity')::int), 0) FROM outbox, jsonb_array_elements(event->'data'->'lines') AS l WHERE event->>'type' = 'order.placed.v1'`),
		Completed: f.number("cart", `SELECT count(*) FROM carts WHERE state = 'COMPLETED'`),
		Live:      f.number("product", `SELECT count(*) FROM reservations WHERE state NOT IN ('COMMITTED', 'RELEASED')`),
		Held:      f.number("product", `SELECT coalesce(sum(held), 0) FROM stock`),
		Locked:    f.number("cart", `SELECT count(*) FROM carts WHERE state = 'LOCKED' OR locked_by IS NOT NULL AND state <> 'COMPLETED'`),
		Pending:   f.number("checkout", `SELECT count(*) FROM completions WHERE state NOT IN ('PLACED', 'FAILED')`),
	}
	for _, service := range services {
		b.Parked += f.number(service, `SELECT count(*) FROM parked`)
	}
	return b
}

// balanced waits until the books agree: as many authorisations, committed reservations and completed carts as orders, and
// nothing held, locked or parked.
func (f *fleet) balanced() balance {
	f.t.Helper()
	var b balance
	defer func() { f.t.Logf("the books say %+v", b) }()
	eventually(f.t, "the books agree", func() bool {
		b = f.balance()
		return b == balance{Orders: b.Orders, Authorisations: b.Orders, Committed: b.Orders, Completed: b.Orders}
	})
	return b
}

// quiet waits until a service told all its events and applied those of the others.
func (f *fleet) quiet() {
	f.t.Helper()
	eventually(f.t, "no event is under way", func() bool {
		heads := map[string]int{}
		for _, service := range services {
			if f.number(service, `SELECT count(*) FROM outbox WHERE position IS NULL`) > 0 {
				return false
			}
			heads[service] = f.number(service, `SELECT position FROM outbox_head`)
		}
		for _, service := range services {
			for _, cursor := range f.texts(service, `SELECT source || ' ' || position FROM cursor`) {
				var source string
				var position int
				if _, err := fmt.Sscan(cursor, &source, &position); err != nil {
					f.t.Fatal(err)
				}
				if slices.Contains(services, source) && position < heads[source] {
					return false
				}
			}
		}
		return true
	})
}
