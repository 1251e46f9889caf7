package library

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Edition is all texts in one language. It never changes.
type Edition struct {
	Pages []*Page // by handle
	Blogs []*Blog // by handle

	menus    map[string]*Menu
	policies map[string]*ShopPolicy
	byID     map[string]any
}

func newEdition() *Edition {
	return &Edition{menus: map[string]*Menu{}, policies: map[string]*ShopPolicy{}, byID: map[string]any{}}
}

// ByID returns the object with the id, nil where there is none of that type.
func ByID[T any](e *Edition, id string) *T {
	found, _ := e.byID[id].(*T)
	return found
}

// Page returns a page by handle, nil where there is none.
func (e *Edition) Page(handle string) *Page {
	return find(e.Pages, func(p *Page) bool { return p.Handle == handle })
}

// Blog returns a blog by handle, nil where there is none.
func (e *Edition) Blog(handle string) *Blog {
	return find(e.Blogs, func(b *Blog) bool { return b.Handle == handle })
}

// Article returns an article by handle, nil where there is none.
func (b *Blog) Article(handle string) *Article {
	return find(b.All, func(a *Article) bool { return a.Handle == handle })
}

// Menu returns a menu by handle, nil where there is none.
func (e *Edition) Menu(handle string) *Menu { return e.menus[handle] }

// Shop returns what is added to the shop: there is one, whatever its id.
func (e *Edition) Shop(id string) *Shop {
	return &Shop{
		ID: id, PrivacyPolicy: e.policies["privacy-policy"], RefundPolicy: e.policies["refund-policy"],
		ShippingPolicy: e.policies["shipping-policy"], TermsOfService: e.policies["terms-of-service"],
	}
}

func find[T any](list []*T, is func(*T) bool) *T {
	if i := slices.IndexFunc(list, is); i >= 0 {
		return list[i]
	}
	return nil
}

// binder makes an edition out of files.
type binder struct {
	folder   fs.FS
	site     Site
	edition  *Edition
	files    map[string]map[string]file // by path and language
	language string

	name string // of the file that is being read
}

// bind reads the files and returns what is wrong with them. Menus come last, as they may lead to all others.
func (b *binder) bind() (problems []error) {
	for _, folder := range []string{"pages", "policies", "blogs", "menus"} {
		for _, p := range slices.Sorted(maps.Keys(b.files)) {
			if top, _, _ := strings.Cut(p, "/"); top != folder {
				continue
			}
			if err := b.add(folder, p); err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", b.name, err))
			}
		}
	}
	for _, blog := range b.edition.Blogs {
		slices.SortStableFunc(blog.All, func(x, y *Article) int { return y.PublishedAt.Compare(x.PublishedAt) })
	}
	for p := range b.files {
		if top, _, _ := strings.Cut(p, "/"); !slices.Contains([]string{"pages", "policies", "blogs", "menus"}, top) {
			problems = append(problems, fmt.Errorf("%s.md: it is in none of the folders pages, policies, blogs and menus", p))
		}
	}
	return problems
}

// add adds what a file says, in the language of the edition or else the default one; nothing where it is in neither.
func (b *binder) add(folder, p string) error {
	f, body, err := b.document(p)
	if err != nil || body == nil {
		return err
	}
	handle := path.Base(p)
	if !handles.MatchString(handle) {
		return errors.New("its name is no handle: small letters, digits and dashes")
	}
	switch depth := strings.Count(p, "/"); {
	case folder == "blogs" && depth == 2 && handle == "index":
		return b.addBlog(path.Base(path.Dir(p)), f)
	case folder == "blogs" && depth == 2:
		return b.addArticle(path.Base(path.Dir(p)), handle, f, body)
	case depth != 1:
		return errors.New("it is at no place for texts: blogs/BLOG/index.md, blogs/BLOG/ARTICLE.md, or right in pages, policies or menus")
	case folder == "pages":
		return b.addPage(handle, f, body)
	case folder == "policies":
		return b.addPolicy(handle, f, body)
	default:
		return b.addMenu(handle, f, body)
	}
}

