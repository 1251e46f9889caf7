package graph

import (
	"context"
	"fmt"
	"sync"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/paging"
	"github.com/soukhq/souk/subgraphs/checkout"
	"github.com/soukhq/souk/subgraphs/checkout/graph/generated"
)

// Order answers one order to the customer who bought it, and to the holder of its secret; null to others (rules ).
func (r query) Order(ctx context.Context, id string, accessToken *string) (*checkout.Order, error) {
	key, ok := gid.Parse("Order", id)
	if !ok {
		return nil, nil
	}
	orders, err := r.Store.Orders(ctx, []uuid.UUID{key})
	o := orders[key]
	switch {
	case err != nil || o == nil || o.OwnedBy(identity.From(ctx).Customer):
		return o, err
	case accessToken != nil:
		return o.OpenedBy(*accessToken, r.Now()), nil
	default:
		return nil, nil
	}
}

// FindManyOrderByIDs answers the caller's own orders for other services' fields (rules A-3, F-4).
func (r entity) FindManyOrderByIDs(ctx context.Context, reps []*generated.OrderByIDsInput) ([]*checkout.Order, error) {
	seen := make([]*checkout.Order, len(reps))
	caller := identity.From(ctx).Customer
	if caller == "" {
		return seen, nil
	}
	keys := make([]uuid.UUID, len(reps))
	var wanted []uuid.UUID
	for i, rep := range reps {
		if key, ok := gid.Parse("Order", rep.ID); ok {
			keys[i] = key
			wanted = append(wanted, key)
		}
	}
	orders, err := r.Store.Orders(ctx, wanted)
	if err != nil {
		return seen, err
	}
	for i, key := range keys {
		if o := orders[key]; o != nil && o.OwnedBy(caller) {
			seen[i] = o
		}
	}
	return seen, nil
}

// FindManyCustomerByIDs answers the caller; nobody else's orders are told (rule A-3).
func (r entity) FindManyCustomerByIDs(ctx context.Context, reps []*generated.CustomerByIDsInput) ([]*checkout.Customer, error) {
	customers := make([]*checkout.Customer, len(reps))
	var caller *checkout.Customer
	for i, rep := range reps {
		if rep.ID == "" || rep.ID != identity.From(ctx).Customer {
			continue
		}
		if caller == nil {
			caller = r.customer(ctx, rep.ID)
		}
		customers[i] = caller
	}
	return customers, nil
}

// customer makes a customer whose orders are read once for each page, however often it is asked for (rule F-4).
func (r *Resolver) customer(ctx context.Context, id string) *checkout.Customer {
	if id != identity.From(ctx).Customer {
		return &checkout.Customer{ID: id}
	}
	type read = func() (paging.Page[*checkout.Order], error)
	var pages sync.Map
	return &checkout.Customer{ID: id, Orders: func(oldest bool, args paging.Args) (paging.Page[*checkout.Order], error) {
		name := fmt.Sprintf("%t %s %s %s %s", oldest, shown(args.First), shown(args.Last), shown(args.After), shown(args.Before))
		page, _ := pages.LoadOrStore(name, sync.OnceValues(func() (paging.Page[*checkout.Order], error) {
			return r.Store.OrdersOf(ctx, id, oldest, args)
		}))
		return page.(read)()
	}}
}

func shown[T any](v *T) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprintf("%q", fmt.Sprint(*v))
}

// Orders is a page of the customer's orders, null for everybody else.
func (r customerField) Orders(_ context.Context, c *checkout.Customer, first *int, after *string, last *int, before *string, reverse *bool) (*generated.OrderConnection, error) {
	if c.Orders == nil {
		return nil, nil
	}
	p, err := c.Orders(reverse != nil && *reverse, paging.Args{First: first, After: after, Last: last, Before: before})
	if err != nil {
		return nil, err
	}
	connection := &generated.OrderConnection{
		Edges: make([]*generated.OrderEdge, len(p.Items)), Nodes: append([]*checkout.Order{}, p.Items...), PageInfo: pageInfo(p),
		TotalCount: &generated.Count{Value: min(p.Total, countedOrders), Exact: p.Total <= countedOrders},
	}
	for i, o := range p.Items {
		connection.Edges[i] = &generated.OrderEdge{Cursor: p.Cursors[i], Node: o}
	}
	return connection, nil
}

// countedOrders is how far orders are counted (rule G-5).
const countedOrders = 10_000

// Lines is a page of the order's lines.
func (orderField) Lines(_ context.Context, o *checkout.Order, first *int, after *string, last *int, before *string) (*generated.OrderLineConnection, error) {
	p, err := paging.Slice(pointers(o.Lines), "order lines", (*checkout.OrderLine).ID, paging.Args{First: first, After: after, Last: last, Before: before})
	if err != nil {
		return nil, err
	}
	connection := &generated.OrderLineConnection{
		Edges: make([]*generated.OrderLineEdge, len(p.Items)), Nodes: p.Items, PageInfo: pageInfo(p),
		TotalCount: &generated.Count{Value: p.Total, Exact: true},
	}
	for i, l := range p.Items {
		connection.Edges[i] = &generated.OrderLineEdge{Cursor: p.Cursors[i], Node: l}
	}
	return connection, nil
}

// Customer is the account that bought it; its service tells the rest.
func (r orderField) Customer(ctx context.Context, o *checkout.Order) (*checkout.Customer, error) {
	if o.Customer == "" {
		return nil, nil
	}
	return r.customer(ctx, o.Customer), nil
}

// Variant is the variant; its service tells the rest.
func (orderLine) Variant(_ context.Context, l *checkout.OrderLine) (*generated.ProductVariant, error) {
	return &generated.ProductVariant{ID: l.VariantID}, nil
}

func pageInfo[T any](p paging.Page[T]) *generated.PageInfo {
	info := &generated.PageInfo{HasNextPage: p.HasNext, HasPreviousPage: p.HasPrevious}
	if n := len(p.Cursors); n > 0 {
		info.StartCursor, info.EndCursor = &p.Cursors[0], &p.Cursors[n-1]
	}
	return info
}
