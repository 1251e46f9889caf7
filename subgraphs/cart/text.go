package cart

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/soukhq/souk/internal/fault"
)

const (
	maxKey   = 255   // characters
	maxValue = 5_000 // characters
)

// storable tells whether Postgres can keep a text.
func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// checkAttributes returns what is wrong with free pairs, below the field attributes.
func checkAttributes(attributes []Attribute) fault.List {
	var faults fault.List
	if len(attributes) > MaxList {
		faults.Addf("MAXIMUM_EXCEEDED", []string{"attributes"}, "There are more than %d pairs.", MaxList)
		return faults
	}
	seen := map[string]bool{}
	for i, a := range attributes {
		key, value := []string{"attributes", strconv.Itoa(i), "key"}, []string{"attributes", strconv.Itoa(i), "value"}
		switch {
		case strings.TrimSpace(a.Key) == "" || !storable(a.Key):
			faults.Addf("INVALID", key, "The key is empty or holds a character that cannot be kept.")
		case utf8.RuneCountInString(a.Key) > maxKey:
			faults.Addf("TOO_LONG", key, "The key has more than %d characters.", maxKey)
		case seen[a.Key]:
			faults.Addf("INVALID", key, "The key is there twice.")
		}
		seen[a.Key] = true
		switch {
		case !storable(a.Value):
			faults.Addf("INVALID", value, "The value holds a character that cannot be kept.")
		case utf8.RuneCountInString(a.Value) > maxValue:
			faults.Addf("TOO_LONG", value, "The value has more than %d characters.", maxValue)
		}
	}
	return faults
}
