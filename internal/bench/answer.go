package main

import (
	"encoding/json"
	"fmt"
)

// representation is what a gateway sends to name an entity.
type representation struct {
	Typename string          `json:"__typename"`
	ID       json.RawMessage `json:"id"`
	UPC      json.RawMessage `json:"upc"`
	Price    json.RawMessage `json:"price"`
	Weight   json.RawMessage `json:"weight"`
}

// run answers one operation.
type run struct {
	data      *data
	variables map[string]json.RawMessage
	out       []byte
	priced    bool // the representation carried what shippingEstimate requires
}

// answer appends the reply to an operation.
func (d *data) answer(out []byte, s selection, variables map[string]json.RawMessage) ([]byte, error) {
	r := run{data: d, variables: variables, out: append(out, `{"data":{`...)}
	for i, f := range s {
		r.comma(i)
		r.out = append(r.out, f.key...)
		var err error
		switch {
		case f.entities != "":
			err = r.entities(&f)
		case f.typename:
			r.out = append(r.out, `"Query"`...)
		case f.on != "":
			err = fmt.Errorf("fragments on Query are not known here")
		default:
			err = r.root(&f)
		}
		if err != nil {
			return nil, err
		}
	}
	return append(r.out, `}}`...), nil
}

func (r *run) comma(i int) {
	if i > 0 {
		r.out = append(r.out, ',')
	}
}

// root answers a root field that is a list.
func (r *run) root(f *field) error {
	list, first := r.data.roots[f.name], f.first
	if given := r.variables[f.firstVar]; given != nil {
		if err := json.Unmarshal(given, &first); err != nil {
			return fmt.Errorf("read variable %s: %w", f.firstVar, err)
		}
	}
	if first > 0 {
		list = list[:min(first, len(list))]
	}
	return r.list(list, f.sub)
}

// entities answers one _entities field. An entity that nobody knows is null.
func (r *run) entities(f *field) error {
	var asked []representation
	if err := json.Unmarshal(r.variables[f.entities], &asked); err != nil {
		return fmt.Errorf("read representations: %w", err)
	}
	r.out = append(r.out, '[')
	for i, a := range asked {
		r.comma(i)
		key := a.ID
		if keys[a.Typename] == "upc" {
			key = a.UPC
		}
		o := r.data.entities[a.Typename+string(key)]
		if o == nil {
			r.out = append(r.out, "null"...)
			continue
		}
		r.priced = a.Price != nil && a.Weight != nil
		if err := r.object(o, f.sub); err != nil {
			return err
		}
	}
	r.out = append(r.out, ']')
	return nil
}

func (r *run) list(list []*object, s selection) error {
	r.out = append(r.out, '[')
	for i, o := range list {
		r.comma(i)
		if err := r.object(o, s); err != nil {
			return err
		}
	}
	r.out = append(r.out, ']')
	return nil
}

func (r *run) object(o *object, s selection) error {
	r.out = append(r.out, '{')
	if err := r.fields(o, s, len(r.out)); err != nil {
		return err
	}
	r.out = append(r.out, '}')
	return nil
}

// fields writes the members of an object, which begins at start.
func (r *run) fields(o *object, s selection, start int) error {
	for i := range s {
		f := &s[i]
		if f.name == "" {
			if f.on == o.typ {
				if err := r.fields(o, f.sub, start); err != nil {
					return err
				}
			}
			continue
		}
		r.comma(len(r.out) - start)
		r.out = append(r.out, f.key...)
		if err := r.value(o, f); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) value(o *object, f *field) error {
	switch {
	case f.typename:
		r.out = append(append(append(r.out, '"'), o.typ...), '"')
		return nil
	case f.name == "shippingEstimate" && !r.priced:
		return fmt.Errorf("shippingEstimate requires price and weight")
	}
	switch v := &o.values[f.index]; {
	case v.leaf != nil:
		r.out = append(r.out, v.leaf...)
		return nil
	case v.many != nil:
		return r.list(v.many, f.sub)
	case v.one != nil:
		return r.object(v.one, f.sub)
	}
	return fmt.Errorf("the reference reply does not tell %s.%s", o.typ, f.name)
}
