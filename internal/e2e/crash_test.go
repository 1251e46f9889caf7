package e2e

import (
	"context"
	"syscall"
	"testing"
	"time"
)

// blow is a point at which a service is killed, and the token of the payment of an order that passes it.
type blow struct{ service, point, pay string }

// blows are the points before and after every transaction of an order, and where events are numbered and published.
func blows() []blow {
	var all []blow
	add := func(service, pay string, points ...string) {
		for _, point := range points {
			all = append(all, blow{service, point + ".before", pay}, blow{service, point + ".after", pay})
		}
	}
	add("checkout", "ok", "checkout.complete", "checkout.stock.reserved", "checkout.cart.frozen", "checkout.authorize", "checkout.gateway", "checkout.place")
	add("checkout", "decline", "checkout.gateway", "checkout.fail")
	add("product", "ok", "product.completion.requested", "product.order.placed")
	add("product", "decline", "product.completion.failed")
	add("cart", "ok", "cart.completion.requested", "cart.order.placed")
	add("cart", "decline", "cart.completion.failed")
	for _, service := range []string{"checkout", "product", "cart"} {
		add(service, "ok", service+".relay.number", service+".relay.publish")
	}
	return all
}

// TestCrash kills each service at each point of an order and starts it again: each time there is exactly one order with one
// authorisation, or none with everything released.
func TestCrash(t *testing.T) {
	t.Parallel()
	f := startFleet(t)
	f.load(stocked(t, 1, 1000))
	shade := f.shades(1)[0]
	began, orders := time.Now(), 0
	for _, b := range blows() {
		if !t.Run(b.point+" with "+b.pay, func(t *testing.T) {
			f := f.with(t)
			if f.survives(b, shade) {
				orders++
			}
		}) {
			t.FailNow() // The books do not agree any more.
		}
	}
	if got := f.balanced(); got.Orders != orders {
		t.Errorf("%d orders, want %d", got.Orders, orders)
	}
	t.Logf("%d crashes took %s", len(blows()), time.Since(began).Round(time.Second))
}

// survives lets an order pass a point at which a service is killed, and tells whether it was placed.
func (f *fleet) survives(b blow, shade string) bool {
	f.t.Helper()
	p := f.prepared("", shade, 1, b.pay)
	f.quiet()
	before := f.pieces(shade)
	f.processes[b.service].kill()
	f.relaunch(b.service, "SOUK_CRASH_AT="+b.point)
	victim := f.processes[b.service]

	ctx, stop := context.WithTimeout(f.t.Context(), patience)
	defer stop()
	told := make(chan outcome, 1)
	go func() { told <- p.outcome(ctx, "a key that outlives the crash") }()
	select {
	case <-victim.done:
	case <-ctx.Done():
		f.t.Fatalf("%s did not pass %s", b.service, b.point)
	}
	crashed := time.Now()
	if status, ok := victim.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		f.t.Fatalf("%s ended with %v, not by a crash:\n%s", b.service, victim.cmd.ProcessState, victim.text())
	}
	f.relaunch(b.service)
	o := <-told
	if o.err != nil {
		f.t.Fatal(o.err)
	}
	p.attempt = o.AttemptID
	f.t.Logf("%s %s after the crash", o.Status, time.Since(crashed).Round(time.Millisecond))
	orders := f.number("checkout", `SELECT count(*) FROM orders WHERE cart_id = $1`, uuidOf(p.cart))
	switch {
	case b.pay == "ok" && (o.Status != "COMPLETED" || orders != 1 || f.ledger(p.attempt) != ledger{Authorizations: 1}):
		f.t.Fatalf("%+v, %d orders and %+v at the gateway, want one order and one authorisation", o, orders, f.ledger(p.attempt))
	case b.pay == "decline" && (o.Status != "FAILED" || orders != 0):
		f.t.Fatalf("%+v and %d orders, want none", o, orders)
	case b.pay == "decline":
		f.released(p, before)
		return false
	}
	eventually(f.t, "one piece less, and the cart is completed", func() bool { return f.pieces(shade) == before-1 && f.cartState(p) == "COMPLETED" })
	return true
}
