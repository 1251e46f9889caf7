package event

// CartUpdated says that a cart was opened or changed. Its subject is the cart without its key.
type CartUpdated struct {
	CartID  string `json:"cartId"`
	Version int    `json:"version"`
	State   string `json:"state"` // ACTIVE, LOCKED, COMPLETED …
}

// CartFrozen says that a cart is locked for a completion, in the version that it asked for.
type CartFrozen struct {
	CompletionID string `json:"completionId"`
	CartID       string `json:"cartId"`
}

// CartRejected says that a cart cannot be frozen for a completion, and why.
type CartRejected struct {
	CompletionID string `json:"completionId"`
	CartID       string `json:"cartId"`
	Code         string `json:"code"`    // CART_CHANGED, CART_LOCKED, CART_NOT_FOUND, CART_EXPIRED or CANCELLED
	Version      int    `json:"version"` // that the cart has; 0 where there is none
}

// CartThawed says that a cart can be changed again because its completion failed.
type CartThawed struct {
	CompletionID string `json:"completionId"`
	CartID       string `json:"cartId"`
}

// CartCompleted says that a cart became an order.
type CartCompleted struct {
	CompletionID string `json:"completionId"`
	CartID       string `json:"cartId"`
	OrderID      string `json:"orderId"`
}

func (CartUpdated) kind() (string, string)   { return "cart", "cart.updated.v1" }
func (CartFrozen) kind() (string, string)    { return "cart", "cart.frozen.v1" }
func (CartRejected) kind() (string, string)  { return "cart", "cart.rejected.v1" }
func (CartThawed) kind() (string, string)    { return "cart", "cart.thawed.v1" }
func (CartCompleted) kind() (string, string) { return "cart", "cart.completed.v1" }
