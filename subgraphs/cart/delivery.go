package cart

import "math"

// Parcel is lines of a cart that can travel together.
type Parcel struct {
	LineIDs          []string
	Weight           int // of all pieces in grams, as far as GraphQL's integers reach
	RequiresShipping bool
}

// Parcels groups the lines for delivery: so far all travel together. An empty cart has none.
func (c *Cart) Parcels() []Parcel {
	if len(c.Lines) == 0 {
		return nil
	}
	var p Parcel
	grams := 0.0
	for _, l := range c.Lines {
		p.LineIDs = append(p.LineIDs, l.ID())
		grams += float64(l.Snapshot.Weight) * float64(l.Quantity)
		p.RequiresShipping = p.RequiresShipping || l.Snapshot.RequiresShipping
	}
	p.Weight = int(min(grams, math.MaxInt32))
	return []Parcel{p}
}
