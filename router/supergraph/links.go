package supergraph

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Identities of the specifications that the router knows.
const (
	LinkSpec         = "https://specs.apollo.dev/link"
	CoreSpec         = "https://specs.apollo.dev/core"
	JoinSpec         = "https://specs.apollo.dev/join"
	FederationSpec   = "https://specs.apollo.dev/federation"
	InaccessibleSpec = "https://specs.apollo.dev/inaccessible"
	TagSpec          = "https://specs.apollo.dev/tag"
)

// Version is the version of a linked specification; the zero value is none.
type Version struct{ Major, Minor int }

// Link is a specification that a schema uses, and the names that its elements have there.
type Link struct {
	Identity  string // the URL without the version
	Version   Version
	Namespace string // elements that are not imported are called namespace__element
	Purpose   string // SECURITY, EXECUTION or empty
	// Imports maps the local name to the one in the specification. Names of directives have an @.
	Imports   map[string]string
	Directive *ast.Directive
}

// Links lists the specifications that a schema uses.
type Links []*Link

// ReadLinks collects the @link and @core directives of the schema definition and its extensions.
func ReadLinks(doc *ast.SchemaDocument) (Links, gqlerror.List) {
	var links Links
	var errs gqlerror.List
	var applied ast.DirectiveList
	for _, def := range append(append(ast.SchemaDefinitionList{}, doc.Schema...), doc.SchemaExtension...) {
		applied = append(applied, def.Directives...)
	}
	name := linkName(applied)
	bound := map[string]bool{}
	for _, d := range applied {
		if d.Name != name && d.Name != "core" {
			continue
		}
		link, err := readLink(d)
		if err == nil {
			for _, local := range slices.Sorted(maps.Keys(link.Imports)) {
				if bound[local] {
					err = gqlerror.ErrorPosf(d.Position, "The name %s is imported more than once.", local)
				}
				bound[local] = true
			}
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		links = append(links, link)
	}
	return links, errs
}

// linkName returns the name of the link directive, which a schema may change by linking the link specification as another.
func linkName(applied ast.DirectiveList) string {
	for _, d := range applied {
		url, as := d.Arguments.ForName("url"), d.Arguments.ForName("as")
		if url != nil && as != nil && as.Value.Raw == d.Name && strings.HasPrefix(url.Value.Raw, LinkSpec+"/") {
			return d.Name
		}
	}
	return "link"
}

var versionSegment = regexp.MustCompile(`^v(\d{1,6})\.(\d{1,6})$`)

func readLink(d *ast.Directive) (*Link, *gqlerror.Error) {
	url := d.Arguments.ForName("url")
	if url == nil {
		url = d.Arguments.ForName("feature")
	}
	if url == nil || url.Value.Kind != ast.StringValue || url.Value.Raw == "" {
		return nil, gqlerror.ErrorPosf(d.Position, "@%s needs a url.", d.Name)
	}
	link := &Link{Identity: strings.TrimSuffix(url.Value.Raw, "/"), Imports: map[string]string{}, Directive: d}
	if i := strings.LastIndexByte(link.Identity, '/'); i >= 0 {
		if m := versionSegment.FindStringSubmatch(link.Identity[i+1:]); m != nil {
			link.Version.Major, _ = strconv.Atoi(m[1])
			link.Version.Minor, _ = strconv.Atoi(m[2])
			link.Identity = link.Identity[:i]
		}
	}
	link.Namespace = link.Identity[strings.LastIndexByte(link.Identity, '/')+1:]
	if as := d.Arguments.ForName("as"); as != nil && as.Value.Kind == ast.StringValue {
		link.Namespace = as.Value.Raw
	}
	if purpose := d.Arguments.ForName("for"); purpose != nil {
		link.Purpose = purpose.Value.Raw
	}
	if imports := d.Arguments.ForName("import"); imports != nil {
		if err := link.readImports(imports.Value); err != nil {
			return nil, gqlerror.ErrorPosf(d.Position, "@%s(url: %q): %s", d.Name, url.Value.Raw, err)
		}
	}
	return link, nil
}

func (l *Link) readImports(list *ast.Value) error {
	if list.Kind != ast.ListValue {
		return fmt.Errorf("the import must be a list")
	}
	for _, child := range list.Children {
		name, as := child.Value.Raw, ""
		switch child.Value.Kind {
		case ast.StringValue:
		case ast.ObjectValue:
			name, as = stringField(child.Value, "name"), stringField(child.Value, "as")
		default:
			name = ""
		}
		if as == "" {
			as = name
		}
		if strings.TrimPrefix(name, "@") == "" || strings.HasPrefix(name, "@") != strings.HasPrefix(as, "@") {
			return fmt.Errorf("%s is not an import", child.Value)
		}
		l.Imports[as] = name
	}
	return nil
}

func stringField(object *ast.Value, name string) string {
	if v := object.Children.ForName(name); v != nil && v.Kind == ast.StringValue {
		return v.Raw
	}
	return ""
}

// For returns the first link to a specification, or nil.
func (l Links) For(identity string) *Link {
	for _, link := range l {
		if link.Identity == identity {
			return link
		}
	}
	return nil
}

// Directive tells which specification the directive of that local name belongs to, and what it is called there. It
// returns nil for directives that no linked specification defines.
func (l Links) Directive(local string) (*Link, string) {
	for _, link := range l {
		if name, ok := link.Imports["@"+local]; ok {
			return link, name[1:]
		}
	}
	for _, link := range l {
		if name, ok := strings.CutPrefix(local, link.Namespace+"__"); ok {
			return link, name
		}
		if local == link.Namespace {
			return link, link.Identity[strings.LastIndexByte(link.Identity, '/')+1:]
		}
	}
	return nil, ""
}

// Type is Directive for the name of a type.
func (l Links) Type(local string) (*Link, string) {
	for _, link := range l {
		if name, ok := link.Imports[local]; ok {
			return link, name
		}
	}
	for _, link := range l {
		if name, ok := strings.CutPrefix(local, link.Namespace+"__"); ok {
			return link, name
		}
	}
	return nil, ""
}
