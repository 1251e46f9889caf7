package database

import (
	"context"
	"sync/atomic"
)

type countKey struct{}

// WithCount returns a context whose statements are counted, and the counter. Begin and commit do not count.
func WithCount(ctx context.Context) (context.Context, *atomic.Int64) {
	n := new(atomic.Int64)
	return context.WithValue(ctx, countKey{}, n), n
}

func count(ctx context.Context) {
	if n, ok := ctx.Value(countKey{}).(*atomic.Int64); ok {
		n.Add(1)
	}
}
