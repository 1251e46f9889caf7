package graph_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/subgraphs/product/demo"
	"github.com/soukhq/souk/subgraphs/product/postgres"
)

// erp is an administrator's program that may do all.
var erp = identity.Identity{Client: "erp", Scopes: identity.Scopes}

const errorFields = `userErrors { code field message }`

type wrong struct {
	Code  string
	Field []string
}

// change runs a mutation as an administrator and reads its payload, named m, and returns its errors in short.
func (s *shop) change(t testing.TB, mutation string, variables map[string]any, payload any) string {
	t.Helper()
	a := s.askAs(t, erp, identity.Context{}, mutation, variables)
	if len(a.Errors) > 0 {
		t.Fatalf("%+v", a.Errors)
	}
	var data struct {
		M json.RawMessage
	}
	var common struct{ UserErrors []wrong }
	if err := json.Unmarshal(a.Data, &data); err != nil {
		t.Fatal(err)
	}
	for _, into := range []any{payload, &common} {
		if err := json.Unmarshal(data.M, into); err != nil {
			t.Fatal(err)
		}
	}
	var text []string
	for _, w := range common.UserErrors {
		text = append(text, w.Code+" "+strings.Join(w.Field, "."))
	}
	return strings.Join(text, ", ")
}

const setProduct = `mutation($i: ProductSetInput!, $w: ProductSetIdentifiers, $k: String) { m: productSet(input: $i, identifier: $w, idempotencyKey: $k) {
	productId product { id handle title description tags priceRange { minVariantPrice { amount currencyCode } } variants(first: 9) { nodes { id title sku } } } ` + errorFields + ` } }`

type setPayload struct {
	ProductID string
	Product   *struct {
		ID, Handle, Title, Description string
		Tags                           []string
		PriceRange                     struct {
			MinVariantPrice struct{ Amount, CurrencyCode string }
		}
		Variants struct {
			Nodes []struct{ ID, Title, Sku string }
		}
	}
}

