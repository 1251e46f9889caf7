package execute_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/soukhq/souk/router/execute"
)

// Requests that use memory of others that were answered give what they give with fresh memory, while many run at once.
func TestRelease(t *testing.T) {
	t.Parallel()
	execute.Poison(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 50 {
				count := (i*7+n)%5 + 1
				g := newGraph(t, postal)
				var books, weights, posts, want []string
				for k := range count {
					books = append(books, fmt.Sprintf(`{"id":"%d"}`, k))
					weights = append(weights, fmt.Sprintf(`{"weight":%d}`, n))
					posts = append(posts, fmt.Sprintf(`{"rack":"r%d","parcel":"p%d"}`, n, k))
					want = append(want, fmt.Sprintf(`{"rack":"r%d","parcel":"p%d"}`, n, k))
				}
				g.answers("books", `{"data":{"books":[`+strings.Join(books, ",")+`]}}`)
				g.answers("weights", `{"data":{"_entities":[`+strings.Join(weights, ",")+`]}}`)
				g.answers("post", `{"data":{"_entities":[`+strings.Join(posts, ",")+`]}}`)
				g.reusable = true
				got, result := g.run(t.Context(), `{ books { rack parcel } }`, "", execute.Input{})
				result.Release()
				if full := `{"data":{"books":[` + strings.Join(want, ",") + `]}}`; got != full {
					t.Errorf("answer\n%s, want\n%s", got, full)
				}
			}
		})
	}
	all.Wait()
}
