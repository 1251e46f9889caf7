package subgraphs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/soukhq/souk/schema"
)

// TestEveryCodeIsInItsEnum reads every code that a service makes, in its source, and looks for it in the enums of the
// service's schema (rule G-8).
func TestEveryCodeIsInItsEnum(t *testing.T) {
	t.Parallel()
	for service, enums := range map[string][]string{"cart": {"CartErrorCode", "CartWarningCode"}, "customer": {"CustomerErrorCode"}, "checkout": {"CheckoutErrorCode", "CheckoutWarningCode"}, "product": {"ProductErrorCode"}} {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			var allowed []string
			for _, enum := range enums {
				allowed = append(allowed, valuesOf(t, service, enum)...)
			}
			made := codesOf(t, service)
			if len(made) < 5 {
				t.Fatalf("only the codes %v were found", made)
			}
			for _, code := range made {
				if !slices.Contains(allowed, code) {
					t.Errorf("%s makes %s, which is not in %v", service, code, enums)
				}
			}
		})
	}
}

// valuesOf returns the values of an enum.
func valuesOf(t *testing.T, service, enum string) []string {
	t.Helper()
	body := regexp.MustCompile(`enum ` + enum + ` \{([^}]*)\}`).FindStringSubmatch(schema.SDL(service))
	if body == nil {
		t.Fatalf("%s has no enum %s", service, enum)
	}
	return regexp.MustCompile(`(?m)^[A-Z_]+$`).FindAllString(strings.ReplaceAll(body[1], "  ", ""), -1)
}

// codesOf returns the first argument of each fault.New and Addf in a service, and each value of a field Code.
func codesOf(t *testing.T, service string) []string {
	t.Helper()
	var codes []string
	add := func(files *token.FileSet, e ast.Expr) {
		literal, is := e.(*ast.BasicLit)
		if !is {
			t.Errorf("%s: a code that is not written out cannot be checked", files.Position(e.Pos()))
			return
		}
		code, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		codes = append(codes, code)
	}
	for _, folder := range []string{service, service + "/graph", service + "/postgres"} {
		sources, err := filepath.Glob(folder + "/*.go")
		if err != nil || len(sources) == 0 {
			t.Fatalf("%s has no sources: %v", folder, err)
		}
		for _, source := range sources {
			if strings.HasSuffix(source, "_test.go") {
				continue
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, source, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CallExpr:
					if s, is := n.Fun.(*ast.SelectorExpr); is && (s.Sel.Name == "Addf" || s.Sel.Name == "New" && isFault(s.X)) {
						add(files, n.Args[0])
					}
				case *ast.KeyValueExpr:
					if key, is := n.Key.(*ast.Ident); is && key.Name == "Code" && isText(n.Value) {
						add(files, n.Value)
					}
				}
				return true
			})
		}
	}
	return codes
}

func isFault(e ast.Expr) bool {
	i, is := e.(*ast.Ident)
	return is && i.Name == "fault"
}

func isText(e ast.Expr) bool {
	_, is := e.(*ast.BasicLit)
	return is
}