func TestProductSet(t *testing.T) {
	t.Parallel()
	s := open(t)
	size := func(name, price string) map[string]any {
		return map[string]any{
			"optionValues": []any{map[string]any{"optionName": "Size", "name": name}}, "sku": "RUG-" + name,
			"prices": []any{map[string]any{"currencyCode": "EUR", "amount": price}, map[string]any{"currencyCode": "USD", "amount": "99.00"}},
		}
	}
	input := map[string]any{
		"title": "Rug", "descriptionHtml": "<p>Soft</p>", "tags": []any{"wool"}, "published": true,
		"productOptions": []any{map[string]any{"name": "Size", "values": []any{map[string]any{"name": "S"}, map[string]any{"name": "L"}}}},
		"variants":       []any{size("S", "10.00"), size("L", "20.00")},
	}
	which := map[string]any{"handle": "rug"}
	var made, again, changed setPayload
	if got := s.change(t, setProduct, map[string]any{"i": input, "w": which, "k": "key of a rug"}, &made); got != "" || made.Product == nil ||
		made.Product.Handle != "rug" || made.Product.PriceRange.MinVariantPrice.Amount != "10.00" || len(made.Product.Variants.Nodes) != 2 {
		t.Fatalf("made: %s, %+v", got, made)
	}
	if got := s.change(t, setProduct, map[string]any{"i": input, "w": which, "k": "key of a rug"}, &again); got != "" || again.ProductID != made.ProductID {
		t.Errorf("repeated: %s, %+v", got, again)
	}
	if got := s.change(t, setProduct, map[string]any{"i": map[string]any{"title": "Other"}, "w": which, "k": "key of a rug"}, &again); got != "IDEMPOTENCY_KEY_REUSED idempotencyKey" {
		t.Errorf("another request with the key: %s", got)
	}
	s.now = s.now.Add(time.Minute)
	if got := s.change(t, setProduct, map[string]any{"i": map[string]any{"title": "Carpet", "variants": []any{size("L", "25.00")}}, "w": map[string]any{"id": made.ProductID}}, &changed); got != "" ||
		changed.Product.Title != "Carpet" || changed.Product.Description != "Soft" || len(changed.Product.Variants.Nodes) != 1 ||
		changed.Product.Variants.Nodes[0].ID != made.Product.Variants.Nodes[1].ID || changed.Product.PriceRange.MinVariantPrice.Amount != "25.00" {
		t.Errorf("changed: %s, %+v", got, changed)
	}
	versions := ""
	for _, e := range outboxtest.Events(t, s.db) { // Told as any other change.
		if e.Type == event.TypeOf[event.ProductUpdated]() {
			versions += fmt.Sprint(e.AggregateVersion, " ")
		}
	}
	if versions != "1 2 " {
		t.Errorf("told were the versions %s", versions)
	}
	var hidden setPayload
	if got := s.change(t, setProduct, map[string]any{"i": map[string]any{"published": false}, "w": which}, &hidden); got != "" || hidden.ProductID != made.ProductID || hidden.Product != nil {
		t.Errorf("taken off sale: %s, %+v", got, hidden)
	}
	s.change(t, setProduct, map[string]any{"i": map[string]any{"handle": "other", "title": "Other"}}, &hidden)
	for want, variables := range map[string]map[string]any{
		"TAKEN input.handle":                    {"i": map[string]any{"handle": "other"}, "w": which},
		"NOT_FOUND identifier.id":               {"i": map[string]any{}, "w": map[string]any{"id": gid.Format("Product", gid.New())}},
		"REQUIRED input.title":                  {"i": map[string]any{}, "w": map[string]any{"handle": "new"}},
		"INVALID identifier.handle":             {"i": map[string]any{}, "w": map[string]any{"handle": "a b"}},
		"INVALID idempotencyKey":                {"i": map[string]any{}, "w": which, "k": "short"},
		"INVALID input.variants.0.optionValues": {"i": map[string]any{"variants": []any{map[string]any{}}}, "w": which},
	} {
		if got := s.change(t, setProduct, variables, &hidden); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

const setPrices = `mutation($p: [PriceSetInput!]!, $k: String) { m: pricesSet(prices: $p, idempotencyKey: $k) { variants { id price { amount currencyCode } } ` + errorFields + ` } }`

type pricesPayload struct {
	Variants []struct {
		ID    string
		Price struct{ Amount, CurrencyCode string }
	}
}

// anyVariant loads the demonstration catalogue and returns a variant.
func (s *shop) anyVariant(t testing.TB) string {
	t.Helper()
	if _, err := demo.Load(t.Context(), postgres.New(s.db), t.TempDir(), s.now); err != nil {
		t.Fatal(err)
	}
	var data struct {
		Product struct {
			Variants struct{ Nodes []struct{ ID string } }
		}
	}
	if err := json.Unmarshal(s.ask(t, `{ product(handle: "nur-lantern") { variants(first: 1) { nodes { id } } } }`, nil).Data, &data); err != nil {
		t.Fatal(err)
	}
	return data.Product.Variants.Nodes[0].ID
}

// Rule P-4: a price is closed and another follows; the next read has it, and the others are told.
func TestPricesSet(t *testing.T) {
	t.Parallel()
	s := open(t)
	variant := s.anyVariant(t)
	before := len(outboxtest.Events(t, s.db))
	s.now = s.now.Add(time.Minute)
	price := map[string]any{"variantId": variant, "currencyCode": "EUR", "amount": "44.00", "compareAt": "49.00"}
	var payload pricesPayload
	for range 2 { // The second time is a repetition without an effect.
		if got := s.change(t, setPrices, map[string]any{"p": []any{price}, "k": "prices of today"}, &payload); got != "" || len(payload.Variants) != 1 || payload.Variants[0].Price.Amount != "44.00" {
			t.Fatalf("%s, %+v", got, payload)
		}
	}
	const read = `query($id: [_Any!]!) { _entities(representations: $id) { ... on ProductVariant { price { amount } compareAtPrice { amount } } } }`
	for in, want := range map[string]string{
		"DE": `{"_entities":[{"price":{"amount":"44.00"},"compareAtPrice":{"amount":"49.00"}}]}`,
		"US": `{"_entities":[{"price":{"amount":"54.00"},"compareAtPrice":null}]}`, // Other currencies stay.
	} {
		a := s.askAs(t, identity.Identity{}, identity.Context{Country: in}, read, map[string]any{"id": []any{map[string]any{"__typename": "ProductVariant", "id": variant}}})
		if string(a.Data) != want {
			t.Errorf("the next read in %s: %s, want %s", in, a.Data, want)
		}
	}
	events := outboxtest.Events(t, s.db)
	if len(events) != before+1 {
		t.Fatalf("%d events were told, want 1", len(events)-before)
	}
	told, err := event.Read[event.ProductUpdated](events[before])
	if err != nil || told.Version != 2 || len(told.Variants[0].Prices) != 2 {
		t.Fatalf("told: %+v, %v", told, err)
	}
	for _, p := range told.Variants[0].Prices {
		if p.CurrencyCode == "EUR" && (p.Amount != "44.00" || !p.ValidFrom.Equal(s.now)) {
			t.Errorf("told: %+v", p)
		}
	}
	var rows []struct {
		Amount int64
		Open   bool
	}
	if err := s.db.Select(t.Context(), &rows, `SELECT amount, valid_until IS NULL AS open FROM prices WHERE variant_id = $1 AND currency = 'EUR' ORDER BY valid_from`, variant[len(variant)-36:]); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || rows[0].Amount != 4900 || rows[0].Open || rows[1].Amount != 4400 || !rows[1].Open {
		t.Errorf("rows: %+v", rows)
	}
	none := map[string]any{"variantId": variant, "currencyCode": "EUR"}
	if got := s.change(t, setPrices, map[string]any{"p": []any{none}}, &payload); got != "" || len(payload.Variants) != 0 {
		t.Errorf("no price any more: %s, %+v", got, payload)
	}
	other := map[string]any{"variantId": gid.Format("ProductVariant", gid.New()), "currencyCode": "EUR", "amount": "1.00"}
	for want, prices := range map[string][]any{
		"NOT_FOUND prices.1.variantId":    {price, other},
		"NOT_FOUND prices.0.variantId":    {map[string]any{"variantId": "x", "currencyCode": "EUR"}},
		"INVALID prices.1":                {price, price},
		"MONEY_PRECISION prices.0.amount": {map[string]any{"variantId": variant, "currencyCode": "JPY", "amount": "1.5"}},
	} {
		if got := s.change(t, setPrices, map[string]any{"p": prices}, &payload); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if n := len(outboxtest.Events(t, s.db)); n != before+2 { // All or nothing.
		t.Errorf("%d events were told by refused calls", n-before-2)
	}
}
