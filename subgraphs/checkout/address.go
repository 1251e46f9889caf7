package checkout

import (
	"net/mail"
	"strings"
	"unicode/utf8"

	"github.com/soukhq/souk/internal/fault"
)

const (
	maxEmail = 254 // characters, RFC 5321
	maxText  = 255 // characters of a line of an address
)

// Contact is who buys and where it goes: all of it is personal.
type Contact struct {
	Email           *string  `json:"email,omitempty"`
	Phone           *string  `json:"phone,omitempty"`
	ShippingAddress *Address `json:"shippingAddress,omitempty"`
	BillingAddress  *Address `json:"billingAddress,omitempty"`
}

// Address is a postal address. It serves the GraphQL types Address and AddressInput.
type Address struct {
	FirstName    *string `json:"firstName,omitempty"`
	LastName     *string `json:"lastName,omitempty"`
	Company      *string `json:"company,omitempty"`
	Address1     *string `json:"address1,omitempty"`
	Address2     *string `json:"address2,omitempty"`
	City         *string `json:"city,omitempty"`
	ProvinceCode *string `json:"provinceCode,omitempty"`
	Zip          *string `json:"zip,omitempty"`
	CountryCode  *string `json:"countryCode,omitempty"`
	Phone        *string `json:"phone,omitempty"`
}

// Change is what a buyer says of himself: nil stays as it is, empty text takes the value away. It serves the GraphQL
// input CheckoutUpdateInput.
type Change struct {
	Email           *string
	Phone           *string
	ShippingAddress *Address
	BillingAddress  *Address
}

// Formatted is the address as lines of text: who, where, town, country.
func (a *Address) Formatted() []string {
	lines := []string{}
	for _, parts := range [][]*string{
		{a.FirstName, a.LastName}, {a.Company}, {a.Address1}, {a.Address2}, {a.Zip, a.City}, {a.ProvinceCode}, {a.CountryCode},
	} {
		var words []string
		for _, p := range parts {
			if text(p) != "" {
				words = append(words, *p)
			}
		}
		if len(words) > 0 {
			lines = append(lines, strings.Join(words, " "))
		}
	}
	return lines
}

// Check returns all that cannot be kept of a change, whatever the checkout is.
func (c Change) Check() error {
	var faults fault.List
	if e := text(c.Email); e != "" {
		address, err := mail.ParseAddress(e)
		switch {
		case utf8.RuneCountInString(e) > maxEmail:
			faults.Addf("TOO_LONG", []string{"input", "email"}, "The e-mail address has more than %d characters.", maxEmail)
		case err != nil || address.Address != e || !storable(e):
			faults.Addf("EMAIL_INVALID", []string{"input", "email"}, "This is not an e-mail address.")
		}
	}
	if !isPhone(c.Phone) {
		faults.Addf("INVALID", []string{"input", "phone"}, "This is not a phone number.")
	}
	faults = append(faults, c.ShippingAddress.check("shippingAddress")...)
	faults = append(faults, c.BillingAddress.check("billingAddress")...)
	return faults.Err()
}

// check returns what cannot be kept of an address; nil has nothing.
func (a *Address) check(name string) fault.List {
	var faults fault.List
	if a == nil {
		return nil
	}
	for _, part := range []struct {
		name  string
		value *string
	}{
		{"firstName", a.FirstName}, {"lastName", a.LastName}, {"company", a.Company}, {"address1", a.Address1},
		{"address2", a.Address2}, {"city", a.City}, {"provinceCode", a.ProvinceCode}, {"zip", a.Zip},
	} {
		at := []string{"input", name, part.name}
		switch v := text(part.value); {
		case utf8.RuneCountInString(v) > maxText:
			faults.Addf("TOO_LONG", at, "The value has more than %d characters.", maxText)
		case !storable(v):
			faults.Addf("INVALID", at, "The value holds a character that cannot be kept.")
		}
	}
	if text(a.CountryCode) == "ZZ" {
		faults.Addf("ADDRESS_INVALID", []string{"input", name, "countryCode"}, "The country is not known.")
	}
	if !isPhone(a.Phone) {
		faults.Addf("INVALID", []string{"input", name, "phone"}, "This is not a phone number.")
	}
	return faults
}

// missing names what a parcel service or an invoice needs and the address lacks.
func (a *Address) missing() []string {
	var names []string
	for _, part := range []struct {
		name  string
		value *string
	}{{"name", a.LastName}, {"street", a.Address1}, {"town", a.City}, {"country", a.CountryCode}} {
		if strings.TrimSpace(text(part.value)) == "" && (part.name != "name" || strings.TrimSpace(text(a.Company)) == "") {
			names = append(names, part.name)
		}
	}
	if strings.TrimSpace(text(a.Zip)) == "" && postcodes[text(a.CountryCode)] {
		names = append(names, "postal code")
	}
	return names
}

// postcodes are the countries whose addresses always have a postal code, of those that the shop taxes by default.
var postcodes = map[string]bool{"AT": true, "CH": true, "DE": true, "FR": true, "GB": true, "US": true}

// masked is what is left of an address for somebody who need not know it.
func (a *Address) masked() *Address {
	if a == nil {
		return nil
	}
	return &Address{CountryCode: a.CountryCode}
}

// masked is what is left of a contact for somebody who need not know where it goes.
func (c Contact) masked() Contact {
	return Contact{Email: c.Email, ShippingAddress: c.ShippingAddress.masked(), BillingAddress: c.BillingAddress.masked()}
}

func (c Change) apply(to *Contact) {
	assign(&to.Email, c.Email)
	assign(&to.Phone, c.Phone)
	if c.ShippingAddress != nil {
		to.ShippingAddress = c.ShippingAddress
	}
	if c.BillingAddress != nil {
		to.BillingAddress = c.BillingAddress
	}
}

// assign writes a value; nil leaves what is there, empty text takes it away.
func assign(dst **string, value *string) {
	switch {
	case value == nil:
	case *value == "":
		*dst = nil
	default:
		*dst = value
	}
}

// isPhone tells whether a text can be a phone number; none and the empty one can.
func isPhone(p *string) bool {
	const digits = "0123456789"
	s := text(p)
	return s == "" || strings.Trim(s, digits+"+ ()./-") == "" && strings.ContainsAny(s, digits) && len(s) >= 5 && len(s) <= 32
}

// storable tells whether Postgres can keep a text.
func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
