package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

var update = flag.Bool("update", false, "write the list of what is missing")

// TestWhatIsMissingOfTheDialect compares the graph with what public storefronts ask for, and that with the list in the
// documentation.
func TestWhatIsMissingOfTheDialect(t *testing.T) {
	t.Parallel()
	dir, set := os.LookupEnv("SOUK_SHARED")
	if !set {
		dir = filepath.Join("..", "shared")
	}
	text, err := os.ReadFile(filepath.Join(dir, "reference", "storefront-subset.graphql"))
	if err != nil {
		if set {
			t.Fatal(err)
		}
		t.Skip("the shared reference is not here")
	}
	dialect, err := parser.ParseSchema(&ast.Source{Input: regexp.MustCompile(` \.\.\.\n`).ReplaceAllString(string(text), "\n")})
	if err != nil {
		t.Fatal(err)
	}
	missing := compare(dialect, exampleGraph(t).API())
	const page = "docs/dialect.md"
	b, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(b), "<!-- list -->\n")
	_, tail, ok2 := strings.Cut(rest, "<!-- end of list -->")
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the list", page)
	}
	want := head + "<!-- list -->\n" + missing + "<!-- end of list -->" + tail
	if want == string(b) {
		return
	}
	if !*update {
		t.Fatalf("%s is not up to date: go test . -run %s -update\n%s", page, t.Name(), missing)
	}
	if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// compare lists what the dialect has and the schema has not, or has otherwise.
func compare(dialect *ast.SchemaDocument, schema *ast.Schema) string {
	var types, parts strings.Builder
	for _, d := range dialect.Definitions {
		name := d.Name
		if name == "QueryRoot" {
			name = "Query"
		}
		def := schema.Types[name]
		if def == nil {
			fmt.Fprintf(&types, ", `%s`", name)
			continue
		}
		var lacks []string
		for _, f := range d.Fields {
			lacks = append(lacks, compareField(f, def.Fields.ForName(f.Name))...)
		}
		for _, v := range d.EnumValues {
			if def.EnumValues.ForName(v.Name) == nil {
				lacks = append(lacks, "`"+v.Name+"`")
			}
		}
		if len(lacks) > 0 {
			fmt.Fprintf(&parts, "| `%s` | %s |\n", name, strings.Join(lacks, ", "))
		}
	}
	return "| Type | Missing |\n| --- | --- |\n" + parts.String() + "\nMissing types: " + strings.TrimPrefix(types.String(), ", ") + ".\n"
}

// compareField tells what a field lacks.
func compareField(want, got *ast.FieldDefinition) (lacks []string) {
	if got == nil {
		return []string{"`" + want.Name + "`"}
	}
	if got.Type.String() != want.Type.String() {
		lacks = append(lacks, fmt.Sprintf("`%s` is `%s`, not `%s`", want.Name, got.Type, want.Type))
	}
	for _, a := range want.Arguments {
		if got.Arguments.ForName(a.Name) == nil {
			lacks = append(lacks, fmt.Sprintf("`%s(%s:)`", want.Name, a.Name))
		}
	}
	return lacks
}
