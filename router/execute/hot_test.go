package execute_test

import (
	"compress/gzip"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/soukhq/souk/router/execute"
	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/respond"
	"github.com/soukhq/souk/router/supergraph"
	"golang.org/x/tools/txtar"
)

// record is how the requests of the gateway benchmark get their answers into testdata.
var record = flag.String("record", "", "ask the mock subgraphs at this `address` what they answer, and keep it")

// gateway is the gateway benchmark: a supergraph, a query, its reply, and what the subgraphs answer to which body.
type gateway struct {
	model      *supergraph.Model
	op         *operation.Op
	plan       *plan.Plan
	reply      string
	answers    map[string][]byte
	transports []fetch.Transport
	archive    *txtar.Archive
}

var gatewayFile = filepath.Join("testdata", "gateway.txtar.gz")

func newGateway(tb testing.TB) *gateway {
	tb.Helper()
	g := &gateway{answers: map[string][]byte{}, archive: readGateway(tb)}
	var query string
	var body []byte
	for _, f := range g.archive.Files {
		text := strings.TrimSuffix(string(f.Data), "\n")
		switch f.Name {
		case "supergraph":
			m, err := supergraph.Read(text)
			if err != nil {
				tb.Fatal(err)
			}
			g.model = m
		case "query":
			query = text
		case "reply":
			g.reply = text
		case "request":
			body = []byte(text)
		case "answer":
			g.answers[string(body)] = []byte(text)
		}
	}
	doc, errs := operation.Parse(g.model, query, "", operation.Limits{})
	if len(errs) > 0 {
		tb.Fatal(errs)
	}
	g.op = doc.Specialise(0)
	var err error
	if g.plan, err = plan.New(g.model, g.op, plan.Options{}); err != nil {
		tb.Fatal(err)
	}
	for range g.model.Graphs {
		g.transports = append(g.transports, g)
	}
	return g
}

func readGateway(tb testing.TB) *txtar.Archive {
	tb.Helper()
	f, err := os.Open(gatewayFile)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		tb.Fatal(err)
	}
	return txtar.Parse(text)
}

// Do gives the answer that belongs to the request, in the caller's memory.
func (g *gateway) Do(_ context.Context, r *fetch.Request) (*fetch.Response, error) {
	return &fetch.Response{Status: 200, Body: append(r.Buffer[:0], g.answers[string(r.Body)]...), Reusable: true}, nil
}

// answer carries out the query.
func (g *gateway) answer(ctx context.Context, out []byte) []byte {
	result := execute.Execute(ctx, execute.Input{Plan: g.plan}, g.transports)
	out = respond.Write(out, respond.Input{Plan: g.plan, Result: result, API: g.model.API()})
	result.Release()
	return out
}

func TestGateway(t *testing.T) {
	if *record != "" {
		recordGateway(t)
	}
	g := newGateway(t)
	if got := string(g.answer(t.Context(), nil)); got != g.reply {
		t.Errorf("the answer is not the reference reply: %.2000s", got)
	}
}

// recordGateway asks the mock subgraphs, and writes testdata anew.
func recordGateway(t *testing.T) {
	g := newGateway(t)
	kept := g.archive.Files[:0]
	for _, f := range g.archive.Files {
		if f.Name != "request" && f.Name != "answer" {
			kept = append(kept, f)
		}
	}
	g.archive.Files = kept
	for i, graph := range g.model.Graphs {
		n, err := fetch.NewNetwork("http://"+*record+"/"+graph.Name, fetch.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		g.transports[i] = &recorder{n, g.archive}
	}
	g.answer(t.Context(), nil)
	f, err := os.Create(gatewayFile)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	if _, err := z.Write(txtar.Format(g.archive)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

var recording sync.Mutex

// recorder keeps what a subgraph answers.
type recorder struct {
	next    fetch.Transport
	archive *txtar.Archive
}

func (r *recorder) Do(ctx context.Context, q *fetch.Request) (*fetch.Response, error) {
	response, err := r.next.Do(ctx, q)
	if err == nil {
		recording.Lock()
		defer recording.Unlock()
		r.archive.Files = append(r.archive.Files, txtar.File{Name: "request", Data: append([]byte(nil), q.Body...)},
			txtar.File{Name: "answer", Data: append([]byte(nil), response.Body...)})
	}
	return response, err
}

// maxAllocs bounds what executing and answering the query of the gateway benchmark allocates, and maxBytes how much of it.
const (
	maxAllocs = 25
	maxBytes  = 8_000
)

func TestGatewayAllocates(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes pools forget")
	}
	g := newGateway(t)
	var out []byte
	run := func() { out = g.answer(t.Context(), out[:0]) }
	for range 100 {
		run()
	}
	if got := testing.AllocsPerRun(100, run); got > maxAllocs {
		t.Errorf("%v allocations, want no more than %d", got, maxAllocs)
	}
	const runs = 200
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		run()
	}
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) / runs; got > maxBytes {
		t.Errorf("%d bytes are allocated, want no more than %d", got, maxBytes)
	}
}

// BenchmarkGateway carries out the query of the gateway benchmark with a known plan and subgraphs that cost nothing.
func BenchmarkGateway(b *testing.B) {
	g := newGateway(b)
	var out []byte
	b.ReportAllocs()
	b.SetBytes(int64(len(g.reply)))
	for b.Loop() {
		out = g.answer(b.Context(), out[:0])
	}
}

// maxPlanAllocs bounds what planning the query of the gateway benchmark allocates: about a quarter more than it does.
const maxPlanAllocs = 1_400

func TestPlanAllocates(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates for itself")
	}
	g := newGateway(t)
	got := testing.AllocsPerRun(20, func() {
		if _, err := plan.New(g.model, g.op, plan.Options{}); err != nil {
			t.Fatal(err)
		}
	})
	if got > maxPlanAllocs {
		t.Errorf("%v allocations, want no more than %d", got, maxPlanAllocs)
	}
}

// BenchmarkGatewayPlan plans the query of the gateway benchmark.
func BenchmarkGatewayPlan(b *testing.B) {
	g := newGateway(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := plan.New(g.model, g.op, plan.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
