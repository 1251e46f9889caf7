package main

import "time"

// What the graph tells, as far as pages show it. The names are those of the schema.

type money struct{ Amount, CurrencyCode string }

type image struct {
	URL, AltText  string
	Width, Height int
}

type list[T any] struct {
	TotalCount struct{ Value int }
	PageInfo   struct {
		HasNextPage, HasPreviousPage bool
		StartCursor, EndCursor       string
	}
	Filters []filter
	Nodes   []T
}

type filter struct {
	ID, Label, Type string
	Range           *struct{ Min, Max money }
	Values          []filterValue
}

type filterValue struct {
	Label, Input string
	Count        int
	Selected     bool
	Swatch       *struct{ Color string }
}

type seo struct{ Title, Description string }

type selectedOption struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type product struct {
	ID, Handle, Title, Vendor, ProductType, Description, DescriptionHTML string
	Tags                                                                 []string
	AvailableForSale                                                     bool
	FeaturedImage                                                        *image
	Images                                                               list[image]
	Options                                                              []struct {
		Name         string
		Values       []string
		OptionValues []struct {
			Name                   string
			FirstSelectableVariant *struct{ Image *image }
		}
	}
	PriceRange                      struct{ MinVariantPrice, MaxVariantPrice money }
	CompareAtPriceRange             *struct{ MaxVariantPrice money }
	Variants                        list[variant]
	SelectedOrFirstAvailableVariant *variant
	Collections                     list[collection]
	SEO                             seo
}

type variant struct {
	ID, SKU, Title                        string
	AvailableForSale, CurrentlyNotInStock bool
	QuantityAvailable                     *int
	Image                                 *image
	Price                                 money
	CompareAtPrice                        *money
	SelectedOptions                       []selectedOption
}

type collection struct {
	Handle, Title, Description string
	Image                      *image
	SEO                        seo
	Products                   list[product]
}

type menu struct{ Items []menuItem }

type menuItem struct {
	Title, URL, Type string
	Items            []menuItem
}

// layout is what every page shows around its own matter.
type layout struct {
	Shop struct {
		Name, Description string
		PrimaryDomain     struct{ URL string }
	}
	Collections          list[collection]
	MainMenu, FooterMenu *menu
	Cart                 *struct{ TotalQuantity int }
}

type cart struct {
	ID, State     string
	TotalQuantity int
	Cost          struct{ SubtotalAmount, TotalAmount money }
	Lines         list[cartLine]
}

type cartLine struct {
	ID, State string
	Quantity  int
	Cost      struct {
		AmountPerQuantity, TotalAmount money
		CompareAtAmountPerQuantity     *money
	}
	Snapshot struct {
		Title, VariantTitle, Handle string
		Image                       *image
		SelectedOptions             []selectedOption
	}
}

type userError struct {
	Code, Message string
	Field         []string
}

type address struct {
	FirstName, LastName, Company, Address1, Address2, City, ProvinceCode, Zip, CountryCode, Phone string
	Formatted                                                                                     []string
}

type taxLine struct {
	Title, Rate string
	Amount      money
}

type deliveryOption struct {
	Handle, Title, Description string
	EstimatedCost              money
}

type checkout struct {
	ID, State, Email, Phone string
	ShippingAddress         *address
	Lines                   []struct {
		ID, Title, VariantTitle string
		Quantity                int
		Image                   *image
		UnitPrice, Total        money
	}
	DeliveryGroups []struct {
		ID                     string
		DeliveryOptions        []deliveryOption
		SelectedDeliveryOption *deliveryOption
	}
	Cost struct {
		PricesIncludeTax   bool
		Subtotal, Total    money
		Shipping, TotalTax *money
		TaxLines           []taxLine
	}
	PaymentMethods []struct{ Gateway, Title string }
	Problems       []struct{ Code, Message, LineID string }
	Completion     *completion
}

type completion struct {
	AttemptID, Status, OrderAccessToken string
	Order                               *struct{ ID string }
	Failure                             *struct {
		Code, Message string
		LineIDs       []string
		Retryable     bool
	}
}

type order struct {
	ID, Name, PaymentStatus, FulfillmentStatus, Email string
	PlacedAt                                          time.Time
	TotalQuantity                                     int
	ShippingAddress                                   *address
	Lines                                             list[orderLine]
	Cost                                              struct {
		PricesIncludeTax bool
		Subtotal         money
		Shipping         struct{ Gross money }
		Total            struct{ Gross, Tax money }
		TaxLines         []taxLine
	}
}

type orderLine struct {
	Title, VariantTitle string
	Quantity            int
	Image               *image
	UnitPrice           money
	Total               struct{ Gross money }
}

type customer struct {
	DisplayName, Email string
	Orders             list[order]
}

type tokens struct {
	AccessToken, RefreshToken string
	ExpiresAt                 time.Time
}

type article struct {
	Handle, Title, Excerpt, ContentHTML string
	PublishedAt                         time.Time
	Image                               *image
	Blog                                struct{ Handle string }
	AuthorV2                            *struct{ Name string }
	RelatedProducts                     []*product
	SEO                                 seo
}

type blog struct {
	Title, Handle   string
	SEO             seo
	Articles        list[article]
	ArticleByHandle *article
}

type textPage struct {
	Handle, Title, Body string
	SEO                 seo
}
