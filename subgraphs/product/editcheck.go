package product

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/soukhq/souk/internal/fault"
)

const (
	maxName     = 255 // characters
	maxText     = 100_000
	maxVariants = 2048
	maxEdits    = 250 // of one call
)

// Check reports what is wrong with the edit whatever product it is for.
func (e *Edit) Check() error {
	var faults fault.List
	name := func(text *string, needed bool, field ...string) {
		switch {
		case text == nil:
		case needed && strings.TrimSpace(*text) == "":
			faults.Addf("REQUIRED", field, "The text is empty.")
		case utf8.RuneCountInString(*text) > maxName:
			faults.Addf("TOO_LONG", field, "The text is longer than %d characters.", maxName)
		case strings.ContainsRune(*text, 0) || !utf8.ValidString(*text):
			faults.Addf("INVALID", field, "The text has characters that cannot be written.")
		}
	}
	name(e.Handle, true, "input", "handle")
	name(e.Title, true, "input", "title")
	name(e.Vendor, false, "input", "vendor")
	name(e.ProductType, false, "input", "productType")
	if e.Handle != nil && !IsHandle(*e.Handle) {
		faults.Addf("INVALID", []string{"input", "handle"}, "The handle has characters other than letters, digits, dashes and underscores.")
	}
	if e.DescriptionHTML != nil && (utf8.RuneCountInString(*e.DescriptionHTML) > maxText || strings.ContainsRune(*e.DescriptionHTML, 0)) {
		faults.Addf("TOO_LONG", []string{"input", "descriptionHtml"}, "The text is longer than %d characters.", maxText)
	}
	if len(e.Tags) > maxEdits {
		faults.Addf("TOO_LONG", []string{"input", "tags"}, "There are more than %d tags.", maxEdits)
	}
	for i, tag := range e.Tags {
		name(&tag, true, "input", "tags", strconv.Itoa(i))
	}
	if e.Seo != nil {
		name(e.Seo.Title, false, "input", "seo", "title")
		name(e.Seo.Description, false, "input", "seo", "description")
	}
	if e.ProductOptions != nil && e.Variants == nil {
		faults.Addf("REQUIRED", []string{"input", "variants"}, "Who says which options there are also says which variants.")
	}
	for i, o := range e.ProductOptions {
		name(&o.Name, true, "input", "productOptions", strconv.Itoa(i), "name")
		for j, v := range o.Values {
			at := []string{"input", "productOptions", strconv.Itoa(i), "values", strconv.Itoa(j)}
			name(&v.Name, true, append(at, "name")...)
			if v.Color != nil && !isColor(*v.Color) {
				faults.Addf("INVALID", append(at, "color"), "%q is not a colour such as #c99a3f.", *v.Color)
			}
		}
	}
	if e.Variants != nil && (len(e.Variants) == 0 || len(e.Variants) > maxVariants) {
		faults.Addf("INVALID", []string{"input", "variants"}, "A product has at least one variant, and at most %d.", maxVariants)
	}
	for i, v := range e.Variants {
		at := []string{"input", "variants", strconv.Itoa(i)}
		name(v.Sku, false, append(at, "sku")...)
		name(v.Barcode, false, append(at, "barcode")...)
		name(v.TaxClass, true, append(at, "taxClass")...)
		if v.Weight != nil && !(v.Weight.Value >= 0 && v.Weight.Value < 1e6) {
			faults.Addf("INVALID", append(at, "weight", "value"), "The weight is less than nothing or too large.")
		}
		for j, p := range v.Prices {
			_, err := p.price()
			faults = append(faults, place(err, append(at, "prices", strconv.Itoa(j))...)...)
		}
	}
	return faults.Err()
}

// place puts a path before those of faults.
func place(err error, path ...string) fault.List {
	faults, _ := fault.Split(err)
	placed := make(fault.List, len(faults))
	for i, f := range faults {
		placed[i] = f.At(path...)
	}
	return placed
}

func isColor(text string) bool {
	return len(text) == 7 && text[0] == '#' && strings.Trim(strings.ToLower(text[1:]), "0123456789abcdef") == ""
}
