package identity_test

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soukhq/souk/internal/identity"
)

// Rule A-1: an administrator's program has a token with scopes, which is no customer's token.
func TestAdministratorsTokens(t *testing.T) {
	t.Parallel()
	issuer, err := identity.NewIssuer(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32))))
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := identity.NewVerifier(issuer.Public())
	if err != nil {
		t.Fatal(err)
	}
	token, err := issuer.IssueAdmin("erp", []string{identity.ProductsWrite, identity.InventoryWrite}, time.Hour, noon)
	if err != nil {
		t.Fatal(err)
	}
	id, err := verifier.Identify(token, noon.Add(59*time.Minute))
	if err != nil || id.Client != "erp" || id.Customer != "" || !slices.Equal(id.Scopes, identity.Scopes) || !id.May(identity.ProductsWrite) || id.May("orders:write") {
		t.Errorf("Identify = %+v, %v", id, err)
	}
	if customer, err := verifier.Verify(token, noon); err == nil {
		t.Errorf("it is the token of the customer %q", customer)
	}
	if _, err := verifier.Identify(token, noon.Add(61*time.Minute)); !errors.Is(err, identity.ErrToken) {
		t.Errorf("too late: %v", err)
	}
	customers, _, err := issuer.Issue("gid://souk/Customer/1", noon)
	if err != nil {
		t.Fatal(err)
	}
	if id, err := verifier.Identify(customers, noon); err != nil || id.Customer != "gid://souk/Customer/1" || id.Scopes != nil {
		t.Errorf("a customer's token: %+v, %v", id, err)
	}
	for name, wrong := range map[string]func() (string, error){
		"a scope that is not there": func() (string, error) {
			return issuer.IssueAdmin("erp", []string{"everything"}, time.Hour, noon)
		},
		"no scope":    func() (string, error) { return issuer.IssueAdmin("erp", nil, time.Hour, noon) },
		"no name":     func() (string, error) { return issuer.IssueAdmin("", identity.Scopes, time.Hour, noon) },
		"for ever":    func() (string, error) { return issuer.IssueAdmin("erp", identity.Scopes, 1000*time.Hour, noon) },
		"for no time": func() (string, error) { return issuer.IssueAdmin("erp", identity.Scopes, 0, noon) },
	} {
		if token, err := wrong(); err == nil || token != "" {
			t.Errorf("%s: %q, %v", name, token, err)
		}
	}
}
