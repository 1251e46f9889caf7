package product

// The names by which the graph knows types of this package.
type (
	// ProductVariant is a Variant.
	ProductVariant = Variant
	// ProductOption is an Option.
	ProductOption = Option
	// ProductOptionValue is an OptionValue.
	ProductOptionValue = OptionValue
	// ProductOptionValueSwatch is a Swatch.
	ProductOptionValueSwatch = Swatch
	// ProductPriceRange is a PriceRange.
	ProductPriceRange = PriceRange
)

// Media is the GraphQL interface of things to look at.
type Media interface{ IsMedia() }

// IsMedia marks the GraphQL interface Media.
func (*MediaImage) IsMedia() {}

// IsNode marks the GraphQL interface Node.
func (*Product) IsNode() {}

// IsNode marks the GraphQL interface Node.
func (*Variant) IsNode() {}

// IsNode marks the GraphQL interface Node.
func (*Collection) IsNode() {}

// IsEntity marks an entity of the federated graph.
func (*Product) IsEntity() {}

// IsEntity marks an entity of the federated graph.
func (*Variant) IsEntity() {}

// IsEntity marks an entity of the federated graph.
func (*Collection) IsEntity() {}

// IsEntity marks an entity of the federated graph.
func (*Shop) IsEntity() {}
