package router

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/supergraph"
)

// countingMemo returns a memo for the people, with a count of what it plans.
func countingMemo(t *testing.T) (*memo, *atomic.Int64) {
	t.Helper()
	sdl, err := os.ReadFile("testdata/people.graphql")
	if err != nil {
		t.Fatal(err)
	}
	model, err := supergraph.Read(string(sdl))
	if err != nil {
		t.Fatal(err)
	}
	m, err := newMemo(model, operation.Limits{}, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var planned atomic.Int64
	m.planning = func(*operation.Op) { planned.Add(1) }
	return m, &planned
}

// planFor returns the plan of a query whose conditions have the given values.
func planFor(t *testing.T, m *memo, query string, b operation.Bits) *plan.Plan {
	t.Helper()
	d, errs := m.document(query, "")
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	p, _, err := m.plan(d, b)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEqualShapesShareAPlan(t *testing.T) {
	t.Parallel()
	m, planned := countingMemo(t)
	first := planFor(t, m, `{person(id: "1") {name age}}`, 0)
	for _, query := range []string{
		`{person(id: "1") {name age}}`,
		`query Q { person(id: "2") { ...F } } fragment F on Person { name age }`,
		`query ($b: Boolean = true) {person(id: 3) {name @include(if: true) age id @skip(if: $b)}}`,
	} {
		if planFor(t, m, query, 1) != first {
			t.Errorf("%s has a plan of its own", query)
		}
	}
	if n := planned.Load(); n != 1 {
		t.Errorf("%d operations were planned, want 1", n)
	}
}

func TestConditionsHavePlans(t *testing.T) {
	t.Parallel()
	m, planned := countingMemo(t)
	query := `query ($b: Boolean!) {me {name age @include(if: $b)}}`
	without, with := planFor(t, m, query, 0), planFor(t, m, query, 1)
	if len(without.Groups) != 1 || len(with.Groups) != 2 {
		t.Errorf("%d and %d requests, want 1 and 2", len(without.Groups), len(with.Groups))
	}
	for b := range operation.Bits(2) {
		planFor(t, m, query, b)
	}
	if n := planned.Load(); n != 2 {
		t.Errorf("%d operations were planned, want 2", n)
	}
}

func TestManyFormsOfOneDocument(t *testing.T) {
	t.Parallel()
	m, _ := countingMemo(t)
	const conditions = 7
	var variables, selected strings.Builder
	for i := range conditions {
		fmt.Fprintf(&variables, "$b%d: Boolean! ", i)
		fmt.Fprintf(&selected, "f%d: name @include(if: $b%d) ", i, i)
	}
	query := "query (" + variables.String() + ") {me {" + selected.String() + "}}"
	for b := range operation.Bits(1 << conditions) {
		planFor(t, m, query, b)
	}
	d, errs := m.document(query, "")
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if n := len(d.forms); n > formsPerText {
		t.Errorf("the document keeps %d forms, want at most %d", n, formsPerText)
	}
}

func TestConcurrentRequestsPlanOnce(t *testing.T) {
	t.Parallel()
	m, planned := countingMemo(t)
	const clients = 32
	var wait sync.WaitGroup
	plans := make([]*plan.Plan, clients)
	for i := range clients {
		wait.Go(func() { plans[i] = planFor(t, m, fmt.Sprintf(`{person(id: "%d") {name age}}`, i%4), 0) })
	}
	wait.Wait()
	for _, p := range plans {
		if p != plans[0] {
			t.Fatal("two clients have different plans")
		}
	}
	if n := planned.Load(); n != 1 {
		t.Errorf("%d operations were planned, want 1", n)
	}
}

func TestRefusedDocumentsAreRemembered(t *testing.T) {
	t.Parallel()
	m, _ := countingMemo(t)
	for range 2 {
		if _, errs := m.document(`{nope}`, ""); len(errs) != 1 {
			t.Fatalf("errors = %v, want one", errs)
		}
	}
	if _, ok := m.refused.GetIfPresent(text{`{nope}`, ""}); !ok {
		t.Error("the refusal is not remembered")
	}
	if _, ok := m.docs.GetIfPresent(text{`{nope}`, ""}); ok {
		t.Error("a refused document is kept as a valid one")
	}
	if _, errs := m.document(`query A {__typename} query B {__typename}`, "A"); len(errs) > 0 {
		t.Error(errs)
	}
	if _, errs := m.document(`query A {__typename} query B {__typename}`, ""); len(errs) == 0 {
		t.Error("the name of the operation is not part of the key")
	}
}
