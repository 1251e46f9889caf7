// Package customer keeps the accounts of those who buy.
package customer
