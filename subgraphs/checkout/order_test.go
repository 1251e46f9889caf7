package checkout_test

import (
	"crypto/sha256"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/subgraphs/checkout"
)

func TestAnOrderIsTheCheckoutAsItWas(t *testing.T) { // Rules O-12, E-2.
	t.Parallel()
	c := ready(t, func(f *checkout.Facts) { f.Customer = "gid://souk/Customer/1" })
	completion := gid.New()
	o := checkout.NewOrder(c, completion, 10042, noon, checkout.Placement{Payment: checkout.Payment{Amount: eur(7987)}})
	if o.Name() != "#10042" || o.Number() != "10042" || o.TotalQuantity() != 5 || o.State != checkout.OrderOpen || o.CompletionUUID != completion || o.CartUUID != c.CartUUID {
		t.Errorf("order = %+v", o)
	}
	if o.PaymentStatus() != "AUTHORIZED" || o.FulfillmentStatus() != "UNFULFILLED" || o.ReturnStatus() != "NONE" {
		t.Errorf("statuses %s, %s, %s", o.PaymentStatus(), o.FulfillmentStatus(), o.ReturnStatus())
	}
	if o.BillingAddress != o.ShippingAddress || *o.Email != "a@b.test" || o.Cost.Total.Gross != eur(7987) || o.Cost.Total.Tax != eur(1134) {
		t.Errorf("contact %+v, cost %+v", o.Contact, o.Cost)
	}
	for i, l := range o.Lines {
		if !cmp.Equal(l.Goods, c.Lines[i].Goods) || l.Total != *c.Lines[i].Taxed || l.UUID == uuid.Nil {
			t.Errorf("line %d = %+v, want %+v", i, l, c.Lines[i])
		}
	}
	placed, err := event.Read[event.OrderPlaced](o.Placed())
	must(t, err)
	want := event.OrderPlaced{
		OrderID: o.ID(), Number: "10042", CompletionID: gid.Format("CheckoutCompletion", completion), CheckoutID: c.ID(),
		CartID: gid.Format("Cart", c.CartUUID), CustomerID: new("gid://souk/Customer/1"), CurrencyCode: "EUR",
		Total: event.TaxedAmount{Gross: "79.87", Net: "68.53", Tax: "11.34"},
		Lines: []event.OrderLine{{VariantID: c.Lines[0].VariantID, Quantity: 3, Total: "59.97"}, {VariantID: c.Lines[1].VariantID, Quantity: 2, Total: "15.00"}},
	}
	if diff := cmp.Diff(want, placed); diff != "" {
		t.Errorf("order.placed (-want +got):\n%s", diff)
	}
}

func TestEventsHoldNothingPersonal(t *testing.T) { // Rules A-6, G-1.
	t.Parallel()
	c := ready(t)
	for _, e := range []event.Event{c.Started(), checkout.NewOrder(c, gid.New(), 1, noon, checkout.Placement{TokenHash: []byte("hash")}).Placed()} {
		text, err := json.Marshal(e)
		must(t, err)
		for _, secret := range []string{"a@b.test", "Ada", "Way 1", "?key=", "hash"} {
			if strings.Contains(string(text), secret) {
				t.Errorf("%s tells %q", e.Type, secret)
			}
		}
	}
}

func TestStatusesAreDerived(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		paid           checkout.Paid
		sent, returned int
		want           string
	}{
		"nothing yet":      {want: "PENDING UNFULFILLED NONE"},
		"authorized":       {paid: checkout.Paid{Authorized: 7987}, want: "AUTHORIZED UNFULFILLED NONE"},
		"void":             {paid: checkout.Paid{Authorized: 7987, Voided: 7987}, want: "VOIDED UNFULFILLED NONE"},
		"a part captured":  {paid: checkout.Paid{Authorized: 7987, Captured: 1}, sent: 1, want: "PARTIALLY_CAPTURED PARTIALLY_FULFILLED NONE"},
		"paid and sent":    {paid: checkout.Paid{Authorized: 7987, Captured: 7987}, sent: 5, want: "PAID FULFILLED NONE"},
		"a part came back": {paid: checkout.Paid{Authorized: 7987, Captured: 7987, Refunded: 1}, sent: 5, returned: 1, want: "PARTIALLY_REFUNDED FULFILLED IN_PROGRESS"},
		"all came back":    {paid: checkout.Paid{Authorized: 7987, Captured: 7987, Refunded: 7987}, sent: 5, returned: 5, want: "REFUNDED FULFILLED RETURNED"},
	} {
		o := checkout.NewOrder(ready(t), gid.New(), 1, noon, checkout.Placement{})
		o.Payment = c.paid
		for i := range o.Lines {
			o.Lines[i].Sent, o.Lines[i].Returned = min(c.sent, o.Lines[i].Quantity), min(c.returned, o.Lines[i].Quantity)
			c.sent, c.returned = c.sent-o.Lines[i].Sent, c.returned-o.Lines[i].Returned
		}
		if got := o.PaymentStatus() + " " + o.FulfillmentStatus() + " " + o.ReturnStatus(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestASecretOpensAnOrderForAWhile(t *testing.T) { // Rule A-5.
	t.Parallel()
	const day = 24 * time.Hour
	sum := sha256.Sum256([]byte("secret"))
	o := checkout.NewOrder(ready(t), gid.New(), 1, noon, checkout.Placement{TokenHash: sum[:]})
	for name, c := range map[string]struct {
		secret string
		age    time.Duration
		want   string
	}{
		"at once":        {"secret", 0, "all"},
		"another secret": {"Secret", 0, "nothing"},
		"none":           {"", 0, "nothing"},
		"29 days":        {"secret", 30*day - 1, "all"},
		"30 days":        {"secret", 30 * day, "no address"},
		"89 days":        {"secret", 90*day - 1, "no address"},
		"90 days":        {"secret", 90 * day, "nothing"},
	} {
		got, seen := "nothing", o.OpenedBy(c.secret, noon.Add(c.age))
		switch {
		case seen != nil && seen.ShippingAddress.City != nil:
			got = "all"
		case seen != nil && len(seen.ShippingAddress.Formatted()) == 1 && seen.Phone == nil:
			got = "no address"
		}
		if got != c.want {
			t.Errorf("%s: it shows %s, want %s", name, got, c.want)
		}
	}
	hers := ready(t, func(f *checkout.Facts) { f.Customer = "gid://souk/Customer/1" })
	for name, o := range map[string]*checkout.Order{
		"an order without a secret": checkout.NewOrder(ready(t), gid.New(), 1, noon, checkout.Placement{}), "a customer's order": checkout.NewOrder(hers, gid.New(), 2, noon, checkout.Placement{TokenHash: sum[:]}),
	} {
		if o.OpenedBy("", noon) != nil || o.OpenedBy("secret", noon) != nil {
			t.Errorf("%s is opened by one", name)
		}
	}
}
