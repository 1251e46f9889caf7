// Package fetch asks one subgraph, over the network or in this process.
package fetch

import (
	"context"
	"net/http"
)

// Request is one question to a subgraph.
type Request struct {
	Subgraph string      // its name
	Body     []byte      // the complete JSON body of a GraphQL POST request; never changed unless the answer is Reusable
	Header   http.Header // headers to pass on; read only
	Mutation bool        // it changes something: never repeated
	Buffer   []byte      // its capacity may be used for the answer's body
}

// Response is the answer of a subgraph as it came.
type Response struct {
	Status int
	Body   []byte
	// Reusable says that the memory of the request and of the answer's body is the caller's again: nobody else will read
	// or write it.
	Reusable bool
}

// Transport carries a request to one subgraph and brings its answer, whatever its status. The error is an *Error where
// there is none. Implementations are safe for concurrent use.
type Transport interface {
	Do(ctx context.Context, r *Request) (*Response, error)
}
