package respond

import (
	"bytes"
	"strconv"

	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/rawjson"
)

// leaf checks a value without fields against its kind and copies its text.
func (w *writer) leaf(v rawjson.Value, f *plan.OutputField) outcome {
	switch f.Leaf {
	case plan.StringLeaf:
		if v.Kind != rawjson.String {
			return w.invalid(f, "a string")
		}
	case plan.IDLeaf:
		return w.id(v, f)
	case plan.IntLeaf:
		if v.Kind != rawjson.Number || !isInt(w.tree.Bytes(v)) {
			return w.invalid(f, "an integer of 32 bits")
		}
	case plan.FloatLeaf:
		if v.Kind != rawjson.Number {
			return w.invalid(f, "a number")
		}
	case plan.BooleanLeaf:
		if v.Kind != rawjson.True && v.Kind != rawjson.False {
			return w.invalid(f, "a boolean")
		}
	case plan.EnumLeaf:
		return w.enum(v, f)
	}
	return w.scalar(v)
}

// scalar copies any value; a custom scalar may be a list.
func (w *writer) scalar(v rawjson.Value) outcome {
	switch v.Kind {
	case rawjson.Absent, rawjson.Null:
		w.raw("null")
	case rawjson.List:
		w.buf = append(w.buf, '[')
		for i := range v.N {
			if i > 0 {
				w.buf = append(w.buf, ',')
			}
			w.scalar(w.tree.Items(v)[i])
		}
		w.buf = append(w.buf, ']')
	default:
		w.buf = append(w.buf, w.tree.Bytes(v)...)
	}
	return written
}

func (w *writer) id(v rawjson.Value, f *plan.OutputField) outcome {
	switch v.Kind {
	case rawjson.String:
		w.buf = append(w.buf, w.tree.Bytes(v)...)
	case rawjson.Number:
		w.buf = append(w.buf, '"')
		w.buf = append(w.buf, w.tree.Bytes(v)...)
		w.buf = append(w.buf, '"')
	default:
		return w.invalid(f, "an ID")
	}
	return written
}

// enum writes a value that the client may see; one that is inaccessible becomes null.
func (w *writer) enum(v rawjson.Value, f *plan.OutputField) outcome {
	if v.Kind != rawjson.String {
		return w.invalid(f, "an enum value")
	}
	text := w.tree.Bytes(v)
	value, ok := f.Enum.Values[string(text[1:len(text)-1])]
	if !ok {
		return w.invalid(f, "a known enum value")
	}
	if value.Inaccessible {
		return nothing
	}
	w.buf = append(w.buf, text...)
	return written
}

func isInt(text []byte) bool {
	if len(text) < len("2147483648") && allDigits(text) {
		return true
	}
	if bytes.ContainsAny(text, ".eE") {
		return false
	}
	_, err := strconv.ParseInt(string(text), 10, 32)
	return err == nil
}

func allDigits(text []byte) bool {
	for _, c := range text {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
