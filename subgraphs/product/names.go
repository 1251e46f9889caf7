package product

// The names by which the graph knows types of this package.
type (
	// ProductVariant is a Variant.
	ProductVariant = Variant
	// ProductOption is an Option.
	ProductOption = Option
	// ProductOptionValue is an OptionValue.
	ProductOptionValue = OptionValue
	// ProductPriceRange is a PriceRange.
	ProductPriceRange = PriceRange
)

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
