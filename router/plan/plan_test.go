package plan_test

import (
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan"
	"golang.org/x/tools/txtar"
)

// planned plans a query on the subgraphs of a golden file.
func planned(t *testing.T, file, query string, opt plan.Options) (*plan.Plan, error) {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	m := composed(t, archive)
	d, errs := operation.Parse(m, query, "", operation.Limits{})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return plan.New(m, d.Specialise(0), opt)
}

func TestPlanThatIsTooLarge(t *testing.T) {
	t.Parallel()
	_, err := planned(t, "entities.txtar", `{ books { copies author { name awards { year } } } }`, plan.Options{MaxFetches: 3})
	var large *plan.TooLargeError
	if !errors.As(err, &large) || large.Code() != "PLAN_TOO_LARGE" || large.Fetches != 4 || large.Max != 3 {
		t.Errorf("error %v, want one that says that 4 fetches are more than 3", err)
	}
}

func TestNoPlan(t *testing.T) {
	t.Parallel()
	_, err := planned(t, "unplannable.txtar", `{ a: rated { __typename } }`, plan.Options{})
	var none *plan.NoPlanError
	if !errors.As(err, &none) || none.Code() != "OPERATION_NOT_PLANNABLE" || !slices.Equal(none.Path, []string{"a"}) || len(none.Reasons) == 0 {
		t.Errorf("error %v, want one that names the field", err)
	}
}

func TestSmallBudget(t *testing.T) {
	t.Parallel()
	query := `{ books { copies author { name awards { year } } } }`
	best, err := planned(t, "entities.txtar", query, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := planned(t, "entities.txtar", query, plan.Options{Budget: 1})
	if err != nil {
		t.Fatal(err)
	}
	if !p.Stats().OverBudget || best.Stats().OverBudget {
		t.Errorf("over budget: %v with 1, %v with the default", p.Stats().OverBudget, best.Stats().OverBudget)
	}
	if got := best.Stats(); got.Fetches != 4 || got.Requests != 4 || got.Depth != 3 || got.Calls == 0 {
		t.Errorf("stats %+v, want 4 fetches in 4 requests, 3 in a row", got)
	}
}

// TestPlansAtOnce plans an operation several times at once: planning changes neither the model nor the operation.
func TestPlansAtOnce(t *testing.T) {
	t.Parallel()
	archive, err := txtar.ParseFile(filepath.Join("testdata", "worked.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	m := composed(t, archive)
	i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == "query with reviews" })
	d, errs := operation.Parse(m, string(archive.Files[i].Data), "", operation.Limits{})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	op := d.Specialise(0)
	texts := make([]string, 8)
	var wg sync.WaitGroup
	for i := range texts {
		wg.Go(func() {
			if p, err := plan.New(m, op, plan.Options{}); err != nil {
				t.Error(err)
			} else {
				texts[i] = p.Text()
			}
		})
	}
	wg.Wait()
	if got := slices.Compact(texts); len(got) != 1 {
		t.Errorf("%d plans of one operation, want 1", len(got))
	}
}
