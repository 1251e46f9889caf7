package graph

import (
	"encoding/base64"
	"errors"
	"slices"

	"github.com/soukhq/souk/examples/cms/library"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

const (
	defaultSize = 20 // of a page that is asked for without a size
	maximumSize = 250
)

// slice cuts a page out of a list. id names an item within the list; cursors are made of it.
func slice[T any](list []T, id func(T) string, first, last *int, after, before *string) (nodes []T, cursors []string, info *library.PageInfo, err error) {
	size, err := size(first, last)
	if err != nil {
		return nil, nil, nil, err
	}
	from, to := 0, len(list)
	if after != nil {
		if from, err = find(list, id, *after); err != nil {
			return nil, nil, nil, err
		}
		from++
	}
	if before != nil {
		if to, err = find(list, id, *before); err != nil {
			return nil, nil, nil, err
		}
	}
	to = max(from, to)
	if last != nil {
		from = max(from, to-size)
	} else {
		to = min(to, from+size)
	}
	nodes = append([]T{}, list[from:to]...)
	for _, n := range nodes {
		cursors = append(cursors, base64.RawURLEncoding.EncodeToString([]byte(id(n))))
	}
	info = &library.PageInfo{HasPreviousPage: from > 0, HasNextPage: to < len(list)}
	if len(cursors) > 0 {
		info.StartCursor, info.EndCursor = &cursors[0], &cursors[len(cursors)-1]
	}
	return nodes, cursors, info, nil
}

func size(first, last *int) (int, error) {
	if first != nil && last != nil {
		return 0, invalid("INVALID", "Use first or last, not both.")
	}
	n := defaultSize
	if first != nil {
		n = *first
	} else if last != nil {
		n = *last
	}
	switch {
	case n < 0:
		return 0, invalid("INVALID", "The size of a page must not be negative.")
	case n > maximumSize:
		return 0, invalid("PAGE_TOO_LARGE", "A page has at most 250 items.")
	default:
		return n, nil
	}
}

func find[T any](list []T, id func(T) string, cursor string) (int, error) {
	name, err := base64.RawURLEncoding.DecodeString(cursor)
	i := slices.IndexFunc(list, func(item T) bool { return id(item) == string(name) })
	if err != nil || i < 0 {
		return 0, invalid("INVALID_CURSOR", "The cursor is not one of this list.")
	}
	return i, nil
}

// invalid is an error for the caller, who can correct it.
func invalid(code, message string) error {
	e := gqlerror.WrapIfUnwrapped(errors.New(message))
	e.Extensions = map[string]any{"code": code}
	return e
}
