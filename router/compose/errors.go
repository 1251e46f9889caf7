package compose

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Error is one reason why subgraphs do not compose. Codes are those of Federation.
type Error struct {
	Code    string
	Message string
	Nodes   []Node // what it is about, in the order of the subgraphs' names
}

// Node is a place in a subgraph's schema.
type Node struct {
	Subgraph     string
	Line, Column int    // from 1; 0 where the place is not known
	Coordinate   string // for example Book.title
}

// Errors are all reasons that were found. It is nil where there are none; do not assign it to an error before that is
// checked.
type Errors []*Error

// Error returns one line for each reason.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, err := range e {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

// Error returns the subgraph, position, code and message.
func (e *Error) Error() string {
	text := e.Code + ": " + e.Message
	if len(e.Nodes) > 0 {
		n := e.Nodes[0]
		text = fmt.Sprintf("%s:%d:%d: %s", n.Subgraph, n.Line, n.Column, text)
	}
	return text
}

// problems collects errors.
type problems struct{ errs Errors }

func (p *problems) add(code string, nodes []Node, format string, args ...any) {
	p.errs = append(p.errs, &Error{Code: code, Message: fmt.Sprintf(format, args...), Nodes: nodes})
}

func nameError(name, why string) *Error {
	return &Error{
		Code:    "INVALID_SUBGRAPH_NAME",
		Message: fmt.Sprintf("Invalid name %q for a subgraph: %s.", name, why),
		Nodes:   []Node{{Subgraph: name}},
	}
}

// node returns the place of an element of the subgraph.
func (g *subgraph) node(pos *ast.Position, coordinate string) Node {
	n := Node{Subgraph: g.name, Coordinate: coordinate}
	if pos != nil {
		n.Line, n.Column = pos.Line, pos.Column
	}
	return n
}

func (t *subType) node() Node { return t.graph.node(t.pos, t.name) }

func (f *subField) node() Node { return f.parent.graph.node(f.pos, f.coordinate()) }

func typeNodes(types []*subType) []Node {
	var nodes []Node
	for _, t := range types {
		nodes = append(nodes, t.node())
	}
	return nodes
}

func fieldNodes(fields []*subField) []Node {
	var nodes []Node
	for _, f := range fields {
		nodes = append(nodes, f.node())
	}
	return nodes
}

// subgraphNames writes names as in: subgraphs "a", "b" and "c".
func subgraphNames(names []string) string {
	if len(names) == 1 {
		return fmt.Sprintf("subgraph %q", names[0])
	}
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = fmt.Sprintf("%q", n)
	}
	last := len(quoted) - 1
	return "subgraphs " + strings.Join(quoted[:last], ", ") + " and " + quoted[last]
}

// versions says which subgraphs have which version of something, as in: "Int" in subgraph "a" but "String" in
// subgraphs "b" and "c".
func versions(prefix string, texts, names []string) string {
	var order []string
	by := map[string][]string{}
	for i, text := range texts {
		if by[text] == nil {
			order = append(order, text)
		}
		by[text] = append(by[text], names[i])
	}
	var parts []string
	for _, text := range order {
		parts = append(parts, strings.TrimSpace(prefix+" "+text)+" in "+subgraphNames(by[text]))
	}
	return strings.Join(parts, " but ")
}
