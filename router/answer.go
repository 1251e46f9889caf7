package router

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/soukhq/souk/router/execute"
	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/rawjson"
	"github.com/soukhq/souk/router/respond"
)

// safeCodes returns the codes of subgraphs' errors whose message is meant for clients.
func safeCodes(more []string) map[string]bool {
	codes := map[string]bool{"BAD_USER_INPUT": true, "NOT_FOUND": true, "FORBIDDEN": true, "UNAUTHENTICATED": true}
	for _, code := range more {
		codes[code] = true
	}
	return codes
}

// execute carries out a plan and writes the body of the answer to the exchange.
func (r *Router) execute(ctx context.Context, x *exchange, g *generation, p *plan.Plan, values operation.Values, h http.Header) *refusal {
	result := execute.Execute(ctx, execute.Input{
		Plan:      p,
		Variables: values.ByName,
		Header:    h,
		Unmasked:  r.opt.Dev,
		SafeCodes: r.safe,
	}, g.subgraphs)
	defer result.Release()
	if r.opt.Observe != nil {
		x.seen.note(result)
	}
	for _, e := range result.Errors {
		if e.Cause != nil {
			r.opt.Log.WarnContext(ctx, "a subgraph gave an error", slog.Any("error", e.Cause), slog.String("code", e.Code), slog.Any("path", e.Path), slog.String("error_id", e.ID))
		}
	}
	if late(ctx, result.Errors) && !hasData(p, result) {
		return refuse(http.StatusGatewayTimeout, "GATEWAY_TIMEOUT", "The subgraphs took too long.")
	}
	answer := respond.Input{Plan: p, Result: result, API: g.model.API(), Variables: values.ByName, Limit: r.opt.MaxAnswer}
	if r.opt.Dev {
		answer.Extensions = g.counts(result.Fetches)
	}
	if x.out = respond.Write(x.out[:0], answer); x.out == nil {
		return refuse(http.StatusBadRequest, "RESPONSE_TOO_LARGE", "The answer is too large. Ask for less at once.")
	}
	return nil
}

// late tells whether the operation has errors and all of them are that its time was over.
func late(ctx context.Context, errs []execute.Error) bool {
	at, ok := ctx.Deadline()
	if !ok || len(errs) == 0 || time.Until(at) > fetch.Reserve {
		return false
	}
	return !slices.ContainsFunc(errs, func(e execute.Error) bool { return e.Code != fetch.CodeTimeout })
}

// hasData tells whether there is something to answer beside null.
func hasData(p *plan.Plan, result *execute.Result) bool {
	slots := result.Tree.Slots(result.Root)
	return slices.ContainsFunc(p.Output.Fields, func(f plan.OutputField) bool {
		if f.Leaf == plan.TypenameLeaf || f.Leaf == plan.ReflectionLeaf {
			return true
		}
		kind := slots[f.Slot].Kind
		return kind != rawjson.Absent && kind != rawjson.Null
	})
}

// counts writes how many requests each subgraph was sent, as {"souk":{"fetches":{"name":1}}}.
func (g *generation) counts(fetches []int) json.RawMessage {
	sent := make(map[string]int, len(fetches))
	for id, n := range fetches {
		if n > 0 {
			sent[g.model.Graphs[id].Name] = n
		}
	}
	text, err := json.Marshal(map[string]any{"souk": map[string]any{"fetches": sent}})
	if err != nil {
		panic(err) // names and numbers always have a JSON form
	}
	return text
}
