package main

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// stub stands in for a service that is not part of this shop (rule B-5): it answers null for every entity.
type stub struct{}

// tokens is far more than any operation of the router has.
const tokens = 100_000

func (stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, err := nothing(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(map[string]any{"data": data}) // It is written to memory.
}

// nothing makes the answer: for each _entities field as many nulls as it has representations.
func nothing(r *http.Request) (map[string]any, error) {
	var request struct {
		Query     string
		Variables map[string]json.RawMessage
	}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		return nil, fmt.Errorf("read request: %w", err)
	}
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: request.Query}, tokens)
	if err != nil {
		return nil, fmt.Errorf("read query: %w", err)
	}
	data := map[string]any{}
	for _, operation := range document.Operations {
		for _, selection := range operation.SelectionSet {
			field, ok := selection.(*ast.Field)
			if !ok || field.Name != "_entities" {
				return nil, fmt.Errorf("the stub answers nothing but _entities")
			}
			var representations []json.RawMessage
			if argument := field.Arguments.ForName("representations"); argument != nil && argument.Value.Kind == ast.Variable {
				if err := json.Unmarshal(request.Variables[argument.Value.Raw], &representations); err != nil {
					return nil, fmt.Errorf("read representations: %w", err)
				}
			}
			data[field.Alias] = make([]any, len(representations))
		}
	}
	return data, nil
}
