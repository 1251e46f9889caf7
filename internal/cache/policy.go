package cache

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

const (
	// MaxTTL is how long a result is kept at most, whatever the schema says.
	MaxTTL = time.Hour
	// MaxNotFound is how long it is kept at most that there is no such thing (rule E-7).
	MaxNotFound = 10 * time.Second
)

// Policy is what the directives of a schema say of results of one kind.
type Policy struct {
	Kind     string        // a type, or a field with its type: Query.products
	MaxAge   time.Duration // how long a result is kept; 0: not at all
	NotFound time.Duration // how long it is kept that there is none; 0: not at all
	Vary     []string      // the names of the request context that results depend on, sorted
	Tags     []string      // formats of the tags that invalidate a result
}

// Policies reads the policies of a schema.
type Policies struct {
	schema *ast.Schema
	names  []string
}

// NewPolicies reads the directives of a schema whose results can depend on these names of the request context.
func NewPolicies(schema *ast.Schema, names ...string) Policies { return Policies{schema, names} }

// Object returns the policy of whole objects of a type, in which objects of other types are included: the shortest age of
// the types and of their fields that have no selection, which all are part of it, all that they vary on, and the tags of
// the first. What is PRIVATE is not kept (rule A-8).
func (p Policies) Object(typeName string, included ...string) (Policy, error) {
	policy := Policy{Kind: typeName}
	for i, name := range append([]string{typeName}, included...) {
		def := p.schema.Types[name]
		if def == nil {
			return Policy{}, fmt.Errorf("cache policy of %s: there is no type %s", typeName, name)
		}
		h := hintOf(def.Directives)
		age := h.maxAge
		for _, f := range def.Fields {
			field := p.schema.Types[f.Type.Name()]
			if field == nil || field.IsCompositeType() {
				continue
			}
			if own := hintOf(f.Directives); own.given {
				age = min(age, own.maxAge)
				h.vary = append(h.vary, own.vary...)
			}
		}
		if i == 0 {
			policy.MaxAge, policy.NotFound, policy.Tags = age, h.notFound, h.tags
		} else if h.given {
			policy.MaxAge = min(policy.MaxAge, age)
		}
		policy.Vary = append(policy.Vary, h.vary...)
	}
	return p.check(policy)
}

// Field returns the policy of what a field answers: its own directives, else those of the type that it returns.
func (p Policies) Field(typeName, fieldName string) (Policy, error) {
	policy := Policy{Kind: typeName + "." + fieldName}
	var field *ast.FieldDefinition
	if def := p.schema.Types[typeName]; def != nil {
		field = def.Fields.ForName(fieldName)
	}
	if field == nil {
		return Policy{}, fmt.Errorf("cache policy of %s: there is no such field", policy.Kind)
	}
	h := hintOf(field.Directives)
	if returned := p.schema.Types[field.Type.Name()]; !h.given && returned != nil {
		own := hintOf(returned.Directives)
		h.maxAge, h.notFound = own.maxAge, own.notFound
	}
	policy.MaxAge, policy.NotFound, policy.Vary, policy.Tags = h.maxAge, h.notFound, h.vary, h.tags
	return p.check(policy)
}

func (p Policies) check(policy Policy) (Policy, error) {
	slices.Sort(policy.Vary)
	policy.Vary = slices.Compact(policy.Vary)
	policy.MaxAge, policy.NotFound = min(policy.MaxAge, MaxTTL), min(policy.NotFound, MaxNotFound)
	for _, name := range policy.Vary {
		if !slices.Contains(p.names, name) {
			return Policy{}, fmt.Errorf("cache policy of %s: CACHE_VARY_UNKNOWN: there is no %q in the request context", policy.Kind, name)
		}
	}
	for _, format := range policy.Tags {
		if rest := placeholder.ReplaceAllString(format, ""); strings.ContainsAny(rest, "{}") {
			return Policy{}, fmt.Errorf("cache policy of %s: the tag %q has something other than {$key.name} and {$args.name} in braces", policy.Kind, format)
		}
	}
	return policy, nil
}

// hint is what the directives of one type or field say.
type hint struct {
	given            bool // whether there is a @cacheControl
	maxAge, notFound time.Duration
	vary, tags       []string
}

func hintOf(directives ast.DirectiveList) (h hint) {
	for _, d := range directives {
		switch d.Name {
		case "cacheControl":
			h.given = true
			h.maxAge, h.notFound = seconds(d, "maxAge"), seconds(d, "notFoundMaxAge")
			if text(d, "scope") == "PRIVATE" {
				h.maxAge, h.notFound = 0, 0
			}
		case "cacheVary":
			if on := d.Arguments.ForName("on"); on != nil {
				for _, child := range on.Value.Children {
					h.vary = append(h.vary, child.Value.Raw)
				}
			}
		case "cacheTag":
			h.tags = append(h.tags, text(d, "format"))
		}
	}
	return h
}

func text(d *ast.Directive, argument string) string {
	if a := d.Arguments.ForName(argument); a != nil && a.Value.Kind != ast.NullValue {
		return a.Value.Raw
	}
	return ""
}

func seconds(d *ast.Directive, argument string) time.Duration {
	n, err := strconv.Atoi(text(d, argument))
	if err != nil || n < 0 {
		return 0
	}
	return min(time.Duration(n), time.Duration(MaxTTL/time.Second)) * time.Second
}

var placeholder = regexp.MustCompile(`\{\$(key|args)\.([A-Za-z_][A-Za-z0-9_]*)\}`)

var errNoValue = errors.New("no value")

// tags fills the formats in. A tag whose value was not given does not apply.
func (p Policy) tags(values map[string]string) []string {
	tags := make([]string, 0, len(p.Tags))
	for _, format := range p.Tags {
		var missing error
		tag := placeholder.ReplaceAllStringFunc(format, func(match string) string {
			value, there := values[match[2:len(match)-1]]
			if !there {
				missing = errNoValue
			}
			return value
		})
		if missing == nil {
			tags = append(tags, tag)
		}
	}
	return tags
}

// shape tells apart policies whose results must not be taken for each other.
func (p Policy) shape() string {
	return fmt.Sprintf("%s %s %s %q %q", p.Kind, p.MaxAge, p.NotFound, p.Vary, p.Tags)
}
