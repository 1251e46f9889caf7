package operation

import (
	"slices"

	"github.com/soukhq/souk/router/supergraph"
)

// beyond returns what the fields of a type want beyond the common ones. A field that the type names earlier than the
// common part does stays if another one stands between, since it comes first in the answer.
func beyond(fields, common []*Field) []*Field {
	left := without(fields, common)
	for _, f := range fields {
		cover := byResponse(common, f.Response)
		if cover == nil || byResponse(left, f.Response) != nil {
			continue
		}
		between := func(o *Field) bool { return f.Order < o.Order && o.Order < cover.Order }
		if slices.ContainsFunc(fields, between) || slices.ContainsFunc(common, between) {
			left = append(left, f)
		}
	}
	slices.SortFunc(left, func(a, b *Field) int { return a.Order - b.Order })
	return left
}

// renumber makes the orders of a place consecutive, so that equal shapes have equal numbers.
func renumber(s *Selection) {
	var used []int
	each := func(visit func(*Field)) {
		for _, f := range s.Common {
			visit(f)
		}
		for _, bucket := range s.Per {
			for _, f := range bucket.Fields {
				visit(f)
			}
		}
	}
	each(func(f *Field) { used = append(used, f.Order) })
	slices.Sort(used)
	used = slices.Compact(used)
	each(func(f *Field) { f.Order, _ = slices.BinarySearch(used, f.Order) })
}

// without returns the fields that the covering ones do not select already, and of composite fields what is left.
func without(fields, covering []*Field) []*Field {
	var left []*Field
	for _, f := range fields {
		cover := byResponse(covering, f.Response)
		switch {
		case cover == nil:
			left = append(left, f)
		case f.Sub != nil:
			if rest := subtract(f.Sub, cover.Sub); rest != nil {
				more := *f
				more.Sub = rest
				left = append(left, &more)
			}
		}
	}
	return left
}

// subtract returns what a wants beyond b, nil where that is nothing. The type of a is that of b or narrower.
func subtract(a, b *Selection) *Selection {
	rest := &Selection{Type: a.Type, Common: without(without(a.Common, b.Common), perType(b, a.Type))}
	for _, bucket := range a.Per {
		if fields := without(without(bucket.Fields, b.Common), perType(b, bucket.Type)); len(fields) > 0 {
			rest.Per = append(rest.Per, Bucket{Type: bucket.Type, Fields: fields})
		}
	}
	if len(rest.Common) == 0 && len(rest.Per) == 0 {
		return nil
	}
	return rest
}

func byResponse(fields []*Field, key string) *Field {
	for _, f := range fields {
		if f.Response == key {
			return f
		}
	}
	return nil
}

func perType(s *Selection, t *supergraph.Type) []*Field {
	for _, bucket := range s.Per {
		if bucket.Type == t {
			return bucket.Fields
		}
	}
	return nil
}
