package e2e

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/lib/pq"
)

// TestRestore gives the database of one service after another back as it was some orders ago. Those who follow it notice that
// its log is another one, and orders go on.
func TestRestore(t *testing.T) {
	t.Parallel()
	f := startFleet(t)
	f.load(stocked(t, 2, 200))
	shades := f.shades(2)
	f.ordered("", shades[0], 1, "ok", "an order that all copies know")
	t.Run("product", func(t *testing.T) { f.with(t).storyOfProductRestored(shades[0]) })
	t.Run("what cart keeps is made again by command", func(t *testing.T) { f.with(t).storyOfRebuilds(shades[0]) })
	for service, follower := range map[string]string{"cart": "checkout", "checkout": "product"} {
		t.Run(service, func(t *testing.T) {
			f := f.with(t)
			f.restore(service, follower, func() { f.ordered("", shades[1], 1, "ok", "an order that the copy does not know") })
			for range 3 {
				f.ordered("", shades[1], 1, "ok", "an order after the restore")
			}
			f.quiet()
			if b := f.balance(); b.Parked != 0 || b.Live != 0 || b.Held != 0 || b.Locked != 0 || b.Pending != 0 {
				t.Errorf("after the restore the books say %+v", b)
			}
		})
	}
}

// storyOfProductRestored restores product: it reads again what it missed of the orders, so that the books agree, and cart's
// copy of the offers is made again.
func (f *fleet) storyOfProductRestored(shade string) {
	f.t.Helper()
	left := f.pieces(shade) - 30
	f.restore("product", "cart", func() {
		for i := range 3 {
			f.ordered("", shade, 10, "ok", fmt.Sprintf("order %d that the copy does not know", i))
		}
		f.balanced()
	})
	eventually(f.t, "cart offers what the orders left", func() bool { return f.offered(shade) == left && f.pieces(shade) == left })
	f.balanced()
	f.ordered("", shade, 1, "ok", "an order after the restore")
	f.balanced()
}

// storyOfRebuilds spoils what cart keeps, which two commands make right again.
func (f *fleet) storyOfRebuilds(shade string) {
	f.t.Helper()
	f.quiet()
	epoch, left := f.epoch("product"), f.pieces(shade)
	for _, command := range [][]string{{"rebuild", "cart"}, {"new-epoch", "product"}} {
		f.change("cart", `UPDATE offers SET available = 7`)
		f.t.Logf("souk events %v says: %s", command, f.events(command...))
		eventually(f.t, "cart's offers are made again", func() bool { return f.offered(shade) == left })
	}
	if f.epoch("product") == epoch {
		f.t.Error("the log goes on in the old epoch after new-epoch")
	}
	f.ordered("", shade, 1, "ok", "an order in the new epoch")
	f.balanced()
}

// restore copies a service's database, lets something happen, puts the copy in its place and waits until a follower reads the
// log in a new epoch.
func (f *fleet) restore(service, follower string, happens func()) {
	f.t.Helper()
	f.quiet()
	copied, epoch := "souk_"+service+"_older", f.epoch(service)
	f.copyDatabase(service, copied)
	happens()
	f.quiet()
	f.processes[service].kill()
	f.replaceDatabase(service, copied)
	f.relaunch(service)
	restored := time.Now()
	eventually(f.t, follower+" reads the log of a new epoch", func() bool {
		now := f.epoch(service)
		return now != epoch && f.epochRead(follower, service) == now
	})
	f.t.Logf("a new epoch was read %s after the restore", time.Since(restored).Round(time.Millisecond))
}

// epoch is that of a service's log.
func (f *fleet) epoch(service string) string {
	f.t.Helper()
	return f.texts(service, `SELECT epoch::text FROM outbox_head`)[0]
}

// epochRead is the epoch in which a service reads the log of another.
func (f *fleet) epochRead(service, of string) string {
	f.t.Helper()
	return f.texts(service, `SELECT epoch::text FROM cursor WHERE source = $1`, of)[0]
}

// offered is how many pieces of a variant there are in cart's own copy.
func (f *fleet) offered(variant string) int {
	f.t.Helper()
	return f.number("cart", `SELECT available FROM offers WHERE variant_id = $1`, uuidOf(variant))
}

// copyDatabase copies a service's database while the service is stopped.
func (f *fleet) copyDatabase(service, name string) {
	f.t.Helper()
	f.processes[service].kill()
	f.administer(fmt.Sprintf(`CREATE DATABASE %s TEMPLATE souk_%s OWNER souk_%s_owner`, name, service, service))
	f.relaunch(service)
}

// replaceDatabase puts a copy in the place of the database of a service that is stopped.
func (f *fleet) replaceDatabase(service, name string) {
	f.t.Helper()
	f.administer(fmt.Sprintf(`DROP DATABASE souk_%s WITH (FORCE)`, service))
	f.administer(fmt.Sprintf(`ALTER DATABASE %s RENAME TO souk_%s`, name, service))
}

// administer carries out a statement about databases, as soon as nobody uses them any more.
func (f *fleet) administer(statement string) {
	f.t.Helper()
	var server struct{ URL string }
	if err := json.Unmarshal(f.readState("postgres.json"), &server); err != nil {
		f.t.Fatal(err)
	}
	db, err := sql.Open("postgres", server.URL)
	if err != nil {
		f.t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // The connection ends with the test.
	eventually(f.t, statement, func() bool {
		_, err := db.ExecContext(f.t.Context(), statement)
		if used, is := err.(*pq.Error); is && used.Code.Name() == "object_in_use" {
			return false
		}
		if err != nil {
			f.t.Fatalf("%s: %v", statement, err)
		}
		return true
	})
}
