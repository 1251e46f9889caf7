package main

import "net/url"

// What templates ask of the things that the graph tells.

// Reduced tells whether a variant cost more before.
func (p product) Reduced() bool {
	return p.CompareAtPriceRange != nil && p.CompareAtPriceRange.MaxVariantPrice.Amount != ""
}

// ManyPrices tells whether variants differ in their prices.
func (p product) ManyPrices() bool {
	return p.PriceRange.MinVariantPrice != p.PriceRange.MaxVariantPrice
}

// Colours is how many colours there are to choose from; 0 where there is no choice.
func (p product) Colours() int {
	if len(p.Options) == 0 || len(p.Options[0].Values) < 2 || len(p.Images.Nodes) < 2 {
		return 0
	}
	return len(p.Options[0].Values)
}

// fewPieces are so few that the page says how many.
const fewPieces = 5

// Stock is how much is left of the chosen variant: gone, later, few or enough.
func (m productPage) Stock() string {
	switch v := m.Variant; {
	case !v.AvailableForSale:
		return "gone"
	case v.CurrentlyNotInStock:
		return "later"
	case v.QuantityAvailable != nil && *v.QuantityAvailable > 0 && *v.QuantityAvailable <= fewPieces:
		return "few"
	default:
		return "enough"
	}
}

// Left is how many pieces are left.
func (m productPage) Left() int {
	if m.Variant.QuantityAvailable == nil {
		return 0
	}
	return *m.Variant.QuantityAvailable
}

// Picture is that of the variant, else that of the product.
func (m productPage) Picture() *image {
	if m.Variant.Image != nil {
		return m.Variant.Image
	}
	return m.Product.FeaturedImage
}

// OptionQuery names the chosen variant as addresses do.
func (m productPage) OptionQuery() string { return optionQuery(m.Variant.SelectedOptions) }

// Address is the page of the variant in the line.
func (l cartLine) Address() string {
	return "/products/" + l.Snapshot.Handle + "?" + optionQuery(l.Snapshot.SelectedOptions)
}

func optionQuery(options []selectedOption) string {
	values := url.Values{}
	for _, o := range options {
		values.Set(o.Name, o.Value)
	}
	return values.Encode()
}

// field is a field of a form.
type field struct {
	Name, Label, Type, Complete, Width string
	Required                           bool
	Shortest                           int // characters; 0 where any number will do
}

// Fields are those of the contact and the address, without the country.
func (checkoutPage) Fields() []field {
	return []field{
		{Name: "email", Label: "E-mail", Type: "email", Complete: "email", Width: "full", Required: true},
		{Name: "firstName", Label: "First name", Type: "text", Complete: "given-name", Width: "half"},
		{Name: "lastName", Label: "Last name", Type: "text", Complete: "family-name", Width: "half", Required: true},
		{Name: "address1", Label: "Street and number", Type: "text", Complete: "address-line1", Width: "full", Required: true},
		{Name: "address2", Label: "Flat or floor (optional)", Type: "text", Complete: "address-line2", Width: "full"},
		{Name: "zip", Label: "Postal code", Type: "text", Complete: "postal-code", Width: "third", Required: true},
		{Name: "city", Label: "Town", Type: "text", Complete: "address-level2", Width: "twothirds", Required: true},
		{Name: "phone", Label: "Phone (optional)", Type: "tel", Complete: "tel", Width: "half"},
	}
}

// SignInFields are those of the form to sign in.
func (credentials) SignInFields() []field {
	return []field{
		{Name: "email", Label: "E-mail", Type: "email", Complete: "username", Width: "full", Required: true},
		{Name: "password", Label: "Password", Type: "password", Complete: "current-password", Width: "full", Required: true},
	}
}

// RegisterFields are those of the form to open an account.
func (credentials) RegisterFields() []field {
	return []field{
		{Name: "firstName", Label: "First name", Type: "text", Complete: "given-name", Width: "half"},
		{Name: "lastName", Label: "Last name", Type: "text", Complete: "family-name", Width: "half"},
		{Name: "email", Label: "E-mail", Type: "email", Complete: "email", Width: "full", Required: true},
		{Name: "password", Label: "Password (at least 10 characters)", Type: "password", Complete: "new-password", Width: "full", Required: true, Shortest: 10},
	}
}
