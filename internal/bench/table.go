package main

import (
	"fmt"
	"io"
	"runtime"
	"time"
)

// row is the measurement of one gateway with one query.
type row struct {
	workload, gateway, mode string
	result                  *result
}

// cpu returns how much CPU time the gateway uses for one request.
func (r row) cpu() time.Duration { return r.result.cpu / time.Duration(max(r.result.requests, 1)) }

// each returns a count for each request.
func (r row) each(count int64) float64 { return float64(count) / float64(max(r.result.requests, 1)) }

// print writes one row in words.
func (r row) print(w io.Writer) {
	s := r.result
	fmt.Fprintf(w, "%s, query %s: %d requests, %.0f/s, p50 %s, p90 %s, p99 %s, %d failed\n", r.gateway, r.workload, s.requests,
		float64(s.requests)/s.elapsed.Seconds(), s.latency.quantile(0.5), s.latency.quantile(0.9), s.latency.quantile(0.99), s.failed)
	fmt.Fprintf(w, "gateway: %s CPU a request, RSS %d MB; subgraphs: %.2f requests, %.1f KB received and %.1f KB sent, %s CPU a request\n",
		r.cpu(), s.rss>>20, r.each(s.traffic.Requests), r.each(s.traffic.Received)/1e3, r.each(s.traffic.Sent)/1e3, s.mocksCPU/time.Duration(max(s.requests, 1)))
}

// printTable writes the rows as a Markdown table, with the CPU time of each compared with the limit of its query. It
// returns an error if a reply was wrong.
func printTable(w io.Writer, rows []row) error {
	limits := map[string]time.Duration{}
	for _, r := range rows {
		if r.gateway == "limit" {
			limits[r.workload] = r.cpu()
		}
	}
	fmt.Fprintf(w, "%s/%s, %d CPUs, %s; KB to subgraphs are bodies sent and received for one request.\n\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	fmt.Fprintln(w, "| query | gateway | mode | requests/s | CPU ms/request | × limit | p50 / p90 / p99 ms | RSS MB | subgraph requests | KB to subgraphs | mocks' CPU ms/request | failed |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|---|---|---|")
	var failure error
	for _, r := range rows {
		s := r.result
		if failure == nil && s.failed > 0 {
			failure = fmt.Errorf("%s, query %s: %d of %d requests failed: %w", r.gateway, r.workload, s.failed, s.requests, s.firstFailure)
		}
		if failure == nil && s.traffic.Failed > 0 {
			failure = fmt.Errorf("%s, query %s: the subgraphs refused %d requests", r.gateway, r.workload, s.traffic.Failed)
		}
		fmt.Fprintf(w, "| %s | %s | %s | %.0f | %.3f | %.2f | %.1f / %.1f / %.1f | %d | %.2f | %.1f / %.1f | %.3f | %d |\n",
			r.workload, r.gateway, r.mode, float64(s.requests)/s.elapsed.Seconds(), ms(r.cpu()), float64(r.cpu())/float64(max(limits[r.workload], 1)),
			ms(s.latency.quantile(0.5)), ms(s.latency.quantile(0.9)), ms(s.latency.quantile(0.99)), s.rss>>20,
			r.each(s.traffic.Requests), r.each(s.traffic.Received)/1e3, r.each(s.traffic.Sent)/1e3, ms(s.mocksCPU)/float64(max(s.requests, 1)), s.failed)
	}
	return failure
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
