// Package paging cuts a list into the pages of a Relay connection.
package paging

import (
	"encoding/base64"
	"encoding/json"
	"slices"

	"github.com/soukhq/souk/internal/fault"
)

const (
	// Default is the size of a page that is not asked for (rule G-5).
	Default = 20
	// Maximum is the largest size that may be asked for (rule G-5).
	Maximum = 250
)

// Args are the arguments of a connection.
type Args struct {
	First, Last   *int
	After, Before *string
}

// Size returns how many items a page has and whether it is counted from the end of the list. first together with last,
// or a size that is negative or over the maximum, is a fault.
func (a Args) Size() (size int, backward bool, err error) {
	switch {
	case a.First != nil && a.Last != nil:
		return 0, false, fault.New("INVALID", "Use first or last, not both.", "last")
	case a.Last != nil:
		size, err = checked(*a.Last, "last")
		return size, true, err
	case a.First != nil:
		size, err = checked(*a.First, "first")
		return size, false, err
	default:
		return Default, false, nil
	}
}

func checked(n int, name string) (int, error) {
	switch {
	case n < 0:
		return 0, fault.New("INVALID", name+" must not be negative.", name)
	case n > Maximum:
		return 0, fault.New("PAGE_TOO_LARGE", "A page has at most 250 items.", name)
	default:
		return n, nil
	}
}

// Page is a part of a list.
type Page[T any] struct {
	Items                []T
	Cursors              []string // one for each item
	HasNext, HasPrevious bool
	Total                int // the length of the whole list
}

// Slice cuts a page out of a list that is in memory. key names an item within the list; list names the list, so that a
// cursor of another list is a fault.
func Slice[T any](items []T, list string, key func(T) string, args Args) (Page[T], error) {
	size, backward, err := args.Size()
	if err != nil {
		return Page[T]{}, err
	}
	from, to := 0, len(items)
	if args.After != nil {
		i, err := find(items, list, key, *args.After, "after")
		if err != nil {
			return Page[T]{}, err
		}
		from = i + 1
	}
	if args.Before != nil {
		if to, err = find(items, list, key, *args.Before, "before"); err != nil {
			return Page[T]{}, err
		}
	}
	to = max(from, to)
	if backward {
		from = max(from, to-size)
	} else {
		to = min(to, from+size)
	}
	p := Page[T]{Items: items[from:to], HasNext: to < len(items), HasPrevious: from > 0, Total: len(items)}
	for _, item := range p.Items {
		p.Cursors = append(p.Cursors, Cursor(list, key(item)))
	}
	return p, nil
}

func find[T any](items []T, list string, key func(T) string, cursor, argument string) (int, error) {
	parts, ok := Read(list, cursor)
	if !ok || len(parts) != 1 {
		return 0, InvalidCursor(argument)
	}
	i := slices.IndexFunc(items, func(item T) bool { return key(item) == parts[0] })
	if i < 0 {
		return 0, InvalidCursor(argument)
	}
	return i, nil
}

// InvalidCursor is the fault of a cursor that does not belong to the list.
func InvalidCursor(argument string) *fault.Error {
	return fault.New("INVALID_CURSOR", "The cursor does not belong to this list.", argument)
}

// Cursor writes the place of an item in a list: the values it is sorted by, the unique one last.
func Cursor(list string, values ...string) string {
	b, err := json.Marshal(append([]string{list}, values...))
	if err != nil {
		panic(err) // Strings can always be written.
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// Read reads the values of a cursor of that list.
func Read(list, cursor string) (values []string, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || json.Unmarshal(b, &values) != nil || len(values) == 0 || values[0] != list {
		return nil, false
	}
	return values[1:], true
}
