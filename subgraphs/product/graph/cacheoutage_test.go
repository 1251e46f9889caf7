package graph_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/soukhq/souk/internal/cache/cachetest"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/subgraphs/product"
	"github.com/soukhq/souk/subgraphs/product/exchange"
)

// Without its Redis the service is slower, not wrong, and ready all the time; afterwards it knows what changed meanwhile.
func TestRedisMayFail(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ fail, heal func(*cachetest.Redis) }{
		"stands still":  {(*cachetest.Redis).Stop, (*cachetest.Redis).Continue},
		"killed":        {(*cachetest.Redis).Kill, (*cachetest.Redis).Start},
		"flushed":       {func(r *cachetest.Redis) { r.Do("FLUSHALL") }, func(*cachetest.Redis) {}},
		"started again": {func(r *cachetest.Redis) { r.Kill(); r.Start() }, func(*cachetest.Redis) {}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			redis := cachetest.Start(t)
			k := openKeeper(t, redis.URL())
			k.off.load(t, catalogue(5), exchange.Options{})
			const query = `{ products(first: 5) { totalCount { value } nodes { title variants(first: 2) { nodes { id price { amount } } } } } }`
			var p struct {
				Products struct {
					Nodes []struct {
						Variants struct{ Nodes []struct{ ID string } }
					}
				}
			}
			k.off.data(t, &p, query, nil)
			k.warm(t, query, nil)
			same := func(when string) {
				t.Helper()
				for range 5 {
					on, off := k.on.ask(t, query, nil), k.off.ask(t, query, nil)
					if string(on.Data) != string(off.Data) || len(on.Errors) > 0 {
						t.Errorf("%s: %s %+v, want %s", when, on.Data, on.Errors, off.Data)
					}
				}
				if status := k.on.status("/readyz"); status != http.StatusOK {
					t.Errorf("%s: readyz answers %d", when, status)
				}
			}
			c.fail(redis)
			same("while it fails")
			variant, _ := gid.Parse("ProductVariant", p.Products.Nodes[0].Variants.Nodes[0].ID)
			k.change(t, func(b product.Batch) error {
				return b.SetPrices(t.Context(), []product.PriceChange{{Variant: variant, Currency: "EUR", Price: &product.Price{
					Key: gid.New(), Amount: money.Money{Minor: 4711, Currency: "EUR"},
				}}}, k.now())
			})
			k.shows(t, "the new price", query, nil, func(data string) bool { return strings.Contains(data, `"47.11"`) })
			same("after a change")
			c.heal(redis)
			k.shows(t, "the new price", query, nil, func(data string) bool { return strings.Contains(data, `"47.11"`) })
			k.warm(t, query, nil)
			same("afterwards")
		})
	}
}

// Nobody who asks after a change was acknowledged as shown sees what was before, however many ask and change at once.
func TestAnswersDoNotGoBack(t *testing.T) {
	t.Parallel()
	k := openKeeper(t, "")
	k.off.load(t, catalogue(3), exchange.Options{})
	const query = `{ product(handle: "p-000") { variants(first: 1) { nodes { id price { amount } } } } }`
	read := func() (id string, minor int64) {
		var p struct {
			Product struct {
				Variants struct {
					Nodes []struct {
						ID    string
						Price struct{ Amount string }
					}
				}
			}
		}
		k.on.data(t, &p, query, nil)
		v := p.Product.Variants.Nodes[0]
		m, err := money.Parse(v.Price.Amount, "EUR")
		if err != nil {
			t.Error(err)
		}
		return v.ID, m.Minor
	}
	id, _ := read()
	variant, _ := gid.Parse("ProductVariant", id)
	var readers sync.WaitGroup
	ended := make(chan struct{})
	for range 4 {
		readers.Go(func() {
			for last := int64(0); ; {
				select {
				case <-ended:
					return
				default:
				}
				_, now := read()
				if now < last {
					t.Errorf("read %d after %d", now, last)
				}
				last = now
			}
		})
	}
	for i := range int64(25) {
		k.change(t, func(b product.Batch) error {
			return b.SetPrices(t.Context(), []product.PriceChange{{Variant: variant, Currency: "EUR", Price: &product.Price{
				Key: gid.New(), Amount: money.Money{Minor: 1000 + i, Currency: "EUR"},
			}}}, k.now())
		})
	}
	k.shows(t, "the last price", query, nil, func(data string) bool { return strings.Contains(data, `"10.24"`) })
	close(ended)
	readers.Wait()
}
