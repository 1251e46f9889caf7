package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/subgraphs/product"
)

// pageQuery reads the first rows of each list: list.id, value, source, conditions, order, limit.
const pageQuery = `
SELECT o.id AS list, i.id, i.value FROM unnest($1::uuid[]) o(id) CROSS JOIN LATERAL (
	SELECT %[1]s AS id, (%[2]s)::text AS value, row_number() OVER (ORDER BY %[5]s) AS n
	FROM %[3]s%[4]s ORDER BY %[5]s LIMIT %[6]s
) i ORDER BY o.id, i.n`

// edgesQuery tells whether a list has items at both sides of a page: source, condition before, source, condition behind.
const edgesQuery = `
SELECT EXISTS (SELECT FROM %[1]s AND %[2]s) AS previous, EXISTS (SELECT FROM %[1]s AND %[3]s) AS next FROM unnest($1::uuid[]) o(id)`

// countQuery counts the items of each list up to a limit: source, limit.
const countQuery = `
SELECT o.id AS list, i.n FROM unnest($1::uuid[]) o(id) CROSS JOIN LATERAL (SELECT count(*) AS n FROM (SELECT FROM %s LIMIT %s) x) i`

// theOnly is the key of a list that has none.
var theOnly = []uuid.UUID{uuid.Nil}

// read reads the page of each of some lists in one statement; where there are cursors, of one list in two. more are the
// arguments of the source.
func (a ask) read(ctx context.Context, q database.Queryer, lists []uuid.UUID, more ...any) (map[uuid.UUID]product.Page, error) {
	args := append(arguments{uuids(lists)}, more...)
	conditions := ""
	if a.after != nil {
		conditions += " AND " + a.beyond(&args, *a.after, true, false)
	}
	if a.before != nil {
		conditions += " AND " + a.beyond(&args, *a.before, false, false)
	}
	query := fmt.Sprintf(pageQuery, a.list.id, a.list.order.expression, a.list.source, conditions, a.sorting(a.backward), args.add(a.size+1))
	var rows []item
	if err := q.Select(ctx, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("read page: %w", err)
	}
	items := map[uuid.UUID][]item{}
	for _, r := range rows {
		items[r.List] = append(items[r.List], r)
	}
	pages := make(map[uuid.UUID]product.Page, len(lists))
	for _, list := range lists {
		page, err := a.page(ctx, q, items[list], list, more)
		if err != nil {
			return nil, err
		}
		pages[list] = page
	}
	return pages, nil
}

// page makes a page of the rows that were read, one of which may be too many.
func (a ask) page(ctx context.Context, q database.Queryer, items []item, list uuid.UUID, more []any) (product.Page, error) {
	further := len(items) > a.size
	items = items[:min(len(items), a.size)]
	if a.backward {
		slices.Reverse(items)
	}
	page := product.Page{HasNext: further && !a.backward, HasPrevious: further && a.backward}
	for _, i := range items {
		page.Keys = append(page.Keys, i.ID)
		page.Cursors = append(page.Cursors, a.cursor(i))
	}
	if a.after == nil && a.before == nil {
		return page, nil
	}
	previous, next, err := a.edges(ctx, q, items, list, more)
	page.HasPrevious = page.HasPrevious || previous
	page.HasNext = page.HasNext || next
	return page, err
}

// edges looks on the far sides of the cursors: whether something precedes and follows the page that they do not let in.
func (a ask) edges(ctx context.Context, q database.Queryer, items []item, list uuid.UUID, more []any) (previous, next bool, err error) {
	args := append(arguments{uuids([]uuid.UUID{list})}, more...)
	before, behind := "false", "false"
	if p := a.after; p != nil {
		if len(items) > 0 {
			p = items[0].place()
		}
		before = a.beyond(&args, *p, false, len(items) == 0)
	}
	if p := a.before; p != nil {
		if len(items) > 0 {
			p = items[len(items)-1].place()
		}
		behind = a.beyond(&args, *p, true, len(items) == 0)
	}
	var found struct{ Previous, Next bool }
	if err := q.Get(ctx, &found, fmt.Sprintf(edgesQuery, a.list.source, before, behind), args...); err != nil {
		return false, false, fmt.Errorf("read edges of page: %w", err)
	}
	return found.Previous, found.Next, nil
}

// count counts the items of each of some lists up to a limit, in one statement. more are the arguments of the source.
func count(ctx context.Context, q database.Queryer, source string, lists []uuid.UUID, limit int, more ...any) (map[uuid.UUID]int, error) {
	args := append(arguments{uuids(lists)}, more...)
	query := fmt.Sprintf(countQuery, source, args.add(limit))
	var rows []struct {
		List uuid.UUID
		N    int
	}
	if err := q.Select(ctx, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("count list: %w", err)
	}
	counts := make(map[uuid.UUID]int, len(rows))
	for _, r := range rows {
		counts[r.List] = r.N
	}
	return counts, nil
}
