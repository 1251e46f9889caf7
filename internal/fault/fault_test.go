package fault_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/soukhq/souk/internal/fault"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	one := fault.New("INVALID", "No.", "lines", "0")
	broken := errors.New("disk on fire")
	for name, c := range map[string]struct {
		err   error
		codes []string
		rest  error
	}{
		"nothing":        {nil, nil, nil},
		"one":            {one, []string{"INVALID"}, nil},
		"one, wrapped":   {fmt.Errorf("change cart: %w", one), []string{"INVALID"}, nil},
		"several":        {fault.List{one, fault.New("TOO_LONG", "No.")}.Err(), []string{"INVALID", "TOO_LONG"}, nil},
		"something else": {broken, nil, broken},
		"an empty list":  {fault.List{}.Err(), nil, nil},
	} {
		got, rest := fault.Split(c.err)
		var codes []string
		for _, e := range got {
			codes = append(codes, e.Code)
		}
		if !slices.Equal(codes, c.codes) || !errors.Is(rest, c.rest) || got == nil {
			t.Errorf("%s: Split = %v, %v, want %v, %v", name, got, rest, c.codes, c.rest)
		}
	}
}

func TestAtPutsThePathBefore(t *testing.T) {
	t.Parallel()
	e := fault.New("INVALID", "No.", "quantity").At("lines", "3")
	if want := []string{"lines", "3", "quantity"}; !slices.Equal(e.Field, want) {
		t.Errorf("Field = %v, want %v", e.Field, want)
	}
}
