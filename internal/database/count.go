package database

import (
	"context"
	"sync/atomic"
)

type countKey struct{}

// WithCount returns a context whose statements are counted. Begin and commit do not count.
func WithCount(ctx context.Context) context.Context {
	return context.WithValue(ctx, countKey{}, new(atomic.Int64))
}

func count(ctx context.Context) {
	if n, ok := ctx.Value(countKey{}).(*atomic.Int64); ok {
		n.Add(1)
	}
}

// Counted returns how many statements ran in a context of WithCount so far.
func Counted(ctx context.Context) int64 {
	if n, ok := ctx.Value(countKey{}).(*atomic.Int64); ok {
		return n.Load()
	}
	return 0
}
