package product

import (
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/gid"
)

// Collection is a group of products shown together, in an order of its own.
type Collection struct {
	Key             uuid.UUID
	Handle          string // the readable name used in addresses, unique
	Title           string
	Text            string // the description as plain text
	DescriptionHTML string // the description with safe markup
	Seo             SEO
	Image           *Image // that of its first product that is for sale and has one
	UpdatedAt       time.Time
	Version         int64
}

// ID returns the id that the graph shows.
func (c *Collection) ID() string { return gid.Format("Collection", c.Key) }

// Description returns the description as plain text, cut to at most so many characters, an ellipsis included.
func (c *Collection) Description(truncateAt *int) string { return truncate(c.Text, truncateAt) }
