package supergraph_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
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

func read(t *testing.T, suite string) *supergraph.Model {
	t.Helper()
	sdl, err := os.ReadFile(filepath.Join(suite, "supergraph.graphql"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := supergraph.Read(string(sdl))
	if err != nil {
		t.Fatalf("Read(%s): %v", suite, err)
	}
	return m
}

// suite returns the model of the fixture of that name.
func suite(t *testing.T, name string) *supergraph.Model {
	t.Helper()
	return read(t, filepath.Join(filepath.Dir(suites(t)[0]), name))
}

func TestReadFixtures(t *testing.T) {
	t.Parallel()
	for _, dir := range suites(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			m := read(t, dir)
			if m.Query == nil || m.API().Query == nil || m.API().Query.Name != "Query" {
				t.Error("there is no query root")
			}
			for i, g := range m.Graphs {
				if int(g.ID) != i || g.Name == "" || g.Enum == "" || g.URL == "" {
					t.Errorf("graph %d is %+v", i, g)
				}
			}
			for i, typ := range m.Types {
				checkType(t, m, i, typ)
			}
		})
	}
}

func checkType(t *testing.T, m *supergraph.Model, i int, typ *supergraph.Type) {
	t.Helper()
	if int(typ.ID) != i || m.Type(typ.Name) != typ {
		t.Errorf("type %s is not at its place", typ.Name)
	}
	if api := m.API().Types[typ.Name]; (api == nil) != typ.Inaccessible {
		t.Errorf("type %s: inaccessible is %v, but in the API schema it is %v", typ.Name, typ.Inaccessible, api)
	}
	if typ.Composite() && len(typ.Graphs) == 0 {
		t.Errorf("type %s is in no subgraph", typ.Name)
	}
	if typ.Kind == ast.Interface || typ.Kind == ast.Object {
		if len(typ.Order) != len(typ.Fields) || len(typ.Fields) == 0 {
			t.Errorf("type %s has %d fields, %d in order", typ.Name, len(typ.Fields), len(typ.Order))
		}
	}
	for _, f := range typ.Order {
		if f.ViaInterface == (len(f.In) > 0) {
			t.Errorf("field %s.%s is in %d subgraphs, but via interface is %v", typ.Name, f.Name, len(f.In), f.ViaInterface)
		}
		if f.Base == nil || f.Parent != typ {
			t.Errorf("field %s.%s has base %v and parent %v", typ.Name, f.Name, f.Base, f.Parent)
		}
	}
}

func TestFieldsWithoutJoinFieldAreInEveryGraphOfTheType(t *testing.T) {
	t.Parallel()
	m := suite(t, "simple-requires-provides")
	for _, c := range []struct {
		typ, field string
		want       []string
	}{
		{"Product", "upc", []string{"inventory", "products", "reviews"}},
		{"Product", "price", []string{"inventory", "products"}},
		{"Product", "name", []string{"products"}},
		{"Review", "body", []string{"reviews"}},
	} {
		var got []string
		for _, in := range m.Type(c.typ).Fields[c.field].In {
			got = append(got, m.Graphs[in.Graph].Name)
		}
		if len(got) != len(c.want) || got[0] != c.want[0] || got[len(got)-1] != c.want[len(c.want)-1] {
			t.Errorf("%s.%s is in %v, want %v", c.typ, c.field, got, c.want)
		}
	}
	price := m.Type("Product").Fields["price"]
	if !price.In[0].External || price.In[1].External {
		t.Errorf("price is external in %+v, want in inventory only", price.In)
	}
	if got := m.Type("Product").Fields["shippingEstimate"].In[0].Requires.String(); got != "price weight" {
		t.Errorf("shippingEstimate requires %q, want %q", got, "price weight")
	}
	if got := m.Type("Review").Fields["author"].In[0].Provides.String(); got != "username" {
		t.Errorf("author provides %q, want %q", got, "username")
	}
}

func TestInterfaceObjectsHaveNoRuntimeTypes(t *testing.T) {
	t.Parallel()
	account := suite(t, "simple-interface-object").Type("Account")
	a, b := account.In(0), account.In(1)
	if a.InterfaceObject || len(a.Runtime) != 2 || a.Runtime[0].Name != "Admin" || a.Runtime[1].Name != "Regular" {
		t.Errorf("in a Account is %+v, want the interface of Admin and Regular", a)
	}
	if !b.InterfaceObject || len(b.Runtime) != 0 {
		t.Errorf("in b Account is %+v, want an interface object", b)
	}
	if name := account.Runtime[0].Fields["name"]; !name.ViaInterface {
		t.Errorf("Admin.name is %+v, want it via the interface", name)
	}
}

func TestUnionMembersPerGraph(t *testing.T) {
	t.Parallel()
	m := suite(t, "union-intersection")
	media := m.Type("Media")
	if len(media.Runtime) != 3 || len(media.Graphs[0].Runtime) != 2 || media.Graphs[0].Runtime[1].Name != "Song" || media.Graphs[1].Runtime[1].Name != "Movie" {
		t.Errorf("Media is %+v", media)
	}
	book := m.Query.Fields["book"]
	if book.In[0].Type.String() != "Book" || book.In[1].Type != nil {
		t.Errorf("Query.book is %+v, want type Book in a and the merged one in b", book.In)
	}
}

func TestInaccessibleElementsAreKeptButHidden(t *testing.T) {
	t.Parallel()
	m := suite(t, "simple-inaccessible")
	friends := m.Type("User").Fields["friends"]
	if !friends.Args[0].Inaccessible || !m.Type("FriendType").Values["FAMILY"].Inaccessible {
		t.Error("the argument type and the value FAMILY should be inaccessible")
	}
	api := m.API()
	if len(api.Types["User"].Fields.ForName("friends").Arguments) != 0 || len(api.Types["FriendType"].EnumValues) != 1 {
		t.Error("the API schema shows what is inaccessible")
	}
	if api.Directives["inaccessible"] != nil || api.Directives["join__type"] != nil || api.Types["join__Graph"] != nil {
		t.Error("the API schema shows elements of linked specifications")
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`schema @link(url: "https://specs.apollo.dev/join/v0.3") { query: Query }
type Query @join__type(graph: ONE, key: "id") { a: Int @join__field(graph: ONE, type: "Int", requires: "b") i: I u: U }
interface I @join__type(graph: ONE, isInterfaceObject: true) { id: ID! }
type T implements I @join__type(graph: ONE) @join__implements(graph: ONE, interface: "I") { id: ID! @join__field }
union U @join__type(graph: ONE) @join__unionMember(graph: ONE, member: "T") = T` + graphs)
	f.Fuzz(func(t *testing.T, sdl string) {
		if m, err := supergraph.Read(sdl); (m == nil) != (err != nil) {
			t.Errorf("Read gives %v and %v", m, err)
		}
	})
}
