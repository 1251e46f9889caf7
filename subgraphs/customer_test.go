package subgraphs_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/identity"
)

const (
	createCustomer = `mutation ($input: CustomerCreateInput!) { m: customerCreate(input: $input) {
		customer { id email firstName lastName displayName phone acceptsMarketing createdAt updatedAt }
		userErrors { code field message } customerUserErrors { code field message } } }`
	createToken = `mutation ($input: CustomerAccessTokenCreateInput!) { m: customerAccessTokenCreate(input: $input) {
		customerAccessToken { accessToken expiresAt refreshToken } userErrors { code field message } customerUserErrors { code field message } } }`
	marker   = "marker.person@example.com"
	password = "correct horse battery"
)

type person struct {
	ID, Email, DisplayName string
	FirstName              *string
}

type accountPayload struct {
	Customer                       *person
	CustomerAccessToken            *struct{ AccessToken, ExpiresAt, RefreshToken string }
	UserErrors, CustomerUserErrors []problem
}

func (s *service) account(t *testing.T, mutation string, input map[string]any) accountPayload {
	t.Helper()
	var data struct{ M accountPayload }
	s.ask(t, nobody, mutation, map[string]any{"input": input}, &data)
	if diff := cmp.Diff(data.M.UserErrors, data.M.CustomerUserErrors); diff != "" {
		t.Errorf("userErrors and customerUserErrors differ:\n%s", diff)
	}
	return data.M
}

func (s *service) register(t *testing.T, email string) *person {
	t.Helper()
	got := s.account(t, createCustomer, map[string]any{"email": email, "password": password, "firstName": "Mara"})
	if len(got.UserErrors) > 0 {
		t.Fatalf("customerCreate(%s) = %+v", email, got.UserErrors)
	}
	return got.Customer
}

func (s *service) me(t *testing.T, who identity.Identity, token *string) *person {
	t.Helper()
	var data struct{ Customer *person }
	s.ask(t, who, `query ($token: String) { customer(customerAccessToken: $token) { id email firstName displayName } }`,
		map[string]any{"token": token}, &data)
	return data.Customer
}

func TestRegisterAndSignIn(t *testing.T) {
	t.Parallel()
	s := start(t, "customer")
	registered := s.register(t, "Marker.Person@Example.com")
	if registered.Email != marker || registered.DisplayName != "Mara" {
		t.Errorf("customerCreate = %+v", registered)
	}
	signedIn := s.account(t, createToken, map[string]any{"email": " MARKER.person@example.com", "password": password})
	token := signedIn.CustomerAccessToken
	if token == nil || token.ExpiresAt != "2026-11-22T12:15:00Z" {
		t.Fatalf("customerAccessTokenCreate = %+v (rule A-2)", signedIn)
	}
	if id, err := s.env.Tokens.Verify(token.AccessToken, noon); err != nil || id != registered.ID {
		t.Errorf("the token is that of %q, %v, want %q", id, err, registered.ID)
	}
	for name, c := range map[string]struct {
		who   identity.Identity
		token *string
		seen  bool
	}{
		"the token":                 {nobody, &token.AccessToken, true},
		"the signed identity":       {identity.Identity{Customer: registered.ID}, nil, true},
		"nobody":                    {nobody, nil, false},
		"a false token":             {identity.Identity{Customer: registered.ID}, new(token.AccessToken + "x"), false},
		"a customer who is gone":    {identity.Identity{Customer: gid.Format("Customer", gid.New())}, nil, false},
		"an identity that is no id": {identity.Identity{Customer: "x"}, nil, false},
		"a service in its own name": {identity.Identity{Service: "cart"}, nil, false},
		"an empty token":            {identity.Identity{Customer: registered.ID}, new(""), false},
	} {
		if got := s.me(t, c.who, c.token); (got != nil) != c.seen || c.seen && got.Email != marker {
			t.Errorf("%s: customer = %+v, want seen %v", name, got, c.seen)
		}
	}
	for name, input := range map[string]map[string]any{
		"a wrong password":         {"email": marker, "password": "wrong password"},
		"an unknown address":       {"email": "nobody@example.com", "password": password},
		"an impossible address":    {"email": "a\x00b", "password": password},
		"an empty password":        {"email": marker, "password": ""},
		"the password of nobody":   {"email": "", "password": ""},
		"a password with a suffix": {"email": marker, "password": password + " "},
	} {
		got := s.account(t, createToken, input)
		if diff := cmp.Diff([]string{"UNIDENTIFIED_CUSTOMER at input"}, brief(got.UserErrors)); diff != "" || got.CustomerAccessToken != nil {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	again := s.account(t, createCustomer, map[string]any{"email": "MARKER.PERSON@example.com", "password": "another password"})
	if diff := cmp.Diff([]string{"TAKEN at input.email"}, brief(again.UserErrors)); diff != "" || again.Customer != nil {
		t.Errorf("a second registration (-want +got):\n%s", diff)
	}
	if s.account(t, createToken, map[string]any{"email": marker, "password": password}).CustomerAccessToken == nil {
		t.Error("the second registration changed the account (rule A-4)")
	}
	bad := s.account(t, createCustomer, map[string]any{"email": "no", "password": "short", "lastName": " "})
	if diff := cmp.Diff([]string{"EMAIL_INVALID at input.email", "TOO_SHORT at input.password", "BLANK at input.lastName"}, brief(bad.UserErrors)); diff != "" {
		t.Errorf("bad input (-want +got):\n%s", diff)
	}
	for _, secret := range []string{"marker.person", "MARKER", password, "argon2id", token.AccessToken} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log holds %q (rule A-6)", secret)
		}
	}
	if !strings.Contains(s.log.String(), "request answered") {
		t.Error("nothing was logged: the test looks in the wrong place")
	}
}

func TestTwoRegistrationsAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t, "customer")
	var wg sync.WaitGroup
	answers := make(chan accountPayload, 8)
	for range cap(answers) {
		wg.Go(func() {
			answers <- s.account(t, createCustomer, map[string]any{"email": marker, "password": password})
		})
	}
	wg.Wait()
	close(answers)
	made := 0
	for a := range answers {
		if a.Customer != nil {
			made++
		} else if diff := cmp.Diff([]string{"TAKEN at input.email"}, brief(a.UserErrors)); diff != "" {
			t.Errorf("userErrors (-want +got):\n%s", diff)
		}
	}
	if made != 1 {
		t.Errorf("%d accounts with one e-mail address", made)
	}
}

func TestCustomerAsEntity(t *testing.T) { // Rules A-3, F-4.
	t.Parallel()
	s := start(t, "customer")
	ann, bob := s.register(t, "ann@example.com").ID, s.register(t, "bob@example.com").ID
	ask := func(who identity.Identity, ids ...string) ([]*person, int) {
		t.Helper()
		var representations []map[string]string
		for _, id := range ids {
			representations = append(representations, map[string]string{"__typename": "Customer", "id": id})
		}
		var data struct {
			Entities []*person `json:"_entities"`
		}
		n := s.ask(t, who, `query ($c: [_Any!]!) { _entities(representations: $c) { ... on Customer { id email firstName displayName } } }`,
			map[string]any{"c": representations}, &data)
		return data.Entities, n
	}
	got, statements := ask(identity.Identity{Customer: ann}, bob, ann, "x", ann, gid.Format("Customer", gid.New()))
	if statements != 1 || len(got) != 5 || got[0] != nil || got[1] == nil || got[2] != nil || got[3] == nil || got[4] != nil || got[1].Email != "ann@example.com" {
		t.Errorf("%d statements, entities %+v", statements, got)
	}
	for _, who := range []identity.Identity{nobody, {Service: "checkout"}} {
		if got, _ := ask(who, ann, bob); got[0] != nil || got[1] != nil {
			t.Errorf("%+v sees %+v", who, got)
		}
	}
	ids := make([]string, 50)
	for i := range ids {
		ids[i] = ann
	}
	if got, statements := ask(identity.Identity{Customer: ann}, ids...); statements != 1 || got[49] == nil {
		t.Errorf("50 representations took %d statements", statements)
	}
}
