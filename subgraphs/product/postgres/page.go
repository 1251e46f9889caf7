package postgres

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/paging"
	"github.com/soukhq/souk/subgraphs/product"
)

// sortable is a value to sort by.
type sortable struct {
	expression string // in SQL
	kind       string // its type in SQL
	nullable   bool   // null sorts last in both directions (rule S-9)
}

// list is something that can be read page by page.
type list struct {
	name   string // part of its cursors
	id     string // an SQL expression for the unique key of an item
	source string // what follows FROM in SQL, a WHERE included; may use the list's key o.id, and $2 and on
	order  sortable
}

// ask is a page that is asked for, with its cursors read.
type ask struct {
	list          list
	size          int
	backward      bool
	descending    bool // the list, not the direction of reading
	after, before *place
}

// place is where a cursor points to.
type place struct {
	value *string // nil: null
	id    string
}

// item is a row of a page.
type item struct {
	List  uuid.UUID
	ID    uuid.UUID
	Value *string
}

func (i item) place() *place { return &place{value: i.Value, id: i.ID.String()} }

// newAsk checks the arguments of a page of each of some lists. A bad one is a fault: a cursor too, where there are
// several lists, since it belongs to one.
func newAsk(l list, wanted product.Listing, lists []uuid.UUID) (ask, error) {
	size, backward, err := wanted.Args.Size()
	if err != nil {
		return ask{}, err
	}
	a := ask{list: l, size: size, backward: backward, descending: wanted.Reverse}
	a.list.name = strings.Join([]string{l.name, string(wanted.Order), strconv.FormatBool(wanted.Reverse)}, " ")
	if a.after, err = a.place(wanted.Args.After, "after", lists); err != nil {
		return ask{}, err
	}
	a.before, err = a.place(wanted.Args.Before, "before", lists)
	return a, err
}

func (a ask) place(cursor *string, argument string, lists []uuid.UUID) (*place, error) {
	if cursor == nil {
		return nil, nil
	}
	if len(lists) != 1 {
		return nil, paging.InvalidCursor(argument)
	}
	parts, ok := paging.Read(a.cursorName(lists[0]), *cursor)
	switch {
	case ok && len(parts) == 1 && readable(parts[0], "uuid") && a.list.order.nullable:
		return &place{id: parts[0]}, nil
	case ok && len(parts) == 2 && readable(parts[0], a.list.order.kind) && readable(parts[1], "uuid"):
		return &place{value: &parts[0], id: parts[1]}, nil
	default:
		return nil, paging.InvalidCursor(argument)
	}
}

func (a ask) cursor(i item) string {
	if i.Value == nil {
		return paging.Cursor(a.cursorName(i.List), i.ID.String())
	}
	return paging.Cursor(a.cursorName(i.List), *i.Value, i.ID.String())
}

// cursorName binds a cursor to the list, its order, and its key where it is one of several.
func (a ask) cursorName(list uuid.UUID) string {
	if list == uuid.Nil {
		return a.list.name
	}
	return a.list.name + " " + list.String()
}

// readable tells whether PostgreSQL reads a text as a value of a type.
func readable(text, kind string) bool {
	var err error
	switch kind {
	case "bigint":
		_, err = strconv.ParseInt(text, 10, 64)
	case "timestamptz":
		_, err = time.Parse(timeLayout, text)
	case "uuid":
		_, err = uuid.Parse(text)
	}
	return err == nil && !strings.ContainsRune(text, 0)
}

// timeLayout is how PostgreSQL writes a timestamptz in UTC.
const timeLayout = "2006-01-02 15:04:05.999999999-07"

// arguments collects the arguments of a statement.
type arguments []any

// add appends an argument and returns its name in SQL.
func (a *arguments) add(value any) string {
	*a = append(*a, value)
	return "$" + strconv.Itoa(len(*a))
}

// beyond returns the condition of the items that lie behind a place (or before it), in the order of the list.
func (a ask) beyond(args *arguments, p place, behind, inclusive bool) string {
	greater := behind != a.descending // whether items on that side have greater values
	sign := "<"
	if greater {
		sign = ">"
	}
	if inclusive {
		sign += "="
	}
	value, id := a.list.order.expression, a.list.id
	key := args.add(p.id) + "::uuid"
	if p.value == nil { // Null is last: behind it are other nulls only.
		same := fmt.Sprintf("(%s IS NULL AND %s %s %s)", value, id, sign, key)
		if behind {
			return same
		}
		return fmt.Sprintf("(%s IS NOT NULL OR %s)", value, same)
	}
	compare := fmt.Sprintf("(%s, %s) %s (%s::%s, %s)", value, id, sign, args.add(*p.value), a.list.order.kind, key)
	if behind && a.list.order.nullable {
		return fmt.Sprintf("(%s OR %s IS NULL)", compare, value)
	}
	return compare
}

// sorting returns the ORDER BY of reading in a direction.
func (a ask) sorting(backward bool) string {
	direction, nulls := "ASC", ""
	if a.descending != backward {
		direction = "DESC"
	}
	if a.list.order.nullable { // Said only where it matters: an index does not know that there are none.
		nulls = " NULLS LAST"
		if backward {
			nulls = " NULLS FIRST"
		}
	}
	return fmt.Sprintf("%s %s%s, %s %s", a.list.order.expression, direction, nulls, a.list.id, direction)
}
