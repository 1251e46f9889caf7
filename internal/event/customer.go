package event

// CustomerUpdated says that an account was opened or changed. Its subject is the customer. It holds nothing personal.
type CustomerUpdated struct {
	CustomerID string `json:"customerId"`
}

func (CustomerUpdated) kind() (string, string) { return "customer", "customer.updated.v1" }
