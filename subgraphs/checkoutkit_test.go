package subgraphs_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soukhq/souk/internal/database/databasetest"
	"github.com/soukhq/souk/internal/fakepay"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/subgraph"
)

// checkoutService is a checkout service with a cart service that is not real.
type checkoutService struct {
	*service
	carts *baskets
	later *atomic.Int64 // how far its clock is ahead of noon
}

// startCheckout starts a checkout and a gateway, whose requests are passed through what is given.
func startCheckout(t *testing.T, around ...func(http.Handler) http.Handler) *checkoutService {
	t.Helper()
	handler := fakepay.New(databasetest.New(t, fakepay.Migrations)).Handler()
	for _, wrap := range around {
		handler = wrap(handler)
	}
	gateway := httptest.NewServer(handler)
	t.Cleanup(gateway.Close)
	s := &checkoutService{later: new(atomic.Int64)}
	s.service = start(t, "checkout", func(e *subgraph.Env) {
		e.FakepayURL, e.TestMode = gateway.URL, true
		e.Now = func() time.Time { return noon.Add(time.Duration(s.later.Load())) }
	})
	s.carts = &baskets{keys: s.env.CartKeys, facts: map[string]map[string]any{}}
	s.env.Calls.AddHandler("cart", s.carts.handler(s.env.Signer))
	return s
}

const checkoutFields = `fragment all on Checkout { id version state currencyCode email phone cart { id }
  shippingAddress { city countryCode formatted } billingAddress { city }
  lines { id title quantity unitPrice { amount } total { amount } image { url } selectedOptions { value } attributes { value } variant { id } }
  deliveryGroups { id lineIds deliveryOptions { handle estimatedCost { amount } } selectedDeliveryOption { handle } }
  cost { subtotal { amount } shipping { amount } total { amount currencyCode } totalTax { amount } taxLines { rate amount { amount } } pricesIncludeTax }
  paymentMethods { gateway title } paymentSession { id gateway } problems { code lineId } priceLockedUntil }`

type euros struct{ Amount, CurrencyCode string }

type checkoutData struct {
	ID, State, CurrencyCode string
	Version                 int
	Email, Phone            *string
	Cart                    struct{ ID string }
	ShippingAddress         *struct {
		City, CountryCode string
		Formatted         []string
	}
	BillingAddress *struct{ City string }
	Lines          []struct {
		ID, Title        string
		Quantity         int
		UnitPrice, Total euros
		Image            struct{ URL string }
		SelectedOptions  []struct{ Value string }
		Attributes       []struct{ Value string }
		Variant          struct{ ID string }
	}
	DeliveryGroups []struct {
		ID                     string
		LineIDs                []string
		DeliveryOptions        []struct{ Handle string }
		SelectedDeliveryOption *struct{ Handle string }
	}
	Cost struct {
		Subtotal, Total    euros
		Shipping, TotalTax *euros
		TaxLines           []struct {
			Rate   string
			Amount euros
		}
		PricesIncludeTax bool
	}
	PaymentMethods   []struct{ Gateway, Title string }
	PaymentSession   *struct{ ID, Gateway string }
	Problems         []struct{ Code string }
	PriceLockedUntil time.Time
}

// codes are those of the problems.
func (c *checkoutData) codes() string {
	var list []string
	for _, p := range c.Problems {
		list = append(list, p.Code)
	}
	return strings.Join(list, " ")
}

type checkoutPayload struct {
	Checkout       *checkoutData
	PaymentSession *struct{ ID, Gateway string }
	UserErrors     []problem
	Warnings       []problem
}

// do runs a mutation with its arguments as they are declared and given. It returns the number of SQL statements too.
func (s *checkoutService) do(t *testing.T, who identity.Identity, mutation, declared string, given map[string]any) (checkoutPayload, int) {
	t.Helper()
	var passed []string
	for _, name := range slices.Sorted(maps.Keys(given)) {
		passed = append(passed, name+": $"+name)
	}
	query := fmt.Sprintf("mutation (%s) { payload: %s(%s) { checkout { ...all } userErrors { code field message } warnings { code } } } %s", declared, mutation, strings.Join(passed, ", "), checkoutFields)
	var data struct{ Payload checkoutPayload }
	n := s.ask(t, who, query, given, &data)
	return data.Payload, n
}

func (s *checkoutService) create(t *testing.T, who identity.Identity, cart string) checkoutPayload {
	t.Helper()
	p, _ := s.do(t, who, "checkoutCreate", "$cartId: ID!", map[string]any{"cartId": cart})
	return p
}

func (s *checkoutService) update(t *testing.T, who identity.Identity, id string, input map[string]any) (checkoutPayload, int) {
	t.Helper()
	return s.do(t, who, "checkoutUpdate", "$checkoutId: ID!, $input: CheckoutUpdateInput!", map[string]any{"checkoutId": id, "input": input})
}

func (s *checkoutService) deliver(t *testing.T, who identity.Identity, c *checkoutData, handle string) (checkoutPayload, int) {
	t.Helper()
	return s.do(t, who, "checkoutDeliveryOptionSelect", "$checkoutId: ID!, $selections: [DeliveryOptionSelectionInput!]!", map[string]any{
		"checkoutId": c.ID, "selections": []any{map[string]any{"groupId": c.DeliveryGroups[0].ID, "optionHandle": handle}},
	})
}

func (s *checkoutService) pay(t *testing.T, who identity.Identity, id, gateway string, data any) (checkoutPayload, int) {
	t.Helper()
	return s.do(t, who, "checkoutPaymentSessionCreate", "$checkoutId: ID!, $gateway: String!, $data: JSON", map[string]any{"checkoutId": id, "gateway": gateway, "data": data})
}

func (s *checkoutService) read(t *testing.T, who identity.Identity, id string) *checkoutData {
	t.Helper()
	var data struct{ Checkout *checkoutData }
	s.ask(t, who, "query ($id: ID!) { checkout(id: $id) { ...all } } "+checkoutFields, map[string]any{"id": id}, &data)
	return data.Checkout
}

var berlin = map[string]any{"firstName": "Ada", "lastName": "Marker", "address1": "Secret Way 1", "city": "Berlin", "zip": "10115", "countryCode": "DE"}

// ready makes a checkout that can be completed.
func (s *checkoutService) ready(t *testing.T, who identity.Identity, lines int) *checkoutData {
	t.Helper()
	var owner *string
	if who.Customer != "" {
		owner = &who.Customer
	}
	cart, _ := s.carts.fill(owner, lines)
	c := s.create(t, who, cart).Checkout
	s.update(t, who, c.ID, map[string]any{"shippingAddress": berlin})
	s.deliver(t, who, c, "standard")
	got, _ := s.pay(t, who, c.ID, "fakepay", map[string]any{"token": "ok"})
	if len(got.UserErrors) > 0 || got.Checkout.codes() != "" {
		t.Fatalf("the checkout is not ready: %+v, %v", got.UserErrors, got.Checkout.codes())
	}
	return got.Checkout
}
