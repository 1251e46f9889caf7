package exchange

import "strings"

// Columns of a product export that are read, by the names of Shopify's older template.
const (
	colHandle         = "Handle"
	colTitle          = "Title"
	colBody           = "Body (HTML)"
	colVendor         = "Vendor"
	colType           = "Type"
	colTags           = "Tags"
	colPublished      = "Published"
	colStatus         = "Status"
	colCollection     = "Collection"
	colSEOTitle       = "SEO Title"
	colSEODescription = "SEO Description"
	colSKU            = "Variant SKU"
	colBarcode        = "Variant Barcode"
	colGrams          = "Variant Grams"
	colWeightUnit     = "Variant Weight Unit"
	colTracker        = "Variant Inventory Tracker"
	colQuantity       = "Variant Inventory Qty"
	colPolicy         = "Variant Inventory Policy"
	colPrice          = "Variant Price"
	colCompareAt      = "Variant Compare At Price"
	colShipping       = "Variant Requires Shipping"
	colTaxable        = "Variant Taxable"
	colVariantImage   = "Variant Image"
	colImage          = "Image Src"
	colImagePosition  = "Image Position"
	colImageAlt       = "Image Alt Text"
)

var (
	optionNames  = [3]string{"Option1 Name", "Option2 Name", "Option3 Name"}
	optionValues = [3]string{"Option1 Value", "Option2 Value", "Option3 Value"}
)

// columns are the columns by their headers in lower case, those of Shopify's newer template included.
var columns = func() map[string]string {
	byHeader := map[string]string{
		"url handle": colHandle, "description": colBody, "published on online store": colPublished, "sku": colSKU, "barcode": colBarcode,
		"weight value (grams)": colGrams, "weight unit for display": colWeightUnit, "inventory tracker": colTracker,
		"inventory quantity": colQuantity, "continue selling when out of stock": colPolicy, "price": colPrice,
		"compare-at price": colCompareAt, "requires shipping": colShipping, "charge tax": colTaxable,
		"variant image url": colVariantImage, "product image url": colImage,
	}
	for _, name := range []string{
		colHandle, colTitle, colBody, colVendor, colType, colTags, colPublished, colStatus, colCollection, colSEOTitle, colSEODescription,
		colSKU, colBarcode, colGrams, colWeightUnit, colTracker, colQuantity, colPolicy, colPrice, colCompareAt, colShipping, colTaxable,
		colVariantImage, colImage, colImagePosition, colImageAlt,
	} {
		byHeader[strings.ToLower(name)] = name
	}
	for i := range optionNames {
		byHeader[strings.ToLower(optionNames[i])] = optionNames[i]
		byHeader[strings.ToLower(optionValues[i])] = optionValues[i]
	}
	return byHeader
}()

// variantColumns are those whose values make a row one of a variant and not only of a picture.
var variantColumns = []string{optionValues[0], optionValues[1], optionValues[2], colSKU, colBarcode, colPrice, colCompareAt}
