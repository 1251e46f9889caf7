package identity

import (
	"context"
	"encoding/base64"
	"encoding/json"
)

// Context are the circumstances of a request (rule G-3) as the router was told them. What was not said is empty. The values
// are the client's wishes: a service takes those that it does not know as not said.
type Context struct {
	Channel  string `json:"channel,omitempty"`
	Country  string `json:"country,omitempty"`  // ISO 3166
	Currency string `json:"currency,omitempty"` // ISO 4217
	Language string `json:"language,omitempty"` // a tag such as de-AT, or an enum value such as PT_BR
}

type circumstancesKey struct{}

// WithContext returns a context in which the request has these circumstances.
func WithContext(ctx context.Context, c Context) context.Context {
	return context.WithValue(ctx, circumstancesKey{}, c)
}

// ContextFrom returns the circumstances of the request; nothing is said by default.
func ContextFrom(ctx context.Context) Context {
	c, _ := ctx.Value(circumstancesKey{}).(Context)
	return c
}

// Header writes the circumstances as they stand in HeaderContext, empty where nothing is said.
func (c Context) Header() string {
	if c == (Context{}) {
		return ""
	}
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // It holds strings only.
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// readContext reads HeaderContext. Circumstances that cannot be read are not said.
func readContext(header string) Context {
	var c Context
	text, err := base64.RawURLEncoding.DecodeString(header)
	if err != nil || json.Unmarshal(text, &c) != nil {
		return Context{}
	}
	return c
}
