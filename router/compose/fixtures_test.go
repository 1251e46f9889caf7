package compose_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/router/compose"
	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
)

// suites returns the folders of the federation fixtures.
func suites(t *testing.T) []string {
	t.Helper()
	shared, set := os.LookupEnv("SOUK_SHARED")
	if !set {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	found, err := filepath.Glob(filepath.Join(shared, "fixtures", "federation", "*", "supergraph.graphql"))
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		if set {
			t.Fatalf("no federation fixtures below %s", shared)
		}
		t.Skip("the shared fixtures are not here")
	}
	for i := range found {
		found[i] = filepath.Dir(found[i])
	}
	return found
}

// sources reads the subgraphs of a suite as their authors wrote them.
func sources(t *testing.T, suite string) []compose.Source {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(suite, "subgraphs", "*.graphql"))
	if err != nil {
		t.Fatal(err)
	}
	var list []compose.Source
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".graphql")
		if strings.HasSuffix(name, ".exec") {
			continue
		}
		list = append(list, compose.Source{Name: name, URL: "http://" + name, SDL: readFile(t, file)})
	}
	return list
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestComposeFixtures(t *testing.T) {
	t.Parallel()
	for _, suite := range suites(t) {
		t.Run(filepath.Base(suite), func(t *testing.T) {
			t.Parallel()
			want, err := supergraph.Read(readFile(t, filepath.Join(suite, "supergraph.graphql")))
			if err != nil {
				t.Fatal(err)
			}
			result, errs := compose.Compose(t.Context(), sources(t, suite))
			if errs != nil {
				t.Fatal(errs)
			}
			if diff := cmp.Diff(apiText(want), apiText(result.Model)); diff != "" {
				t.Errorf("the API schema differs (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(joinText(want), joinText(result.Model)); diff != "" {
				t.Errorf("the join data differ (-want +got):\n%s", diff)
			}
			again, err := supergraph.Read(result.SDL)
			if err != nil || joinText(again) != joinText(result.Model) {
				t.Errorf("the printed supergraph reads otherwise: %v", err)
			}
		})
	}
}

// apiText prints the API schema without descriptions, everything sorted.
func apiText(m *supergraph.Model) string {
	schema := *m.API()
	for _, def := range schema.Types {
		slices.SortFunc(def.Fields, func(x, y *ast.FieldDefinition) int { return strings.Compare(x.Name, y.Name) })
		slices.SortFunc(def.EnumValues, func(x, y *ast.EnumValueDefinition) int { return strings.Compare(x.Name, y.Name) })
		slices.Sort(def.Types)
		slices.Sort(def.Interfaces)
	}
	var b bytes.Buffer
	formatter.NewFormatter(&b, formatter.WithoutDescription()).FormatSchema(&schema)
	return b.String()
}

// joinText prints which subgraph has what.
func joinText(m *supergraph.Model) string {
	var b strings.Builder
	for _, g := range m.Graphs {
		fmt.Fprintf(&b, "graph %s = %s\n", g.Enum, g.Name)
	}
	for _, t := range m.Types {
		fmt.Fprintf(&b, "%s %s inaccessible=%v runtime=%s interfaces=%s\n", t.Kind, t.Name, t.Inaccessible, names(t.Runtime), names(t.Interfaces))
		for _, in := range t.Graphs {
			fmt.Fprintf(&b, "  in %s io=%v runtime=%s", m.Graphs[in.Graph].Name, in.InterfaceObject, names(in.Runtime))
			var keys []string
			for _, k := range in.Keys {
				keys = append(keys, fmt.Sprintf(" key(%s resolvable=%v)", k.Fields, k.Resolvable))
			}
			slices.Sort(keys)
			fmt.Fprintln(&b, strings.Join(keys, ""))
		}
		fields := slices.SortedFunc(slices.Values(t.Order), func(x, y *supergraph.Field) int { return strings.Compare(x.Name, y.Name) })
		for _, f := range fields {
			fmt.Fprintf(&b, "  %s: %s via=%v inaccessible=%v", f.Name, f.Type, f.ViaInterface, f.Inaccessible)
			for _, a := range f.Args {
				fmt.Fprintf(&b, " arg(%s: %s = %v inaccessible=%v)", a.Name, a.Type, a.Default, a.Inaccessible)
			}
			fmt.Fprintln(&b)
			for _, in := range f.In {
				fmt.Fprintf(&b, "    in %s type=%v external=%v used=%v override=%q label=%q provides=(%s) requires=(%s)\n", m.Graphs[in.Graph].Name,
					in.Type, in.External, in.UsedOverridden, in.Override, in.OverrideLabel, in.Provides, in.Requires)
			}
		}
		var values []string
		for _, v := range t.Values {
			values = append(values, fmt.Sprintf("  %s inaccessible=%v\n", v.Name, v.Inaccessible))
		}
		slices.Sort(values)
		b.WriteString(strings.Join(values, ""))
	}
	return b.String()
}

func names(types []*supergraph.Type) string {
	list := make([]string, len(types))
	for i, t := range types {
		list[i] = t.Name
	}
	slices.Sort(list)
	return fmt.Sprint(list)
}
