package main

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/soukhq/souk/internal/config"
	"github.com/soukhq/souk/internal/launch/launchtest"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
)

func TestMain(m *testing.M) { os.Exit(launchtest.Main(m)) }

// eventDatabases returns the databases of product and of cart, which follows it.
func eventDatabases(t *testing.T) map[string]*outbox.DB {
	t.Helper()
	none := fstest.MapFS{"0001_first.sql": {Data: []byte("-- +goose Up\nCREATE TABLE t (n int);\n")}}
	dbs := map[string]*outbox.DB{"product": outboxtest.New(t, none), "cart": outboxtest.New(t, none)}
	run := func(db *outbox.DB, statement string, args ...any) {
		t.Helper()
		if _, err := db.Exec(t.Context(), statement, args...); err != nil {
			t.Fatal(err)
		}
	}
	run(dbs["product"], `UPDATE outbox_head SET position = 9, sent = 8`)
	head, err := dbs["product"].Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	run(dbs["cart"], `INSERT INTO cursor (source, epoch, position) VALUES ('product', $1, 4)`, head.Epoch)
	run(dbs["cart"], `INSERT INTO parked (source, epoch, position, subject, event, reason) VALUES ('product', $1, 3, 'gid://souk/Product/1',
		'{"id": "019ab8a0-0000-7000-8000-000000000001", "type": "product.updated.v1"}', 'no price')`, head.Epoch)
	return dbs
}

func TestEventsStatus(t *testing.T) {
	t.Parallel()
	dbs := eventDatabases(t)
	show := func(only string) string {
		t.Helper()
		var out strings.Builder
		if err := showEvents(t.Context(), &out, dbs, only); err != nil {
			t.Fatal(err)
		}
		return strings.Join(strings.Fields(out.String()), " ")
	}
	for _, want := range []string{
		" 0 9 8 0 ", "cart product 4 5 1", "parked in cart",
		"019ab8a0-0000-7000-8000-000000000001 product.updated.v1 of product at 3, gid://souk/Product/1 no price",
	} {
		if got := show(""); !strings.Contains(got, want) {
			t.Errorf("status lacks %q:\n%s", want, got)
		}
	}
	if got := show("product"); strings.Contains(got, "cart") {
		t.Errorf("the status of product tells of cart:\n%s", got)
	}
	if err := tend(t.Context(), new(strings.Builder), "new-epoch", "product", dbs["product"]); err != nil {
		t.Fatal(err)
	}
	if got := show("cart"); !strings.Contains(got, "cart product 4 another epoch 1") {
		t.Errorf("status after a new epoch:\n%s", got)
	}
	if err := tend(t.Context(), new(strings.Builder), "rebuild", "cart", dbs["cart"]); err != nil {
		t.Fatal(err)
	}
	if got := show("cart"); !strings.Contains(got, "cart product 4 building 1") {
		t.Errorf("status after a wish to rebuild:\n%s", got)
	}
	delete(dbs, "product")
	if got := show("cart"); !strings.Contains(got, "cart product 4 unknown 1") {
		t.Errorf("status without the database of product:\n%s", got)
	}
}

func TestEventsAreTended(t *testing.T) {
	t.Parallel()
	dbs := eventDatabases(t)
	old, err := dbs["product"].Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ action, service, says string }{
		{"new-epoch", "product", "began behind position 9"},
		{"retry", "cart", "cart: 1 parked events"},
		{"rebuild", "cart", "of 1 services"},
	} {
		var out strings.Builder
		if err := tend(t.Context(), &out, c.action, c.service, dbs[c.service]); err != nil || !strings.Contains(out.String(), c.says) {
			t.Errorf("%s %s: %v, says %q, want %q", c.action, c.service, err, &out, c.says)
		}
	}
	if head, err := dbs["product"].Head(t.Context()); err != nil || head.Epoch == old.Epoch || head.Started != 9 {
		t.Errorf("head %+v, %v; want a new epoch behind 9", head, err)
	}
	var wishes int
	if err := dbs["cart"].Get(t.Context(), &wishes, `SELECT (SELECT count(*) FROM parked WHERE retry) + (SELECT count(*) FROM cursor WHERE rebuild)`); err != nil || wishes != 2 {
		t.Errorf("%d wishes are written down, %v; want 2", wishes, err)
	}
}

func TestEventsWithoutAShop(t *testing.T) {
	for _, name := range config.Services {
		t.Setenv(config.ServiceDatabaseURL(name), "")
	}
	c := &config.Events{Action: "status"}
	c.StateDir = t.TempDir()
	if err := os.Remove(c.StateDir); err != nil {
		t.Fatal(err)
	}
	if err := tendEvents(t.Context(), c, nil); err == nil || !strings.Contains(err.Error(), "there is no shop") {
		t.Errorf("error %v, want that there is no shop", err)
	}
}
