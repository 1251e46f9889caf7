package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
)

// Error says why a subgraph gave no answer. Its text is for logs, not for clients.
type Error struct {
	Code     string // for extensions.code, one of those below
	Subgraph string
	Err      error
}

// The codes of an Error.
const (
	CodeUnavailable = "SUBGRAPH_UNAVAILABLE"        // it was not reached, or broke off
	CodeTimeout     = "SUBGRAPH_TIMEOUT"            // it took too long, or the request as a whole did
	CodeTooLarge    = "SUBGRAPH_RESPONSE_TOO_LARGE" // its answer is larger than allowed
)

// Error returns the subgraph's name with the cause.
func (e *Error) Error() string { return fmt.Sprintf("ask subgraph %s: %v", e.Subgraph, e.Err) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// errTooLarge is the cause of CodeTooLarge.
var errTooLarge = errors.New("the response is larger than allowed")

// failure sorts an error into its code.
func failure(subgraph string, err error) *Error {
	e := &Error{Code: CodeUnavailable, Subgraph: subgraph, Err: err}
	var timeout net.Error
	switch {
	case errors.Is(err, errTooLarge):
		e.Code = CodeTooLarge
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		e.Code = CodeTimeout
	}
	return e
}
