package e2e

import (
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// serversOf returns the processes whose command line or working folder names the state folder of a shop, its servers.
func serversOf(t *testing.T, state string) []int {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	var found []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		line, _ := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline")) // It may be gone by now.
		folder, _ := os.Readlink(filepath.Join("/proc", e.Name(), "cwd"))
		name, _, _ := strings.Cut(filepath.Base(string(line)), "\x00")
		if (name == "postgres" || name == "redis-server") && (strings.Contains(string(line), state) || strings.HasPrefix(folder, state)) {
			found = append(found, pid)
		}
	}
	return found
}

// eventually waits until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not after %s", what, patience)
		}
		select {
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// TestLife stops a shop with Ctrl-C, then kills it: no server stays behind, and the data are there at the next start.
func TestLife(t *testing.T) {
	t.Parallel()
	s := startOne(t)
	s.load(catalogue(t, 2))
	token := s.signUp("ada@example.com", "Ada")
	created := s.must(token, createCart, map[string]any{"i": map[string]any{"lines": lines(s.variantIDs(2))}})
	id := map[string]any{"id": get[string](t, created.Data, "cartCreate", "cart", "id")}
	if n := len(serversOf(t, s.state)); n == 0 {
		t.Fatal("no server of the shop was found: the test would prove nothing")
	}

	if code := s.processes["souk"].stop(); code != 0 {
		t.Errorf("Ctrl-C ended the shop with %d", code)
	}
	if left := serversOf(t, s.state); len(left) > 0 {
		t.Errorf("servers %v are left behind after Ctrl-C", left)
	}
	s.load(catalogue(t, 3)) // Into the shop that was started last in this folder.
	s.startAgain()
	checkEverything(t, s.must(token, everything, id), 2, "Ada")
	s.variantIDs(3)

	s.processes["souk"].kill()
	s.startAgain()
	checkEverything(t, s.must(token, everything, id), 2, "Ada")
	s.processes["souk"].stop()
	eventually(t, "no server is left behind", func() bool { return len(serversOf(t, s.state)) == 0 })
}

// TestPostgresAway stops the database under a running shop and starts it again.
func TestPostgresAway(t *testing.T) {
	t.Parallel()
	s := startFive(t)
	s.load(catalogue(t, 2))
	variants := s.variantIDs(2)
	created := s.must("", createCart, map[string]any{"i": map[string]any{"lines": lines(variants[:1])}})
	cart := get[string](t, created.Data, "cartCreate", "cart", "id")

	s.processes["servers"].stop()
	a := s.ask("", everything, map[string]any{"id": cart})
	if a.Data["cart"] != nil || len(a.Errors) == 0 || a.Errors[0].Extensions["code"] != "SERVICE_UNAVAILABLE" {
		t.Errorf("with PostgreSQL away: %+v, want the error SERVICE_UNAVAILABLE", a)
	}
	out, code := once(t, s.env["cart"], "cart", "--state-dir", s.state, "--cart-listen", "127.0.0.1:0", "--wait", "100ms")
	if code == 0 || !strings.Contains(out, "PostgreSQL") {
		t.Errorf("a service that starts without PostgreSQL ended with %d and says:\n%s", code, out)
	}
}

// TestPostgresComesBack starts a service before its database is there, and takes the database away for a while: the service
// waits, then says that it cannot answer, then goes on with all its data.
func TestPostgresComesBack(t *testing.T) {
	t.Parallel()
	s := startServers(t)
	var service *url.URL
	var env []string
	for _, v := range s.variables("cart") {
		if name, value, _ := strings.Cut(v, "="); strings.HasSuffix(name, "_DATABASE_URL") {
			u, err := url.Parse(value)
			if err != nil {
				t.Fatal(err)
			}
			service = u
		}
	}
	door := newDoor(t, service.Host)
	for _, v := range s.variables("cart") {
		env = append(env, strings.ReplaceAll(v, service.Host, door.address))
	}
	cart := start(t, env, "cart", "--state-dir", s.state, "--cart-listen", "127.0.0.1:0", "--wait", "1m")
	door.refused()
	door.open()
	graph := cart.waitFor(`cart answers at (\S+)`)

	a := ask(t, graph, "", createCart, map[string]any{"i": map[string]any{"note": "kept"}})
	id := map[string]any{"id": get[string](t, a.Data, "cartCreate", "cart", "id")}
	const read = `query($id: ID!) { cart(id: $id) { note } }`
	const write = `mutation($id: ID!) { cartNoteUpdate(cartId: $id, note: "lost") { cart { note } userErrors { code } } }`
	door.close()
	for _, operation := range []string{read, write} {
		if a := ask(t, graph, "", operation, id); len(a.Errors) != 1 || a.Errors[0].Extensions["code"] != "SERVICE_UNAVAILABLE" {
			t.Errorf("with PostgreSQL away: %+v, want the error SERVICE_UNAVAILABLE", a)
		}
	}
	door.open()
	if a := ask(t, graph, "", read, id); len(a.Errors) > 0 || get[string](t, a.Data, "cart", "note") != "kept" {
		t.Errorf("with PostgreSQL back: %+v, want the note that was kept", a)
	}
}

// TestServiceAway stops product: what needs it says so, the rest goes on, and nothing is lost when it is back. Cart needs it
// for variants only that it was not told of (rule B-1).
func TestServiceAway(t *testing.T) {
	t.Parallel()
	s := startFive(t)
	s.load(catalogue(t, 2))
	variants := s.variantIDs(2)
	token := s.signUp("ada@example.com", "Ada")
	created := s.must(token, createCart, map[string]any{"i": map[string]any{"lines": lines(variants[:1])}})
	cart := get[string](t, created.Data, "cartCreate", "cart", "id")

	s.processes["product"].kill()
	const add = `mutation($c: ID!, $l: [CartLineInput!]!) { cartLinesAdd(cartId: $c, lines: $l) { cart { totalQuantity } userErrors { code message } } }`
	a := s.must(token, add, map[string]any{"c": cart, "l": lines([]string{"gid://souk/ProductVariant/019a0000-0000-7000-8000-000000000000"})})
	if code := get[string](t, a.Data, "cartLinesAdd", "userErrors", 0, "code"); code != "SERVICE_UNAVAILABLE" {
		t.Errorf("adding with product away: %q, want SERVICE_UNAVAILABLE", code)
	}
	if n := get[float64](t, a.Data, "cartLinesAdd", "cart", "totalQuantity"); n != 1 {
		t.Errorf("%v pieces in the cart, want 1", n)
	}
	a = s.ask(token, `query($id: ID!) { cart(id: $id) { totalQuantity lines(first: 5) { nodes { snapshot { title } cost { totalAmount { amount } } } } buyerIdentity { customer { firstName } } } products(first: 1) { nodes { id } } }`, map[string]any{"id": cart})
	if len(a.Errors) == 0 || a.Errors[0].Extensions["code"] != "SUBGRAPH_UNAVAILABLE" {
		t.Errorf("errors %+v, want SUBGRAPH_UNAVAILABLE", a.Errors)
	}

	s.startService("product")
	s.processes["product"].waitFor(`answers at`)
	a = s.must(token, add, map[string]any{"c": cart, "l": lines(variants[1:])})
	if n := get[float64](t, a.Data, "cartLinesAdd", "cart", "totalQuantity"); n != 2 {
		t.Errorf("%v pieces in the cart after product is back, want 2: %+v", n, a)
	}
}

// TestRolesAreApart tries the credentials of one service on the database of another.
func TestRolesAreApart(t *testing.T) {
	t.Parallel()
	s := startFive(t, "cart")
	var cart, product string
	for _, v := range s.variables("cart") {
		if url, found := strings.CutPrefix(v, "SOUK_CART_DATABASE_URL="); found {
			cart = url
		}
		if strings.Contains(v, "PRODUCT") && strings.Contains(v, "DATABASE") {
			t.Errorf("cart is told %s", v)
		}
	}
	for _, v := range s.variables("product") {
		if url, found := strings.CutPrefix(v, "SOUK_PRODUCT_DATABASE_URL="); found {
			product = url
		}
	}
	if cart == "" || product == "" {
		t.Fatal("the files of variables name no databases")
	}
	u, err := url.Parse(cart)
	if err != nil || u.Path != "/souk_cart" {
		t.Fatalf("cart's database is at %q (%v)", u.Path, err)
	}
	u.Path = "/souk_product"
	out, code := once(t, append(without(s.env["cart"], "SOUK_CART_DATABASE_URL", "SOUK_CART_OWNER_DATABASE_URL"), "SOUK_CART_DATABASE_URL="+u.String()),
		"cart", "--state-dir", s.state, "--cart-listen", "127.0.0.1:0")
	if code == 0 || !strings.Contains(out, "permission denied") {
		t.Errorf("cart on the database of product ended with %d and says:\n%s", code, out)
	}
}

func without(env []string, names ...string) []string {
	var kept []string
	for _, v := range env {
		name, _, _ := strings.Cut(v, "=")
		drop := false
		for _, n := range names {
			drop = drop || n == name
		}
		if !drop {
			kept = append(kept, v)
		}
	}
	return kept
}
