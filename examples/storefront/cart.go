package main

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// cartResult is what a mutation of a cart answers.
type cartResult struct {
	Cart                 *struct{ ID string }
	UserErrors, Warnings []userError
}

// has tells whether one of the errors is of one of the kinds.
func has(errors []userError, codes ...string) bool {
	return slices.ContainsFunc(errors, func(e userError) bool { return slices.Contains(codes, e.Code) })
}

// basket is the matter of the page of the cart.
type basket struct {
	Cart    *cart
	Problem string
	Blocked bool // a line cannot be ordered as it is
}

// showCart shows what is in the cart.
func showCart(v *visit) error {
	problem := ""
	if v.r.FormValue("few") != "" {
		problem = v.t("There are fewer pieces left than you asked for. We put in what there is.")
	}
	return v.cart(http.StatusOK, problem)
}

// cart shows the cart, with what was wrong with the last wish.
func (v *visit) cart(status int, problem string) error {
	var data struct {
		layout
		Basket *cart
	}
	if err := v.ask("cart", nil, &data); err != nil {
		return err
	}
	if v.cookies[cookieCart] != "" && (data.Basket == nil || data.Basket.State == "COMPLETED") {
		v.forget(cookieCart) // It is gone, or somebody ordered it elsewhere.
		data.Basket, data.layout.Cart = nil, nil
	}
	matter := basket{Cart: data.Basket, Problem: problem}
	if data.Basket != nil {
		matter.Blocked = slices.ContainsFunc(data.Basket.Lines.Nodes, func(l cartLine) bool { return l.State != "OK" })
	}
	return v.show(status, "cart", &data.layout, v.t("Your cart"), matter)
}

// addToCart puts a variant into the cart, into a new one where there is none.
func addToCart(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	quantity, err := strconv.Atoi(v.r.PostForm.Get("quantity"))
	if err != nil || quantity < 1 {
		quantity = 1
	}
	lines := []map[string]any{{"merchandiseId": v.r.PostForm.Get("merchandise"), "quantity": quantity}}
	var data struct{ Result *cartResult }
	if v.cookies[cookieCart] != "" {
		if err := v.ask("cart-add", map[string]any{"cart": v.cookies[cookieCart], "lines": lines}, &data); err != nil {
			return err
		}
	}
	if r := data.Result; r == nil || has(r.UserErrors, "CART_NOT_FOUND", "CART_COMPLETED") {
		if err := v.ask("cart-create", map[string]any{"input": map[string]any{"lines": lines, "buyerIdentity": v.buyer()}}, &data); err != nil {
			return err
		}
	}
	if r := data.Result; r == nil || r.Cart == nil || len(r.UserErrors) > 0 {
		problem := v.t("This could not be put into the cart. Please try again.")
		if r != nil && len(r.UserErrors) > 0 {
			problem = v.t(r.UserErrors[0].Message)
		}
		options, err := url.ParseQuery(v.r.PostForm.Get("options"))
		if err != nil {
			options = url.Values{}
		}
		return v.product(v.r.PostForm.Get("product"), options, problem)
	}
	v.remember(cookieCart, data.Result.Cart.ID, cookieAge)
	if len(data.Result.Warnings) > 0 {
		v.to("/cart?few=1")
		return nil
	}
	v.to("/cart")
	return nil
}

// buyer is who buys, as far as it is known.
func (v *visit) buyer() map[string]any {
	buyer := map[string]any{"countryCode": v.country}
	if token := v.cookies[cookieAccess]; token != "" {
		buyer["customerAccessToken"] = token
	}
	return buyer
}

// changeCart changes how many pieces of a line are in the cart, or takes the line out.
func changeCart(v *visit) error {
	quantity, err := strconv.Atoi(v.r.FormValue("quantity"))
	if err != nil || quantity < 0 || v.cookies[cookieCart] == "" {
		v.to("/cart")
		return nil
	}
	var data struct{ Result *cartResult }
	lines := []map[string]any{{"id": v.r.FormValue("line"), "quantity": quantity}}
	if err := v.ask("cart-update", map[string]any{"cart": v.cookies[cookieCart], "lines": lines}, &data); err != nil {
		return err
	}
	switch r := data.Result; {
	case r != nil && len(r.UserErrors) > 0:
		return v.cart(http.StatusUnprocessableEntity, v.t(r.UserErrors[0].Message))
	case r != nil && len(r.Warnings) > 0:
		v.to("/cart?few=1")
	default:
		v.to("/cart")
	}
	return nil
}
