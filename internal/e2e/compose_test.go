package e2e

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestCompose starts all that docker-compose.yml describes, each with its command and its environment, and buys something.
func TestCompose(t *testing.T) {
	t.Parallel()
	c := readComposition(t)
	for name, s := range c.services {
		for _, published := range s.Ports {
			if !strings.HasPrefix(published, "127.0.0.1:") {
				t.Errorf("%s is published as %s, beyond this machine", name, published)
			}
		}
		if s.Image == c.services["router"].Image && !s.ReadOnly {
			t.Errorf("%s may write to its image", name)
		}
	}
	c.build()
	c.place()
	for _, name := range slices.Sorted(maps.Keys(c.services)) {
		c.start(name)
	}
	for name, p := range c.processes {
		if p != nil && name != "databases" {
			c.healthy(name)
		}
	}
	s := &shop{t: t, graph: "http://" + c.addresses["router:4000"] + "/graphql"}
	a := s.must("", `{ shop { name } products(first: 1) { nodes { title featuredImage { url } } } menu(handle: "main-menu") { title } }`, nil)
	fetched := get[string](t, a.Data, "products", "nodes", 0, "featuredImage", "url")
	if page := page(t, c.local("storefront", fetched)); page == "" {
		t.Error("the picture of a product is empty")
	}
	token := s.signUp("ada@example.com", "Ada")
	p := s.ordered(token, s.variantIDs(1)[0], 1, "ok", "the key of an order among containers")
	p.placed(t, "the key of an order among containers")
	if page := page(t, "http://"+c.addresses["storefront:3000"]+"/"); !strings.Contains(page, "Souk") {
		t.Errorf("the storefront shows %.300s", page)
	}
	for name, p := range c.processes {
		if name != "databases" {
			if code := p.stop(); code != 0 {
				t.Errorf("%s ended with %d", name, code)
			}
		}
	}
}

// TestComposeInProduction starts a service with the secrets of the file where that is refused.
func TestComposeInProduction(t *testing.T) {
	t.Parallel()
	c := readComposition(t)
	c.replace = strings.NewReplacer()
	env := append(c.environment("customer"), "SOUK_ENV=production", "SOUK_CUSTOMER_LISTEN=127.0.0.1:0")
	if text, code := once(t, env, "customer"); code == 0 || !strings.Contains(text, "which everybody knows") {
		t.Errorf("ended with %d:\n%s", code, text)
	}
}
