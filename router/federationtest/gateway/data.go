package main

import (
	"encoding/json"
	"fmt"
)

// object is a user, a product or a review. Its leaves are values in JSON.
type object struct {
	typ    string
	leaves map[string]json.RawMessage
	one    map[string]*object
	many   map[string][]*object
}

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
	for name, value := range members {
		var err error
		switch {
		case links[name] == "":
			o.leaves[name] = value
		case value[0] == '[':
			err = d.learnList(o, name, value)
		default:
			var inner map[string]json.RawMessage
			if err = json.Unmarshal(value, &inner); err == nil {
				o.one[name], err = d.learn(links[name], inner)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return o, nil
}

func (d *data) learnList(o *object, name string, value json.RawMessage) error {
	var items []map[string]json.RawMessage
	if err := json.Unmarshal(value, &items); err != nil {
		return err
	}
	list := []*object{}
	for _, item := range items {
		linked, err := d.learn(links[name], item)
		if err != nil {
			return err
		}
		list = append(list, linked)
	}
	o.many[name] = list
	return nil
}

// entity returns the object of that type and key, made if it is new.
func (d *data) entity(typ, key string) *object {
	id := typ + key
	if d.entities[id] == nil {
		d.entities[id] = &object{typ: typ, leaves: map[string]json.RawMessage{}, one: map[string]*object{}, many: map[string][]*object{}}
	}
	return d.entities[id]
}
