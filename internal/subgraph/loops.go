package subgraph

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/soukhq/souk/internal/run"
)

// purgeEvery is how often what is too old is forgotten.
const purgeEvery = 10 * time.Minute

// loop is something that a service does all the time.
type loop func(context.Context) error

// Run tells the events of the service to the others, follows theirs, and does the service's own work, until the context
// ends. A loop that fails is logged and begins again after a pause of at most five seconds; it returns when all have ended.
func (s *Service) Run(ctx context.Context) error {
	var all sync.WaitGroup
	for name, l := range s.loops {
		all.Go(func() { run.Keep(ctx, s.log, name, guarded(l)) })
	}
	all.Wait()
	return nil
}

var errEnded = errors.New("it ended by itself")

// guarded makes an error of a loop's panic, and of its end.
func guarded(l loop) loop {
	return func(ctx context.Context) (err error) {
		defer func() {
			if panicked := recover(); panicked != nil {
				err = fmt.Errorf("panic: %v", panicked)
			}
		}()
		if err := l(ctx); err != nil {
			return err
		}
		return errEnded
	}
}
