package execute

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/rawjson"
)

const (
	codeHTTP     = "SUBREQUEST_HTTP_ERROR"
	codeInvalid  = "SUBGRAPH_INVALID_RESPONSE"
	codeList     = "INCONSISTENT_LIST"
	codeInternal = "INTERNAL_SERVER_ERROR"

	maskedMessage  = "An error occurred"
	invalidMessage = "A subgraph gave an answer that is not GraphQL."
	maxErrors      = 50
)

// failure is a request that brought no usable answer.
type failure struct {
	code, message string
	cause         error
}

func unreachable(err error) *failure {
	f := &failure{code: fetch.CodeUnavailable, message: "A subgraph is not available.", cause: err}
	var known *fetch.Error
	if errors.As(err, &known) {
		f.code = known.Code
	}
	switch f.code {
	case fetch.CodeTimeout:
		f.message = "A subgraph took too long."
	case fetch.CodeTooLarge:
		f.message = "A subgraph gave too large an answer."
	}
	return f
}

func unusable(status int, err error) *failure {
	if status < 200 || status > 299 {
		return &failure{codeHTTP, "A subgraph refused the request.", fmt.Errorf("HTTP status %d", status)}
	}
	if err == nil {
		err = errors.New("neither data nor errors")
	}
	return &failure{codeInvalid, invalidMessage, err}
}

func (r *run) addError(e Error) {
	if len(r.result.Errors) >= maxErrors {
		r.result.Dropped++
		return
	}
	for i := range r.result.Errors {
		old := &r.result.Errors[i]
		if old.Message == e.Message && old.Code == e.Code && samePath(old.Path, e.Path) {
			return
		}
	}
	r.result.Errors = append(r.result.Errors, e)
}

func samePath(a, b []any) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// fail reports a request without a usable answer, once for each path that misses it.
func (r *run) fail(c *call, f *failure) {
	r.markFailed(c)
	for _, path := range r.paths(c) {
		e := Error{Message: f.message, Code: f.code, Path: path, Cause: fmt.Errorf("subgraph %s: %w", c.group.Subgraph, f.cause)}
		if r.in.Unmasked {
			e.Subgraph = c.group.Subgraph
		}
		r.addError(e)
	}
}

// markFailed notes that all objects of a group lack something for which an error is reported.
func (r *run) markFailed(c *call) {
	for i := range c.aliases {
		for _, t := range c.aliases[i].targets {
			r.result.Tree.SetFailed(t.object)
		}
	}
}

// paths returns the client's paths that a group is about, each cut at its first list.
func (r *run) paths(c *call) [][]any {
	var paths [][]any
	add := func(path []any) {
		for _, p := range paths {
			if samePath(p, path) {
				return
			}
		}
		paths = append(paths, path)
	}
	if c.group.Root != nil {
		if len(c.group.Root.Path) > 0 {
			return [][]any{r.prefix(c.group.Root.Path)}
		}
		for _, k := range c.group.Root.Shape.Keys {
			if !k.Typename {
				add([]any{r.in.Plan.Places[0].Slots[k.Slot].Response})
			}
		}
		return paths
	}
	for i, a := range c.group.Aliases {
		for j, m := range a.Members {
			if c.aliases[i].has(j) {
				add(r.prefix(m.Path))
			}
		}
	}
	return paths
}

// prefix names the steps of a path down to its first list.
func (r *run) prefix(path []plan.Step) []any {
	var names []any
	at, v := 0, r.result.Root
	for _, s := range path {
		slot := r.in.Plan.Places[at].Slots[s.Slot]
		if slot.Response == "" {
			break
		}
		names = append(names, slot.Response)
		v = r.result.Tree.Slots(v)[s.Slot]
		if v.Kind != rawjson.Object {
			break
		}
		at = slot.Place
	}
	return names
}

// subgraphError is an error in the answer of a subgraph.
type subgraphError struct {
	Message    string
	Path       []any
	Extensions struct {
		Code    any
		ErrorID any
	}
}

