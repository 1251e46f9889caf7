package execute

import (
	"fmt"
	"strings"
	"testing"

	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/rawjson"
)

// waiting returns a run in which 1,000 objects at one path, 100 of them different, wait for an entity fetch.
func waiting(tb testing.TB) (*run, *call) {
	tb.Helper()
	entity := &rawjson.Shape{Slots: 2, Keys: []rawjson.Key{{Name: "id"}}}
	group := &plan.Group{ID: 1, Operation: "query q", Aliases: []*plan.Alias{{Name: "_entities", Variable: "representations", RepType: "Book", Text: "_entities", Start: `{"__typename":"Book"`,
		Members: []*plan.Member{{Path: []plan.Step{{Slot: 0}}, Place: 1, Shape: entity, Rep: []plan.RepField{{Name: "id", Text: `,"id":`, Slot: 0, Key: true}}}}}}}
	p := &plan.Plan{Graphs: 1, Groups: []*plan.Group{{Root: &plan.Root{}}, group},
		Places: []plan.Place{{Slots: []plan.Slot{{Response: "books", Place: 1}}}, {Slots: make([]plan.Slot, 2)}}}
	r := newRun(Input{Plan: p}, nil)
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = fmt.Sprintf(`{"id":"book-%d"}`, i*7%100)
	}
	doc := &r.result.Tree[1]
	doc.Text = []byte("[" + strings.Join(ids, ",") + "]")
	list, err := doc.Parse(1, &rawjson.Key{Lists: 1, Sub: entity})
	if err != nil {
		tb.Fatal(err)
	}
	r.result.Tree.Slots(r.result.Root)[0] = list
	return r, &r.calls[1]
}

func TestRepresentationsAllocateNothing(t *testing.T) {
	r, c := waiting(t)
	if n := testing.AllocsPerRun(20, func() {
		c.reset(c.group)
		r.prepare(c)
	}); n > 0 {
		t.Errorf("%v allocations with memory that is there, want none", n)
	}
	if got := len(c.aliases[0].spans); got != 100 {
		t.Errorf("%d representations, want 100", got)
	}
	if got := len(c.aliases[0].targets); got != 1000 {
		t.Errorf("%d objects, want 1,000", got)
	}
}

// BenchmarkRepresentations writes the request for 1,000 objects of which 100 are different.
func BenchmarkRepresentations(b *testing.B) {
	r, c := waiting(b)
	b.ReportAllocs()
	for b.Loop() {
		c.reset(c.group)
		r.prepare(c)
	}
}
