package subgraph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/cache"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/fault"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

const (
	tokenLimit         = 50_000 // of one operation: the router sends selections that are longer than clients'
	queryCache         = 1_000  // operations that are parsed and validated once
	maxRepresentations = 1_000  // of all _entities fields of a request together (rule F-4)
)

// newHandler answers a schema as every subgraph does: POST requests, introspection for the router, masked errors. forget is
// nil where the service keeps no results.
func newHandler(schema graphql.ExecutableSchema, forget *forgetter, unmasked bool, log *slog.Logger) http.Handler {
	s := handler.New(schema)
	s.AddTransport(post{})
	s.SetQueryCache(lru.New[*ast.QueryDocument](queryCache))
	s.SetParserTokenLimit(tokenLimit)
	s.Use(extension.Introspection{}) // _service { sdl } needs it; subgraphs are not published.
	p := presenter{unmasked: unmasked, log: log}
	s.SetErrorPresenter(p.present)
	s.SetRecoverFunc(p.recovered)
	s.AroundOperations(func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		if n := representations(graphql.GetOperationContext(ctx)); n > maxRepresentations {
			return graphql.OneShot(failed(fmt.Sprintf("The request asks for %d entities; at most %d may be asked for at once.", n, maxRepresentations), "TOO_MANY_REPRESENTATIONS"))
		}
		ctx = database.WithCount(ctx)
		if forget != nil {
			ctx = cache.WithCount(ctx)
			if graphql.GetOperationContext(ctx).Operation.Operation == ast.Mutation { // It sees what it writes.
				ctx = cache.WithBypass(ctx)
			}
		}
		return next(ctx)
	})
	s.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		started := time.Now()
		response := next(ctx)
		if forget != nil && graphql.GetOperationContext(ctx).Operation.Operation == ast.Mutation {
			forget.flush(ctx)
		}
		n := database.Counted(ctx)
		if unmasked && response != nil {
			if response.Extensions == nil {
				response.Extensions = map[string]any{}
			}
			response.Extensions["souk"] = costs(ctx, n, forget != nil)
		}
		log.DebugContext(ctx, "request answered", "operation", graphql.GetOperationContext(ctx).OperationName,
			"ms", time.Since(started).Milliseconds(), "statements", n)
		return response
	})
	return s
}

// costs says in development what an answer took.
func costs(ctx context.Context, statements int64, cached bool) map[string]any {
	told := map[string]any{"statements": statements}
	if cached {
		n := cache.Counted(ctx)
		told["cache"] = map[string]int64{"hits": n.Hits, "misses": n.Misses, "bypass": n.Bypasses}
	}
	return told
}

// representations counts the entities that an operation asks for by their representations.
func representations(o *graphql.OperationContext) int {
	n := 0
	for _, f := range graphql.CollectFields(o, o.Operation.SelectionSet, []string{"Query"}) {
		if f.Name == "_entities" {
			list, _ := f.ArgumentMap(o.Variables)["representations"].([]any)
			n += len(list)
		}
	}
	return n
}

type presenter struct {
	unmasked bool
	log      *slog.Logger
}

// present tells the caller what it can correct and hides the rest. It is the only place that logs an error of a request.
func (p presenter) present(ctx context.Context, err error) *gqlerror.Error {
	shown := graphql.DefaultErrorPresenter(ctx, err)
	var f *fault.Error
	switch cause := shown.Unwrap(); {
	case errors.As(err, &f):
		return with(shown, f.Message, f.Code)
	case cause == nil: // Parse, validation and coercion errors, and those that resolvers made for the caller.
		return shown
	case ctx.Err() != nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded): // Then PostgreSQL has an error of its own.
		return with(shown, "The request was given up.", "SERVICE_UNAVAILABLE")
	}
	id := uuid.NewString()
	code, message := "INTERNAL_SERVER_ERROR", "Something went wrong."
	if database.Unavailable(err) {
		code, message = "SERVICE_UNAVAILABLE", "The service is not available for the moment. Try again."
	}
	p.log.ErrorContext(ctx, "request failed", "error_id", id, "code", code, "path", shown.Path.String(), "error", err)
	if p.unmasked && code == "INTERNAL_SERVER_ERROR" {
		message = err.Error()
	}
	shown = with(shown, message, code)
	shown.Extensions["errorId"] = id
	return shown
}

func with(e *gqlerror.Error, message, code string) *gqlerror.Error {
	if e.Extensions == nil {
		e.Extensions = map[string]any{}
	}
	e.Message, e.Extensions["code"] = message, code
	return e
}

func (p presenter) recovered(ctx context.Context, panicked any) error {
	p.log.ErrorContext(ctx, "resolver panicked", "panic", fmt.Sprint(panicked), "stack", string(debug.Stack()))
	return fmt.Errorf("panic: %v", panicked)
}
