package config

import (
	"cmp"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// set takes the value of a setting.
func (r *reader) set(s setting, n ast.Node) {
	r.file.shared[s.name] = s.variable
	switch entries, mapping := entriesOf(n); {
	case s.kind == pairs && mapping:
		r.setPairs(s, entries)
		return
	case s.kind == list && n.Type() == ast.SequenceType:
		r.setList(s, n.(*ast.SequenceNode))
		return
	}
	written, ok := scalar(n)
	if !ok {
		r.complain(line(n), "%s is written %s", s.name, s.example())
		return
	}
	if s.secret && !refersOnly(written) {
		r.complain(line(n), "%s is a secret: write %s: ${file:/run/secrets/%s} or %s: ${env:NAME}", s.name, s.name, s.name, s.name)
		return
	}
	value, err := expand(written)
	if err == nil {
		err = s.check(value)
	}
	switch {
	case err != nil:
		r.complain(line(n), "%s: %v", s.name, err)
	case s.flag:
		r.file.values[s.name] = value
	default:
		r.file.secrets[s.variable] = value
	}
}

func (r *reader) setPairs(s setting, entries []*ast.MappingValueNode) {
	values := map[string]any{}
	for _, e := range entries {
		key := e.Key.GetToken().Value
		written, ok := scalar(e.Value)
		value, err := expand(written)
		switch _, twice := values[key]; {
		case twice:
			r.complain(line(e.Key), "%s has %s twice: remove one of them", s.name, key)
		case !ok:
			r.complain(line(e.Value), "%s is written %s", s.name, s.example())
		case err != nil:
			r.complain(line(e.Value), "%s: %s: %v", s.name, key, err)
		}
		values[key] = value
	}
	r.file.values[s.name] = values
}

func (r *reader) setList(s setting, n *ast.SequenceNode) {
	values := []any{}
	for _, item := range n.Values {
		written, ok := scalar(item)
		value, err := expand(written)
		if !ok {
			err = fmt.Errorf("an item is a text")
		}
		if err != nil {
			r.complain(line(item), "%s: %v", s.name, err)
		}
		values = append(values, value)
	}
	r.file.values[s.name] = values
}

// scalar returns a single value as it is written, without quotes.
func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// check tells what is wrong with a value, and what would be right.
func (s setting) check(value string) error {
	switch s.kind {
	case truth:
		if _, err := strconv.ParseBool(value); err != nil {
			return fmt.Errorf("%q is neither true nor false", value)
		}
	case duration:
		if d, err := time.ParseDuration(value); err != nil || d < 0 {
			return fmt.Errorf("%q is not a duration such as 15s or 1m30s", value)
		}
	case pairs:
		for pair := range strings.SplitSeq(value, ",") {
			if !strings.Contains(pair, "=") {
				return fmt.Errorf("%q is not NAME=VALUE", pair)
			}
		}
	}
	if len(s.choices) > 0 && !slices.Contains(s.choices, value) {
		return fmt.Errorf("%q is not %s", value, join(s.choices, "or"))
	}
	if s.path {
		if _, err := os.Stat(value); err != nil {
			return fmt.Errorf("there is no file %s", value)
		}
	}
	return nil
}

// example shows how a setting is written.
func (s setting) example() string {
	switch s.kind {
	case list:
		return s.name + ": [ONE, ANOTHER]"
	case pairs:
		return "as lines below it: NAME: VALUE"
	default:
		return s.name + ": VALUE"
	}
}

// reference is what stands for a value that is elsewhere. A $$ before a brace stands for the dollar itself.
var reference = regexp.MustCompile(`\$\$\{|\$\{([^}]*)\}`)

// expand puts the values of variables and files in the place of references to them.
func expand(written string) (string, error) {
	var first error
	expanded := reference.ReplaceAllStringFunc(written, func(found string) string {
		if found == "$${" {
			return "${"
		}
		value, err := resolve(found[len("${") : len(found)-1])
		if err != nil && first == nil {
			first = err
		}
		return value
	})
	return expanded, first
}

func resolve(what string) (string, error) {
	source, rest, _ := strings.Cut(what, ":")
	switch source {
	case "env":
		name, fallback, has := strings.Cut(rest, ":-")
		if value := os.Getenv(name); value != "" || has {
			return cmp.Or(value, fallback), nil
		}
		return "", fmt.Errorf("the variable %s is not set: set it, or write ${env:%s:-default}", name, name)
	case "file":
		b, err := os.ReadFile(rest)
		if err != nil {
			return "", fmt.Errorf("read the file that ${%s} names: %w", what, err)
		}
		return strings.TrimRight(string(b), "\r\n"), nil
	}
	return "", fmt.Errorf("${%s} is neither ${env:NAME}, ${env:NAME:-default} nor ${file:PATH}", what)
}

// refersOnly tells whether nothing secret is written in a value itself: it is a reference, or an address whose password is
// one, or that has none.
func refersOnly(written string) bool {
	rest := reference.ReplaceAllString(written, "")
	if rest == "" {
		return !strings.Contains(written, ":-")
	}
	u, err := url.Parse(rest)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return false
	}
	password, _ := u.User.Password()
	return password == "" && !u.Query().Has("password")
}
