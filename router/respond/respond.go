// Package respond writes the answer to a client: the fields it asked for, in its order, with the errors.
package respond

import (
	"encoding/json"
	"math"
	"sync"

	"github.com/soukhq/souk/router/execute"
	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/rawjson"
	"github.com/vektah/gqlparser/v2/ast"
)

// Input is what an answer is made of.
type Input struct {
	Plan       *plan.Plan
	Result     *execute.Result
	API        *ast.Schema                // for introspection
	Variables  map[string]json.RawMessage // likewise
	Extensions json.RawMessage            // a JSON object; empty for none
	Limit      int                        // bytes that the answer may have; 0: any number
}

// Write appends the answer to dst: a JSON object with data, with errors if there are any, and with extensions if given.
// It returns nil where the answer is longer than the limit, and stops soon after it notices.
func Write(dst []byte, in Input) []byte {
	w := writers.Get().(*writer)
	*w = writer{buf: dst, in: in, tree: in.Result.Tree, path: w.path[:0], errors: in.Result.Errors, dropped: in.Result.Dropped, most: math.MaxInt}
	if in.Limit > 0 {
		w.most = len(dst) + in.Limit
	}
	w.raw(`{"data":`)
	if start := len(w.buf); w.fields(in.Result.Root, in.Plan.Output.Type, in.Plan.Output.Fields, "") == bubbles {
		w.buf = append(w.buf[:start], "null"...)
	}
	if len(w.errors) > 0 {
		w.raw(`,"errors":`)
		w.writeErrors()
	}
	if len(in.Extensions) > 0 {
		w.raw(`,"extensions":`)
		w.buf = append(w.buf, in.Extensions...)
	}
	w.raw("}")
	if dst = w.buf; w.full || len(dst) > w.most {
		dst = nil
	}
	*w = writer{path: w.path}
	writers.Put(w)
	return dst
}

// writers holds the memory of writers that are done.
var writers = sync.Pool{New: func() any { return &writer{} }}

// outcome tells what became of a value.
type outcome uint8

const (
	written outcome = iota
	nothing         // null is to be written
	bubbles         // null where none is allowed: the parent becomes null
)

// writer writes in one pass. Where a null bubbles up, the text is cut back to where the parent began.
type writer struct {
	buf     []byte
	in      Input
	tree    rawjson.Tree
	path    []step
	code    string        // of the error that the value being written is missing
	parent  rawjson.Value // whose field is being written
	errors  []execute.Error
	dropped int
	most    int  // bytes of buf
	full    bool // it had more
}

// step is a response key or, if key is empty, an index.
type step struct {
	key   string
	index int
}

func (w *writer) raw(s string) { w.buf = append(w.buf, s...) }

// fields writes the fields of an object. The code is for errors about those that are missing.
func (w *writer) fields(object rawjson.Value, typeName string, fields []plan.OutputField, code string) outcome {
	w.buf = append(w.buf, '{')
	slots := w.tree.Slots(object)
	for i := range fields {
		f := &fields[i]
		if i == 0 {
			w.buf = append(w.buf, f.Key[1:]...)
		} else {
			w.buf = append(w.buf, f.Key...)
		}
		if f.Plain != rawjson.Absent && slots[f.Slot].Kind == f.Plain {
			w.buf = append(w.buf, w.tree.Bytes(slots[f.Slot])...)
			continue
		}
		switch f.Leaf {
		case plan.TypenameLeaf:
			w.buf = append(w.buf, '"')
			w.buf = append(w.buf, typeName...)
			w.buf = append(w.buf, '"')
		case plan.ReflectionLeaf:
			w.reflect(f.AST)
		default:
			w.path = append(w.path, step{key: f.Response})
			w.code, w.parent = code, object
			o := w.value(slots[f.Slot], f.Type, f)
			w.path = w.path[:len(w.path)-1]
			if o == bubbles {
				return bubbles
			}
		}
	}
	w.buf = append(w.buf, '}')
	return written
}

// value writes a value of the type, or null.
func (w *writer) value(v rawjson.Value, t *ast.Type, f *plan.OutputField) outcome {
	start := len(w.buf)
	if start > w.most {
		w.full = true
		return bubbles
	}
	o := nothing
	if v.Kind != rawjson.Absent && v.Kind != rawjson.Null {
		switch {
		case t.Elem != nil:
			o = w.list(v, t.Elem, f)
		case f.Sub != nil:
			o = w.object(v, f.Sub, f)
		default:
			o = w.leaf(v, f)
		}
	}
	if o == written {
		return written
	}
	w.buf = w.buf[:start]
	if t.NonNull || w.full {
		if o == nothing && !w.explained(v) {
			w.addError("Cannot return null for non-nullable field "+f.Coordinate+".", w.code)
		}
		return bubbles
	}
	w.raw("null")
	return written
}

func (w *writer) list(v rawjson.Value, t *ast.Type, f *plan.OutputField) outcome {
	if v.Kind != rawjson.List {
		return w.invalid(f, "a list")
	}
	w.buf = append(w.buf, '[')
	w.path = append(w.path, step{})
	o := written
	for i, item := range w.tree.Items(v) {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.path[len(w.path)-1].index = i
		if o = w.value(item, t, f); o == bubbles {
			break
		}
	}
	w.path = w.path[:len(w.path)-1]
	w.buf = append(w.buf, ']')
	return o
}

func (w *writer) object(v rawjson.Value, out *plan.Output, f *plan.OutputField) outcome {
	if v.Kind != rawjson.Object {
		return w.invalid(f, "an object")
	}
	if out.Virtual && !w.tree.Confirmed(v) {
		return nothing
	}
	if !out.Abstract {
		return w.fields(v, out.Type, out.Fields, "")
	}
	id := w.tree.Head(v).Type
	if id == 0 {
		if !out.NeedsType {
			return w.fields(v, out.Type, out.Fields, "")
		}
		return w.invalid(f, "a known type")
	}
	t := out.Find(id)
	if t == nil {
		return w.invalid(f, "a known type")
	}
	if t.Hidden {
		return nothing
	}
	if t.Dropped {
		return w.fields(v, t.Name, t.Fields, codeUnreachable)
	}
	return w.fields(v, t.Name, t.Fields, "")
}
