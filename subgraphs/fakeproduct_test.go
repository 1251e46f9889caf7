package subgraphs_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/consumer"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/subgraphs/cart/postgres"
)

// shop is a product service that is not real: what it sells it tells cart of, or only when it is asked.
type shop struct {
	t  *testing.T
	db *database.DB // of cart

	mu       sync.Mutex
	variants map[string]map[string]any // by id, as its graph answers them
	down     bool
	slow     chan struct{} // holds answers back until it is closed; nil: none
	asked    int           // requests
	asker    identity.Identity
}

// newShop makes a shop that tells the cart service whose database is at an address.
func newShop(t *testing.T, address string) *shop {
	t.Helper()
	db, err := database.Open(t.Context(), address, 2, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return &shop{t: t, db: db, variants: map[string]map[string]any{}}
}

// handler answers questions whose signature is right.
func (p *shop) handler(signer *identity.Signer) http.Handler {
	return signer.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked++
		p.asker = identity.From(r.Context())
		down, slow := p.down, p.slow
		p.mu.Unlock()
		if slow != nil {
			select {
			case <-slow:
			case <-r.Context().Done():
			}
		}
		var question struct {
			Variables struct{ Variants []struct{ ID string } }
		}
		if err := json.NewDecoder(r.Body).Decode(&question); err != nil || down {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
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

// launch makes a variant known to those who ask; stock nil is not counted. It returns its id.
func (p *shop) launch(title, price, currency string, stock *int) string {
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
		"product": map[string]any{"id": gid.Format("Product", uuid.Nil), "handle": "the-" + title, "title": title, "vendor": "Lee", "productType": "Drink",
			"descriptionHtml": "<p>" + title + "</p>", "tags": []string{"hot"}, "availableForSale": true, "publishedAt": noon, "createdAt": noon, "updatedAt": noon},
	}
	return id
}

// oneVariant is a product with a single variant that is like those which launch makes.
func oneVariant(title, price, currency string, stock *int) event.ProductUpdated {
	before, err := money.Parse("99", currency)
	if err != nil {
		panic(err)
	}
	image := &event.Image{Source: "tea.jpg", Alt: new("a pot"), Width: new(10), Height: new(20)}
	v := event.Variant{
		VariantID: gid.Format("ProductVariant", gid.New()), Title: "Big", SKU: new(title + "-1"), SelectedOptions: []event.Option{{Name: "Size", Value: "Big"}},
		Image: image, RequiresShipping: true, TaxClass: "standard", WeightGrams: 250, Weight: &event.Weight{Value: 0.25, Unit: "KILOGRAMS"},
		Prices: []event.Price{{PriceID: gid.New().String(), CurrencyCode: currency, Amount: price, CompareAt: new(before.Amount()), ValidFrom: noon.Add(-time.Hour)}},
		Stock:  event.Inventory{Version: 1},
	}
	if stock != nil {
		v.Stock.Tracked, v.Stock.Available = true, int64(*stock)
	}
	return event.ProductUpdated{
		ProductID: gid.Format("Product", gid.New()), Version: 1, Handle: "the-" + title, Title: title, DescriptionHTML: "<p>" + title + "</p>", Vendor: "Lee",
		ProductType: "Drink", Tags: []string{"hot"}, PublishedAt: new(noon.Format(time.RFC3339)), CreatedAt: noon, UpdatedAt: noon, Image: image,
		Variants: []event.Variant{v},
	}
}

// tell lets cart hear of products.
func (p *shop) tell(products ...event.ProductUpdated) {
	p.t.Helper()
	var states []event.State
	for _, q := range products {
		data, err := json.Marshal(q)
		if err != nil {
			p.t.Fatal(err)
		}
		states = append(states, event.State{Kind: "Product", Subject: q.ProductID, Version: q.Version, Data: data})
	}
	apply := p.follow("product").Projection.Apply
	if err := p.db.Transact(p.t.Context(), func(tx *database.Tx) error { return apply(p.t.Context(), tx, uuid.Nil, states) }); err != nil {
		p.t.Fatal(err)
	}
}

// hear lets cart apply an event of a service.
func (p *shop) hear(e event.Event) {
	p.t.Helper()
	handle := p.follow(e.Service()).Handlers[e.Type]
	err := p.db.Transact(p.t.Context(), func(tx *database.Tx) error {
		_, err := handle(p.t.Context(), tx, e)
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *shop) follow(service string) consumer.Source {
	p.t.Helper()
	for _, s := range postgres.Follow(func() time.Time { return noon }) {
		if s.Service == service {
			return s
		}
	}
	p.t.Fatalf("cart does not follow %s", service)
	return consumer.Source{}
}

// sell makes a variant known to cart; stock nil is not counted. It returns its id.
func (p *shop) sell(title, price, currency string, stock *int) string {
	p.t.Helper()
	q := oneVariant(title, price, currency, stock)
	p.tell(q)
	return q.Variants[0].VariantID
}

// take sets whether the service is away, and returns how often it was asked since the last time.
func (p *shop) take(down bool) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.asked
	p.asked, p.down = 0, down
	return n
}

// hold keeps answers back until the function that it returns is called.
func (p *shop) hold() (release func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	slow := make(chan struct{})
	p.slow = slow
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.slow = nil
		close(slow)
	}
}

// sellMany makes n variants known to cart.
func (p *shop) sellMany(n int) []string {
	p.t.Helper()
	ids := make([]string, n)
	products := make([]event.ProductUpdated, n)
	for i := range ids {
		products[i] = oneVariant(fmt.Sprint("tea", i), "2.50", "EUR", nil)
		ids[i] = products[i].Variants[0].VariantID
	}
	p.tell(products...)
	return ids
}
