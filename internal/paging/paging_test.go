package paging_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/paging"
)

func number(n int) *int { return &n }

func text(s string) *string { return &s }

func same(s string) string { return s }

func TestSlice(t *testing.T) {
	t.Parallel()
	items := []string{"a", "b", "c", "d", "e"}
	at := func(item string) *string { return text(paging.Cursor("list", item)) }
	for name, c := range map[string]struct {
		args           paging.Args
		want           []string
		next, previous bool
	}{
		"all by default":         {paging.Args{}, items, false, false},
		"the first two":          {paging.Args{First: number(2)}, []string{"a", "b"}, true, false},
		"two after b":            {paging.Args{First: number(2), After: at("b")}, []string{"c", "d"}, true, true},
		"beyond the end":         {paging.Args{First: number(9), After: at("d")}, []string{"e"}, false, true},
		"after the last":         {paging.Args{First: number(2), After: at("e")}, nil, false, true},
		"the last two":           {paging.Args{Last: number(2)}, []string{"d", "e"}, false, true},
		"two before c":           {paging.Args{Last: number(2), Before: at("c")}, []string{"a", "b"}, true, false},
		"between":                {paging.Args{After: at("a"), Before: at("d")}, []string{"b", "c"}, true, true},
		"none":                   {paging.Args{First: number(0)}, nil, true, false},
		"after and before cross": {paging.Args{After: at("d"), Before: at("b")}, nil, true, true},
	} {
		p, err := paging.Slice(items, "list", same, c.args)
		if err != nil || !slices.Equal(p.Items, c.want) || p.HasNext != c.next || p.HasPrevious != c.previous || p.Total != 5 {
			t.Errorf("%s: %v next %v previous %v (%v), want %v %v %v", name, p.Items, p.HasNext, p.HasPrevious, err, c.want, c.next, c.previous)
		}
	}
}

func TestSliceRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args paging.Args
		code string
	}{
		"first and last":           {paging.Args{First: number(1), Last: number(1)}, "INVALID"},
		"a negative size":          {paging.Args{First: number(-1)}, "INVALID"},
		"too many":                 {paging.Args{Last: number(251)}, "PAGE_TOO_LARGE"},
		"a cursor of another list": {paging.Args{After: text(paging.Cursor("other", "a"))}, "INVALID_CURSOR"},
		"no cursor at all":         {paging.Args{Before: text("%")}, "INVALID_CURSOR"},
		"a cursor to nothing":      {paging.Args{After: text(paging.Cursor("list", "z"))}, "INVALID_CURSOR"},
	} {
		_, err := paging.Slice([]string{"a"}, "list", same, c.args)
		var f *fault.Error
		if !errors.As(err, &f) || f.Code != c.code {
			t.Errorf("%s: error = %v, want code %s", name, err, c.code)
		}
	}
	if _, err := paging.Slice([]string{"a"}, "list", same, paging.Args{First: number(250)}); err != nil {
		t.Errorf("250 items: %v", err)
	}
}
