package plan_test

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan"
	"golang.org/x/tools/txtar"
)

// BenchmarkNew plans the worked example.
func BenchmarkNew(b *testing.B) {
	archive, err := txtar.ParseFile(filepath.Join("testdata", "worked.txtar"))
	if err != nil {
		b.Fatal(err)
	}
	m := composed(b, archive)
	var query, variables []byte
	for _, f := range archive.Files {
		switch f.Name {
		case "query with reviews":
			query = f.Data
		case "variables":
			if variables == nil {
				variables = f.Data
			}
		}
	}
	d, errs := operation.Parse(m, string(query), "", operation.Limits{})
	if len(errs) > 0 {
		b.Fatal(errs)
	}
	values, errs := d.Coerce(json.RawMessage(variables))
	if len(errs) > 0 {
		b.Fatal(errs)
	}
	op := d.Specialise(values.Conditions)
	b.ReportAllocs()
	for b.Loop() {
		p, err := plan.New(m, op, plan.Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(p.Stats().Calls), "calls/op")
	}
}
