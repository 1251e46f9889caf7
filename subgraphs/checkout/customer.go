package checkout

import "github.com/soukhq/souk/internal/paging"

// Customer is what checkout knows of a customer by itself. It serves the GraphQL type Customer.
type Customer struct {
	ID string
	// Orders returns a page of the customer's orders; nil where the caller may not see them.
	Orders func(oldest bool, args paging.Args) (paging.Page[*Order], error)
}

// IsEntity marks the entity for generated code.
func (*Customer) IsEntity() {}
