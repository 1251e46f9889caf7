package cartkey_test

import (
	"strings"
	"testing"

	"github.com/soukhq/souk/internal/cartkey"
	"github.com/soukhq/souk/internal/gid"
)

func ring(t *testing.T, s string) *cartkey.Ring {
	t.Helper()
	r, err := cartkey.ParseRing(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestParseVerifiesTheKey(t *testing.T) {
	t.Parallel()
	r := ring(t, "1:0123456789abcdef")
	id := gid.New()
	full := r.Format(id)
	if got, ok := r.Parse(full); !ok || got != id {
		t.Fatalf("Parse(%q) = %v, %v, want %v", full, got, ok, id)
	}
	_, signature, _ := strings.Cut(full, "?key=1.")
	for name, bad := range map[string]string{
		"no key":             gid.Format("Cart", id),
		"an empty key":       gid.Format("Cart", id) + "?key=",
		"an unknown number":  gid.Format("Cart", id) + "?key=2." + signature,
		"a key cut short":    full[:len(full)-1],
		"another cart's key": gid.Format("Cart", gid.New()) + "?key=1." + signature,
		"another type":       strings.Replace(full, "Cart", "Book", 1),
	} {
		if _, ok := r.Parse(bad); ok {
			t.Errorf("%s: Parse(%q) is ok, want not", name, bad)
		}
	}
	if _, ok := ring(t, "1:another secret here").Parse(full); ok {
		t.Error("an id signed with another secret is ok, want not")
	}
}

func TestRotationKeepsOldIdsValid(t *testing.T) {
	t.Parallel()
	old := ring(t, "1:0123456789abcdef")
	both := ring(t, "1:0123456789abcdef, 2:fedcba9876543210")
	id := gid.New()
	if _, ok := both.Parse(old.Format(id)); !ok {
		t.Error("an id signed before the rotation is refused")
	}
	if !strings.Contains(both.Format(id), "?key=2.") {
		t.Errorf("Format = %q, want it signed with key 2", both.Format(id))
	}
}

func TestParseRingRefuses(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "0123456789abcdef", "0:0123456789abcdef", "1:short", "1:0123456789abcdef,1:fedcba9876543210"} {
		if _, err := cartkey.ParseRing(bad); err == nil {
			t.Errorf("ParseRing(%q) gave no error", bad)
		}
	}
}

func TestIdsOfOtherTypesHaveOtherKeys(t *testing.T) { // Rule A-3.
	t.Parallel()
	r := ring(t, "1:0123456789abcdef")
	id := gid.New()
	full := r.FormatAs("Checkout", id)
	if got, ok := r.ParseAs("Checkout", full); !ok || got != id {
		t.Errorf("ParseAs(%q) = %v, %v", full, got, ok)
	}
	for _, bad := range []string{strings.Replace(r.Format(id), "Cart", "Checkout", 1), r.FormatAs("CheckoutCompletion", id), gid.Format("Checkout", id)} {
		if _, ok := r.ParseAs("Checkout", bad); ok {
			t.Errorf("ParseAs(Checkout, %q) is ok, want not", bad)
		}
	}
	if r.FormatAs("Cart", id) != r.Format(id) {
		t.Error("FormatAs and Format write different ids of a cart")
	}
}

func TestSecretsCanBeMadeAgain(t *testing.T) { // Rule A-5.
	t.Parallel()
	id := gid.New()
	before, after := ring(t, "1:0123456789abcdef").Secrets("order", id), ring(t, "1:0123456789abcdef,2:fedcba9876543210").Secrets("order", id)
	if len(before) != 1 || len(after) != 2 || after[1] != before[0] || after[0] == before[0] {
		t.Errorf("before the rotation %v, after it %v", before, after)
	}
	if len(before[0]) != 43 { // 256 bits in base64.
		t.Errorf("a secret has %d characters, want 43", len(before[0]))
	}
	r := ring(t, "1:0123456789abcdef")
	if r.Secrets("order", gid.New())[0] == before[0] || r.Secrets("other", id)[0] == before[0] {
		t.Error("two objects or purposes have one secret")
	}
}
