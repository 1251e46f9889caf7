package plan

import "slices"

// Options bound the work of planning. The zero value means the defaults.
type Options struct {
	Budget     int // combinations that are compared before the first feasible one is taken; 20,000 by default
	MaxFetches int // more in one plan are refused; 100 by default

	Labels map[string]bool // of @override: those that hold; by default none
	Batch  Batch           // which fetches share a request
}

// Batch says which entity fetches of one subgraph travel in one request.
type Batch uint8

// The ways.
const (
	BatchLevel Batch = iota // those that are equally far from the start: the fewest requests
	BatchDeps               // those that wait for the same fetches, so that none waits for another's sake
	BatchOff                // none
)

// together tells whether two fetches may share a request.
func (b Batch) together(x, y *fetch, level []int) bool {
	if x.root || y.root || x.graph != y.graph || x.unit != y.unit || level[x.id] != level[y.id] {
		return false
	}
	switch b {
	case BatchOff:
		return false
	case BatchDeps:
		return slices.Equal(x.deps, y.deps)
	}
	return true
}

// maxUnfused is how many times MaxFetches there may be before some are fused: fusing compares all pairs.
const maxUnfused = 10

func (o Options) maxFetches() int {
	if o.MaxFetches > 0 {
		return o.MaxFetches
	}
	return 100
}
