package e2e

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// TestNobodyBelievesAClient claims to be somebody in the headers that the router uses: to the router, which must not pass
// them on, and to services, which must not believe them without a signature.
func TestNobodyBelievesAClient(t *testing.T) {
	t.Parallel()
	for mode, begin := range map[string]func(*testing.T) *shop{
		"one process":    func(t *testing.T) *shop { return startOne(t) },
		"five processes": func(t *testing.T) *shop { return startFive(t, "product", "cart", "customer", "router") },
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s := begin(t)
			token := s.signUp("ada@example.com", "Ada")
			a := s.must(token, `{ customer { id } }`, nil)
			id := get[string](t, a.Data, "customer", "id")
			a = s.must(token, createCart, map[string]any{"i": map[string]any{"buyerIdentity": map[string]any{"email": "ada@example.com"}}})
			cart := get[string](t, a.Data, "cartCreate", "cart", "id")

			quoted, err := json.Marshal(cart)
			if err != nil {
				t.Fatal(err)
			}
			readCart := `{ cart(id: ` + strings.ReplaceAll(string(quoted), `\u0026`, "&") + `) { buyerIdentity { email } } }`
			if a := s.must(token, readCart, nil); get[string](t, a.Data, "cart", "buyerIdentity", "email") != "ada@example.com" {
				t.Fatal("Ada does not see her own address: the test would prove nothing")
			}
			places := map[string]string{`{ customer { email } }`: s.graph, readCart: s.graph}
			if mode == "five processes" {
				places[`{ _entities(representations: [{__typename: "Customer", id: "`+id+`"}]) { ... on Customer { email } } }`] = s.subgraphs["customer"]
				places[strings.Replace(readCart, "{ cart", "{ x: cart", 1)] = s.subgraphs["cart"]
			}
			for query, address := range places {
				if text := claim(t, address, id, query); !strings.Contains(text, `"data"`) || strings.Contains(text, "ada@example.com") {
					t.Errorf("%s at %s answered %s", query, address, text)
				}
			}
		})
	}
}

// claim asks in the name of a customer without a token, and returns the answer.
func claim(t *testing.T, address, customer, query string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Router-Claims", base64.RawURLEncoding.EncodeToString([]byte(`{"customer":"`+customer+`"}`)))
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close() //nolint:errcheck // Nothing is lost when a body that was read cannot be closed.
	var text json.RawMessage
	if err := json.NewDecoder(w.Body).Decode(&text); err != nil {
		t.Fatalf("%s answered %s: %v", address, w.Status, err)
	}
	return string(text)
}
