package idempotency_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/idempotency"
)

func TestReadChecksTheKey(t *testing.T) { // Rule G-4.
	t.Parallel()
	anonymous := idempotency.Scope{Mutation: "cartCreate"}
	guest := idempotency.Scope{Resource: "gid://souk/Cart/1", Mutation: "cartLinesAdd"}
	signedIn := idempotency.Scope{Caller: "gid://souk/Customer/1", Mutation: "cartCreate"}
	for name, c := range map[string]struct {
		key   string
		scope idempotency.Scope
		ok    bool
	}{
		"7 characters":                           {"1234567", guest, false},
		"8 characters":                           {"12345678", guest, true},
		"8 characters that are 16 bytes":         {"éééééééé", guest, true},
		"128 characters":                         {strings.Repeat("a", 128), guest, true},
		"129 characters":                         {strings.Repeat("a", 129), guest, false},
		"empty":                                  {"", guest, false},
		"a customer's need not be random":        {"my order", signedIn, true},
		"a stranger's must be random":            {"my order", anonymous, false},
		"a UUID of version 4":                    {uuid.NewString(), anonymous, true},
		"a UUID that tells the time":             {uuid.Must(uuid.NewV7()).String(), anonymous, false},
		"128 bits of base64":                     {"q83vEjRWeJCrze8SNFZ4kA==", anonymous, true},
		"128 bits of base64url":                  {"q83vEjRWeJCrze8SNFZ4k-", anonymous, true},
		"126 bits of base64":                     {"q83vEjRWeJCrze8SNFZ4k", anonymous, false},
		"padding does not count":                 {"q83vEjRWeJCrze8SNFZ4k===", anonymous, false},
		"128 bits of hexadecimal":                {"abcdef12345678900abcdef123456789", anonymous, true},
		"124 bits of hexadecimal":                {"abcdef12345678900abcdef12345678", anonymous, false},
		"the same character over and over":       {strings.Repeat("a", 40), anonymous, false},
		"a sentence is not what a machine rolls": {"please make me a new cart now", anonymous, false},
	} {
		got, err := idempotency.Read(&c.key, c.scope)
		faults, rest := fault.Split(err)
		if (err == nil) != c.ok || got.Given() != c.ok || rest != nil {
			t.Errorf("%s: Read = given %v, %v, want ok %v", name, got.Given(), err, c.ok)
		}
		if !c.ok && (len(faults) != 1 || faults[0].Code != "INVALID" || faults[0].Field[0] != "idempotencyKey") {
			t.Errorf("%s: faults = %v, want INVALID at idempotencyKey", name, faults)
		}
	}
	if key, err := idempotency.Read(nil, anonymous); key.Given() || err != nil {
		t.Errorf("Read without a key = given %v, %v", key.Given(), err)
	}
	if idempotency.Refuse(nil) != nil || idempotency.Refuse(new("x")) == nil {
		t.Error("Refuse must be a fault for a key, and only for one")
	}
}
