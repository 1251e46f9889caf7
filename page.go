package main

import (
	"embed"
	"io/fs"
	"net/http"
	"strings"

	"github.com/soukhq/souk/router/page"
)

// operations are examples for those who open the page; the variables of NAME.graphql are in NAME.json.
//
//go:embed examples/operations
var operations embed.FS

// addPage lets a router show an editor for its graph to browsers at its root, with the shop's examples or without.
func addPage(mux *http.ServeMux, title string, examples fs.FS) error {
	o := page.Options{Title: title, URL: "/graphql"}
	if examples != nil {
		var err error
		if o.Examples, err = readExamples(examples); err != nil {
			return err
		}
	}
	p, err := page.New("/graphiql/", o)
	if err != nil {
		return err
	}
	mux.Handle("GET /{$}", p)
	mux.Handle("GET /graphiql/", p)
	return nil
}

// readExamples reads operations in the order of their names.
func readExamples(from fs.FS) ([]page.Example, error) {
	names, err := fs.Glob(from, "examples/operations/*.graphql")
	if err != nil {
		return nil, err
	}
	var examples []page.Example
	for _, name := range names {
		query, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, err
		}
		variables, err := fs.ReadFile(from, strings.TrimSuffix(name, ".graphql")+".json")
		if err != nil {
			return nil, err
		}
		examples = append(examples, page.Example{Query: string(query), Variables: string(variables)})
	}
	return examples, nil
}
