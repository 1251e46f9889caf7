package execute

import (
	"testing"
)

// Poison makes released memory unfit for use from now on, so that whoever still uses it is found.
func Poison(t *testing.T) {
	t.Helper()
	poison.Store(true)
}
