// Package checkout turns a cart into an order; so far it says how a cart can be delivered.
package checkout
