package federationtest_test

import (
	"errors"
	"fmt"
	"sync"

	"github.com/soukhq/souk/router/federationtest"
	"github.com/vektah/gqlparser/v2/ast"
)

// shop is the state that the three subgraphs of the suite "mutations" share.
type shop struct {
	mu       sync.Mutex
	products map[string]*product
	order    []string
	requests map[string]bool // that added a category
	numbers  map[string]int
}

type product struct {
	id, name string
	price    float64
}

func newShop() *shop {
	return &shop{products: map[string]*product{}, requests: map[string]bool{}, numbers: map[string]int{}}
}

// resolvers returns the subgraphs a, b and c.
func (s *shop) resolvers() map[string]federationtest.Resolver {
	return map[string]federationtest.Resolver{"a": &seller{s, "a"}, "b": &seller{s, "b"}, "c": &seller{s, "c"}}
}

// seller is one subgraph.
type seller struct {
	*shop
	name string
}

func (s *seller) Root(ast.Operation) federationtest.Object {
	return object{"Root", func(name string, args map[string]any) (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.root(name, args)
	}}
}

func (s *seller) root(name string, args map[string]any) (any, error) {
	id, _ := args["requestId"].(string)
	switch name {
	case "product":
		s.stock()
		return s.find(args["id"]), nil
	case "products":
		s.stock()
		var all []any
		for _, id := range s.order {
			all = append(all, s.find(id))
		}
		return all, nil
	case "addProduct":
		input, _ := args["input"].(map[string]any)
		p := &product{id: fmt.Sprintf("p-added-%d", len(s.products)), name: fmt.Sprint(input["name"]), price: number(input["price"])}
		s.products[p.id], s.order = p, append(s.order, p.id)
		return s.find(p.id), nil
	case "addCategory":
		if s.requests[id] {
			return nil, errors.New("the category was added before")
		}
		s.requests[id] = true
		return category("c-added-"+id, fmt.Sprint(args["name"])), nil
	case "add":
		s.numbers[id] += int(number(args["num"]))
		return s.numbers[id], nil
	case "multiply":
		s.numbers[id] *= int(number(args["by"]))
		return s.numbers[id], nil
	case "delete":
		n := s.numbers[id]
		delete(s.numbers, id)
		return n, nil
	}
	return nil, fmt.Errorf("no such field: %s", name)
}

// stock adds the product that is always there.
func (s *seller) stock() {
	if s.products["p1"] == nil {
		s.products["p1"], s.order = &product{"p1", "p1-name", 9.99}, append(s.order, "p1")
	}
}

func (s *seller) find(id any) any {
	key, _ := id.(string)
	p := s.products[key]
	if p == nil {
		return nil
	}
	return s.describe(p, nil)
}

// describe makes the object of a product for what a representation said of it.
func (s *seller) describe(p *product, representation map[string]any) federationtest.Object {
	return object{"Product", func(name string, _ map[string]any) (any, error) {
		switch name {
		case "id":
			return p.id, nil
		case "name":
			return p.name, nil
		case "price":
			return p.price, nil
		case "isAvailable":
			return true, nil
		case "isExpensive":
			if _, ok := representation["price"]; !ok {
				return nil, errors.New("the representation has no price")
			}
			return number(representation["price"]) > 100, nil
		}
		return nil, fmt.Errorf("no such field: %s", name)
	}}
}

// Entity takes the product away, so that a plan that asks twice is noticed.
func (s *seller) Entity(representation map[string]any) (federationtest.Object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, _ := representation["id"].(string)
	if representation["__typename"] == "Category" {
		return category(id, "new"), nil
	}
	p := s.products[id]
	if p == nil {
		return nil, nil
	}
	delete(s.products, id)
	return s.describe(p, representation), nil
}

func category(id, name string) federationtest.Object {
	return object{"Category", func(field string, _ map[string]any) (any, error) {
		return map[string]any{"id": id, "name": name}[field], nil
	}}
}

// object resolves fields by a function.
type object struct {
	typename string
	field    func(name string, args map[string]any) (any, error)
}

func (o object) Typename() string { return o.typename }

func (o object) Field(name string, args map[string]any) (any, error) { return o.field(name, args) }

// number reads a JSON number or a GraphQL literal.
func number(v any) float64 {
	switch v := v.(type) {
	case float64:
		return v
	case int64:
		return float64(v)
	case int:
		return float64(v)
	}
	return 0
}
