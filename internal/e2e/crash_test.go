package e2e

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// plot is a kind of order.
type plot struct {
	name   string
	pay    string                                 // the token of the payment
	most   bool                                   // it is for more than half of the pieces that are left
	before func(f *fleet, p *purchase)            // what happens between the payment and the order; may be nil
	during func(ctx context.Context, p *purchase) // what happens while the order is placed; may be nil
	end    string                                 // COMPLETED or the code of its failure; empty where the crash decides
}

var (
	good     = plot{name: "an order", pay: "ok", end: "COMPLETED"}
	slow     = plot{name: "an order whose payment is told late", pay: "timeout_then_ok", end: "COMPLETED"}
	declined = plot{name: "a declined order", pay: "decline", end: "PAYMENT_DECLINED"}
	lost     = plot{name: "an order that is declined late", pay: "timeout_then_decline", end: "PAYMENT_DECLINED"}
	soldOut  = plot{name: "an order of what is sold out", pay: "ok", end: "OUT_OF_STOCK", most: true, before: (*fleet).rivalTakes}
	changed  = plot{name: "an order of a cart that changed", pay: "ok", end: "CART_CHANGED", before: (*fleet).addToCart}
	gaveUp   = plot{name: "an order that its buyer gives up", pay: "timeout_then_ok", during: giveUp}
)

// blow is a point at which a service is killed, and the kind of order that passes it.
type blow struct {
	service, point string
	plot           plot
}

// blows are the points before and after every transaction of an order, and where events are numbered and published.
func blows() []blow {
	var all []blow
	add := func(service string, plot plot, points ...string) {
		for _, point := range points {
			all = append(all, blow{service, point + ".before", plot}, blow{service, point + ".after", plot})
		}
	}
	add("checkout", good, "checkout.complete", "checkout.stock.reserved", "checkout.cart.frozen", "checkout.authorize", "checkout.gateway", "checkout.place")
	add("checkout", slow, "checkout.gateway")
	add("checkout", declined, "checkout.gateway", "checkout.fail")
	add("checkout", lost, "checkout.gateway")
	add("checkout", soldOut, "checkout.stock.rejected")
	add("checkout", changed, "checkout.cart.rejected")
	add("checkout", gaveUp, "checkout.cancel", "checkout.void")
	add("product", good, "product.completion.requested", "product.order.placed")
	add("product", declined, "product.completion.failed")
	add("product", soldOut, "product.completion.requested")
	add("cart", good, "cart.completion.requested", "cart.inventory.changed", "cart.order.placed")
	add("cart", declined, "cart.completion.failed")
	add("cart", changed, "cart.completion.requested")
	for _, service := range []string{"checkout", "product", "cart"} {
		add(service, good, service+".relay.number", service+".relay.publish")
	}
	return all
}

// TestCrash kills each service at each point of an order and starts it again: each time there is exactly one order with one
// authorisation, or none with everything released.
func TestCrash(t *testing.T) {
	t.Parallel()
	f := startFleet(t)
	f.load(stocked(t, 2, 1000))
	shades := f.shades(2)
	began, ends := time.Now(), []string{}
	for _, b := range blows() {
		if !t.Run(b.point+" in "+b.plot.name, func(t *testing.T) { ends = append(ends, f.with(t).survives(b, shades)) }) {
			t.FailNow() // The books do not agree any more.
		}
	}
	f.balanced()
	t.Logf("%d crashes took %s: %s", len(ends), time.Since(began).Round(time.Second), counted(ends))
}

// notOfAnOrder are transactions that are passed without an order, or when the time of one is over.
var notOfAnOrder = []string{"cart.product.deleted", "cart.product.updated", "checkout.expire", "checkout.sweep", "customer.create", "customer.session", "product.change"}

// TestCrashesAreAllThereAre reads which transactions and reactions the services have, so that none is added without a crash.
func TestCrashesAreAllThereAre(t *testing.T) {
	t.Parallel()
	known := slices.Clone(notOfAnOrder)
	for _, b := range blows() {
		known = append(known, strings.TrimSuffix(strings.TrimSuffix(b.point, ".before"), ".after"))
	}
	files, err := filepath.Glob("../../subgraphs/*/postgres/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files are read: %v", err)
	}
	named, handled := regexp.MustCompile(`Transact\(ctx, "([a-z.]+)"`), regexp.MustCompile(`event\.TypeOf\[event\.([A-Z][a-z]+)([A-Z][a-z]+)\]\(\):`)
	points := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			found = append(found, m[1])
		}
		service := filepath.Base(filepath.Dir(filepath.Dir(file)))
		for _, m := range handled.FindAllStringSubmatch(string(text), -1) {
			found = append(found, strings.ToLower(service+"."+m[1]+"."+m[2]))
		}
		for _, point := range found {
			if points++; !slices.Contains(known, point) {
				t.Errorf("%s has %s, and no story crashes there", file, point)
			}
		}
	}
	if points < 20 {
		t.Errorf("only %d transactions were found", points)
	}
}

