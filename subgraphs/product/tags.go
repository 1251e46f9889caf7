package product

import (
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/gid"
)

// Tags of results that an event makes old, beside the ids of products and collections. They are those of @cacheTag in the
// schema.
const (
	tagProducts     = "products"     // lists of products and their handles
	tagCollections  = "collections"  // lists of collections, their handles, and which products are in which
	tagAvailability = "availability" // lists that depend on what can be bought
)

// CacheTags returns what is old when a product changed that is in these collections: their lists and pictures depend on it.
func CacheTags(id string, collections []uuid.UUID) []string {
	tags := []string{id, tagProducts}
	for _, key := range collections {
		tags = append(tags, gid.Format("Collection", key))
	}
	return tags
}

// CollectionTags returns what is old when a collection changed.
func CollectionTags(id string) []string { return []string{id, tagCollections} }

// stockTags returns what is old when the stock of a variant of a product changed: lists only where it can be bought from now
// on, or not any more.
func stockTags(id string, was, is Stock, switched bool) []string {
	if switched || was.Sellable(1) != is.Sellable(1) {
		return []string{id, tagAvailability}
	}
	return []string{id}
}
