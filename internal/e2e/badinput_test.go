package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBadInput tries what goes wrong most often: each time the answer says what is wrong, and nothing is lost.
func TestBadInput(t *testing.T) {
	t.Parallel()
	s := startOne(t)
	s.load(catalogue(t, 3))
	variants := s.variantIDs(3)
	token := s.signUp("ada@example.com", "Ada")
	created := s.must("", createCart, map[string]any{"i": map[string]any{"lines": lines(variants[:1])}})
	cart := get[string](t, created.Data, "cartCreate", "cart", "id")
	const add = `mutation($c: ID!, $l: [CartLineInput!]!) { cartLinesAdd(cartId: $c, lines: $l) { cart { totalQuantity } userErrors { code field message } } }`

	for name, c := range map[string]struct {
		cart      string
		line      map[string]any
		code      string
		lostACart bool
	}{
		"an unknown variant": {cart, map[string]any{"merchandiseId": "gid://souk/ProductVariant/019a0000-0000-7000-8000-000000000000", "quantity": 1}, "MERCHANDISE_NOT_FOUND", false},
		"no id at all":       {cart, map[string]any{"merchandiseId": "lantern", "quantity": 1}, "MERCHANDISE_NOT_FOUND", false},
		"quantity 0":         {cart, map[string]any{"merchandiseId": variants[1], "quantity": 0}, "INVALID", false},
		"quantity -1":        {cart, map[string]any{"merchandiseId": variants[1], "quantity": -1}, "INVALID", false},
		"a foreign cart key": {cart[:strings.Index(cart, "?key=")] + "?key=1.AAAAAAAAAAAAAAAAAAAAAA", map[string]any{"merchandiseId": variants[1], "quantity": 1}, "CART_NOT_FOUND", true},
		"no cart key":        {cart[:strings.Index(cart, "?key=")], map[string]any{"merchandiseId": variants[1], "quantity": 1}, "CART_NOT_FOUND", true},
	} {
		a := s.must("", add, map[string]any{"c": c.cart, "l": []any{c.line}})
		if code := get[string](t, a.Data, "cartLinesAdd", "userErrors", 0, "code"); code != c.code {
			t.Errorf("%s: code %q, want %q", name, code, c.code)
		}
		if message := get[string](t, a.Data, "cartLinesAdd", "userErrors", 0, "message"); message == "" {
			t.Errorf("%s: no message", name)
		}
		if !c.lostACart {
			if n := get[float64](t, a.Data, "cartLinesAdd", "cart", "totalQuantity"); n != 1 {
				t.Errorf("%s: %v pieces in the cart afterwards, want 1", name, n)
			}
		}
	}
	if a := s.must("", `query($id: ID!) { cart(id: $id) { id } }`, map[string]any{"id": cart[:len(cart)-3] + "AAA"}); a.Data["cart"] != nil {
		t.Error("a cart is shown to somebody with a wrong key")
	}

	a := s.must("", `mutation { customerAccessTokenCreate(input: {email: "ada@example.com", password: "wrong password"}) { customerAccessToken { accessToken } customerUserErrors { code message } } }`, nil)
	if code := get[string](t, a.Data, "customerAccessTokenCreate", "customerUserErrors", 0, "code"); code != "UNIDENTIFIED_CUSTOMER" {
		t.Errorf("wrong password: code %q, want UNIDENTIFIED_CUSTOMER", code)
	}
	if a := s.must("", `{ customer { firstName } }`, nil); a.Data["customer"] != nil {
		t.Error("somebody who did not sign in is a customer")
	}
	if a := s.must(token, `{ customer { firstName } }`, nil); get[string](t, a.Data, "customer", "firstName") != "Ada" {
		t.Error("Ada does not see herself")
	}
	if a := s.ask(token+"x", `{ customer { firstName } }`, nil); len(a.Errors) != 1 || a.Errors[0].Extensions["code"] != "UNAUTHENTICATED" || a.Data != nil {
		t.Errorf("a false token: %+v, want the error UNAUTHENTICATED and no data", a)
	}

	file := filepath.Join(t.TempDir(), "broken.csv")
	text := "Handle,Title,Variant Price,Variant Inventory Qty\nnew-thing,New thing,12.00,1\nother,Other,twelve,1\nthird,Third,1.005,many\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, code := once(t, nil, "import", "--format", "shopify", "--state-dir", s.state, file)
	if code == 0 || !strings.Contains(out, "line 3") || !strings.Contains(out, "line 4") {
		t.Errorf("the import of a broken file ended with %d and says:\n%s\nwant lines 3 and 4 named", code, out)
	}
	if a := s.must("", `{ product(handle: "new-thing") { id } }`, nil); a.Data["product"] != nil {
		t.Error("a broken file was half written")
	}
	for name, query := range map[string]string{
		"GRAPHQL_PARSE_FAILED":      `{ products(`,
		"GRAPHQL_VALIDATION_FAILED": `{ nonsense }`,
		"PAGE_TOO_LARGE":            `{ products(first: 251) { nodes { id } } }`,
		"INVALID_CURSOR":            `{ products(after: "nonsense") { nodes { id } } }`,
	} {
		if a := s.ask("", query, nil); len(a.Errors) == 0 || a.Errors[0].Extensions["code"] != name {
			t.Errorf("%s: %+v, want code %s", query, a.Errors, name)
		}
	}
}

// TestPortInUse starts a second shop on the same address.
func TestPortInUse(t *testing.T) {
	t.Parallel()
	s := startOne(t)
	address := strings.TrimSuffix(strings.TrimPrefix(s.graph, "http://"), "/graphql")
	out, code := once(t, nil, "--state-dir", stateDir(t), "--listen", address)
	if code == 0 || !strings.Contains(out, address) || !strings.Contains(out, "in use") || !strings.Contains(out, "--listen") {
		t.Errorf("ended with %d and says:\n%s", code, out)
	}
	out, code = once(t, nil, "--state-dir", s.state, "--listen", "127.0.0.1:0")
	if code == 0 || !strings.Contains(out, "runs") {
		t.Errorf("a second start of the same shop ended with %d and says:\n%s", code, out)
	}
}

// TestBadSettings starts the program with settings that cannot be.
func TestBadSettings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		env  []string
		args []string
		says string
	}{
		"an unknown service":         {nil, []string{"warehouse"}, `no service or command "warehouse"`},
		"a service named twice":      {nil, []string{"cart", "cart"}, "named twice"},
		"no such currency":           {nil, []string{"--currency", "euro"}, "currency"},
		"a service without settings": {nil, []string{"cart"}, "SOUK_CART_DATABASE_URL"},
		"a router without subgraphs": {[]string{"SOUK_ROUTER_SECRET=0123456789abcdef", "SOUK_TOKEN_PUBLIC_KEY=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}, []string{"router"}, "--subgraph"},
		"a secret to guess":          {[]string{"SOUK_ROUTER_SECRET=guess", "SOUK_TOKEN_PUBLIC_KEY=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}, []string{"router"}, "SOUK_ROUTER_SECRET is shorter than 16 characters"},
		"an unknown flag":            {nil, []string{"--nonsense"}, "unknown flag --nonsense"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := append([]string{"SOUK_LISTEN=127.0.0.1:0", "SOUK_CART_LISTEN=127.0.0.1:0"}, c.env...)
			out, code := once(t, env, append(c.args, "--state-dir", stateDir(t))...)
			if code == 0 || !strings.Contains(out, c.says) {
				t.Errorf("ended with %d and says:\n%s\nwant %q", code, out, c.says)
			}
		})
	}
}
