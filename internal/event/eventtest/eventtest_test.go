package eventtest_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/event/eventtest"
)

// rewrite reads data as T strictly and writes them again.
func rewrite[T event.Data](text []byte) ([]byte, error) {
	var data T
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&data); err != nil {
		return nil, err
	}
	return json.Marshal(data)
}

// catalogue has all types of events.
var catalogue = map[string]func([]byte) ([]byte, error){
	event.TypeOf[event.CartCompleted]():       rewrite[event.CartCompleted],
	event.TypeOf[event.CartFrozen]():          rewrite[event.CartFrozen],
	event.TypeOf[event.CartRejected]():        rewrite[event.CartRejected],
	event.TypeOf[event.CartThawed]():          rewrite[event.CartThawed],
	event.TypeOf[event.CartUpdated]():         rewrite[event.CartUpdated],
	event.TypeOf[event.CheckoutStarted]():     rewrite[event.CheckoutStarted],
	event.TypeOf[event.CollectionUpdated]():   rewrite[event.CollectionUpdated],
	event.TypeOf[event.CompletionFailed]():    rewrite[event.CompletionFailed],
	event.TypeOf[event.CompletionRequested](): rewrite[event.CompletionRequested],
	event.TypeOf[event.CustomerUpdated]():     rewrite[event.CustomerUpdated],
	event.TypeOf[event.InventoryChanged]():    rewrite[event.InventoryChanged],
	event.TypeOf[event.OrderPlaced]():         rewrite[event.OrderPlaced],
	event.TypeOf[event.OrphanResolved]():      rewrite[event.OrphanResolved],
	event.TypeOf[event.ProductDeleted]():      rewrite[event.ProductDeleted],
	event.TypeOf[event.ProductUpdated]():      rewrite[event.ProductUpdated],
	event.TypeOf[event.StockRejected]():       rewrite[event.StockRejected],
	event.TypeOf[event.StockReserved]():       rewrite[event.StockReserved],
}

// written returns the names of types in the source of package event.
func written(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var names []string
	note := func(n ast.Node) bool {
		if f, is := n.(*ast.FuncDecl); is && f.Recv != nil && f.Name.Name == "kind" {
			literal := f.Body.List[0].(*ast.ReturnStmt).Results[1].(*ast.BasicLit)
			name, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Error(err)
			}
			names = append(names, name)
		}
		return true
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, note)
	}
	slices.Sort(names)
	return names
}

func TestEveryTypeHasASchema(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(written(t), slices.Sorted(maps.Keys(catalogue))); diff != "" {
		t.Errorf("the catalogue of this test (-types +catalogue):\n%s", diff)
	}
	files, err := fs.Glob(event.Schemas, "schemas/*.v*.json")
	if err != nil {
		t.Fatal(err)
	}
	for i := range files {
		files[i] = strings.TrimSuffix(strings.TrimPrefix(files[i], "schemas/"), ".json")
	}
	if diff := cmp.Diff(written(t), files); diff != "" {
		t.Errorf("schemas (-types +files):\n%s", diff)
	}
}

// schema is what the test reads of a schema itself.
type schema struct {
	Required   []string
	Properties map[string]json.RawMessage
	Examples   []json.RawMessage
}

func read(t *testing.T, name string) (s schema) {
	t.Helper()
	text, err := fs.ReadFile(event.Schemas, "schemas/"+name+".json")
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The examples of a schema are valid, and say the same when our types have read them: both have the same fields.
func TestExamples(t *testing.T) {
	t.Parallel()
	for name, rewrite := range catalogue {
		s := read(t, name)
		if len(s.Examples) == 0 {
			t.Errorf("%s has no example", name)
		}
		for _, example := range s.Examples {
			again, err := rewrite(example)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			for _, text := range [][]byte{example, again} {
				if err := eventtest.Validate(name, text); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			if diff := cmp.Diff(value(t, example), value(t, again)); diff != "" {
				t.Errorf("%s says something else after it was read (-schema +type):\n%s", name, diff)
			}
		}
	}
	for _, example := range read(t, "envelope").Examples {
		var e event.Event
		if err := json.Unmarshal(example, &e); err != nil {
			t.Fatal(err)
		}
		eventtest.Check(t, e)
		again, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(value(t, example), value(t, again)); diff != "" {
			t.Errorf("the envelope says something else after it was read (-schema +type):\n%s", diff)
		}
	}
}

// What a schema requires cannot be left out, and what it does not know is allowed: changes are additive.
func TestSchemasBite(t *testing.T) {
	t.Parallel()
	names := append(slices.Sorted(maps.Keys(catalogue)), "envelope")
	for _, name := range names {
		s := read(t, name)
		for field := range s.Properties {
			data := value(t, s.Examples[0]).(map[string]any)
			delete(data, field)
			text, err := json.Marshal(data)
			if err != nil {
				t.Fatal(err)
			}
			if err := eventtest.Validate(name, text); (err == nil) != !slices.Contains(s.Required, field) {
				t.Errorf("%s without %s: %v", name, field, err)
			}
		}
		data := value(t, s.Examples[0]).(map[string]any)
		data["later"] = true
		text, err := json.Marshal(data)
		if err != nil {
			t.Fatal(err)
		}
		if err := eventtest.Validate(name, text); err != nil {
			t.Errorf("%s with a further field: %v", name, err)
		}
	}
	for name, wrong := range map[string]string{
		"product.deleted.v1": `{"productId":"gid://souk/Cart/019ab8a0-0000-7000-8000-000000000001?key=secret"}`,
		"stock.rejected.v1":  `{"completionId":"gid://souk/CheckoutCompletion/019ab8a0-0000-7000-8000-000000000001","lines":null}`,
		"unknown.type.v1":    `{}`,
	} {
		if err := eventtest.Validate(name, []byte(wrong)); err == nil {
			t.Errorf("%s: %s is allowed", name, wrong)
		}
	}
}

func value(t *testing.T, text []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
