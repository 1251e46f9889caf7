// Package identity says who is asking: it signs the answer into headers, verifies it, and carries it in the context.
package identity

import (
	"context"
	"slices"
)

// Identity is who asks. The zero value is an anonymous caller.
type Identity struct {
	Customer string   `json:"customer,omitempty"` // the id of the signed-in customer
	Service  string   `json:"service,omitempty"`  // the name of the service that asks in its own name
	Client   string   `json:"client,omitempty"`   // the name of the administrator's program that asks
	Scopes   []string `json:"scopes,omitempty"`   // what that may do
}

// Scopes of administrators' programs (rule A-1).
const (
	ProductsWrite  = "products:write"  // change products and prices
	InventoryWrite = "inventory:write" // change how many pieces there are
)

// Scopes are all that there are.
var Scopes = []string{ProductsWrite, InventoryWrite}

// May tells whether the caller has a scope.
func (id Identity) May(scope string) bool { return slices.Contains(id.Scopes, scope) }

type contextKey struct{}

// With returns a context in which id asks.
func With(ctx context.Context, id Identity) context.Context {
	return context.WithValue(ctx, contextKey{}, id)
}

// From returns who asks in the context; nobody by default.
func From(ctx context.Context) Identity {
	id, _ := ctx.Value(contextKey{}).(Identity)
	return id
}
