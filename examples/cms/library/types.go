// Package library reads texts from a folder of Markdown files and keeps up with them.
package library

import "time"

// Page is a page of text.
type Page struct {
	ID, Handle, Title    string
	TrackingParameters   *string
	Body, BodySummary    string
	SEO                  *SEO
	CreatedAt, UpdatedAt time.Time
}

// Blog is a series of articles, the newest first.
type Blog struct {
	ID, Handle, Title string
	SEO               *SEO
	All               []*Article
}

// Article is a text of a blog.
type Article struct {
	ID, Handle, Title             string
	TrackingParameters            *string
	AuthorV2                      *ArticleAuthor
	Blog                          *Blog
	Content, ContentHTML, Excerpt string
	Image                         *Image
	PublishedAt                   time.Time
	SEO                           *SEO
	Tags                          []string
	RelatedProducts               []*Product
}

// ArticleAuthor is who wrote an article.
type ArticleAuthor struct{ Name string }

// Product is what is known here of a product: the name by which its owner finds it.
type Product struct{ Handle string }

// Menu is a list of links.
type Menu struct {
	ID, Handle, Title string
	Items             []*MenuItem
}

// MenuItem is a link, with links below it.
type MenuItem struct {
	ID, Title       string
	Type            string // a value of the enum MenuItemType
	URL, ResourceID *string
	Tags            []string
	Items           []*MenuItem
}

// ShopPolicy is a legal text.
type ShopPolicy struct{ ID, Title, Handle, Body, URL string }

// ShopPolicyWithDefault is a legal text that may be a standard one. None is kept here.
type ShopPolicyWithDefault struct {
	ID                       *string
	Title, Handle, Body, URL string
}

// Shop is what is added to the shop.
type Shop struct {
	ID                                                          string
	PrivacyPolicy, RefundPolicy, ShippingPolicy, TermsOfService *ShopPolicy
	SubscriptionPolicy                                          *ShopPolicyWithDefault
}

// PageInfo is where a page stands in a list.
type PageInfo struct {
	HasNextPage, HasPreviousPage bool
	StartCursor, EndCursor       *string
}

// SEO are texts for search engines.
type SEO struct{ Title, Description *string }

// Image is a picture.
type Image struct {
	ID            *string
	URL           string
	AltText       *string
	Width, Height *int
}

// The marks below say what the schema says of these types.

// IsNode marks a Node.
func (*Page) IsNode() {}

// IsNode marks a Node.
func (*Blog) IsNode() {}

// IsNode marks a Node.
func (*Article) IsNode() {}

// IsNode marks a Node.
func (*Menu) IsNode() {}

// IsNode marks a Node.
func (*ShopPolicy) IsNode() {}

// IsEntity marks an entity.
func (*Page) IsEntity() {}

// IsEntity marks an entity.
func (*Blog) IsEntity() {}

// IsEntity marks an entity.
func (*Article) IsEntity() {}

// IsEntity marks an entity.
func (*Menu) IsEntity() {}

// IsEntity marks an entity.
func (*ShopPolicy) IsEntity() {}

// IsEntity marks an entity.
func (*Shop) IsEntity() {}

// IsEntity marks an entity.
func (*Product) IsEntity() {}
