// Package graph answers the GraphQL schema of the CMS.
package graph

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"

	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/soukhq/souk/examples/cms/graph/generated"
	"github.com/soukhq/souk/examples/cms/library"
	"github.com/vektah/gqlparser/v2/ast"
	"golang.org/x/text/language"
)

const (
	tokenLimit = 50_000 // of one operation: the router's selections are longer than those of people
	queryCache = 1_000  // operations that are parsed and validated once
	bodyLimit  = 4 << 20
)

// NewHandler answers the schema out of the library, each request in the language that it asks for.
func NewHandler(l *library.Library) http.Handler {
	s := handler.New(generated.NewExecutableSchema(generated.Config{Resolvers: &resolver{library: l}}))
	s.AddTransport(transport.POST{})
	s.SetQueryCache(lru.New[*ast.QueryDocument](queryCache))
	s.SetParserTokenLimit(tokenLimit)
	s.Use(extension.Introspection{}) // _service { sdl } needs it.
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
		s.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), languagesKey{}, languages(r.Header))))
	})
}

// languages returns those that the client understands, best first. The router tells one in the context of the request;
// whoever asks without a router says it as browsers do.
func languages(h http.Header) []string {
	if text, err := base64.RawURLEncoding.DecodeString(h.Get("X-Router-Context")); err == nil {
		var told struct{ Language string }
		if json.Unmarshal(text, &told) == nil && told.Language != "" {
			return []string{told.Language}
		}
	}
	accepted, _, _ := language.ParseAcceptLanguage(h.Get("Accept-Language")) // What cannot be read is no wish.
	tags := make([]string, len(accepted))
	for i, t := range accepted {
		tags[i] = t.String()
	}
	return tags
}

type languagesKey struct{}

type resolver struct{ library *library.Library }

type (
	blogResolver   struct{ *resolver }
	entityResolver struct{ *resolver }
	queryResolver  struct{ *resolver }
)

// Blog returns the resolvers of the type Blog.
func (r *resolver) Blog() generated.BlogResolver { return blogResolver{r} }

// Entity returns the resolvers of entities.
func (r *resolver) Entity() generated.EntityResolver { return entityResolver{r} }

// Query returns the resolvers of the root type.
func (r *resolver) Query() generated.QueryResolver { return queryResolver{r} }

// edition returns the texts in the language of the request.
func (r *resolver) edition(ctx context.Context) *library.Edition {
	tags, _ := ctx.Value(languagesKey{}).([]string)
	return r.library.Edition(tags...)
}
