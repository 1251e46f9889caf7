package execute_test

import (
	"testing"

	"github.com/soukhq/souk/router/execute"
	"github.com/soukhq/souk/router/respond"
)

// TestProjectionAllocates holds the writing of a reply of 87 KB to no memory but the writer's own.
func TestProjectionAllocates(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes pools forget")
	}
	g := newGateway(t)
	result := execute.Execute(t.Context(), execute.Input{Plan: g.plan}, g.transports)
	out := make([]byte, 0, 2*len(g.reply))
	if n := testing.AllocsPerRun(20, func() {
		out = respond.Write(out[:0], respond.Input{Plan: g.plan, Result: result, API: g.model.API()})
	}); n > 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

// BenchmarkProjection writes the reply of 87 KB.
func BenchmarkProjection(b *testing.B) {
	g := newGateway(b)
	result := execute.Execute(b.Context(), execute.Input{Plan: g.plan}, g.transports)
	var out []byte
	b.SetBytes(int64(len(g.reply)))
	b.ReportAllocs()
	for b.Loop() {
		out = respond.Write(out[:0], respond.Input{Plan: g.plan, Result: result, API: g.model.API()})
	}
}
