// Package compose turns the schemas of subgraphs into one supergraph, or says every reason why they do not fit together.
package compose

import (
	"cmp"
	"context"
	"slices"

	"github.com/soukhq/souk/router/supergraph"
)

// Source is a subgraph as it presents itself.
type Source struct {
	Name string
	URL  string // where it is reached; may be empty
	SDL  string // its schema, as written or as answered to _service { sdl }
	// Made by Stubs, or by Nodes: nobody serves it but the caller of Compose.
	Stub, Virtual bool
}

// Result is a supergraph that is fit to be served.
type Result struct {
	Model *supergraph.Model
	SDL   string // the supergraph in the notation of join v0.5; equal sources give equal text, in any order
	Stubs []string
	Hints []Hint
}

// Hint is something about the supergraph that is allowed but perhaps not meant.
type Hint struct{ Code, Message string }

// Compose makes a supergraph of the sources. It reports all that is wrong and not only the first error; each stage
// runs only if the one before it found nothing. It is a pure function of the sources, whose order does not matter.
func Compose(ctx context.Context, sources []Source) (*Result, Errors) {
	graphs, errs := loadAll(sources)
	if len(errs) > 0 {
		return nil, errs
	}
	if errs := upgrade(graphs); len(errs) > 0 {
		return nil, errs
	}
	for _, g := range graphs {
		errs = append(errs, g.validate()...)
	}
	if len(errs) > 0 {
		return nil, errs
	}
	m := newMerger(graphs)
	if errs := m.merge(); len(errs) > 0 {
		return nil, errs
	}
	if errs := m.checkInaccessible(); len(errs) > 0 {
		return nil, errs
	}
	sdl := m.supergraph()
	model, err := supergraph.Read(sdl)
	if err != nil {
		return nil, Errors{{Code: "INVALID_GRAPHQL", Message: "The merged schema is not valid: " + err.Error()}}
	}
	if errs := satisfiable(ctx, model, m.nodes); len(errs) > 0 {
		return nil, errs
	}
	result := &Result{Model: model, SDL: sdl, Hints: m.hints}
	for _, s := range sources {
		if s.Stub {
			result.Stubs = append(result.Stubs, s.Name)
		}
		for i := range model.Graphs {
			if g := &model.Graphs[i]; g.Name == s.Name {
				g.Virtual = s.Virtual
			}
		}
	}
	slices.Sort(result.Stubs)
	return result, nil
}

// loadAll reads the sources and returns them sorted by name.
func loadAll(sources []Source) ([]*subgraph, Errors) {
	sources = slices.SortedFunc(slices.Values(sources), func(x, y Source) int { return cmp.Compare(x.Name, y.Name) })
	var graphs []*subgraph
	var errs Errors
	for i, src := range sources {
		if i > 0 && sources[i-1].Name == src.Name {
			errs = append(errs, nameError(src.Name, "two subgraphs have it"))
			continue
		}
		g, problems := load(src)
		errs = append(errs, problems...)
		graphs = append(graphs, g)
	}
	if len(sources) == 0 {
		errs = append(errs, &Error{Code: "NO_QUERIES", Message: "There are no subgraphs to compose."})
	}
	if len(errs) > 0 {
		return nil, errs
	}
	nameGraphs(graphs)
	return graphs, nil
}
