package exchange

import (
	"cmp"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/subgraphs/product"
)

const (
	maxText     = 255 // characters of a name
	maxVariants = 2048
)

// draft is a product as the file has it.
type draft struct {
	product     *product.Product
	collections []string // titles
}

// parser makes products of the rows of a file and collects what is wrong.
type parser struct {
	options  Options
	headers  map[string]string
	errs     *FileError
	pictures pictures
}

// parseShopify checks a whole file.
func parseShopify(r io.Reader, o Options) ([]*draft, pictures, error) {
	p := parser{options: o, errs: new(FileError), pictures: pictures{files: o.Files, read: map[string]picture{}}}
	t, err := readTable(r, func(header string) string { return columns[strings.ToLower(header)] }, p.errs)
	if err != nil {
		return nil, p.pictures, err
	}
	p.headers = t.headers
	for _, column := range []string{colHandle, colTitle} {
		if _, there := t.headers[column]; !there {
			p.errs.add(1, column, "The column is missing.")
		}
	}
	if p.errs.Total == 0 && len(t.records) == 0 {
		p.errs.add(1, "", "There is a header, but no product.")
	}
	var drafts []*draft
	for _, rows := range p.group(t.records) {
		drafts = append(drafts, p.product(rows))
	}
	if p.errs.Total > 0 {
		slices.SortStableFunc(p.errs.Errors, func(a, b LineError) int { return cmp.Compare(a.Line, b.Line) })
		return nil, p.pictures, p.errs
	}
	return drafts, p.pictures, nil
}

// group puts the rows of each product together, products in the order of their first rows.
func (p *parser) group(records []record) [][]record {
	if _, there := p.headers[colHandle]; !there {
		return nil
	}
	var groups [][]record
	at := map[string]int{}
	for _, r := range records {
		handle := r.fields[colHandle]
		if handle == "" {
			p.wrong(r, colHandle, "The handle is missing.")
			continue
		}
		i, known := at[handle]
		if !known {
			i = len(groups)
			at[handle] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], r)
	}
	return groups
}

func (p *parser) wrong(r record, column, format string, args ...any) {
	header := p.headers[column]
	if header == "" {
		header = column
	}
	p.errs.add(r.line, header, format, args...)
}

// product makes a product of its rows: the first one has what belongs to the product, each its variant or picture.
func (p *parser) product(rows []record) *draft {
	first := rows[0]
	d := &draft{product: &product.Product{
		Key: gid.New(), Handle: p.short(first, colHandle), Title: p.short(first, colTitle),
		Vendor: p.short(first, colVendor), ProductType: p.short(first, colType), Tags: p.tags(first),
		Seo: product.SEO{Title: first.optional(colSEOTitle), Description: first.optional(colSEODescription)},
	}}
	if strings.ContainsFunc(d.product.Handle, func(r rune) bool { return !product.InHandle(r) }) {
		p.wrong(first, colHandle, "The handle %q has characters other than letters, digits, dashes and underscores.", d.product.Handle)
	}
	if d.product.Title == "" {
		p.wrong(first, colTitle, "The first line of a product has its title.")
	}
	d.product.DescriptionHTML = product.SafeHTML(first.fields[colBody])
	d.product.Text = product.PlainText(d.product.DescriptionHTML)
	if p.published(first) {
		at := p.options.Now
		d.product.Published = &at
	}
	p.addImages(d.product, rows)
	p.addVariants(d.product, rows)
	d.collections = p.collections(d.product, rows)
	return d
}

func (r record) optional(column string) *string {
	if text, there := r.fields[column]; there {
		return &text
	}
	return nil
}

// short reads a name.
func (p *parser) short(r record, column string) string {
	text := r.fields[column]
	if utf8.RuneCountInString(text) > maxText {
		p.wrong(r, column, "The text is longer than %d characters.", maxText)
	}
	return text
}

// tags reads words between commas, in alphabetical order. Words that differ only in case are one.
func (p *parser) tags(r record) []string {
	tags := []string{}
	for tag := range strings.SplitSeq(r.fields[colTags], ",") {
		tag = strings.TrimSpace(tag)
		if tag == "" || slices.ContainsFunc(tags, func(t string) bool { return strings.EqualFold(t, tag) }) {
			continue
		}
		if utf8.RuneCountInString(tag) > maxText {
			p.wrong(r, colTags, "A tag is longer than %d characters.", maxText)
		}
		tags = append(tags, tag)
	}
	slices.SortFunc(tags, func(a, b string) int { return cmp.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return tags
}

// published tells whether a product is on sale: unless it says otherwise.
func (p *parser) published(r record) bool {
	visible := p.boolean(r, colPublished, true)
	switch status := r.fields[colStatus]; strings.ToLower(status) {
	case "", "active":
		return visible
	case "draft", "archived", "unlisted":
		return false
	default:
		p.wrong(r, colStatus, "%q is not active, draft or archived.", status)
		return false
	}
}

// collections returns the titles of the collections that the product is put into.
func (p *parser) collections(made *product.Product, rows []record) []string {
	var titles []string
	for _, r := range rows {
		title := p.short(r, colCollection)
		if title != "" && slug(title) == "" {
			p.wrong(r, colCollection, "%q has no letter or digit to make an address of.", title)
		}
		titles = append(titles, title)
	}
	switch p.options.CollectionsFrom {
	case FromTags:
		titles = append(titles, made.Tags...)
	case FromTypes:
		titles = append(titles, made.ProductType)
	}
	return slices.DeleteFunc(titles, func(title string) bool { return slug(title) == "" })
}
