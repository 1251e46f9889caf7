package cart

import (
	"net/mail"
	"strings"
	"unicode/utf8"

	"github.com/soukhq/souk/internal/fault"
)

const maxEmail = 254 // characters, RFC 5321

// Buyer is who buys. All but the country is personal.
type Buyer struct {
	Customer string // the id of the customer who owns the cart; empty for a guest
	Country  *string
	Email    *string
	Phone    *string
}

// BuyerChange is what a caller says of the buyer. Nil stays as it is, empty text takes the value away.
type BuyerChange struct {
	CountryCode         *string
	CustomerAccessToken *string
	Email               *string
	Phone               *string
}

// WithoutToken returns the change without its secret.
func (b BuyerChange) WithoutToken() BuyerChange {
	b.CustomerAccessToken = nil
	return b
}

// Content is the first content of a cart.
type Content struct {
	Attributes    []Attribute
	BuyerIdentity *BuyerChange
	Lines         []Addition
	Note          *string
}

// SeenBy returns the cart as a caller may see it: personal fields of an owned cart are its owner's (rule C-6). The caller
// is the id of a signed-in customer or empty.
func (c *Cart) SeenBy(caller string) *Cart {
	if c.Buyer.Customer == "" || c.Buyer.Customer == caller {
		return c
	}
	seen := *c
	seen.Buyer = Buyer{Country: c.Buyer.Country}
	return &seen
}

// SetBuyer says who buys. The caller is the signed-in customer, proved the one to whom the token in the change belongs;
// each may be empty. Who owns the cart by now is the only one who may change it; the proved customer becomes the owner.
func (c *Cart) SetBuyer(change BuyerChange, caller, proved string) error {
	if owner := c.Buyer.Customer; owner != "" && (proved != "" && proved != owner || proved == "" && caller != owner) {
		return fault.New("MISSING_CUSTOMER_ACCESS_TOKEN", "The cart belongs to a customer, who has to sign in to change this.",
			"buyerIdentity", "customerAccessToken")
	}
	if err := change.check().Err(); err != nil {
		return err
	}
	if proved != "" {
		c.Buyer.Customer = proved
	}
	assign(&c.Buyer.Country, change.CountryCode)
	assign(&c.Buyer.Email, change.Email)
	assign(&c.Buyer.Phone, change.Phone)
	return nil
}

// Fill puts the first content into a new cart and reports everything that stands against it. The owner is there already.
func (c *Cart) Fill(content Content, offers Offers) ([]Warning, error) {
	var buyer BuyerChange
	if content.BuyerIdentity != nil {
		buyer = *content.BuyerIdentity
	}
	note := ""
	if content.Note != nil {
		note = *content.Note
	}
	warnings, err := c.Add(content.Lines, offers)
	var faults fault.List
	for _, err := range []error{err, c.SetBuyer(buyer, c.Buyer.Customer, ""), c.SetNote(note), c.SetAttributes(content.Attributes)} {
		wrong, other := fault.Split(err)
		if other != nil {
			return nil, other
		}
		faults = append(faults, wrong...)
	}
	c.priced(offers, c.CreatedAt)
	return warnings, faults.Err()
}

// TokenInvalid is the fault of a customer's access token that is false or too old.
func TokenInvalid() *fault.Error {
	return fault.New("TOKEN_INVALID", "The customer has to sign in again.", "buyerIdentity", "customerAccessToken")
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

func (b BuyerChange) check() fault.List {
	var faults fault.List
	if e := b.Email; e != nil && *e != "" {
		at := []string{"buyerIdentity", "email"}
		address, err := mail.ParseAddress(*e)
		switch {
		case utf8.RuneCountInString(*e) > maxEmail:
			faults.Addf("TOO_LONG", at, "The e-mail address is too long.")
		case err != nil || address.Address != *e || !storable(*e):
			faults.Addf("INVALID", at, "This is not an e-mail address.")
		}
	}
	if p := b.Phone; p != nil && *p != "" {
		const digits = "0123456789"
		if strings.Trim(*p, digits+"+ ()./-") != "" || !strings.ContainsAny(*p, digits) || len(*p) < 5 || len(*p) > 32 {
			faults.Addf("INVALID", []string{"buyerIdentity", "phone"}, "This is not a phone number.")
		}
	}
	return faults
}
