package respond_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/soukhq/souk/router/execute"
	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/respond"
)

// TestLimit writes one answer under several limits, and sees that it does not grow far beyond.
func TestLimit(t *testing.T) {
	m := compile(t, schema)
	doc, errs := operation.Parse(m, `{ books { title author { name } tags } }`, "", operation.Limits{})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	p, err := plan.New(m, doc.Specialise(0), plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	book := `{"title":"x","author":{"name":"y"},"tags":["z","z"]}`
	said := answerer(`{"data":{"books":[` + strings.TrimSuffix(strings.Repeat(book+",", 10_000), ",") + `]}}`)
	result := execute.Execute(t.Context(), execute.Input{Plan: p}, []fetch.Transport{said})
	in := respond.Input{Plan: p, Result: result, API: m.API()}
	whole := respond.Write(nil, in)
	if !json.Valid(whole) {
		t.Fatalf("the answer is %.100s", whole)
	}
	for limit, want := range map[int]int{len(whole): len(whole), len(whole) + 1: len(whole), len(whole) - 1: 0, len(whole) / 2: 0, 1: 0, 0: len(whole)} {
		in.Limit = limit
		memory := make([]byte, 5, 8_000)
		got := respond.Write(memory, in)
		if want == 0 && got != nil || want > 0 && len(got) != want+5 {
			t.Errorf("limit %d: %d bytes, want %d", limit, len(got), want)
		}
	}
	in.Limit = 5_000
	memory := make([]byte, 0, 8_000)
	if n := testing.AllocsPerRun(1, func() { respond.Write(memory, in) }); n > 5 {
		t.Errorf("%v allocations: it went on after it had too much", n)
	}
}
