package library

import (
	"errors"
	"fmt"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// addMenu reads a menu: a list of links, which may have lists below them.
func (b *binder) addMenu(handle string, f front, body []byte) error {
	m := &Menu{ID: id("Menu", handle), Handle: handle, Title: f.Title}
	root := goldmark.DefaultParser().Parse(text.NewReader(body))
	list, ok := root.FirstChild().(*ast.List)
	if !ok {
		return errors.New("a menu is a list of links")
	}
	items, err := b.items(list, body, handle)
	if err != nil {
		return err
	}
	m.Items = items
	b.edition.menus[handle], b.edition.byID[m.ID] = m, m
	return nil
}

// items reads a list. place tells it from all others.
func (b *binder) items(list *ast.List, body []byte, place string) ([]*MenuItem, error) {
	items := []*MenuItem{}
	for entry := list.FirstChild(); entry != nil; entry = entry.NextSibling() {
		link := linkOf(entry)
		if link == nil {
			return nil, errors.New("an entry of a menu begins with a link")
		}
		own := fmt.Sprintf("%s/%d", place, len(items))
		item := &MenuItem{ID: id("MenuItem", own), Title: textOf(link, body), Tags: []string{}, Items: []*MenuItem{}}
		if err := b.lead(item, string(link.Destination)); err != nil {
			return nil, err
		}
		if below, ok := entry.LastChild().(*ast.List); ok {
			var err error
			if item.Items, err = b.items(below, body, own); err != nil {
				return nil, err
			}
		}
		items = append(items, item)
	}
	return items, nil
}

func linkOf(entry ast.Node) *ast.Link {
	if entry.FirstChild() == nil {
		return nil
	}
	link, _ := entry.FirstChild().FirstChild().(*ast.Link)
	return link
}

// textOf returns the words of a node.
func textOf(n ast.Node, body []byte) string {
	var s strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			s.Write(t.Segment.Value(body))
		} else {
			s.WriteString(textOf(c, body))
		}
	}
	return s.String()
}

// lead sets where an item leads to. An address of the shop tells what is there; one of a text must be that of a text.
func (b *binder) lead(item *MenuItem, address string) error {
	if strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://") {
		item.Type, item.URL = "HTTP", &address
		return nil
	}
	kind, resource, known := b.target(address)
	if !known {
		return fmt.Errorf("its link %q leads nowhere", address)
	}
	url := b.site.Shop + address
	item.Type, item.URL = kind, &url
	if resource != "" {
		item.ResourceID = &resource
	}
	return nil
}

// places are the addresses that are there in each shop.
var places = map[string]string{
	"/": "FRONTPAGE", "/collections": "COLLECTIONS", "/collections/all": "CATALOG", "/search": "SEARCH", "/account": "CUSTOMER_ACCOUNT_PAGE",
}

// target tells what is at an address of the shop, and the id of it if it is a text.
func (b *binder) target(address string) (kind, resource string, known bool) {
	if kind, known = places[address]; known {
		return kind, "", true
	}
	parts := strings.Split(strings.TrimPrefix(address, "/"), "/")
	if len(parts) < 2 || !strings.HasPrefix(address, "/") {
		return "", "", false
	}
	name := strings.Join(parts[1:], "/")
	switch parts[0] {
	case "collections":
		return "COLLECTION", "", len(parts) == 2
	case "products":
		return "PRODUCT", "", len(parts) == 2
	case "pages":
		kind, resource = "PAGE", id("Page", name)
	case "policies":
		kind, resource = "SHOP_POLICY", id("ShopPolicy", name)
	case "blogs":
		kind, resource = "BLOG", id("Blog", name)
		if len(parts) == 3 {
			kind, resource = "ARTICLE", id("Article", name)
		}
	}
	return kind, resource, b.edition.byID[resource] != nil
}
