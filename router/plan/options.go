package plan

// Options bound the work of planning. The zero value means the defaults.
type Options struct {
	Budget     int // combinations that are compared before the first feasible one is taken; 20,000 by default
	MaxFetches int // more in one plan are refused; 100 by default

	Labels map[string]bool // of @override: those that hold; by default none
}

// maxUnfused is how many times MaxFetches there may be before some are fused: fusing compares all pairs.
const maxUnfused = 10

func (o Options) maxFetches() int {
	if o.MaxFetches > 0 {
		return o.MaxFetches
	}
	return 100
}
