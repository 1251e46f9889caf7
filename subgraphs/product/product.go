// Package product says what is for sale, at which price, and how many are left.
package product
