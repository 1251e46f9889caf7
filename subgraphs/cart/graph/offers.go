package graph

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/soukhq/souk/internal/call"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/subgraphs/cart"
)

const questionToProduct = `query Offers($variants: [_Any!]!) {
  _entities(representations: $variants) {
    ... on ProductVariant {
      id title sku barcode availableForSale quantityAvailable requiresShipping taxClass
      price { amount currencyCode } compareAtPrice { amount currencyCode }
      weight { value unit } selectedOptions { name value } image { url altText width height }
      product {
        id handle title descriptionHtml vendor productType tags availableForSale publishedAt createdAt updatedAt
        featuredImage { url altText width height }
      }
    }
  }
}`

// patience is how long product may take to answer.
const patience = 300 * time.Millisecond

// variant is a product variant as product answers it.
type variant struct {
	ID, Title, TaxClass                string
	SKU, Barcode                       *string
	AvailableForSale, RequiresShipping bool
	QuantityAvailable                  *int64
	Price                              price
	CompareAtPrice                     *price
	Weight                             *cart.WrittenWeight
	SelectedOptions                    []cart.Option
	Image                              *cart.Picture
	Product                            product
}

type product struct {
	ID, Handle, Title, DescriptionHTML, Vendor, ProductType string
	Tags                                                    []string
	AvailableForSale                                        bool
	PublishedAt, CreatedAt, UpdatedAt                       time.Time
	FeaturedImage                                           *cart.Picture
}

type price struct{ Amount, CurrencyCode string }

// ask asks product, in one question, for variants that are not known (rule B-1 c). Where it cannot be asked the answer is
// the fault SERVICE_UNAVAILABLE.
func (r *Resolver) ask(ctx context.Context, unknown *cart.Unknown) (cart.Offers, error) {
	offers := cart.Offers{}
	var representations []map[string]string
	for _, v := range unknown.Variants {
		if _, asked := offers[v]; !asked {
			offers[v] = nil
			representations = append(representations, map[string]string{"__typename": "ProductVariant", "id": gid.Format("ProductVariant", v)})
		}
	}
	ctx = identity.WithContext(ctx, identity.Context{Currency: unknown.Currency}) // The cart's own, not the request's.
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	var answer struct {
		Entities []*variant `json:"_entities"`
	}
	err := r.Product.Ask(ctx, questionToProduct, map[string]any{"variants": representations}, &answer)
	if errors.Is(err, call.ErrUnavailable) {
		return nil, fault.New("SERVICE_UNAVAILABLE", "The shop cannot be asked for this variant at the moment. Try again.")
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
		if offers[id], err = r.offer(v, unknown.Currency); err != nil {
			return nil, fmt.Errorf("read offer of %s: %w", v.ID, err)
		}
	}
	return offers, nil
}

func (r *Resolver) offer(v *variant, currency string) (*cart.Offer, error) {
	p := v.Product
	productID, ok := gid.Parse("Product", p.ID)
	if !ok {
		return nil, fmt.Errorf("%q is not the id of a product", p.ID)
	}
	o := &cart.Offer{OnSale: true, Description: p.DescriptionHTML, Stock: v.stock(), Siblings: p.AvailableForSale, Snapshot: cart.Snapshot{
		Product: productID, Title: p.Title, VariantTitle: v.Title, SKU: v.SKU, Handle: p.Handle, Image: r.relative(v.Image),
		Options: append([]cart.Option{}, v.SelectedOptions...), RequiresShipping: v.RequiresShipping,
		Weight: grams(v.Weight), TaxClass: v.TaxClass, TakenAt: r.Now().UTC().Truncate(time.Microsecond),
		Facts: cart.Facts{
			Barcode: v.Barcode, Weight: v.Weight, Vendor: p.Vendor, ProductType: p.ProductType, Tags: append([]string{}, p.Tags...),
			Picture: r.relative(p.FeaturedImage), PublishedAt: p.PublishedAt.UTC(), CreatedAt: p.CreatedAt.UTC(), UpdatedAt: p.UpdatedAt.UTC(),
		},
	}}
	amount, err := money.Parse(v.Price.Amount, v.Price.CurrencyCode)
	if err != nil {
		return nil, err
	}
	row := cart.Price{Amount: amount}
	if v.CompareAtPrice != nil {
		before, err := money.Parse(v.CompareAtPrice.Amount, v.CompareAtPrice.CurrencyCode)
		if err != nil {
			return nil, err
		}
		row.CompareAt = &before
	}
	o.Price = cart.Choose([]cart.Price{row}, currency, r.Now())
	return o, nil
}

// relative keeps the name of a file of ours without its address, because the media server may move.
func (r *Resolver) relative(p *cart.Picture) *cart.Picture {
	if p == nil {
		return nil
	}
	kept := *p
	kept.URL = strings.TrimPrefix(kept.URL, strings.TrimSuffix(r.MediaURL, "/")+"/")
	return &kept
}

// stock is how many pieces can be bought: as many as wanted where product takes orders for what it does not have.
func (v *variant) stock() cart.Stock {
	switch {
	case !v.AvailableForSale:
		return cart.Stock{Tracked: true}
	case v.QuantityAvailable == nil:
		return cart.Stock{}
	case *v.QuantityAvailable > 0:
		return cart.Stock{Tracked: true, Available: *v.QuantityAvailable}
	default:
		return cart.Stock{Tracked: true, Backorder: math.MaxInt64}
	}
}

func grams(w *cart.WrittenWeight) int64 {
	if w == nil {
		return 0
	}
	unit := map[string]float64{"GRAMS": 1, "KILOGRAMS": 1000, "OUNCES": 28.349523125, "POUNDS": 453.59237}[w.Unit]
	return int64(math.Round(min(max(0, w.Value*unit), math.MaxInt32)))
}
