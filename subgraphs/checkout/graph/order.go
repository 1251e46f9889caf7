package graph

import (
	"context"

	"github.com/soukhq/souk/subgraphs/checkout"
	"github.com/soukhq/souk/subgraphs/checkout/graph/generated"
)

func (r query) Order(ctx context.Context, id string, accessToken *string) (*checkout.Order, error) {
	return nil, errNotYet
}

func (r entity) FindManyOrderByIDs(ctx context.Context, reps []*generated.OrderByIDsInput) ([]*checkout.Order, error) {
	return nil, errNotYet
}

func (r entity) FindManyCustomerByIDs(ctx context.Context, reps []*generated.CustomerByIDsInput) ([]*generated.Customer, error) {
	return nil, errNotYet
}

func (r orderField) Lines(ctx context.Context, o *checkout.Order, first *int, after *string, last *int, before *string) (*generated.OrderLineConnection, error) {
	return nil, errNotYet
}

func (r orderField) Customer(ctx context.Context, o *checkout.Order) (*generated.Customer, error) {
	return nil, errNotYet
}

func (orderLine) Variant(_ context.Context, l *checkout.OrderLine) (*generated.ProductVariant, error) {
	return &generated.ProductVariant{ID: l.VariantID}, nil
}

func (r customerField) Orders(ctx context.Context, c *generated.Customer, first *int, after *string, last *int, before *string, reverse *bool) (*generated.OrderConnection, error) {
	return nil, errNotYet
}