var handles = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// document reads a file. One in another language says only what differs from the default language, and the text.
func (b *binder) document(p string) (f front, body []byte, err error) {
	for _, language := range slices.Compact([]string{"", b.language}) {
		source, there := b.files[p][language]
		if !there {
			continue
		}
		b.name = source.name
		if body, err = split(source.text, &f); err != nil {
			return f, nil, err
		}
	}
	return f, body, nil
}

func (b *binder) addPage(handle string, f front, body []byte) error {
	text, err := render(body)
	if err == nil && f.Created.IsZero() {
		err = errors.New("it does not say when it was created")
	}
	if err != nil {
		return err
	}
	updated := f.Updated
	if updated.IsZero() {
		updated = f.Created
	}
	p := &Page{
		ID: id("Page", handle), Handle: handle, Title: f.Title, Body: text, BodySummary: summary(words(text)),
		SEO: f.seo(), CreatedAt: f.Created, UpdatedAt: updated,
	}
	b.edition.Pages = append(b.edition.Pages, p)
	b.edition.byID[p.ID] = p
	return nil
}

func (b *binder) addPolicy(handle string, f front, body []byte) error {
	text, err := render(body)
	if err != nil {
		return err
	}
	p := &ShopPolicy{ID: id("ShopPolicy", handle), Handle: handle, Title: f.Title, Body: text, URL: b.site.Shop + "/policies/" + handle}
	b.edition.policies[handle], b.edition.byID[p.ID] = p, p
	return nil
}

func (b *binder) addBlog(handle string, f front) error {
	blog := b.blog(handle)
	blog.Title, blog.SEO = f.Title, f.seo()
	return nil
}

// blog returns the blog, which its first article may bring before its own file does.
func (b *binder) blog(handle string) *Blog {
	blog := b.edition.Blog(handle)
	if blog == nil {
		blog = &Blog{ID: id("Blog", handle), Handle: handle, Title: handle}
		b.edition.Blogs = append(b.edition.Blogs, blog)
		b.edition.byID[blog.ID] = blog
	}
	return blog
}

func (b *binder) addArticle(blog, handle string, f front, body []byte) error {
	text, err := render(body)
	if err == nil && f.Published.IsZero() {
		err = errors.New("it does not say when it was published")
	}
	if err != nil {
		return err
	}
	content := words(text)
	a := &Article{
		ID: id("Article", blog+"/"+handle), Handle: handle, Title: f.Title, Blog: b.blog(blog),
		Content: content, ContentHTML: text, Excerpt: summary(content), PublishedAt: f.Published, SEO: f.seo(), Tags: append([]string{}, f.Tags...),
		RelatedProducts: []*Product{},
	}
	if f.Author != "" {
		a.AuthorV2 = &ArticleAuthor{Name: f.Author}
	}
	if i := f.Image; i != nil {
		if _, err := fs.Stat(b.folder, "images/"+i.File); err != nil {
			return fmt.Errorf("its picture: %w", err)
		}
		a.Image = &Image{URL: b.site.Images + "/" + i.File, AltText: &i.Alt, Width: &i.Width, Height: &i.Height}
	}
	for _, p := range f.Products {
		a.RelatedProducts = append(a.RelatedProducts, &Product{Handle: p})
	}
	a.Blog.All = append(a.Blog.All, a)
	b.edition.byID[a.ID] = a
	return nil
}

func (f *front) seo() *SEO {
	if f.SEO == nil {
		return nil
	}
	title := cmp.Or(f.SEO.Title, f.Title)
	return &SEO{Title: &title, Description: &f.SEO.Description}
}

// texts is the namespace of the ids of texts.
var texts = uuid.MustParse("0a6c9b52-7f0e-5c1d-9a39-3f1f0c5b6d11")

// id makes the id of an object. It has the form of the shop's own ids, so that its field node finds objects of ours, too,
// and is the same in all languages and at each start.
func id(typeName, name string) string {
	return "gid://souk/" + typeName + "/" + uuid.NewSHA1(texts, []byte(typeName+"/"+name)).String()
}
