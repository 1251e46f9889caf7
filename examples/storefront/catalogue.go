package main

import (
	"net/http"
	"net/url"
	"slices"
)

const pageSize = 12 // products of a list

// home shows the front page.
func home(v *visit) error {
	var data struct {
		layout
		Featured list[collection]
		Blog     *blog
	}
	if err := v.ask("home", nil, &data); err != nil {
		return err
	}
	matter := struct {
		Heroes, Favourites []product
		Collections        []collection
		Blog               *blog
	}{Collections: data.Featured.Nodes, Blog: data.Blog}
	shown := map[string]bool{}
	pick := func(from []product) []product { // The first that is not on the page yet.
		i := slices.IndexFunc(from, func(p product) bool { return !shown[p.ID] })
		if i < 0 {
			return nil
		}
		shown[from[i].ID] = true
		return from[i : i+1]
	}
	for _, c := range data.Featured.Nodes { // One of each collection, so that the front page shows all that there is.
		n := slices.Clone(c.Products.Nodes)
		if len(n) > 0 {
			shown[n[0].ID] = true // It is the picture of the collection.
		}
		if len(matter.Heroes) < 3 {
			matter.Heroes = append(matter.Heroes, pick(n)...)
		}
		slices.Reverse(n)
		matter.Favourites = append(matter.Favourites, pick(n)...)
	}
	return v.show(http.StatusOK, "home", &data.layout, "", matter)
}

// sort is an order of products.
type sort struct {
	Name, Label     string
	all, collection string // the sort keys of both kinds of lists
	reverse         bool
}

var sorts = []sort{
	{"", "Our order", "ID", "COLLECTION_DEFAULT", false},
	{"price", "Price: low to high", "PRICE", "PRICE", false},
	{"price-down", "Price: high to low", "PRICE", "PRICE", true},
	{"title", "Name", "TITLE", "TITLE", false},
	{"new", "Newest", "CREATED_AT", "CREATED", true},
}

// listing is the matter of a list of products.
type listing struct {
	Handle, Title, Text string
	Products            list[product]
	Sorts               []sort
	Sort                string
	Facets              []facet
	Chosen              []chip // the filters that are set
	Next, Previous      string // addresses of further pages
	Reset               string // the address without filters
}

// products shows a collection, or all products.
func products(v *visit) error {
	form, handle := v.r.URL.Query(), v.r.PathValue("handle")
	chosen := sorts[max(0, slices.IndexFunc(sorts, func(s sort) bool { return s.Name == form.Get("sort") }))]
	variables := map[string]any{"reverse": chosen.reverse, "sortKey": chosen.all}
	if before := form.Get("before"); before != "" {
		variables["last"], variables["before"] = pageSize, before
	} else {
		variables["first"] = pageSize
		if after := form.Get("after"); after != "" {
			variables["after"] = after
		}
	}
	variables["filters"] = chosenFilters(form)
	var data struct {
		layout
		Products   list[product]
		Collection *collection
	}
	operation := "products"
	if handle != "all" {
		operation, variables["sortKey"], variables["handle"] = "collection", chosen.collection, handle
	}
	if err := v.ask(operation, variables, &data); err != nil {
		if form.Has("after") || form.Has("before") { // A cursor that belongs to another list.
			form.Del("after")
			form.Del("before")
			v.to(query(v.r.URL.Path, form))
			return nil
		}
		return err
	}
	l := listing{Handle: handle, Title: v.t("Everything"), Text: v.t("All that we have, from every workshop."), Products: data.Products, Sorts: sorts, Sort: chosen.Name}
	if handle != "all" {
		if data.Collection == nil {
			return errNotFound
		}
		l.Title, l.Text, l.Products = data.Collection.Title, data.Collection.Description, data.Collection.Products
	}
	l.Facets = facets(l.Products.Filters, form)
	l.Chosen = chips(l.Facets, form, v.r.URL.Path)
	l.addresses(v.r.URL.Path, form)
	return v.show(http.StatusOK, "list", &data.layout, l.Title, l)
}

