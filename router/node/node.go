// Package node answers the root fields that find objects by their ids, as far as the ids themselves tell.
package node

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"

	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

const (
	maxIDs    = 250     // of one field
	maxTokens = 100_000 // far more than any request of the router has
	typename  = "__typename"
)

// Handler is the virtual subgraph of a graph: it answers with a type name and an id where an id has the form of those of
// a type that it knows, else with null. It does no I/O.
type Handler struct {
	pattern *regexp.Regexp
	model   *supergraph.Model
	graph   supergraph.GraphID
}

// New makes the handler of a virtual subgraph of the model. The first group of the pattern is the name of the type; an id
// that it does not match belongs to nothing.
func New(pattern *regexp.Regexp, model *supergraph.Model, graph supergraph.GraphID) *Handler {
	return &Handler{pattern: pattern, model: model, graph: graph}
}

// ServeHTTP answers the router's requests.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Query     string
		Variables map[string]any
	}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: request.Query}, maxTokens)
	if err != nil || len(document.Operations) != 1 {
		http.Error(w, "this is not a request of the router", http.StatusBadRequest)
		return
	}
	answer := map[string]any{}
	data, err := h.root(document.Operations[0].SelectionSet, request.Variables)
	if err != nil {
		answer["errors"] = []any{err}
	}
	answer["data"] = data
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(answer) // It is written to memory.
}

// tooMany is the error of a field that asks for more than can be answered.
type tooMany struct {
	Message    string            `json:"message"`
	Path       []string          `json:"path"`
	Extensions map[string]string `json:"extensions"`
}

func (e *tooMany) Error() string { return e.Message }

// root answers the root fields. Nothing is answered where one of them asks for too much, as none may be null.
func (h *Handler) root(selections ast.SelectionSet, variables map[string]any) (map[string]any, error) {
	data := map[string]any{}
	for _, s := range selections {
		f, ok := s.(*ast.Field)
		switch {
		case !ok:
		case f.Name == typename:
			data[f.Alias] = "Query"
		case f.Name == "node":
			data[f.Alias] = h.object(argument(f, "id", variables), f.SelectionSet)
		case f.Name == "nodes":
			ids, _ := argument(f, "ids", variables).([]any)
			if len(ids) > maxIDs {
				return nil, &tooMany{fmt.Sprintf("At most %d ids can be asked for at once.", maxIDs), []string{f.Alias}, map[string]string{"code": "PAGE_TOO_LARGE"}}
			}
			objects := make([]any, len(ids))
			for i, id := range ids {
				objects[i] = h.object(id, f.SelectionSet)
			}
			data[f.Alias] = objects
		}
	}
	return data, nil
}

func argument(f *ast.Field, name string, variables map[string]any) any {
	a := f.Arguments.ForName(name)
	if a == nil {
		return nil
	}
	value, err := a.Value.Value(variables)
	if err != nil {
		return nil
	}
	return value
}

// object answers what an id tells of an object, or nil where it tells nothing.
func (h *Handler) object(id any, selections ast.SelectionSet) any {
	text, _ := id.(string)
	match := h.pattern.FindStringSubmatch(text)
	if len(match) < 2 {
		return nil
	}
	t := h.model.Type(match[1])
	if t == nil || t.Kind != ast.Object || t == h.model.Query || t.In(h.graph) == nil {
		return nil
	}
	object := map[string]any{}
	fill(object, t, text, selections)
	return object
}

func fill(object map[string]any, t *supergraph.Type, id string, selections ast.SelectionSet) {
	for _, s := range selections {
		switch s := s.(type) {
		case *ast.InlineFragment:
			if s.TypeCondition == t.Name || s.TypeCondition == "" || implements(t, s.TypeCondition) {
				fill(object, t, id, s.SelectionSet)
			}
		case *ast.Field:
			switch s.Name {
			case typename:
				object[s.Alias] = t.Name
			case "id":
				object[s.Alias] = id
			}
		}
	}
}

func implements(t *supergraph.Type, name string) bool {
	for _, i := range t.Interfaces {
		if i.Name == name {
			return true
		}
	}
	return false
}
