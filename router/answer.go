package router

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"

	"github.com/soukhq/souk/router/execute"
	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan"
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

// execute carries out a plan and writes the body of the answer.
func (r *Router) execute(ctx context.Context, g *generation, p *plan.Plan, values operation.Values, h http.Header) []byte {
	result := execute.Execute(ctx, execute.Input{
		Plan:      p,
		Variables: values.ByName,
		Header:    h,
		Unmasked:  r.opt.Dev,
		SafeCodes: r.safe,
	}, g.subgraphs)
	for _, e := range result.Errors {
		if e.Cause != nil {
			r.opt.Log.WarnContext(ctx, "a subgraph gave an error", slog.Any("error", e.Cause), slog.String("code", e.Code), slog.Any("path", e.Path), slog.String("error_id", e.ID))
		}
	}
	answer := respond.Input{Plan: p, Result: result, API: g.model.API(), Variables: values.ByName}
	if r.opt.Dev {
		answer.Extensions = g.counts(result.Fetches)
	}
	return respond.Write(nil, answer)
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
