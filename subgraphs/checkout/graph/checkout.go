package graph

import (
	"context"
	"errors"

	"github.com/soukhq/souk/subgraphs/checkout"
	"github.com/soukhq/souk/subgraphs/checkout/graph/generated"
)

var errNotYet = errors.New("not yet")

func (r query) Checkout(ctx context.Context, id string) (*checkout.Checkout, error) {
	return nil, errNotYet
}

func (r mutation) CheckoutCreate(ctx context.Context, cartID string, idempotencyKey *string) (*generated.CheckoutCreatePayload, error) {
	return nil, errNotYet
}

func (r mutation) CheckoutUpdate(ctx context.Context, checkoutID string, input checkout.Change, idempotencyKey *string) (*generated.CheckoutUpdatePayload, error) {
	return nil, errNotYet
}

func (r mutation) CheckoutDeliveryOptionSelect(ctx context.Context, checkoutID string, selections []*checkout.Selection, idempotencyKey *string) (*generated.CheckoutDeliveryOptionSelectPayload, error) {
	return nil, errNotYet
}

func (r mutation) CheckoutPaymentSessionCreate(ctx context.Context, checkoutID, gateway string, data any, idempotencyKey *string) (*generated.CheckoutPaymentSessionCreatePayload, error) {
	return nil, errNotYet
}

func (r entity) FindManyCheckoutByIDs(ctx context.Context, reps []*generated.CheckoutByIDsInput) ([]*checkout.Checkout, error) {
	return nil, errNotYet
}

func (r checkoutField) ID(ctx context.Context, c *checkout.Checkout) (string, error) {
	return c.ID(), nil
}

func (r checkoutField) Cart(ctx context.Context, c *checkout.Checkout) (*checkout.Cart, error) {
	return nil, errNotYet
}

func (r checkoutField) DeliveryGroups(ctx context.Context, c *checkout.Checkout) ([]*checkout.Group, error) {
	return nil, errNotYet
}

func (r checkoutField) PaymentMethods(ctx context.Context, c *checkout.Checkout) ([]*generated.PaymentMethodOption, error) {
	return nil, errNotYet
}

func (r checkoutField) Problems(ctx context.Context, c *checkout.Checkout) ([]*checkout.Problem, error) {
	return nil, errNotYet
}

func (checkoutLine) Variant(_ context.Context, l *checkout.Line) (*generated.ProductVariant, error) {
	return &generated.ProductVariant{ID: l.VariantID}, nil
}
