package checkout

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/money"
)

// Where a delivery is handed over: the values of the GraphQL enum DeliveryMethodType.
const (
	Shipping = "SHIPPING"
	None     = "NONE"
)

// Method is a way in which the shop ships, at a flat price in one currency.
type Method struct {
	Handle      string      `json:"handle"`
	Title       string      `json:"title"`
	Description *string     `json:"description"`
	Price       money.Money `json:"price"`
}

// Cart is what checkout knows of a cart by itself. It serves the GraphQL type Cart.
type Cart struct {
	UUID uuid.UUID
	// Methods returns the shop's methods; all carts of a request ask once together.
	Methods func() ([]Method, error)
	// Completions returns the last attempts to place the orders of all carts of a request; nil where it was not prepared.
	Completions func() (map[uuid.UUID]*Completion, error)
}

// DeliveryFacts are what cart tells of itself, for delivery.
type DeliveryFacts struct {
	Currency string
	Parcels  []Parcel
}

// Parcel is lines of a cart that travel together.
type Parcel struct {
	LineIDs          []string
	RequiresShipping bool
}

// Group is a parcel and the ways to deliver it. It serves the GraphQL type CartDeliveryGroup.
type Group struct {
	ID                     string
	LineIds                []string // named as generated code asks for it
	DeliveryOptions        []Option
	SelectedDeliveryOption *Option
}

// Option is a way to deliver a group. It serves the GraphQL type CartDeliveryOption.
type Option struct {
	Handle             string
	Code               *string
	Title              *string
	Description        *string
	EstimatedCost      money.Money
	DeliveryMethodType string
}

// IsEntity marks the entity for generated code.
func (*Cart) IsEntity() {}

// Groups says how a cart can be delivered.
func Groups(cart uuid.UUID, facts DeliveryFacts, methods []Method) []Group {
	groups := make([]Group, len(facts.Parcels))
	for i, p := range facts.Parcels {
		groups[i] = Group{ID: groupID(cart, p.LineIDs), LineIds: p.LineIDs, DeliveryOptions: nothingToShip(facts.Currency)}
		if p.RequiresShipping {
			groups[i].DeliveryOptions = Options(facts.Currency, methods)
		}
	}
	return groups
}

// Options are the methods of a currency; none where the shop does not ship for that currency.
func Options(currency string, methods []Method) []Option {
	options := []Option{}
	for _, m := range methods {
		if m.Price.Currency == currency {
			options = append(options, Option{
				Handle: m.Handle, Code: &m.Handle, Title: &m.Title, Description: m.Description,
				EstimatedCost: m.Price, DeliveryMethodType: Shipping,
			})
		}
	}
	return options
}

func nothingToShip(currency string) []Option {
	handle, title := "none", "No delivery needed"
	return []Option{{
		Handle: handle, Code: &handle, Title: &title, EstimatedCost: money.Money{Currency: currency}, DeliveryMethodType: None,
	}}
}

// groupID is a pure function of a cart and a set of its lines, so that a group has the same id each time it is asked for.
func groupID(cart uuid.UUID, lineIDs []string) string {
	ids := slices.Sorted(slices.Values(lineIDs))
	return gid.Format("CartDeliveryGroup", uuid.NewSHA1(cart, []byte(strings.Join(ids, "\n"))))
}

// Delivery is the way that was chosen to deliver all lines together.
type Delivery struct {
	Handle string      `json:"handle"`
	Title  string      `json:"title"`
	Price  money.Money `json:"price"`
}

// Selection is the choice for a group of lines. It serves the GraphQL input DeliveryOptionSelectionInput.
type Selection struct {
	GroupID      string
	OptionHandle string
}

// DeliveryGroups says how the checkout can be delivered and what was chosen: so far all lines travel together.
func (c *Checkout) DeliveryGroups() []Group {
	p := Parcel{RequiresShipping: c.ships()}
	for _, l := range c.Lines {
		p.LineIDs = append(p.LineIDs, l.ID)
	}
	groups := Groups(c.CartUUID, DeliveryFacts{Currency: c.CurrencyCode, Parcels: []Parcel{p}}, c.Offered)
	for i, o := range groups[0].DeliveryOptions {
		if !p.RequiresShipping || c.Delivery != nil && c.Delivery.Handle == o.Handle {
			groups[0].SelectedDeliveryOption = &groups[0].DeliveryOptions[i]
		}
	}
	return groups
}

// SelectDelivery chooses how the groups are delivered, all or nothing.
func (c *Checkout) SelectDelivery(selections []Selection, shop Shop) error {
	if err := c.changeable(); err != nil {
		return err
	}
	c.offer(shop.Methods)
	var faults fault.List
	group := c.DeliveryGroups()[0]
	for i, s := range selections {
		at := []string{"selections", strconv.Itoa(i)}
		n := slices.IndexFunc(group.DeliveryOptions, func(o Option) bool { return o.Handle == s.OptionHandle })
		switch {
		case s.GroupID != group.ID:
			faults.Addf("NOT_FOUND", append(at, "groupId"), "The checkout has no such group.")
		case n < 0:
			faults.Addf("DELIVERY_OPTION_UNAVAILABLE", append(at, "optionHandle"), "This way of delivery is not offered.")
		case group.DeliveryOptions[n].DeliveryMethodType == Shipping:
			o := group.DeliveryOptions[n]
			c.Delivery = &Delivery{Handle: o.Handle, Title: *o.Title, Price: o.EstimatedCost}
		}
	}
	if len(faults) > 0 {
		return faults
	}
	return c.reckon(shop)
}

// offer takes over how the shop delivers now, and at what price. Where the chosen way is not offered any more, or nothing is
// to be shipped, nothing is chosen.
func (c *Checkout) offer(methods []Method) {
	chosen := c.Delivery
	c.Offered, c.Delivery = nil, nil
	for _, m := range methods {
		if m.Price.Currency != c.CurrencyCode {
			continue
		}
		c.Offered = append(c.Offered, m)
		if chosen != nil && chosen.Handle == m.Handle && c.ships() {
			c.Delivery = &Delivery{Handle: m.Handle, Title: m.Title, Price: m.Price}
		}
	}
}
