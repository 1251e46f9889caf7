package main

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// checkoutResult is what a mutation of a checkout answers.
type checkoutResult struct {
	Checkout   *checkout
	Completion *completion
	UserErrors []userError
}

// checkoutPage is the matter of the page on which an order is made.
type checkoutPage struct {
	Checkout  *checkout
	Step      string            // the open one: contact, delivery or payment
	Reached   map[string]bool   // steps that can be changed again
	Form      map[string]string // the values of the open form
	Errors    map[string]string // what is wrong with them
	Problem   string            // what is wrong with all of it
	Key       string            // makes a form that is sent twice one order
	Countries []string
	Scenarios []scenario
}

// scenario is an outcome that the payment gateway for demonstrations plays.
type scenario struct{ Token, Title, Text string }

var scenarios = []scenario{
	{"ok", "Pay successfully", "The payment is authorised at once."},
	{"decline", "Be declined", "See how the shop tells it, then try again."},
	{"timeout_then_ok", "Pay, but slowly", "The answer gets lost; the shop finds out and goes on."},
}

// buying is the id of the cart that is being ordered.
func (v *visit) buying() string {
	if id := v.cookies[cookieCheckout]; id != "" {
		return id
	}
	return v.cookies[cookieCart]
}

// showCheckout shows the one page of the checkout. The address of a cart, as the graph tells it, leads here.
func showCheckout(v *visit) error {
	if id := v.r.FormValue("cart"); id != "" { // A secret that shall not stay in the address.
		if id == v.cookies[cookieCart] {
			v.forget(cookieCheckout)
		} else {
			v.remember(cookieCheckout, id, time.Hour)
		}
		v.to("/checkout")
		return nil
	}
	return v.checkout(http.StatusOK, checkoutPage{})
}

// checkout begins or refreshes the checkout of the cart and shows it.
func (v *visit) checkout(status int, matter checkoutPage) error {
	id := v.buying()
	if id == "" {
		v.to("/cart")
		return nil
	}
	var data struct{ Result *checkoutResult }
	if err := v.ask("checkout", map[string]any{"cart": id}, &data); err != nil {
		return err
	}
	r := data.Result
	switch {
	case r != nil && has(r.UserErrors, "CART_LOCKED"):
		return v.wait() // It is being ordered, or was a moment ago and is not free again yet.
	case r == nil || r.Checkout == nil:
		v.forget(cookieCheckout)
		v.to("/cart")
		return nil
	}
	matter.complete(r.Checkout, v.r.FormValue("edit"), v.country)
	if f := r.Checkout.Completion; f != nil && f.Status == "FAILED" && f.Failure != nil && matter.Problem == "" {
		matter.Problem = v.failure(f.Failure.Code, f.Failure.Message)
	}
	return v.show(status, "checkout", nil, v.t("Checkout"), matter)
}

// complete fills in what the page shows of a checkout.
func (m *checkoutPage) complete(c *checkout, edit, country string) {
	m.Checkout, m.Key, m.Countries, m.Scenarios = c, rand.Text(), countryCodes(), scenarios
	problem := func(codes ...string) bool {
		return slices.ContainsFunc(c.Problems, func(p struct{ Code, Message, LineID string }) bool { return slices.Contains(codes, p.Code) })
	}
	contact := c.Email != "" && !problem("EMAIL_INVALID", "ADDRESS_INVALID", "TAX_RATE_MISSING")
	delivery := contact && !problem("DELIVERY_OPTION_REQUIRED", "DELIVERY_OPTION_UNAVAILABLE")
	m.Reached = map[string]bool{"contact": contact, "delivery": delivery}
	switch {
	case m.Step != "": // The form that was sent is shown again.
	case !contact || edit == "contact":
		m.Step = "contact"
	case !delivery || edit == "delivery":
		m.Step = "delivery"
	default:
		m.Step = "payment"
	}
	if m.Form == nil {
		m.Form = map[string]string{"email": c.Email, "phone": c.Phone, "countryCode": country}
		if a := c.ShippingAddress; a != nil {
			m.Form["firstName"], m.Form["lastName"], m.Form["address1"], m.Form["address2"] = a.FirstName, a.LastName, a.Address1, a.Address2
			m.Form["zip"], m.Form["city"], m.Form["provinceCode"] = a.Zip, a.City, a.ProvinceCode
			if a.CountryCode != "" {
				m.Form["countryCode"] = a.CountryCode
			}
		}
	}
	for _, p := range c.Problems {
		if m.Problem == "" && !slices.Contains([]string{"EMAIL_INVALID", "ADDRESS_INVALID", "DELIVERY_OPTION_REQUIRED"}, p.Code) {
			m.Problem = p.Message
		}
	}
}

// required are the fields of an address that every parcel needs.
var required = []string{"email", "lastName", "address1", "zip", "city", "countryCode"}

