package respond

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/soukhq/souk/router/execute"
	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/rawjson"
)

const (
	maxErrors       = 50
	codeInvalid     = "SUBGRAPH_INVALID_RESPONSE"
	codeUnreachable = "TYPE_NOT_REACHABLE"
)

// invalid reports a value that is not what the schema says. Null takes its place.
func (w *writer) invalid(f *plan.OutputField, want string) outcome {
	w.addError("The subgraph's value of "+f.Coordinate+" is not "+want+".", codeInvalid)
	return nothing
}

// addError reports an error at the current path, unless one is reported at or above it already.
func (w *writer) addError(message, code string) {
	for i := range w.errors {
		if w.covered(w.errors[i].Path) {
			return
		}
	}
	if len(w.errors) >= maxErrors {
		w.dropped++
		return
	}
	path := make([]any, len(w.path))
	for i, s := range w.path {
		path[i] = s.key
		if s.key == "" {
			path[i] = s.index
		}
	}
	w.errors = append(w.errors[:len(w.errors):len(w.errors)], execute.Error{Message: message, Code: code, Path: path})
}

// explained tells whether an error has been reported already for a value that is missing or null: for all that the
// object lacks, or for something below, where the subgraph has let null travel up.
func (w *writer) explained(v rawjson.Value) bool {
	if len(w.in.Result.Errors) == 0 {
		return false
	}
	if v.Kind == rawjson.Absent && w.tree.Failed(w.parent) {
		return true
	}
	return slices.ContainsFunc(w.in.Result.Errors, func(e execute.Error) bool {
		return len(e.Path) > len(w.path) && w.covered(e.Path[:len(w.path)])
	})
}

// covered tells whether the path is the current one or leads to it.
func (w *writer) covered(path []any) bool {
	if len(path) == 0 || len(path) > len(w.path) {
		return false
	}
	for i, p := range path {
		switch p := p.(type) {
		case string:
			if w.path[i].key != p {
				return false
			}
		case int:
			if w.path[i].key != "" || w.path[i].index != p {
				return false
			}
		}
	}
	return true
}

func (w *writer) writeErrors() {
	w.raw("[")
	for i := range w.errors {
		if i > 0 {
			w.raw(",")
		}
		e := &w.errors[i]
		w.raw(`{"message":`)
		w.quote(e.Message)
		if len(e.Path) > 0 {
			w.raw(`,"path":`)
			w.writePath(e.Path)
		}
		w.writeExtensions(e, i == len(w.errors)-1)
		w.raw("}")
	}
	w.raw("]")
}

func (w *writer) writePath(path []any) {
	w.raw("[")
	for i, p := range path {
		if i > 0 {
			w.raw(",")
		}
		switch p := p.(type) {
		case string:
			w.quote(p)
		case int:
			w.buf = strconv.AppendInt(w.buf, int64(p), 10)
		}
	}
	w.raw("]")
}

// writeExtensions writes what clients may know of an error; the last one says how many were left out.
func (w *writer) writeExtensions(e *execute.Error, last bool) {
	separator := `,"extensions":{`
	add := func(name string) {
		w.raw(separator)
		w.quote(name)
		w.raw(":")
		separator = ","
	}
	for _, x := range [...]struct{ name, value string }{{"code", e.Code}, {"errorId", e.ID}, {"subgraph", e.Subgraph}} {
		if x.value != "" {
			add(x.name)
			w.quote(x.value)
		}
	}
	if last && w.dropped > 0 {
		add("droppedErrors")
		w.buf = strconv.AppendInt(w.buf, int64(w.dropped), 10)
	}
	if separator == "," {
		w.raw("}")
	}
}

// quote writes a JSON string.
func (w *writer) quote(s string) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // a string can always be written
	}
	w.buf = append(w.buf, bytes.TrimRight(b.Bytes(), "\n")...)
}