// survives lets an order pass a point at which a service is killed, and returns how it ended.
func (f *fleet) survives(b blow, shades []string) string {
	f.t.Helper()
	shade, quantity := shades[0], 1
	if b.plot.most {
		shade, quantity = shades[1], f.pieces(shades[1])/2+1
	}
	p := f.prepared("", shade, quantity, b.plot.pay)
	if b.plot.before != nil {
		b.plot.before(f, p)
	}
	f.quiet()
	before := f.pieces(p.variant)
	f.processes[b.service].kill()
	f.relaunch(b.service, "SOUK_CRASH_AT="+b.point)
	victim := f.processes[b.service]

	ctx, stop := context.WithTimeout(f.t.Context(), patience)
	defer stop()
	told, done := make(chan outcome, 1), make(chan struct{})
	go func() { told <- p.outcome(ctx, "a key that outlives the crash") }()
	go func() {
		defer close(done)
		if b.plot.during != nil {
			b.plot.during(ctx, p)
		}
	}()
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
	<-done
	end := f.settledAs(p, o, before)
	f.t.Logf("%s %s after the crash", end, time.Since(crashed).Round(time.Millisecond))
	if b.plot.end != "" && end != b.plot.end {
		f.t.Fatalf("it ended with %s, want %s", end, b.plot.end)
	}
	return end
}

// settledAs demands that a purchase ended as its buyer was told, with one order and one authorisation, or with neither and
// everything released. It returns COMPLETED or the code of the failure.
func (f *fleet) settledAs(p *purchase, o outcome, before int) string {
	f.t.Helper()
	if o.err != nil {
		f.t.Fatal(o.err)
	}
	p.attempt = o.AttemptID
	orders := f.number("checkout", `SELECT count(*) FROM orders WHERE cart_id = $1`, uuidOf(p.cart))
	if o.Status == "FAILED" && o.Failure != nil && orders == 0 {
		f.released(p, before)
		return o.Failure.Code
	}
	if l := f.ledger(p.attempt); o.Status != "COMPLETED" || orders != 1 || l != (ledger{Authorizations: 1}) {
		f.t.Fatalf("%+v (%+v), %d orders and %+v at the gateway, want one order and one authorisation", o, o.Failure, orders, l)
	}
	eventually(f.t, "the pieces are gone, and the cart is completed", func() bool {
		return f.pieces(p.variant) == before-p.quantity && f.cartState(p) == "COMPLETED"
	})
	return "COMPLETED"
}

// rivalTakes lets somebody else order as many pieces of the same variant.
func (f *fleet) rivalTakes(p *purchase) {
	f.t.Helper()
	f.ordered("", p.variant, p.quantity, "ok", "the key of a rival")
}

// addToCart puts another piece into the cart after its checkout was opened.
func (f *fleet) addToCart(p *purchase) {
	f.t.Helper()
	f.must(p.token, `mutation($c: ID!, $l: [CartLineInput!]!) { cartLinesAdd(cartId: $c, lines: $l) { userErrors { code } } }`,
		map[string]any{"c": p.cart, "l": lines([]string{p.variant})})
}

// giveUp cancels a checkout once the gateway has reserved the money, as often as it takes to be heard.
func giveUp(ctx context.Context, p *purchase) {
	for ; ctx.Err() == nil; pause(ctx, 20*time.Millisecond) {
		c, err := tryAsk[completion](ctx, p.graph, p.token, askCompletion, map[string]any{"cart": p.cart})
		if err != nil {
			continue
		}
		l, err := askLedger(ctx, p.graph, c.AttemptID)
		if err != nil || l.Authorizations == 0 {
			continue
		}
		if _, err := tryAsk[payload](ctx, p.graph, p.token, `mutation($id: ID!) { r: checkoutCancel(checkoutId: $id) { `+checkoutFields+` } }`, map[string]any{"id": p.checkout}); err == nil {
			return
		}
	}
}
