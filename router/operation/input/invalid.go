package input

import (
	"fmt"
	"slices"
	"strings"
)

// Invalid says what is wrong at a place in a value.
type Invalid struct {
	Want string
	path []string // from the inside to the outside
}

// String returns the end of a sentence about the value.
func (e *Invalid) String() string {
	if len(e.path) == 0 {
		return "got an invalid value: " + e.Want
	}
	slices.Reverse(e.path)
	return fmt.Sprintf("got an invalid value at %q: %s", strings.TrimPrefix(strings.Join(e.path, ""), "."), e.Want)
}

func (e *Invalid) in(step string) *Invalid {
	e.path = append(e.path, step)
	return e
}
