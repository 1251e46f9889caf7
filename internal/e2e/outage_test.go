package e2e

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// postgresOutage is how long PostgreSQL is away: SOUK_OUTAGE says another time.
func postgresOutage(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("SOUK_OUTAGE")
	if text == "" {
		return 20 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("SOUK_OUTAGE: %v", err)
	}
	return d
}

// TestOutages takes away what orders need, one after another.
func TestOutages(t *testing.T) {
	t.Parallel()
	f := startFleet(t)
	f.load(stocked(t, 1, 1000))
	shade := f.shades(1)[0]
	for _, service := range []string{"product", "cart", "fakepay"} {
		t.Run(service+" is stopped", func(t *testing.T) { f.with(t).storyWithout(service, shade) })
	}
	t.Run("PostgreSQL is away", func(t *testing.T) { f.with(t).storyWithoutPostgres(shade) })
	t.Run("an event is poison", func(t *testing.T) { f.with(t).storyOfPoison(shade) })
}

// storyWithout places an order while a service or the gateway is away: it waits, and is placed when all are back.
func (f *fleet) storyWithout(service, shade string) {
	t := f.t
	t.Helper()
	f.balanced()
	p := f.prepared("", shade, 1, "ok")
	f.processes[service].kill()
	r, err := p.place(t.Context(), "an order that waits")
	if err != nil || r.Completion == nil || r.Completion.Status != "PROCESSING" || r.Completion.PollAfter == nil {
		t.Fatalf("checkoutComplete = %+v, %v, want PROCESSING", r, err)
	}
	if n := f.balance().Pending; n != 1 {
		t.Errorf("meanwhile %d orders are under way", n)
	}
	f.relaunch(service)
	back := time.Now()
	p.placed(t, "an order that waits")
	t.Logf("the order was placed %s after %s was back", time.Since(back).Round(time.Millisecond), service)
	f.balanced()
}

// storyWithoutPostgres takes PostgreSQL away from all services while orders are under way: half of the time it stands still,
// then it crashes, and half of the time nobody gets to it. Nothing is parked, and the orders are placed.
func (f *fleet) storyWithoutPostgres(shade string) {
	t := f.t
	t.Helper()
	orders, attempts := f.balance().Orders, f.number("checkout", `SELECT count(*) FROM completions`)
	buyers := make([]*purchase, 5)
	for i := range buyers {
		buyers[i] = f.prepared("", shade, 1, "ok")
	}
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute+postgresOutage(t))
	defer stop()
	all := make(chan []outcome, 1)
	go func() {
		all <- together(len(buyers), func(i int) outcome { return buyers[i].outcome(ctx, "an order in an outage") })
	}()
	eventually(t, "an order is under way", func() bool { return f.number("checkout", `SELECT count(*) FROM completions`) > attempts })
	f.postgres.hold()
	t.Logf("the outage hits %s", counted(f.texts("checkout", `SELECT state FROM completions WHERE ended_at IS NULL`)))
	pause(ctx, postgresOutage(t)/2)
	f.crashPostgres()
	pause(ctx, postgresOutage(t)/2)
	f.postgres.open()
	back := time.Now()
	for i, o := range <-all {
		if o.err != nil || o.Status != "COMPLETED" {
			t.Errorf("buyer %d was told %+v, %v", i, o.completion, o.err)
		}
	}
	b := f.balanced()
	t.Logf("%d orders were placed %s after an outage of %s, %d events are parked", b.Orders-orders, time.Since(back).Round(time.Millisecond), postgresOutage(t), b.Parked)
}

