package router

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// Context configures what subgraphs are told about the circumstances of a request: named strings, which go to all of
// them as one JSON object in the header X-Router-Context, written as base64url.
type Context struct {
	// Directives defines directives on operations, in SDL, by whose arguments clients say what they want. They are added
	// to the schema that clients see. An argument whose type the graph does not have is left out.
	Directives string
	Values     []ContextValue
}

// ContextValue is one named string. The first of its sources that has a value gives it.
type ContextValue struct {
	Name    string
	Sources []ContextSource
}

// ContextSource is where a value can come from. One of Directive, Header, Claim and Default is set.
type ContextSource struct {
	Directive, Argument string // an argument of a directive on the operation, as clients see it
	Header              string // of the client
	Claim               string // a string in the claims, where these are a JSON object or its base64url
	Default             string

	Read func(header string) string // takes the value out of the header; nil: all of it
}

// headerContext carries the request context to subgraphs.
const headerContext = "X-Router-Context"

// maxContextValue is how many bytes of a header can be a value. Longer ones count as none.
const maxContextValue = 256

// requestContext is a Context that was checked.
type requestContext struct {
	directives ast.DirectiveDefinitionList
	values     []ContextValue // sorted by name, so that equal contexts are equal bytes
}

// readContext checks a configuration. Each name in it must mean something.
func readContext(c Context) (*requestContext, error) {
	out := &requestContext{values: slices.Clone(c.Values)}
	slices.SortFunc(out.values, func(a, b ContextValue) int { return strings.Compare(a.Name, b.Name) })
	document, err := parser.ParseSchema(&ast.Source{Name: "context", Input: c.Directives})
	if err != nil {
		return nil, fmt.Errorf("read directives of the request context: %w", err)
	}
	if len(document.Definitions)+len(document.Extensions)+len(document.Schema)+len(document.SchemaExtension) > 0 {
		return nil, fmt.Errorf("the request context defines something else than directives")
	}
	out.directives = document.Directives
	unused := map[string]bool{}
	for _, d := range out.directives {
		if i := slices.IndexFunc(d.Locations, func(l ast.DirectiveLocation) bool { return !onOperation(l) }); i >= 0 || d.IsRepeatable {
			return nil, fmt.Errorf("the directive @%s of the request context must stand once and on operations only", d.Name)
		}
		for _, a := range d.Arguments {
			if a.Type.Elem != nil {
				return nil, fmt.Errorf("the argument @%s(%s:) of the request context is a list", d.Name, a.Name)
			}
			unused["@"+d.Name+"("+a.Name+":)"] = true
		}
	}
	for i, v := range out.values {
		if v.Name == "" || i > 0 && out.values[i-1].Name == v.Name {
			return nil, fmt.Errorf("the request context has no name, or the same twice: %q", v.Name)
		}
		for _, s := range v.Sources {
			if err := out.checkSource(v.Name, s, unused); err != nil {
				return nil, err
			}
		}
	}
	for name := range unused {
		return nil, fmt.Errorf("the argument %s gives no value of the request context", name)
	}
	return out, nil
}

func onOperation(l ast.DirectiveLocation) bool {
	return l == ast.LocationQuery || l == ast.LocationMutation || l == ast.LocationSubscription
}

// checkSource takes the source's argument from those that are not used yet.
func (c *requestContext) checkSource(name string, s ContextSource, unused map[string]bool) error {
	set := 0
	for _, text := range []string{s.Directive, s.Header, s.Claim, s.Default} {
		if text != "" {
			set++
		}
	}
	if set != 1 || (s.Directive == "") != (s.Argument == "") || s.Read != nil && s.Header == "" {
		return fmt.Errorf("a source of %q in the request context is not one of argument, header, claim and default", name)
	}
	if s.Directive == "" {
		return nil
	}
	if d := c.directives.ForName(s.Directive); d == nil || d.Arguments.ForName(s.Argument) == nil {
		return fmt.Errorf("the request context defines no argument @%s(%s:) for %q", s.Directive, s.Argument, name)
	}
	delete(unused, "@"+s.Directive+"("+s.Argument+":)")
	return nil
}

// extend adds the directives to what clients see of the model.
func (c *requestContext) extend(m *supergraph.Model, log *slog.Logger) (*supergraph.Model, error) {
	if len(c.directives) == 0 {
		return m, nil
	}
	definitions := make([]*ast.DirectiveDefinition, len(c.directives))
	for i, d := range c.directives {
		visible := *d
		visible.Arguments = nil
		for _, a := range d.Arguments {
			switch t := m.API().Types[a.Type.NamedType]; {
			case t == nil:
				log.Info("an argument of the request context is left out: the graph does not have its type",
					slog.String("directive", d.Name), slog.String("argument", a.Name), slog.String("type", a.Type.NamedType))
			case t.Kind != ast.Enum && t.Kind != ast.Scalar:
				return nil, fmt.Errorf("the argument @%s(%s:) of the request context is of type %s, which is no scalar and no enum", d.Name, a.Name, t.Name)
			default:
				visible.Arguments = append(visible.Arguments, a)
			}
		}
		definitions[i] = &visible
	}
	return m.WithDirectives(definitions...), nil
}

// write returns the context of a request as it goes to subgraphs, "" where no name has a value.
func (c *requestContext) write(d *operation.Doc, v operation.Values, h http.Header, claims []byte) string {
	var b []byte
	for i := range c.values {
		text := c.values[i].find(d, v, h, claims)
		if text == "" {
			continue
		}
		if len(b) == 0 {
			b = append(b, '{')
		} else {
			b = append(b, ',')
		}
		b = appendText(b, c.values[i].Name)
		b = append(b, ':')
		b = appendText(b, text)
	}
	if len(b) == 0 {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(append(b, '}'))
}

func appendText(b []byte, s string) []byte {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // A string always has a JSON form.
	}
	return append(b, text...)
}

func (v *ContextValue) find(d *operation.Doc, values operation.Values, h http.Header, claims []byte) string {
	for i := range v.Sources {
		s := &v.Sources[i]
		var text string
		switch {
		case s.Directive != "":
			if raw, ok := d.Argument(s.Directive, s.Argument, values); ok {
				text = plain(raw)
			}
		case s.Header != "":
			text = s.header(h)
		case s.Claim != "":
			text = claim(claims, s.Claim)
		default:
			text = s.Default
		}
		if text != "" {
			return text
		}
	}
	return ""
}

// plain returns a JSON string as text, a number or boolean as it is written, and nothing for null.
func plain(raw json.RawMessage) string {
	var s string
	switch {
	case string(raw) == "null":
		return ""
	case len(raw) == 0 || raw[0] != '"':
		return string(raw)
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		return ""
	}
	return s
}

func (s *ContextSource) header(h http.Header) string {
	text := h.Get(s.Header)
	if s.Read != nil {
		text = s.Read(text)
	}
	if len(text) > maxContextValue || !utf8.ValidString(text) {
		return ""
	}
	return text
}

// claim returns a string of the claims, "" where it is not there.
func claim(claims []byte, name string) string {
	if len(claims) > 0 && claims[0] != '{' {
		text, err := base64.RawURLEncoding.DecodeString(string(claims))
		if err != nil {
			return ""
		}
		claims = text
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(claims, &members); err != nil {
		return ""
	}
	raw := members[name]
	if len(raw) == 0 || raw[0] != '"' {
		return ""
	}
	return plain(raw)
}
