package graph

import (
	"context"
	"sync"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/subgraphs/product"
)

// memory is what a request remembers: the catalogue that it looks at, and which objects came together.
// What is asked of one of them is asked of all: read once for all, with the same arguments. So a selection takes a fixed
// number of statements however long its lists are, without waiting for stragglers.
type memory struct {
	moment sync.Once
	view   product.View

	mu          sync.Mutex
	products    map[*product.Product]*siblings
	collections map[*product.Collection]*siblings
}

// siblings are the keys of objects that came together, and what was read for them.
type siblings struct {
	keys []uuid.UUID
	mu   sync.Mutex
	read map[any]any // what is asked → a function that reads it once
}

type memoryKey struct{}

func newMemory() *memory {
	return &memory{products: map[*product.Product]*siblings{}, collections: map[*product.Collection]*siblings{}}
}

func withMemory(ctx context.Context, m *memory) context.Context {
	return context.WithValue(ctx, memoryKey{}, m)
}

func recall(ctx context.Context) *memory { return ctx.Value(memoryKey{}).(*memory) }

// view returns the catalogue that the request looks at, by its circumstances (rule G-3).
func (r *Resolver) view(ctx context.Context) product.View {
	m := recall(ctx)
	m.moment.Do(func() {
		c := identity.ContextFrom(ctx)
		m.view = r.Shop.View(c.Country, c.Currency, c.Language, r.Now().UTC())
	})
	return m.view
}

// productsTogether remembers products that came together.
func productsTogether(ctx context.Context, found map[uuid.UUID]*product.Product) {
	together(recall(ctx), recall(ctx).products, found)
}

// collectionsTogether remembers collections that came together.
func collectionsTogether(ctx context.Context, found map[uuid.UUID]*product.Collection) {
	together(recall(ctx), recall(ctx).collections, found)
}

func together[T any](m *memory, known map[*T]*siblings, found map[uuid.UUID]*T) {
	s := &siblings{read: map[any]any{}}
	m.mu.Lock()
	defer m.mu.Unlock()
	for key, object := range found {
		s.keys = append(s.keys, key)
		known[object] = s
	}
}

func (m *memory) ofProduct(p *product.Product) *siblings {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.products[p]
}

func (m *memory) ofCollection(c *product.Collection) *siblings {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.collections[c]
}

// once reads something for all siblings when the first of them asks for it; the others wait for its answer. what tells
// apart what is asked, arguments included.
func once[V any](s *siblings, what any, read func(keys []uuid.UUID) (V, error)) (V, error) {
	s.mu.Lock()
	f, ok := s.read[what].(func() (V, error))
	if !ok {
		f = sync.OnceValues(func() (V, error) { return read(s.keys) })
		s.read[what] = f
	}
	s.mu.Unlock()
	return f()
}
