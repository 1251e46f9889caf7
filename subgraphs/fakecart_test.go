package subgraphs_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/soukhq/souk/internal/cartkey"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/identity"
)

// baskets is a cart service that knows some carts and counts who asks.
type baskets struct {
	keys  *cartkey.Ring
	mu    sync.Mutex
	facts map[string]map[string]any // by full id
	down  bool
	asked int
	asker identity.Identity
}

// handler answers questions whose signature is right.
func (b *baskets) handler(signer *identity.Signer) http.Handler {
	return signer.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.asked++
		b.asker = identity.From(r.Context())
		var question struct {
			Query     string
			Variables struct{ Carts []struct{ ID string } }
		}
		if err := json.NewDecoder(r.Body).Decode(&question); err != nil || b.down || !strings.Contains(question.Query, "checkoutFacts") {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		entities := []any{}
		for _, c := range question.Variables.Carts {
			if facts, is := b.facts[c.ID]; is {
				entities = append(entities, map[string]any{"checkoutFacts": facts})
			} else {
				entities = append(entities, nil)
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"_entities": entities}})
	}))
}

// fill makes a cart known with so many lines of two pieces at 9.99 each. It returns its full id and its facts.
func (b *baskets) fill(owner *string, lines int) (string, map[string]any) {
	id := b.keys.Format(gid.New())
	list := make([]any, lines)
	for i := range list {
		list[i] = map[string]any{
			"id": gid.Format("CartLine", gid.New()), "variantId": gid.Format("ProductVariant", gid.New()), "productId": gid.Format("Product", gid.New()),
			"quantity": 2, "priceId": gid.New().String(), "unitPrice": map[string]any{"amount": "9.99", "currencyCode": "EUR"},
			"title": fmt.Sprint("Tea ", i), "variantTitle": "Big", "sku": "T-1", "handle": "tea",
			"image":           map[string]any{"url": "http://media.test/files/tea.jpg", "altText": "a pot", "width": 10, "height": 20},
			"selectedOptions": []any{map[string]any{"name": "Size", "value": "Big"}}, "requiresShipping": true, "taxClass": "standard",
			"weightGrams": 250, "attributes": []any{map[string]any{"key": "engraving", "value": "A"}}, "availability": "AVAILABLE",
		}
	}
	facts := map[string]any{
		"version": 4, "state": "ACTIVE", "currencyCode": "EUR", "customerId": owner, "email": "told.to.cart@example.test",
		"phone": nil, "countryCode": "DE", "lines": list,
	}
	b.set(func() { b.facts[id] = facts })
	return id, facts
}

// set changes something while nobody asks.
func (b *baskets) set(change func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change()
}
