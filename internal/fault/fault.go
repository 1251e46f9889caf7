// Package fault holds what a customer can do wrong, as data.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Error is one thing that the caller of a mutation did wrong and can correct. Domain code makes it, GraphQL shows it in
// userErrors. It serves every type that implements UserError.
type Error struct {
	Code    string   // a value of the error enum of the family
	Field   []string // the path in the input; nil where no single value is to blame
	Message string   // a sentence that can be shown to a customer
}

// New makes a fault; field is the path in the input.
func New(code, message string, field ...string) *Error {
	return &Error{Code: code, Field: field, Message: message}
}

// Error writes the code and the message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// IsUserError marks the GraphQL interface.
func (*Error) IsUserError() {}

// At returns the fault with a path put before its own.
func (e *Error) At(field ...string) *Error {
	return &Error{Code: e.Code, Field: append(field[:len(field):len(field)], e.Field...), Message: e.Message}
}

// List is several faults at once.
type List []*Error

// Error writes all of them.
func (l List) Error() string {
	parts := make([]string, len(l))
	for i, e := range l {
		parts[i] = e.Error()
	}
	return strings.Join(parts, "; ")
}

// Err returns the list as an error, nil when it is empty.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// Addf appends a fault whose message is formatted.
func (l *List) Addf(code string, field []string, format string, args ...any) {
	*l = append(*l, &Error{Code: code, Field: field, Message: fmt.Sprintf(format, args...)})
}

// Split parts what the caller can correct from what is ours. The list is never nil, as GraphQL's userErrors.
func Split(err error) ([]*Error, error) {
	var one *Error
	var many List
	switch {
	case err == nil:
		return []*Error{}, nil
	case errors.As(err, &many):
		return many, nil
	case errors.As(err, &one):
		return []*Error{one}, nil
	default:
		return []*Error{}, err
	}
}
