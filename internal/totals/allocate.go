package totals

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/soukhq/souk/internal/money"
)

// Share is one of those over which an amount is shared out.
type Share struct {
	Weight int64 // in proportion to all weights it gets its part
	Cap    int64 // the most that it takes
}

// Allocate shares an amount out exactly, by largest remainder (rule M-7): each gets the whole units of its proportion, and
// the units that are left go to the largest fractions, of equal ones to the larger weight, of equal ones to the first.
// What exceeds a cap goes on in the same order. An amount that is more than all caps is cut to them. The errors are
// ErrInput, where a number is negative, and money.ErrRange.
func Allocate(amount int64, shares []Share) ([]int64, error) {
	var weights, caps uint64
	for _, s := range shares {
		if s.Weight < 0 || s.Cap < 0 {
			return nil, ErrInput
		}
		if weights, caps = weights+uint64(s.Weight), caps+uint64(s.Cap); weights|caps > 1<<63-1 {
			return nil, money.ErrRange
		}
	}
	if amount < 0 {
		return nil, ErrInput
	}
	amount = min(amount, int64(caps))
	left, units := amount, amount // What nobody has yet, and what nobody's whole units are.
	parts, fractions := make([]int64, len(shares)), make([]uint64, len(shares))
	if weights > 0 {
		for i, s := range shares {
			high, low := bits.Mul64(uint64(amount), uint64(s.Weight))
			quotient, rest := bits.Div64(high, low, weights)
			parts[i], fractions[i] = min(int64(quotient), s.Cap), rest
			left, units = left-parts[i], units-int64(quotient)
		}
	}
	order := make([]int, len(shares))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(fractions[b], fractions[a]), cmp.Compare(shares[b].Weight, shares[a].Weight))
	})
	give := func(all, most int64) {
		for _, i := range order {
			part := min(all, most, shares[i].Cap-parts[i])
			parts[i], all, left = parts[i]+part, all-part, left-part
		}
	}
	give(units, 1)
	give(left, left) // What caps have cut off.
	return parts, nil
}
