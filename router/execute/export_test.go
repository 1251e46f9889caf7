package execute

import (
	"testing"
)

// Poison makes released memory unfit for use until the test ends, so that whoever still uses it is found.
func Poison(t *testing.T) {
	t.Helper()
	poison.Store(true)
	t.Cleanup(func() { poison.Store(false) })
}
