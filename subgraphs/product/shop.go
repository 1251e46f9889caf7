package product

import (
	"net/url"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/gid"
)

// Shop is the shop as it presents itself.
type Shop struct {
	Name        string
	Description *string // nil when not said
	Storefront  string  // its address
}

// shopKey is that of the one shop of an installation.
var shopKey = uuid.MustParse("00000000-0000-7000-8000-000000000001")

// ID returns the id that the graph shows.
func (*Shop) ID() string { return gid.Format("Shop", shopKey) }

// PrimaryDomain returns where the storefront is.
func (s *Shop) PrimaryDomain() *Domain {
	d := &Domain{URL: s.Storefront}
	if u, err := url.Parse(s.Storefront); err == nil {
		d.Host = u.Host
	}
	return d
}

// Domain is a web address.
type Domain struct {
	URL, Host string
}
