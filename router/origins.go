package router

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// origins tells which pages may ask. One list serves CORS and the protection against forged requests.
type origins struct {
	exact     map[string]bool
	wildcards []wildcard
	local     bool // pages on this machine, on any port
}

// wildcard stands for all subdomains: https://*.example.com.
type wildcard struct{ scheme, domain string }

func readOrigins(patterns []string, local bool) (origins, error) {
	o := origins{exact: map[string]bool{}, local: local}
	for _, p := range patterns {
		u, err := url.Parse(p)
		if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.Path != "" {
			return origins{}, fmt.Errorf("an allowed origin is neither https://host nor https://*.host: %q", p)
		}
		if domain, ok := strings.CutPrefix(u.Host, "*."); ok {
			o.wildcards = append(o.wildcards, wildcard{u.Scheme + "://", "." + domain})
			continue
		}
		if strings.Contains(u.Host, "*") {
			return origins{}, fmt.Errorf("an allowed origin has * elsewhere than at its start: %q", p)
		}
		o.exact[p] = true
	}
	return o, nil
}

// allow tells whether a page of that origin may ask.
func (o origins) allow(origin string) bool {
	if o.exact[origin] {
		return true
	}
	if o.local {
		if u, err := url.Parse(origin); err == nil && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1") {
			return true
		}
	}
	return slices.ContainsFunc(o.wildcards, func(w wildcard) bool {
		host, ok := strings.CutPrefix(origin, w.scheme)
		return ok && strings.HasSuffix(host, w.domain)
	})
}

// preflightHeaders are names of headers that no page can send without asking first.
var preflightHeaders = []string{"Apollo-Require-Preflight", "X-Apollo-Operation-Name", "Graphql-Require-Preflight"}

// forged tells whether the request could have been made by a foreign page in the name of its visitor.
func (o origins) forged(q *http.Request) bool {
	if !simpleContentType(q) {
		return false
	}
	for _, name := range preflightHeaders {
		if q.Header.Get(name) != "" {
			return false
		}
	}
	site, origin := q.Header.Get("Sec-Fetch-Site"), q.Header.Get("Origin")
	switch {
	case site == "same-origin" || site == "none":
		return false
	case origin != "" && o.allow(origin):
		return false
	}
	return site != "" || origin != "" || q.Header.Get("Cookie") != ""
}

// simpleContentType tells whether a browser sends the content type without asking first.
func simpleContentType(q *http.Request) bool {
	media, _, _ := strings.Cut(q.Header.Get("Content-Type"), ";")
	switch strings.ToLower(strings.TrimSpace(media)) {
	case "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data":
		return true
	}
	return false
}

// cors writes what a browser must know before it shows the answer to a page of another origin.
func (o origins) cors(w http.ResponseWriter, q *http.Request) {
	origin := q.Header.Get("Origin")
	if origin == "" {
		return
	}
	h := w.Header()
	h.Add("Vary", "Origin")
	if !o.allow(origin) {
		return
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Allow-Credentials", "true")
	if q.Method == http.MethodOptions {
		h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, OPTIONS")
		h.Set("Access-Control-Max-Age", "7200")
		if asked := q.Header.Get("Access-Control-Request-Headers"); asked != "" {
			h.Set("Access-Control-Allow-Headers", asked)
			h.Add("Vary", "Access-Control-Request-Headers")
		}
	}
}
