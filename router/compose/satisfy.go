package compose

import (
	"context"
	"github.com/soukhq/souk/router/supergraph"
)

func satisfiable(ctx context.Context, model *supergraph.Model, nodes func(typeName, field string) []Node) Errors {
	return nil
}