// addresses writes where the pages before and after this one are.
func (l *listing) addresses(path string, form url.Values) {
	form.Del("after")
	form.Del("before")
	to := func(name, cursor string) string {
		values := url.Values{name: {cursor}}
		for key, value := range form {
			values[key] = value
		}
		return query(path, values)
	}
	if l.Products.PageInfo.HasNextPage {
		l.Next = to("after", l.Products.PageInfo.EndCursor)
	}
	if l.Products.PageInfo.HasPreviousPage {
		l.Previous = to("before", l.Products.PageInfo.StartCursor)
	}
	l.Reset = query(path, url.Values{"sort": {form.Get("sort")}})
}

// choice is a value of an option, as a link to the variant that has it.
type choice struct {
	Name, Address string
	Image         *image
	Chosen, Sold  bool // Sold: there is nothing left
}

// productPage is the matter of a product's page.
type productPage struct {
	Product product
	Variant variant
	Options []struct {
		Name, Chosen string
		Pictures     bool // values differ in their pictures
		Choices      []choice
	}
	Collection *collection
	Related    []product
	Problem    string
}

// showProduct shows a product in the variant that the address names.
func showProduct(v *visit) error { return v.product(v.r.PathValue("handle"), v.r.URL.Query(), "") }

// product shows a product, with what was wrong with a wish for it.
func (v *visit) product(handle string, form url.Values, problem string) error {
	options := []selectedOption{}
	for name, value := range form {
		options = append(options, selectedOption{name, value[0]})
	}
	var data struct {
		layout
		Product *product
	}
	if err := v.ask("product", map[string]any{"handle": handle, "options": options}, &data); err != nil {
		return err
	}
	if data.Product == nil || data.Product.SelectedOrFirstAvailableVariant == nil {
		return errNotFound
	}
	matter := productPage{Product: *data.Product, Variant: *data.Product.SelectedOrFirstAvailableVariant, Problem: problem}
	matter.choose()
	if c := data.Product.Collections.Nodes; len(c) > 0 {
		matter.Collection = &c[0]
		related := slices.DeleteFunc(slices.Clone(c[0].Products.Nodes), func(p product) bool { return p.ID == data.Product.ID })
		matter.Related = related[:min(4, len(related))]
	}
	status := http.StatusOK
	if problem != "" {
		status = http.StatusUnprocessableEntity
	}
	return v.show(status, "product", &data.layout, data.Product.Title, matter)
}

// choose lists the values of each option, with what a click on each leads to.
func (m *productPage) choose() {
	for _, o := range m.Product.Options {
		option := struct {
			Name, Chosen string
			Pictures     bool
			Choices      []choice
		}{Name: o.Name}
		seen := map[string]bool{}
		for _, value := range o.OptionValues {
			values, wanted := url.Values{}, []selectedOption{}
			c := choice{Name: value.Name}
			for _, s := range m.Variant.SelectedOptions {
				if s.Name == o.Name {
					c.Chosen = s.Value == value.Name
					s.Value = value.Name
				}
				values.Set(s.Name, s.Value)
				wanted = append(wanted, s)
			}
			if c.Chosen {
				option.Chosen = value.Name
			}
			c.Address = query("/products/"+m.Product.Handle, values)
			c.Sold = !m.sells(wanted)
			if first := value.FirstSelectableVariant; first != nil && first.Image != nil {
				c.Image = first.Image
				seen[first.Image.URL] = true
			}
			option.Choices = append(option.Choices, c)
		}
		option.Pictures = len(seen) > 1 || len(seen) == 1 && len(option.Choices) == 1
		m.Options = append(m.Options, option)
	}
}

// sells tells whether the variant with these values can be bought.
func (m *productPage) sells(wanted []selectedOption) bool {
	return slices.ContainsFunc(m.Product.Variants.Nodes, func(x variant) bool {
		return x.AvailableForSale && slices.Equal(x.SelectedOptions, wanted)
	})
}
