package e2e

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/lib/pq"
)

// TestRestore gives product's database back as it was some orders ago: product reads again what it missed of the orders, those
// who follow it notice that its log is another one, and cart's copy of the offers is made again, by itself and by command.
func TestRestore(t *testing.T) {
	t.Parallel()
	f := startFleet(t)
	f.load(stocked(t, 2, 50))
	shades := f.shades(2)
	f.ordered("", shades[0], 1, "ok", "an order that the copy knows")
	f.quiet()
	f.copyDatabase("product", "souk_product_older")
	for i := range 3 {
		f.ordered("", shades[0], 10, "ok", fmt.Sprintf("order %d that the copy does not know", i))
	}
	f.balanced()
	f.quiet()
	epoch, offered := f.epoch("product"), f.offered(shades[0])
	if offered != 19 {
		t.Fatalf("before the restore cart offers %d pieces, want 19", offered)
	}

	f.processes["product"].kill()
	f.replaceDatabase("product", "souk_product_older")
	f.relaunch("product")
	restored := time.Now()
	eventually(t, "cart reads the log of a new epoch", func() bool { now := f.epoch("product"); return now != epoch && f.epochRead("cart", "product") == now })
	t.Logf("a new epoch was read %s after the restore", time.Since(restored).Round(time.Millisecond))
	eventually(t, "cart offers what the orders left", func() bool { return f.offered(shades[0]) == offered && f.pieces(shades[0]) == offered })
	f.balanced()
	f.ordered("", shades[1], 1, "ok", "an order after the restore")
	f.balanced()
	f.quiet()

	epoch = f.epoch("product")
	f.change("cart", `UPDATE offers SET available = 7`)
	t.Logf("souk events new-epoch says: %s", f.events("new-epoch", "product"))
	eventually(t, "cart's offers are made again", func() bool { return f.offered(shades[0]) == offered && f.offered(shades[1]) == 49 })
	if f.epoch("product") == epoch {
		t.Error("the log goes on in the old epoch after new-epoch")
	}
	f.ordered("", shades[1], 1, "ok", "an order in the new epoch")
	f.balanced()
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
