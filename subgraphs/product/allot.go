package product

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/google/uuid"
)

// Portion is so many pieces of a variant at one location: a row of a reservation.
type Portion struct {
	Variant, Location uuid.UUID
	Quantity          int64
}

// Allot chooses the locations from which pieces are taken (rule I-3): all from one where one has all, else from as few as
// possible, among equals from those that come first. What is not there is taken from the first one all the same: whoever
// must not do that looks before.
func Allot(wanted []Wanted, shelves []Shelf) (taken []Portion) {
	byVariant := map[uuid.UUID][]Shelf{}
	var locations []uuid.UUID
	for _, s := range inOrder(shelves) {
		byVariant[s.Variant] = append(byVariant[s.Variant], s)
		if !slices.Contains(locations, s.Location) {
			locations = append(locations, s.Location)
		}
	}
	chosen := fewest(locations, func(set []uuid.UUID) bool {
		return !slices.ContainsFunc(wanted, func(w Wanted) bool { return sellable(among(byVariant[w.Variant], set), w.Variant) < w.Quantity })
	})
	for _, w := range wanted {
		taken = append(taken, take(w, among(byVariant[w.Variant], chosen))...)
	}
	return taken
}

// inOrder sorts shelves by their locations: the default one first, then the oldest.
func inOrder(shelves []Shelf) []Shelf {
	return slices.SortedStableFunc(slices.Values(shelves), func(a, b Shelf) int {
		if a.Default != b.Default {
			if a.Default {
				return -1
			}
			return 1
		}
		return bytes.Compare(a.Location[:], b.Location[:])
	})
}

func among(shelves []Shelf, locations []uuid.UUID) []Shelf {
	var found []Shelf
	for _, s := range shelves {
		if slices.Contains(locations, s.Location) {
			found = append(found, s)
		}
	}
	return found
}

// maxSets is how many sets of locations are tried before all are used.
const maxSets = 1000

// fewest returns the first of the smallest sets that are enough, all where none is.
func fewest(all []uuid.UUID, enough func([]uuid.UUID) bool) []uuid.UUID {
	tried := 0
	var search func(set, rest []uuid.UUID, size int) []uuid.UUID
	search = func(set, rest []uuid.UUID, size int) []uuid.UUID {
		if size == 0 {
			if tried++; enough(set) {
				return set
			}
			return nil
		}
		for i := 0; i+size <= len(rest) && tried < maxSets; i++ {
			if found := search(append(slices.Clip(set), rest[i]), rest[i+1:], size-1); found != nil {
				return found
			}
		}
		return nil
	}
	for size := 1; size < len(all); size++ {
		if found := search(nil, all, size); found != nil {
			return found
		}
	}
	return all
}

// take takes pieces of a variant from one shelf where one has enough, else from the fullest ones. There must be a shelf,
// else nothing is taken.
func take(w Wanted, shelves []Shelf) (taken []Portion) {
	if len(shelves) == 0 {
		return nil
	}
	if i := slices.IndexFunc(shelves, func(s Shelf) bool { return s.left() >= w.Quantity }); i >= 0 {
		return []Portion{{w.Variant, shelves[i].Location, w.Quantity}}
	}
	fullest := slices.SortedStableFunc(slices.Values(shelves), func(a, b Shelf) int { return cmp.Compare(b.left(), a.left()) })
	portions := map[uuid.UUID]int64{}
	rest := w.Quantity
	for _, s := range fullest {
		portions[s.Location] = min(s.left(), rest)
		rest -= portions[s.Location]
	}
	portions[shelves[0].Location] += rest
	for _, s := range shelves {
		if n := portions[s.Location]; n > 0 {
			taken = append(taken, Portion{w.Variant, s.Location, n})
		}
	}
	return taken
}
