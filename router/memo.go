package router

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// The sizes of the caches of one generation.
const (
	documentBytes  = 64 << 20 // estimated memory of documents
	planCount      = 4_096
	refusedCount   = 1_000
	refusedLife    = time.Minute
	documentWeight = 4 << 10 // of a document without text
	weightPerByte  = 16      // of the text of a document, for its syntax tree
	formsPerText   = 32
)

// memo keeps what was made of documents: parsed and valid ones, those that were refused, and plans. Each is made once
// however many requests wait for it, and no request that leaves takes it away from the others.
type memo struct {
	model    *supergraph.Model
	lim      operation.Limits
	opt      plan.Options
	docs     *otter.Cache[text, *document]
	refused  *otter.Cache[text, gqlerror.List]
	plans    *otter.Cache[string, *plan.Plan] // by the key of the operation
	planning func(*operation.Op)              // is told of each operation that is planned; tests only
}

// text identifies a document in full, so that no two are ever taken for each other.
type text struct{ query, name string }

// document is a valid document with the plans of its forms.
type document struct {
	*operation.Doc
	hash  string       // of the text, for logs
	uses  atomic.Int64 // requests that had it
	mu    sync.Mutex
	forms map[operation.Bits]form
}

// form is the plan of a document for one set of conditions, or why there is none.
type form struct {
	plan *plan.Plan
	err  error
}

func newMemo(m *supergraph.Model, lim operation.Limits, opt plan.Options) (*memo, error) {
	docs, err := otter.New(&otter.Options[text, *document]{
		MaximumWeight: documentBytes,
		Weigher: func(t text, _ *document) uint32 {
			return uint32(documentWeight + weightPerByte*len(t.query))
		},
	})
	if err != nil {
		return nil, err
	}
	refused, err := otter.New(&otter.Options[text, gqlerror.List]{
		MaximumSize:      refusedCount,
		ExpiryCalculator: otter.ExpiryWriting[text, gqlerror.List](refusedLife),
	})
	if err != nil {
		return nil, err
	}
	plans, err := otter.New(&otter.Options[string, *plan.Plan]{MaximumSize: planCount})
	if err != nil {
		return nil, err
	}
	return &memo{model: m, lim: lim, opt: opt, docs: docs, refused: refused, plans: plans}, nil
}

// document returns what the text means, or why it is refused.
func (m *memo) document(query, name string) (*document, gqlerror.List) {
	key := text{query, name}
	if d, ok := m.docs.GetIfPresent(key); ok {
		return d, nil
	}
	if errs, ok := m.refused.GetIfPresent(key); ok {
		return nil, errs
	}
	d, err := m.docs.Get(context.Background(), key, otter.LoaderFunc[text, *document](m.parse))
	if err == nil {
		return d, nil
	}
	var errs gqlerror.List
	if !errors.As(err, &errs) {
		errs = gqlerror.List{gqlerror.Wrap(err)}
	}
	return nil, errs
}

func (m *memo) parse(_ context.Context, key text) (*document, error) {
	d, errs := operation.Parse(m.model, key.query, key.name, m.lim)
	if len(errs) > 0 {
		if len(key.query) <= maxRefused {
			m.refused.Set(key, errs)
		}
		return nil, errs
	}
	sum := sha256.Sum256([]byte(key.query))
	return &document{Doc: d, hash: hex.EncodeToString(sum[:8]), forms: map[operation.Bits]form{}}, nil
}

// maxRefused is the longest text that is worth remembering though it is refused.
const maxRefused = 16 << 10

// plan returns the plan of a document for the conditions, and whether it was there.
func (m *memo) plan(d *document, b operation.Bits) (*plan.Plan, PlanUse, error) {
	d.mu.Lock()
	v, ok := d.forms[b]
	d.mu.Unlock()
	if ok {
		return v.plan, useOf(PlanKept, v.err), v.err
	}
	use := PlanKept
	op := d.Specialise(b)
	v.plan, v.err = m.plans.Get(context.Background(), op.Key, otter.LoaderFunc[string, *plan.Plan](
		func(context.Context, string) (*plan.Plan, error) {
			if m.planning != nil {
				m.planning(op)
			}
			use = PlanMade
			return plan.New(m.model, op, m.opt)
		}))
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.forms) >= formsPerText {
		for other := range d.forms { // any one
			delete(d.forms, other)
			break
		}
	}
	d.forms[b] = v
	return v.plan, useOf(use, v.err), v.err
}

func useOf(use PlanUse, err error) PlanUse {
	if err != nil {
		return PlanFailed
	}
	return use
}
