package graph

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/subgraphs/checkout"
	"github.com/soukhq/souk/subgraphs/checkout/graph/generated"
)

// OrderSecret is the purpose of the secret that opens an order for a guest; it belongs to the completion (rule A-5).
const OrderSecret = "order"

type completionField struct{ *Resolver }

func (r root) CheckoutCompletion() generated.CheckoutCompletionResolver {
	return completionField{r.Resolver}
}

// CheckoutCompletion answers how placing an order stands to who has the key of the attempt or of the cart (rules O-4, A-3).
func (r query) CheckoutCompletion(ctx context.Context, attemptID, cartID *string) (*checkout.Completion, error) {
	switch {
	case attemptID != nil && cartID == nil:
		return r.attempt(ctx, *attemptID)
	case cartID != nil && attemptID == nil:
		cart, ok := r.Keys.Parse(*cartID)
		if !ok {
			return nil, nil
		}
		return r.lastOf(ctx, cart)
	}
	return nil, fault.New("INVALID", "Say either attemptId or cartId.", "attemptId")
}

// attempt returns a completion by its full id, or by that without its key to the customer whose it is.
func (r *Resolver) attempt(ctx context.Context, id string) (*checkout.Completion, error) {
	key, ok := r.Keys.ParseAs("CheckoutCompletion", id)
	bare := !ok
	if bare {
		if key, ok = gid.Parse("CheckoutCompletion", id); !ok {
			return nil, nil
		}
	}
	completions, err := r.Store.Completions(ctx, []uuid.UUID{key})
	r.prepare(ctx, completions)
	c := completions[key]
	if c == nil || bare && c.Customer == "" {
		return nil, err
	}
	return r.shown(ctx, c), err
}

// lastOf returns the last completion of a cart whose key the caller has.
func (r *Resolver) lastOf(ctx context.Context, cart uuid.UUID) (*checkout.Completion, error) {
	completions, err := r.lastOfAll(ctx, []uuid.UUID{cart})()
	return r.shown(ctx, completions[cart]), err
}

// lastOfAll returns what reads the last completions of carts, once.
func (r *Resolver) lastOfAll(ctx context.Context, carts []uuid.UUID) func() (map[uuid.UUID]*checkout.Completion, error) {
	return sync.OnceValues(func() (map[uuid.UUID]*checkout.Completion, error) {
		completions, err := r.Store.LastCompletions(ctx, carts)
		r.prepare(ctx, completions)
		return completions, err
	})
}

// prepare lets the orders of completions be read together.
func (r *Resolver) prepare(ctx context.Context, completions map[uuid.UUID]*checkout.Completion) {
	var ids []uuid.UUID
	for _, c := range completions {
		if c.OrderUUID != nil {
			ids = append(ids, *c.OrderUUID)
		}
	}
	batch := &checkout.OrderBatch{Read: sync.OnceValues(func() (map[uuid.UUID]*checkout.Order, error) { return r.Store.Orders(ctx, ids) })}
	for _, c := range completions {
		c.Orders = batch
	}
}

// shown returns a completion, nil where the caller may not see it.
func (r *Resolver) shown(ctx context.Context, c *checkout.Completion) *checkout.Completion {
	if c == nil || !c.SeenBy(identity.From(ctx).Customer, r.Now()) {
		return nil
	}
	return c
}

// Completion answers the last attempt to place the order of a cart.
func (r cartField) Completion(ctx context.Context, c *checkout.Cart) (*checkout.Completion, error) {
	if c.Completions == nil {
		return r.lastOf(ctx, c.UUID)
	}
	completions, err := c.Completions()
	return r.shown(ctx, completions[c.UUID]), err
}

// Completion answers the last attempt to place the order of a checkout.
func (r checkoutField) Completion(ctx context.Context, c *checkout.Checkout) (*checkout.Completion, error) {
	read := c.Completions
	if read == nil {
		read = r.lastOfAll(ctx, []uuid.UUID{c.CartUUID})
	}
	completions, err := read()
	completion := completions[c.CartUUID]
	if completion != nil && completion.CheckoutUUID != c.UUID {
		return nil, err
	}
	return r.shown(ctx, completion), err
}

// AttemptID is always the full id.
func (r completionField) AttemptID(_ context.Context, c *checkout.Completion) (string, error) {
	return r.attemptID(c), nil
}

func (r *Resolver) attemptID(c *checkout.Completion) string {
	return r.Keys.FormatAs("CheckoutCompletion", c.UUID)
}

// Order is the order, once it was placed.
func (completionField) Order(_ context.Context, c *checkout.Completion) (*checkout.Order, error) {
	if c.OrderUUID == nil {
		return nil, nil
	}
	orders, err := c.Orders.Read()
	return orders[*c.OrderUUID], err
}

// OrderAccessToken is the secret that opens a guest's order. Only its hash is stored; it is made again each time, so that
// who lost the answer can ask again (rule A-5).
func (r completionField) OrderAccessToken(ctx context.Context, c *checkout.Completion) (*string, error) {
	order, err := r.Order(ctx, c)
	if err != nil || order == nil || order.TokenHash == nil {
		return nil, err
	}
	for _, secret := range r.Keys.Secrets(OrderSecret, c.UUID) {
		sum := sha256.Sum256([]byte(secret))
		if subtle.ConstantTimeCompare(sum[:], order.TokenHash) == 1 {
			return &secret, nil
		}
	}
	return nil, nil // The key that it was made with is gone.
}

// PollAfter is when to ask again.
func (r completionField) PollAfter(_ context.Context, c *checkout.Completion) (*time.Time, error) {
	if c.Ended() {
		return nil, nil
	}
	return new(r.Now().Add(checkout.PollPause)), nil
}

// FakepayLedger answers what the gateway for tests did under a reference, the id of an attempt; only in test mode.
func (r query) FakepayLedger(ctx context.Context, reference string) (*checkout.FakepayLedger, error) {
	reference, _, _ = strings.Cut(reference, "?") // The gateway does not know the key.
	ledger, err := r.Completions.Ledger.Ledger(ctx, reference)
	if err != nil {
		return nil, err
	}
	return &ledger, nil
}