// report turns the errors of a subgraph into the client's.
func (r *run) report(c *call, raw rawjson.Value) {
	if raw.Kind != rawjson.Raw {
		return
	}
	var list []subgraphError
	if err := json.Unmarshal(r.result.Tree.Bytes(raw), &list); err != nil {
		r.fail(c, &failure{codeInvalid, invalidMessage, err})
		return
	}
	pathless := false
	for _, se := range list {
		e := Error{Message: maskedMessage}
		e.Code, _ = se.Extensions.Code.(string)
		e.ID, _ = se.Extensions.ErrorID.(string)
		if r.in.Unmasked || r.in.SafeCodes[e.Code] {
			e.Message = se.Message
		}
		if r.in.Unmasked {
			e.Subgraph = c.group.Subgraph
		}
		e.Cause = fmt.Errorf("subgraph %s: %s", c.group.Subgraph, se.Message)
		paths := r.locate(c, se.Path)
		if paths == nil {
			if pathless {
				continue
			}
			pathless = true
			paths = r.paths(c)
		}
		for _, path := range paths {
			e.Path = path
			r.addError(e)
		}
	}
}

// locate returns the client's paths for a path in a subgraph's answer, nil if it leads nowhere in particular.
func (r *run) locate(c *call, path []any) [][]any {
	if root := c.group.Root; root != nil {
		if len(root.Path) > 0 {
			return r.locateBelow(c, path)
		}
		if p := r.translate(nil, path, root.Shape, 0); len(p) > 0 {
			return [][]any{p}
		}
		return nil
	}
	if len(path) < 2 {
		return nil
	}
	index, ok := path[1].(float64)
	if !ok || index < 0 {
		return nil
	}
	var paths [][]any
	for i, a := range c.group.Aliases {
		if a.Name != path[0] || int(index) >= len(c.aliases[i].first) {
			continue
		}
		set := &c.aliases[i]
		for t := set.first[int(index)]; t >= 0 && len(paths) < maxErrors; t = set.targets[t].next {
			m := a.Members[set.targets[t].member]
			for _, p := range r.pathsTo(m.Path, set.targets[t].object) {
				paths = append(paths, r.translate(p, path[2:], m.Shape, m.Place))
			}
		}
	}
	return paths
}

// locateBelow returns the client's paths for a path in the answer to root fields asked for below the root.
func (r *run) locateBelow(c *call, path []any) (paths [][]any) {
	root := c.group.Root
	for _, t := range c.aliases[0].targets {
		for _, p := range r.pathsTo(root.Path, t.object) {
			if len(path) > 0 && len(paths) < maxErrors {
				paths = append(paths, r.translate(p, path, root.Shape, root.Place))
			}
		}
	}
	return paths
}

// translate appends the rest of a subgraph's path in the client's words, up to the first field that is not the client's.
func (r *run) translate(to []any, rest []any, shape *rawjson.Shape, place int) []any {
	for _, step := range rest {
		if n, ok := step.(float64); ok {
			to = append(to, int(n))
			continue
		}
		name, _ := step.(string)
		if shape == nil {
			break
		}
		_, key := shape.Find([]byte(name), 0)
		if key == nil || key.Typename {
			break
		}
		slot := r.in.Plan.Places[place].Slots[key.Slot]
		if slot.Response == "" {
			break
		}
		to = append(to, slot.Response)
		shape, place = key.Sub, slot.Place
	}
	return to
}

// pathsTo finds where the object is at the end of a path.
func (r *run) pathsTo(steps []plan.Step, object rawjson.Value) [][]any {
	var found [][]any
	var walk func(v rawjson.Value, place int, steps []plan.Step, path []any)
	walk = func(v rawjson.Value, place int, steps []plan.Step, path []any) {
		switch {
		case len(found) >= maxErrors:
		case v.Kind == rawjson.List:
			for i, item := range r.result.Tree.Items(v) {
				walk(item, place, steps, append(path[:len(path):len(path)], i))
			}
		case v.Kind != rawjson.Object:
		case len(steps) == 0:
			if v.Doc == object.Doc && v.Off == object.Off {
				found = append(found, path)
			}
		default:
			slot := r.in.Plan.Places[place].Slots[steps[0].Slot]
			path := path[:len(path):len(path)]
			if slot.Response != "" {
				path = append(path, slot.Response)
			}
			walk(r.result.Tree.Slots(v)[steps[0].Slot], slot.Place, steps[1:], path)
		}
	}
	walk(r.result.Root, 0, steps, nil)
	return found
}
