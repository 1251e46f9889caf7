package graph

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/call"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/subgraphs/cart"
)

const questionToProduct = `query Offers($variants: [_Any!]!) {
  _entities(representations: $variants) {
    ... on ProductVariant {
      id title sku availableForSale quantityAvailable requiresShipping taxClass
      price { amount currencyCode } compareAtPrice { amount currencyCode }
      weight { value unit } selectedOptions { name value } image { url altText width height }
      product { id handle title }
    }
  }
}`

// variant is a product variant as product answers it.
type variant struct {
	ID, Title, TaxClass                string
	SKU                                *string
	AvailableForSale, RequiresShipping bool
	QuantityAvailable                  *int
	Price                              price
	CompareAtPrice                     *price
	Weight                             *weight
	SelectedOptions                    []cart.Option
	Image                              *cart.Picture
	Product                            struct{ ID, Handle, Title string }
}

type price struct{ Amount, CurrencyCode string }

type weight struct {
	Value float64
	Unit  string
}

// offers asks product, in one question, what variants cost and how many there are (rule B-1 c). Where it cannot be asked
// the answer is the fault SERVICE_UNAVAILABLE.
func (r *Resolver) offers(ctx context.Context, variants []uuid.UUID) (cart.Offers, error) {
	offers := cart.Offers{}
	var representations []map[string]string
	for _, v := range variants {
		if _, asked := offers[v]; !asked {
			offers[v] = nil
			representations = append(representations, map[string]string{"__typename": "ProductVariant", "id": gid.Format("ProductVariant", v)})
		}
	}
	if len(representations) == 0 {
		return offers, nil
	}
	var answer struct {
		Entities []*variant `json:"_entities"`
	}
	err := r.Product.Ask(ctx, questionToProduct, map[string]any{"variants": representations}, &answer)
	if errors.Is(err, call.ErrUnavailable) {
		return nil, fault.New("SERVICE_UNAVAILABLE", "Prices cannot be asked for at the moment. Try again.")
	}
	if err != nil {
		return nil, err
	}
	if len(answer.Entities) != len(representations) {
		return nil, fmt.Errorf("read offers: product was asked for %d variants and answered %d", len(representations), len(answer.Entities))
	}
	for _, v := range answer.Entities {
		if v == nil {
			continue
		}
		id, ok := gid.Parse("ProductVariant", v.ID)
		if !ok {
			return nil, fmt.Errorf("read offer: %q is not the id of a variant", v.ID)
		}
		if offers[id], err = r.offer(v); err != nil {
			return nil, fmt.Errorf("read offer of %s: %w", v.ID, err)
		}
	}
	return offers, nil
}

func (r *Resolver) offer(v *variant) (*cart.Offer, error) {
	productID, ok := gid.Parse("Product", v.Product.ID)
	if !ok {
		return nil, fmt.Errorf("%q is not the id of a product", v.Product.ID)
	}
	o := &cart.Offer{Stock: v.stock(), Snapshot: cart.Snapshot{
		Product: productID, Title: v.Product.Title, VariantTitle: v.Title, SKU: v.SKU, Handle: v.Product.Handle,
		Options: append([]cart.Option{}, v.SelectedOptions...), RequiresShipping: v.RequiresShipping,
		Weight: v.Weight.grams(), TaxClass: v.TaxClass, TakenAt: r.Now().UTC().Truncate(time.Microsecond),
	}}
	if v.Image != nil { // Kept relative where the file is ours, because the media server may move.
		image := *v.Image
		image.URL = strings.TrimPrefix(image.URL, strings.TrimSuffix(r.MediaURL, "/")+"/")
		o.Snapshot.Image = &image
	}
	var err error
	if o.Price, err = money.Parse(v.Price.Amount, v.Price.CurrencyCode); err != nil {
		return nil, err
	}
	if v.CompareAtPrice != nil {
		before, err := money.Parse(v.CompareAtPrice.Amount, v.CompareAtPrice.CurrencyCode)
		if err != nil {
			return nil, err
		}
		o.CompareAt = &before
	}
	return o, nil
}

// stock is how many pieces can be bought, nil for as many as wanted: product does not count them, or takes orders for
// what it does not have.
func (v *variant) stock() *int {
	switch {
	case !v.AvailableForSale:
		return new(int)
	case v.QuantityAvailable != nil && *v.QuantityAvailable > 0:
		return v.QuantityAvailable
	default:
		return nil
	}
}

func (w *weight) grams() int64 {
	if w == nil {
		return 0
	}
	unit := map[string]float64{"GRAMS": 1, "KILOGRAMS": 1000, "OUNCES": 28.349523125, "POUNDS": 453.59237}[w.Unit]
	return int64(math.Round(min(max(0, w.Value*unit), math.MaxInt32)))
}