// writeContact keeps who buys and where it goes.
func writeContact(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	matter := checkoutPage{Step: "contact", Form: map[string]string{}, Errors: map[string]string{}}
	address := map[string]any{}
	for _, name := range []string{"email", "phone", "firstName", "lastName", "address1", "address2", "zip", "city", "provinceCode", "countryCode"} {
		value := strings.TrimSpace(v.r.PostForm.Get(name))
		matter.Form[name] = value
		if slices.Contains(required, name) && value == "" {
			matter.Errors[name] = v.t("Please fill this in.")
		}
		if name != "email" && name != "phone" && value != "" {
			address[name] = value
		}
	}
	if len(matter.Errors) > 0 {
		return v.checkout(http.StatusUnprocessableEntity, matter)
	}
	input := map[string]any{"email": matter.Form["email"], "phone": matter.Form["phone"], "shippingAddress": address}
	r, err := v.change("checkout-contact", map[string]any{"input": input})
	if err != nil {
		return err
	}
	if len(r.UserErrors) == 0 {
		v.to("/checkout#delivery")
		return nil
	}
	for _, e := range r.UserErrors {
		if len(e.Field) > 0 && slices.Contains([]string{"input", "email", "phone"}, e.Field[0]) {
			matter.Errors[e.Field[len(e.Field)-1]] = v.t(e.Message)
		} else {
			matter.Problem = v.t(e.Message)
		}
	}
	return v.checkout(http.StatusUnprocessableEntity, matter)
}

// chooseDelivery keeps how the groups of lines are delivered.
func chooseDelivery(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	selections := []map[string]any{}
	for _, group := range v.r.PostForm["group"] {
		if option := v.r.PostForm.Get("option " + group); option != "" {
			selections = append(selections, map[string]any{"groupId": group, "optionHandle": option})
		}
	}
	r, err := v.change("checkout-delivery", map[string]any{"selections": selections})
	if err != nil {
		return err
	}
	if len(r.UserErrors) > 0 {
		return v.checkout(http.StatusUnprocessableEntity, checkoutPage{Step: "delivery", Problem: v.t(r.UserErrors[0].Message)})
	}
	v.to("/checkout#payment")
	return nil
}

// change carries out a mutation of the checkout that the form names.
func (v *visit) change(operation string, variables map[string]any) (checkoutResult, error) {
	variables["checkout"] = v.r.PostForm.Get("checkout")
	var data struct{ Result *checkoutResult }
	if err := v.ask(operation, variables, &data); err != nil || data.Result == nil {
		return checkoutResult{}, err
	}
	return *data.Result, nil
}

// placeOrder pays and orders what the form shows, at the total that it shows.
func placeOrder(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	form := v.r.PostForm
	key := form.Get("key")
	variables := map[string]any{
		"checkout": form.Get("checkout"), "token": map[string]any{"token": form.Get("scenario")}, "paymentKey": "payment-" + key, "orderKey": "order-" + key,
		"total": map[string]any{"amount": form.Get("amount"), "currencyCode": form.Get("currency")},
	}
	var data struct{ Payment, Result *checkoutResult }
	if err := v.ask("checkout-place", variables, &data); err != nil {
		return err
	}
	if r := data.Result; r != nil && r.Completion != nil {
		return v.settle(r.Completion)
	}
	problem := v.t("The order could not be placed. Please try again.")
	for _, r := range []*checkoutResult{data.Payment, data.Result} {
		if r != nil && len(r.UserErrors) > 0 {
			problem = v.failure(r.UserErrors[0].Code, r.UserErrors[0].Message)
			break
		}
	}
	return v.checkout(http.StatusUnprocessableEntity, checkoutPage{Problem: problem})
}

// settle goes on from how placing the order stands.
func (v *visit) settle(c *completion) error {
	switch {
	case c.Status == "COMPLETED" && c.Order != nil:
		v.forget(cookieCart, cookieCheckout)
		v.to(query("/order", url.Values{"id": {c.Order.ID}, "key": {c.OrderAccessToken}, "thanks": {"1"}}))
	case c.Status == "PROCESSING":
		v.to("/checkout/wait")
	default:
		v.to("/checkout")
	}
	return nil
}

// waitForOrder asks how placing the order stands, again and again until that has ended.
func waitForOrder(v *visit) error {
	if v.buying() == "" {
		v.to("/cart")
		return nil
	}
	var data struct{ Completion *completion }
	if err := v.ask("completion", map[string]any{"cart": v.buying()}, &data); err != nil {
		return err
	}
	if data.Completion == nil {
		v.to("/cart")
		return nil
	}
	if data.Completion.Status != "PROCESSING" {
		return v.settle(data.Completion)
	}
	return v.wait()
}

// wait shows a page that looks again by itself how the order stands.
func (v *visit) wait() error {
	v.w.Header().Set("Refresh", "1; url=/checkout/wait")
	return v.show(http.StatusOK, "wait", nil, v.t("Your order is being placed"), nil)
}

// failure says what went wrong so that a buyer knows what to do.
func (v *visit) failure(code, message string) string {
	switch code {
	case "PAYMENT_DECLINED":
		return v.t("Your payment was declined, and nothing was charged. Please choose another way to pay.")
	case "TOTAL_CHANGED":
		return v.t("The total has changed meanwhile. Please look at it again before you order.")
	case "OUT_OF_STOCK":
		return v.t("Somebody was faster: there are not enough pieces left. Please change your cart. Nothing was charged.")
	case "CART_CHANGED", "CHECKOUT_EXPIRED":
		return v.t("Your cart has changed meanwhile. Please look at it again before you order.")
	case "COMPLETION_TIMED_OUT":
		return v.t("This took too long, and nothing was charged. Please try again.")
	default:
		return v.t(message)
	}
}
