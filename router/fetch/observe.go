package fetch

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// Observed tells somebody of every request that it carries.
type Observed struct {
	Transport
	// Tell is given the name of the subgraph, the code of the error or "" where there was an answer with status 200, and how
	// long it took.
	Tell func(subgraph, code string, took time.Duration)
}

// CodeStatus is what observers are told of an answer with another status than 200.
const CodeStatus = "SUBGRAPH_STATUS"

// Do implements Transport.
func (o Observed) Do(ctx context.Context, r *Request) (*Response, error) {
	started := time.Now()
	response, err := o.Transport.Do(ctx, r)
	code := ""
	var known *Error
	switch {
	case errors.As(err, &known):
		code = known.Code
	case err != nil:
		code = CodeUnavailable
	case response.Status != http.StatusOK:
		code = CodeStatus
	}
	o.Tell(r.Subgraph, code, time.Since(started))
	return response, err
}
