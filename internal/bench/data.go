package main

import (
	"encoding/json"
	"fmt"
	"slices"
)

// object is a user, a product or a review.
type object struct {
	typ    string
	values [len(names)]value // by the index of the field's name
}

// value is what a field of an object holds: a leaf in JSON, an object, or a list. All are nil where it is not known.
type value struct {
	leaf json.RawMessage
	one  *object
	many []*object
}

// names are all the fields that objects have.
var names = [...]string{"id", "upc", "name", "username", "body", "price", "weight", "inStock", "shippingEstimate", "product", "author", "reviews"}

// index returns where a field's value is kept in an object; below 0 there is no such field.
func index(name string) int { return slices.Index(names[:], name) }

// data is all that the subgraphs know, read from the reply that the gateways have to give.
type data struct {
	roots    map[string][]*object // by the field of Query
	entities map[string]*object   // by type and key
}

// keys holds the field that identifies an object of each type.
var keys = map[string]string{"User": "id", "Product": "upc", "Review": "id"}

// links holds the type of the objects that a field leads to.
var links = map[string]string{"users": "User", "topProducts": "Product", "reviews": "Review", "product": "Product", "author": "User"}

// readData learns the objects from a reply.
func readData(reply []byte) (*data, error) {
	var answer struct {
		Data map[string][]map[string]json.RawMessage
	}
	if err := json.Unmarshal(reply, &answer); err != nil {
		return nil, fmt.Errorf("read the reference reply: %w", err)
	}
	d := &data{roots: map[string][]*object{}, entities: map[string]*object{}}
	for field, items := range answer.Data {
		for _, item := range items {
			o, err := d.learn(links[field], item)
			if err != nil {
				return nil, fmt.Errorf("read the reference reply: %w", err)
			}
			d.roots[field] = append(d.roots[field], o)
		}
	}
	return d, nil
}

// learn adds what one place of the reply tells about an object.
func (d *data) learn(typ string, members map[string]json.RawMessage) (*object, error) {
	o := d.entity(typ, string(members[keys[typ]]))
	for name, text := range members {
		i := index(name)
		if i < 0 {
			return nil, fmt.Errorf("field %s.%s is not known", typ, name)
		}
		if err := d.learnValue(&o.values[i], name, text); err != nil {
			return nil, err
		}
	}
	return o, nil
}

func (d *data) learnValue(v *value, name string, text json.RawMessage) error {
	var err error
	switch {
	case links[name] == "":
		v.leaf = text
		return nil
	case text[0] == '{':
		var members map[string]json.RawMessage
		if err := json.Unmarshal(text, &members); err != nil {
			return err
		}
		v.one, err = d.learn(links[name], members)
		return err
	}
	var items []map[string]json.RawMessage
	if err := json.Unmarshal(text, &items); err != nil {
		return err
	}
	v.many = make([]*object, len(items))
	for i, item := range items {
		if v.many[i], err = d.learn(links[name], item); err != nil {
			return err
		}
	}
	return nil
}

// entity returns the object of that type and key, made if it is new.
func (d *data) entity(typ, key string) *object {
	id := typ + key
	if d.entities[id] == nil {
		d.entities[id] = &object{typ: typ}
	}
	return d.entities[id]
}
