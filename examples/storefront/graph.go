package main

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

//go:embed operations/*.graphql
var operations embed.FS

const (
	graphTimeout  = 15 * time.Second
	maximumAnswer = 8 << 20          // bytes
	contentAgain  = 10 * time.Second // after which a graph without content is asked for it again
)

var (
	errNotFound = errors.New("there is no such page")
	errSession  = errors.New("the access token is not valid")
)

// graph asks the graph. Lines of operations that end in «# content» are left out as long as no CMS is part of it.
type graph struct {
	url  string
	http *http.Client

	mu      sync.Mutex
	without time.Time // when the graph was last found to have no content
}

// visitor is for whom the graph is asked.
type visitor struct{ token, country, language string }

// graphError is what the graph tells beside the data.
type graphError struct {
	Message    string
	Extensions struct{ Code string }
}

// ask sends the operation in a file of the folder operations and reads the data of the answer. Data with gaps are no error:
// pages do without what is null.
func (g *graph) ask(ctx context.Context, v visitor, operation string, variables map[string]any, data any) error {
	full, short := text(operation, true), text(operation, false)
	if full == short || g.hasContent() {
		problems, err := g.send(ctx, v, full, variables, data)
		if full == short || !invalid(problems) {
			return err
		}
		g.mu.Lock()
		g.without = time.Now()
		g.mu.Unlock()
	}
	if strings.HasPrefix(full, onlyContent) {
		return errNotFound
	}
	_, err := g.send(ctx, v, short, variables, data)
	return err
}

func (g *graph) hasContent() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return time.Since(g.without) > contentAgain
}

// invalid tells whether the graph does not know the fields of an operation.
func invalid(problems []graphError) bool {
	return slices.ContainsFunc(problems, func(e graphError) bool { return e.Extensions.Code == "GRAPHQL_VALIDATION_FAILED" })
}

// send sends an operation. It returns an error where there are no data.
func (g *graph) send(ctx context.Context, v visitor, operation string, variables map[string]any, data any) ([]graphError, error) {
	ctx, stop := context.WithTimeout(ctx, graphTimeout)
	defer stop()
	variables["country"], variables["language"] = v.country, strings.ToUpper(v.language)
	body, err := json.Marshal(map[string]any{"query": operation, "variables": variables})
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, g.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/graphql-response+json, application/json;q=0.9")
	if v.token != "" {
		r.Header.Set("Authorization", "Bearer "+v.token)
	}
	w, err := g.http.Do(r)
	if err != nil {
		return nil, fmt.Errorf("ask the graph: %w", err)
	}
	defer w.Body.Close() //nolint:errcheck // Nothing is lost when a body that was read cannot be closed.
	if w.StatusCode == http.StatusUnauthorized {
		return nil, errSession
	}
	var answer struct {
		Data   json.RawMessage
		Errors []graphError
	}
	if err := json.NewDecoder(io.LimitReader(w.Body, maximumAnswer)).Decode(&answer); err != nil {
		return nil, fmt.Errorf("read the answer of the graph (%s): %w", w.Status, err)
	}
	if len(answer.Data) == 0 || string(answer.Data) == "null" {
		return answer.Errors, fmt.Errorf("the graph answered without data: %v", answer.Errors)
	}
	if err := json.Unmarshal(answer.Data, data); err != nil {
		return answer.Errors, fmt.Errorf("read the data of the graph: %w", err)
	}
	return answer.Errors, nil
}

const (
	onlyContent = "# Only with content."
	contentMark = "# content"
)

var (
	spread    = regexp.MustCompile(`\.\.\.(\w+)`)
	fragments = parts()
)

// parts returns the text of each fragment by its name. An empty line parts them.
func parts() map[string]string {
	all := map[string]string{}
	for _, f := range regexp.MustCompile(`(?s)fragment (\w+) on .*?(?:\n\n|\z)`).FindAllStringSubmatch(file("fragments"), -1) {
		all[f[1]] = f[0]
	}
	return all
}

func file(name string) string {
	content, err := operations.ReadFile("operations/" + name + ".graphql")
	if err != nil {
		panic(err) // The files are part of the program.
	}
	return string(content)
}

// text returns an operation with the fragments that it uses.
func text(name string, content bool) string {
	document := choose(file(name), content)
	for used, begin := map[string]bool{}, 0; begin < len(document); {
		rest := document[begin:]
		begin = len(document)
		for _, m := range spread.FindAllStringSubmatch(rest, -1) {
			if !used[m[1]] {
				used[m[1]] = true
				document += "\n" + choose(fragments[m[1]], content)
			}
		}
	}
	return document
}

// choose leaves the lines of content out where there is none.
func choose(document string, content bool) string {
	if content {
		return document
	}
	lines := strings.Split(document, "\n")
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.HasSuffix(l, contentMark) }), "\n")
}
