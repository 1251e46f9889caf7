package cart_test

import (
	"strings"
	"testing"

	"github.com/soukhq/souk/subgraphs/cart"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*cart.Cart) error
		want   string
	}{
		"a note":                       {func(c *cart.Cart) error { return c.SetNote(strings.Repeat("é", cart.MaxNote)) }, ""},
		"a long note":                  {func(c *cart.Cart) error { return c.SetNote(strings.Repeat("é", cart.MaxNote+1)) }, "NOTE_TOO_LONG note"},
		"a note that cannot be stored": {func(c *cart.Cart) error { return c.SetNote("a\x00b") }, "INVALID note"},
		"a pair twice":                 {func(c *cart.Cart) error { return c.SetAttributes(pairs([]string{"a", "", "a", ""})) }, "INVALID attributes.1.key"},
		"a long key":                   {func(c *cart.Cart) error { return c.SetAttributes(pairs([]string{strings.Repeat("k", 256), ""})) }, "TOO_LONG attributes.0.key"},
		"a long value":                 {func(c *cart.Cart) error { return c.SetAttributes(pairs([]string{"k", strings.Repeat("v", 5001)})) }, "TOO_LONG attributes.0.value"},
		"too many pairs":               {func(c *cart.Cart) error { return c.SetAttributes(make([]cart.Attribute, 251)) }, "MAXIMUM_EXCEEDED attributes"},
		"an e-mail address":            {func(c *cart.Cart) error { return c.SetBuyer(cart.BuyerChange{Email: new("a@b.example")}, "", "") }, ""},
		"no e-mail address":            {func(c *cart.Cart) error { return c.SetBuyer(cart.BuyerChange{Email: new("A <a@b.example>")}, "", "") }, "INVALID buyerIdentity.email"},
		"a long e-mail address": {func(c *cart.Cart) error {
			return c.SetBuyer(cart.BuyerChange{Email: new(strings.Repeat("a", 255))}, "", "")
		}, "TOO_LONG buyerIdentity.email"},
		"a phone number":  {func(c *cart.Cart) error { return c.SetBuyer(cart.BuyerChange{Phone: new("+49 30 1234-5")}, "", "") }, ""},
		"no phone number": {func(c *cart.Cart) error { return c.SetBuyer(cart.BuyerChange{Phone: new("call me")}, "", "") }, "INVALID buyerIdentity.phone"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(faults(t, c.change(cart.Open("EUR", "", noon))), "; "); got != c.want {
				t.Errorf("fault = %q, want %q", got, c.want)
			}
		})
	}
}

func TestOwner(t *testing.T) { // Rule C-6.
	t.Parallel()
	change := cart.BuyerChange{Email: new("b@example.com")}
	for name, c := range map[string]struct {
		owner, caller, proved string
		refused               bool
		after                 string
	}{
		"a guest's cart is anybody's":           {"", "", "", false, ""},
		"a signed-in caller does not take it":   {"", "ann", "", false, ""},
		"a token takes it":                      {"", "", "ann", false, "ann"},
		"the owner changes it":                  {"ann", "ann", "", false, "ann"},
		"the owner's token changes it":          {"ann", "", "ann", false, "ann"},
		"nobody does not":                       {"ann", "", "", true, "ann"},
		"another customer does not":             {"ann", "bob", "", true, "ann"},
		"another customer's token does not":     {"ann", "ann", "bob", true, "ann"},
		"the owner's token in another's hand":   {"ann", "bob", "ann", false, "ann"},
		"another's token in the hand of nobody": {"ann", "", "bob", true, "ann"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := cart.Open("EUR", c.owner, noon)
			err := got.SetBuyer(change, c.caller, c.proved)
			if refused := err != nil; refused != c.refused || got.Buyer.Customer != c.after {
				t.Errorf("SetBuyer = %v, owner %q, want refused %v, owner %q", err, got.Buyer.Customer, c.refused, c.after)
			}
		})
	}
	c := cart.Open("EUR", "ann", noon)
	if err := c.SetBuyer(cart.BuyerChange{Email: new("a@example.com"), Phone: new("+4930123456"), CountryCode: new("DE")}, "ann", ""); err != nil {
		t.Fatal(err)
	}
	if got := c.SeenBy("ann"); got.Buyer != c.Buyer {
		t.Errorf("the owner sees %+v", got.Buyer)
	}
	for _, other := range []string{"", "bob"} {
		if got := c.SeenBy(other).Buyer; got.Customer != "" || got.Email != nil || got.Phone != nil || *got.Country != "DE" {
			t.Errorf("%q sees %+v", other, got)
		}
	}
}
