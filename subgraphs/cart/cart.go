// Package cart keeps the baskets that shoppers fill.
package cart
