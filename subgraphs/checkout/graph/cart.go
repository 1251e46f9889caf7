package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/internal/paging"
	"github.com/soukhq/souk/subgraphs/checkout"
	"github.com/soukhq/souk/subgraphs/checkout/graph/generated"
)

// FindManyCartByIDs answers the carts whose key is right (rule A-3). It asks the store nothing; the first field that needs
// the shop's methods, or the attempts to place orders, asks once for all of them (rule F-4).
func (r entity) FindManyCartByIDs(ctx context.Context, reps []*generated.CartByIDsInput) ([]*checkout.Cart, error) {
	methods := sync.OnceValues(func() ([]checkout.Method, error) { return r.Store.Methods(ctx) })
	carts := make([]*checkout.Cart, len(reps))
	var ids []uuid.UUID
	for i, rep := range reps {
		if id, ok := r.Keys.Parse(rep.ID); ok {
			carts[i] = &checkout.Cart{UUID: id, Methods: methods}
			ids = append(ids, id)
		}
	}
	completions := r.lastOfAll(ctx, ids)
	for _, c := range carts {
		if c != nil {
			c.Completions = completions
		}
	}
	return carts, nil
}

// ID is always the full id.
func (r cartField) ID(_ context.Context, c *checkout.Cart) (string, error) {
	return r.Keys.Format(c.UUID), nil
}

// DeliveryFacts are told by cart; checkout knows them only from representations.
func (cartField) DeliveryFacts(context.Context, *checkout.Cart) (*generated.CartDeliveryFacts, error) {
	return nil, nil
}

// DeliveryGroups says how a cart can be delivered, from what its representation tells; an empty cart has no group.
func (cartField) DeliveryGroups(_ context.Context, c *checkout.Cart, first *int, after *string, representation map[string]any) (*generated.CartDeliveryGroupConnection, error) {
	facts, err := readFacts(representation)
	if err != nil {
		return nil, err
	}
	var methods []checkout.Method
	if len(facts.Parcels) > 0 {
		if methods, err = c.Methods(); err != nil {
			return nil, err
		}
	}
	return page(checkout.Groups(c.UUID, facts, methods), paging.Args{First: first, After: after})
}

func readFacts(representation map[string]any) (checkout.DeliveryFacts, error) {
	b, err := json.Marshal(representation["deliveryFacts"])
	if err != nil {
		return checkout.DeliveryFacts{}, fmt.Errorf("read delivery facts: %w", err)
	}
	var facts struct {
		Subtotal struct{ CurrencyCode string }
		Groups   []struct {
			LineIDs          []string
			RequiresShipping bool
		}
	}
	if err := json.Unmarshal(b, &facts); err != nil {
		return checkout.DeliveryFacts{}, fmt.Errorf("read delivery facts: %w", err)
	}
	f := checkout.DeliveryFacts{Currency: facts.Subtotal.CurrencyCode}
	if _, err := money.Exponent(f.Currency); err != nil && len(facts.Groups) > 0 {
		return checkout.DeliveryFacts{}, fmt.Errorf("read delivery facts: %w", err)
	}
	for _, g := range facts.Groups {
		f.Parcels = append(f.Parcels, checkout.Parcel{LineIDs: g.LineIDs, RequiresShipping: g.RequiresShipping})
	}
	return f, nil
}

func page(groups []checkout.Group, args paging.Args) (*generated.CartDeliveryGroupConnection, error) {
	p, err := paging.Slice(groups, "delivery groups", func(g checkout.Group) string { return g.ID }, args)
	if err != nil {
		return nil, err
	}
	connection := &generated.CartDeliveryGroupConnection{
		Edges: make([]*generated.CartDeliveryGroupEdge, len(p.Items)), Nodes: pointers(p.Items), PageInfo: pageInfo(p),
		TotalCount: &generated.Count{Value: p.Total, Exact: true},
	}
	for i := range p.Items {
		connection.Edges[i] = &generated.CartDeliveryGroupEdge{Cursor: p.Cursors[i], Node: &p.Items[i]}
	}
	return connection, nil
}
