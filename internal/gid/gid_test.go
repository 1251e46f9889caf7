package gid_test

import (
	"testing"

	"github.com/soukhq/souk/internal/gid"
)

func TestParseReadsOnlyItsType(t *testing.T) {
	t.Parallel()
	u := gid.New()
	id := gid.Format("Book", u)
	if got, ok := gid.Parse("Book", id); !ok || got != u {
		t.Errorf("Parse(%q) = %v, %v, want %v", id, got, ok, u)
	}
	for _, bad := range []string{"", u.String(), gid.Format("Author", u), id + "?key=1.x", id[:len(id)-1], "gid://souk/Book/{" + u.String()[:34] + "}"} {
		if _, ok := gid.Parse("Book", bad); ok {
			t.Errorf("Parse(%q) is ok, want not", bad)
		}
	}
}

func TestNewKeepsTheOrderOfCreation(t *testing.T) {
	t.Parallel()
	last := gid.New()
	for range 1000 {
		next := gid.New()
		if next.String() <= last.String() {
			t.Fatalf("%s came after %s", next, last)
		}
		last = next
	}
}
