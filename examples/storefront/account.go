package main

import (
	"net/http"
	"slices"
	"strings"
)

// credentials is the matter of the forms to sign in and to register.
type credentials struct {
	Form, Errors map[string]string
	Problem      string
}

// showOrder shows an order: to guests with its key, to customers their own.
func showOrder(v *visit) error {
	form := v.r.URL.Query()
	variables := map[string]any{"id": form.Get("id")}
	if key := form.Get("key"); key != "" {
		variables["key"] = key
	}
	var data struct {
		layout
		Order *order
	}
	if err := v.ask("order", variables, &data); err != nil {
		return err
	}
	if data.Order == nil {
		return errNotFound
	}
	matter := struct {
		Order  *order
		Thanks bool
	}{data.Order, form.Get("thanks") != ""}
	return v.show(http.StatusOK, "order", &data.layout, v.t("Order %s", data.Order.Name), matter)
}

// showAccount shows a customer's orders.
func showAccount(v *visit) error {
	if v.cookies[cookieAccess] == "" {
		v.to("/account/sign-in")
		return nil
	}
	var data struct {
		layout
		Customer *customer
	}
	if err := v.ask("account", nil, &data); err != nil {
		return err
	}
	if data.Customer == nil {
		return errSession
	}
	return v.show(http.StatusOK, "account", &data.layout, v.t("Your account"), data.Customer)
}

func showSignIn(v *visit) error {
	return v.credentials(http.StatusOK, "sign-in", v.t("Sign in"), credentials{})
}

func showRegister(v *visit) error {
	return v.credentials(http.StatusOK, "register", v.t("Create an account"), credentials{})
}

// credentials shows a form to sign in or to register.
func (v *visit) credentials(status int, name, title string, matter credentials) error {
	var data struct{ layout }
	if err := v.ask("layout", nil, &data); err != nil {
		return err
	}
	return v.show(status, name, &data.layout, title, matter)
}

// signIn opens the account of a customer; the cart becomes the customer's.
func signIn(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	problem, err := v.enter(v.r.PostForm.Get("email"), v.r.PostForm.Get("password"))
	if err != nil {
		return err
	}
	if problem != "" {
		form := map[string]string{"email": v.r.PostForm.Get("email")}
		return v.credentials(http.StatusUnprocessableEntity, "sign-in", v.t("Sign in"), credentials{Form: form, Problem: problem})
	}
	v.to("/account")
	return nil
}

// enter signs a customer in, or says why not.
func (v *visit) enter(email, password string) (problem string, err error) {
	var data struct {
		Result *struct {
			CustomerAccessToken *tokens
			UserErrors          []userError
		}
	}
	input := map[string]any{"email": strings.TrimSpace(email), "password": password}
	if err := v.ask("sign-in", map[string]any{"input": input}, &data); err != nil {
		return "", err
	}
	switch r := data.Result; {
	case r != nil && len(r.UserErrors) > 0:
		return v.t(r.UserErrors[0].Message), nil
	case r == nil || r.CustomerAccessToken == nil:
		return v.t("Signing in did not work. Please try again."), nil
	}
	v.signedIn(*data.Result.CustomerAccessToken)
	if v.cookies[cookieCart] == "" {
		return "", nil
	}
	var cart struct{ Result *cartResult }
	return "", v.ask("cart-buyer", map[string]any{"cart": v.cookies[cookieCart], "buyer": v.buyer()}, &cart)
}

// register opens an account and signs its customer in.
func register(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	input, matter := map[string]any{}, credentials{Form: map[string]string{}, Errors: map[string]string{}}
	for _, name := range []string{"firstName", "lastName", "email", "password"} {
		value := v.r.PostForm.Get(name)
		if name != "password" {
			value = strings.TrimSpace(value)
			matter.Form[name] = value
		}
		if value != "" || name == "email" || name == "password" {
			input[name] = value
		}
	}
	var data struct {
		Result *struct{ UserErrors []userError }
	}
	if err := v.ask("register", map[string]any{"input": input}, &data); err != nil {
		return err
	}
	if r := data.Result; r == nil || len(r.UserErrors) > 0 {
		matter.Problem = v.t("The account could not be opened. Please look at what is marked.")
		if r != nil {
			matter.mark(v, r.UserErrors)
		}
		return v.credentials(http.StatusUnprocessableEntity, "register", v.t("Create an account"), matter)
	}
	problem, err := v.enter(v.r.PostForm.Get("email"), v.r.PostForm.Get("password"))
	if err != nil {
		return err
	}
	if problem != "" {
		v.to("/account/sign-in")
		return nil
	}
	v.to("/account")
	return nil
}

// mark puts errors beside their fields.
func (c *credentials) mark(v *visit, errors []userError) {
	for _, e := range errors {
		field := ""
		if len(e.Field) > 0 {
			field = e.Field[len(e.Field)-1]
		}
		if slices.Contains([]string{"firstName", "lastName", "email", "password"}, field) {
			c.Errors[field] = v.t(e.Message)
		} else {
			c.Problem = v.t(e.Message)
		}
	}
}

// signOut ends the session. The cart stays with the account.
func signOut(v *visit) error {
	if token := v.cookies[cookieRefresh]; token != "" {
		var data struct{}
		if err := v.ask("sign-out", map[string]any{"token": token}, &data); err != nil {
			v.log.Warn("session not ended in the graph", "error", err) // It ends by itself.
		}
	}
	v.forget(cookieAccess, cookieRefresh, cookieCart, cookieCheckout)
	v.to("/")
	return nil
}
