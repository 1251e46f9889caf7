package federationtest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/soukhq/souk/router"
	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/supergraph"
)

// Generous limits let random queries pass.
var Generous = operation.Limits{Depth: 50, Aliases: 1_000, Directives: 1_000}

// Way is how a router is run.
type Way struct {
	HTTP bool // all requests go over sockets
	Plan plan.Options
}

// Harness is a router together with mock subgraphs.
type Harness struct {
	Router    *router.Router
	Subgraphs map[string]*Subgraph

	server *httptest.Server // nil: requests reach the router without a socket
}

// NewHarness connects a router for the model with the subgraphs, over HTTP or in this process; clients ask the
// router the same way. All servers end with the test.
func NewHarness(t testing.TB, m *supergraph.Model, subgraphs map[string]*Subgraph, way Way) *Harness {
	t.Helper()
	transports := make([]fetch.Transport, len(m.Graphs))
	for i, g := range m.Graphs {
		s := subgraphs[g.Name]
		if s == nil {
			t.Fatalf("the supergraph has a subgraph %q, which is not there", g.Name)
		}
		if !way.HTTP {
			transports[i] = fetch.NewLocal(s, "/graphql", fetch.Options{})
			continue
		}
		server := httptest.NewServer(s)
		t.Cleanup(server.Close)
		n, err := fetch.NewNetwork(server.URL+"/graphql", fetch.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(n.Close)
		transports[i] = n
	}
	r, err := router.New(m, transports, router.Options{Dev: true, Limits: Generous, Plan: way.Plan})
	if err != nil {
		t.Fatal(err)
	}
	h := &Harness{Router: r, Subgraphs: subgraphs}
	if way.HTTP {
		h.server = httptest.NewServer(r)
		t.Cleanup(h.server.Close)
	}
	return h
}

// Ask sends a GraphQL request with the body and returns the body of the answer.
func (h *Harness) Ask(body string) ([]byte, error) {
	if h.server == nil {
		q := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
		q.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.Router.ServeHTTP(w, q)
		return w.Body.Bytes(), nil
	}
	response, err := h.server.Client().Post(h.server.URL, "application/json", strings.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask the router: %w", err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	return answer, nil
}

// Calls returns how many requests all subgraphs have been sent.
func (h *Harness) Calls() int {
	n := 0
	for _, s := range h.Subgraphs {
		n += s.Calls()
	}
	return n
}

// Refused returns how many of the requests to subgraphs were not valid there.
func (h *Harness) Refused() int {
	n := 0
	for _, s := range h.Subgraphs {
		n += s.Refused()
	}
	return n
}
