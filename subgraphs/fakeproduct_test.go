package subgraphs_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/identity"
)

// shop is a product service that knows some variants and counts who asks what.
type shop struct {
	mu       sync.Mutex
	variants map[string]map[string]any
	down     bool
	asked    int // requests
	asker    identity.Identity
}

// handler answers questions whose signature is right.
func (p *shop) handler(signer *identity.Signer) http.Handler {
	return signer.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.asked++
		p.asker = identity.From(r.Context())
		var question struct {
			Variables struct{ Variants []struct{ ID string } }
		}
		if err := json.NewDecoder(r.Body).Decode(&question); err != nil || p.down {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		entities := []any{}
		for _, v := range question.Variables.Variants {
			if known, is := p.variants[v.ID]; is {
				entities = append(entities, known)
			} else {
				entities = append(entities, nil)
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"_entities": entities}})
	}))
}

// sell makes a variant known; stock nil is not counted. It returns its id.
func (p *shop) sell(title, price, currency string, stock *int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	id := gid.Format("ProductVariant", gid.New())
	p.variants[id] = map[string]any{
		"id": id, "title": "Big", "sku": title + "-1", "price": map[string]any{"amount": price, "currencyCode": currency},
		"compareAtPrice":   map[string]any{"amount": "99.00", "currencyCode": currency},
		"availableForSale": stock == nil || *stock > 0, "quantityAvailable": stock, "requiresShipping": true, "taxClass": "standard",
		"weight":          map[string]any{"value": 0.25, "unit": "KILOGRAMS"},
		"selectedOptions": []any{map[string]any{"name": "Size", "value": "Big"}},
		"image":           map[string]any{"url": "http://media.test/files/tea.jpg", "altText": "a pot", "width": 10, "height": 20},
		"product":         map[string]any{"id": gid.Format("Product", uuid.Nil), "handle": "the-" + title, "title": title},
	}
	return id
}

// take sets whether the service is away, and returns how often it was asked since the last time.
func (p *shop) take(down bool) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.asked
	p.asked, p.down = 0, down
	return n
}

// sellMany makes n variants known.
func (p *shop) sellMany(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = p.sell(fmt.Sprint("tea", i), "2.50", "EUR", nil)
	}
	return ids
}
