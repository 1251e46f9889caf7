package main

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/soukhq/souk/internal/config"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/subgraph"
	"github.com/soukhq/souk/router/compose"
	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/supergraph"
	"github.com/soukhq/souk/schema"
)

func idPattern(t *testing.T) string {
	t.Helper()
	command, _, err := config.Parse([]string{"router"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return command.(*config.Serve).IDPattern
}

// composed makes the graph of some services, as their router does.
func composed(t *testing.T, ids string, names []string) (*supergraph.Model, error) {
	t.Helper()
	c := graphConfig{
		ids: ids, local: map[string]http.Handler{}, stateDir: t.TempDir(), log: slog.New(slog.DiscardHandler),
		env: subgraph.Env{Signer: &identity.Signer{}}, transports: map[string]fetch.Transport{},
	}
	for _, name := range names {
		c.local[name] = http.NotFoundHandler()
	}
	model, transports, err := c.compose(t.Context(), c.sources())
	if err == nil && (len(transports) != len(model.Graphs) || slices.Contains(transports, nil)) {
		t.Errorf("%d subgraphs have the transports %v", len(model.Graphs), transports)
	}
	return model, err
}

// TestNodesInEverySubset composes each subset of the services with the subgraph that finds objects by their ids (rule B-4).
func TestNodesInEverySubset(t *testing.T) {
	t.Parallel()
	owned := map[string][]string{"product": {"Collection", "Product", "ProductVariant"}, "cart": {"Cart"}, "checkout": {"Checkout", "Order"}, "customer": {"Customer"}}
	ids := idPattern(t)
	for subset := 1; subset < 1<<len(schema.Subgraphs); subset++ {
		var names, want []string
		for i, name := range schema.Subgraphs {
			if subset&(1<<i) != 0 {
				names = append(names, name)
				want = append(want, owned[name]...)
			}
		}
		t.Run(strings.Join(names, " "), func(t *testing.T) {
			t.Parallel()
			model, err := composed(t, ids, names)
			if err != nil {
				t.Fatal(err)
			}
			virtual := slices.IndexFunc(model.Graphs, func(g supergraph.Graph) bool { return g.Virtual })
			if virtual < 0 {
				t.Fatalf("none of %+v is virtual", model.Graphs)
			}
			known := map[string]bool{}
			for _, typ := range model.Type("Node").In(model.Graphs[virtual].ID).Runtime {
				known[typ.Name] = true
			}
			slices.Sort(want)
			if got := slices.Sorted(maps.Keys(known)); !slices.Equal(got, want) {
				t.Errorf("it knows %v, want %v", got, want)
			}
			// Everybody who owns a type of the subset is asked once, whatever the id turns out to be.
			document, problems := operation.Parse(model, `{ nodes(ids: []) { __typename id } }`, "", operation.Limits{})
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			values, problems := document.Coerce(nil)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			p, err := plan.New(model, document.Specialise(values.Conditions), plan.Options{})
			if err != nil || len(p.Groups) != len(names)+1 {
				t.Errorf("error %v, plan:\n%s", err, p.Text())
			}
		})
	}
}

func TestWhereThereAreNoNodes(t *testing.T) { // Rule B-4.
	t.Parallel()
	if model, err := composed(t, "", schema.Subgraphs); err != nil || model.Query.Fields["node"] != nil {
		t.Errorf("without a pattern: %v, and there is a field node", err)
	}
	for _, bad := range []string{"(", "no group"} {
		if _, err := composed(t, bad, schema.Subgraphs); err == nil || !strings.Contains(err.Error(), "pattern of ids") {
			t.Errorf("the pattern %q: %v", bad, err)
		}
	}
	if model, err := readSupergraph(t.Context(), "schema/supergraph.graphql"); err != nil || model.Query.Fields["node"] != nil {
		t.Errorf("a supergraph in a file: %v, or it has a field node", err)
	}
	shop, err := readSupergraph(context.Background(), "")
	if err != nil || shop.Query.Fields["node"] == nil || shop.Query.Fields["nodes"] == nil {
		t.Errorf("the shop's own: %v, or it lacks node or nodes", err)
	}
	sources := ownSources()
	if nodes := compose.Nodes(append(sources, compose.Source{Name: "cms", SDL: "type Query { node: String }"})); nodes != nil {
		t.Errorf("a subgraph that answers node itself: %+v", nodes)
	}
}
