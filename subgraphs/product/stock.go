package product

// Unlimited is a backorder limit that is never reached.
const Unlimited = 1_000_000_000

// Stock are the figures of a variant, summed over its locations (rule I-1).
type Stock struct {
	OnHand         int64 // pieces there, less than none where more were sold than there were
	Allocated      int64 // of them, sold and not sent yet
	Held           int64 // of them, reserved by running checkouts
	Safety         int64 // of them, never to be sold
	BackorderLimit int64 // pieces that may be sold beyond those there
	Version        int64 // grows with each change of the figures
}

// Available returns how many pieces are left to sell; it may be negative.
func (s Stock) Available() int64 { return s.OnHand - s.Allocated - s.Held - s.Safety }

// Sellable tells whether so many pieces can be sold.
func (s Stock) Sellable(quantity int64) bool { return s.Available()+s.BackorderLimit >= quantity }

func (s Stock) plus(other Stock) Stock {
	return Stock{
		OnHand: s.OnHand + other.OnHand, Allocated: s.Allocated + other.Allocated, Held: s.Held + other.Held, Safety: s.Safety + other.Safety,
		BackorderLimit: s.BackorderLimit + other.BackorderLimit, Version: s.Version + other.Version,
	}
}