// storyOfPoison tells an event that nobody can read: it and those behind it of its aggregate are parked, all others go on,
// and are replayed when the event is mended.
func (f *fleet) storyOfPoison(shade string) {
	t := f.t
	t.Helper()
	before := f.pieces(shade)
	const attempt = "019a0000-0000-7000-8000-00000000dead"
	tell := func(version int, kind, data string) {
		f.change("checkout", `INSERT INTO outbox (id, subject, version, event) SELECT id, subject, $2::bigint, jsonb_build_object(
			'specversion', '1.0', 'id', id, 'source', '/checkout', 'type', $3::text, 'subject', subject, 'time', now(), 'aggregateVersion', $2::bigint, 'data', $4::jsonb)
			FROM (SELECT gen_random_uuid() AS id, 'gid://souk/CheckoutCompletion/' || $1::text AS subject) AS e`, attempt, version, kind, data)
	}
	tell(1, "completion.requested.v1", `{"completionId": 7}`)
	tell(2, "completion.failed.v1", `{"completionId": "gid://souk/CheckoutCompletion/`+attempt+`", "checkoutId": "gid://souk/Checkout/`+attempt+`", "cartId": "gid://souk/Cart/`+attempt+`", "code": "PAYMENT_DECLINED"}`)
	began := time.Now()
	p := f.ordered("", shade, 1, "ok", "an order beside a poison event")
	t.Logf("an order beside the poison was placed after %s", time.Since(began).Round(time.Millisecond))
	for _, service := range []string{"product", "cart"} {
		eventually(t, service+" parks both events", func() bool {
			return f.number(service, `SELECT count(*) FROM parked WHERE subject LIKE '%/'||$1`, attempt) == 2
		})
		if n := f.number(service, `SELECT count(*) FROM parked`); n != 2 {
			t.Errorf("%s parked %d events", service, n)
		}
	}
	t.Logf("the events were parked after %s", time.Since(began).Round(time.Millisecond))
	eventually(t, "the order is done in all services", func() bool { return f.cartState(p) == "COMPLETED" && f.pieces(shade) == before-1 })
	t.Logf("status says:\n%s", f.events("status"))

	mended := `{"completionId": "gid://souk/CheckoutCompletion/` + attempt + `", "checkoutId": "gid://souk/Checkout/` + attempt + `", "cartId": "gid://souk/Cart/` + attempt + `", "cartVersion": 1, "currencyCode": "USD", "pricedAt": "2026-01-01T00:00:00Z", "lines": []}`
	for _, service := range []string{"product", "cart"} {
		f.change(service, `UPDATE parked SET event = jsonb_set(event, '{data}', $2::jsonb) WHERE subject LIKE '%/'||$1 AND event->>'type' = 'completion.requested.v1'`, attempt, mended)
	}
	t.Logf("retry says:\n%s", f.events("retry"))
	f.balanced()
	for service, want := range map[string]string{"product": "stock.reserved.v1", "cart": "cart.rejected.v1"} {
		if told := f.texts(service, `SELECT event->>'type' FROM outbox WHERE subject LIKE '%/'||$1 ORDER BY version`, attempt); len(told) == 0 || told[0] != want {
			t.Errorf("%s answered the mended event with %v, want %s", service, told, want)
		}
	}
}

// events runs `souk events` for all services.
func (f *fleet) events(args ...string) string {
	f.t.Helper()
	var env []string
	for _, service := range services {
		env = append(env, f.env[service]...)
	}
	text, code := once(f.t, env, append([]string{"events", "--state-dir", f.state}, args...)...)
	if code != 0 {
		f.t.Fatalf("souk events %v ended with %d:\n%s", args, code, text)
	}
	return text
}

// change writes to a service's database.
func (f *fleet) change(service, statement string, args ...any) {
	f.t.Helper()
	if _, err := f.database[service].ExecContext(f.t.Context(), statement, args...); err != nil {
		f.t.Fatalf("%s: %s: %v", service, statement, err)
	}
}

// readState reads a file of the state folder.
func (f *fleet) readState(name string) []byte {
	f.t.Helper()
	b, err := os.ReadFile(filepath.Join(f.state, name))
	if err != nil {
		f.t.Fatal(err)
	}
	return b
}
