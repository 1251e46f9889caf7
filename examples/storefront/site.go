package main

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

//go:embed static
var static embed.FS

const (
	maximumForm = 64 << 10 // bytes
	forever     = "public, max-age=31536000, immutable"
	policy      = "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

// site answers all pages.
type site struct {
	graph    *graph
	pictures *pictures
	pages    *pages
	secure   bool
	log      *slog.Logger
	name     atomic.Pointer[string] // of the shop, once it is known
}

// newSite makes the handler of all pages. Forms of other sites are refused.
func newSite(s settings, log *slog.Logger) (http.Handler, error) {
	version, err := staticVersion()
	if err != nil {
		return nil, err
	}
	p, err := newPictures(s.images)
	if err != nil {
		return nil, err
	}
	x := &site{graph: &graph{url: s.graph, http: &http.Client{}}, pictures: p, secure: s.secure, log: log}
	if x.pages, err = newPages(version, p.path); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for pattern, h := range map[string]func(*visit) error{
		"GET /{$}":                   home,
		"GET /collections/{handle}":  products,
		"GET /products/{handle}":     showProduct,
		"GET /cart":                  showCart,
		"POST /cart/add":             addToCart,
		"POST /cart/change":          changeCart,
		"GET /checkout":              showCheckout,
		"POST /checkout/contact":     writeContact,
		"POST /checkout/delivery":    chooseDelivery,
		"POST /checkout/payment":     placeOrder,
		"GET /checkout/wait":         waitForOrder,
		"GET /order":                 showOrder,
		"GET /account":               showAccount,
		"GET /account/sign-in":       showSignIn,
		"POST /account/sign-in":      signIn,
		"GET /account/register":      showRegister,
		"POST /account/register":     register,
		"POST /account/sign-out":     signOut,
		"GET /pages/{handle}":        showPage,
		"GET /policies/{handle}":     showPolicy,
		"GET /blogs/{blog}":          showBlog,
		"GET /blogs/{blog}/{handle}": showArticle,
		"POST /locale":               chooseLocale,
		"GET /":                      func(*visit) error { return errNotFound },
	} {
		mux.Handle(pattern, x.handle(h))
	}
	mux.HandleFunc("GET /collections", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/collections/all", http.StatusFound)
	})
	mux.HandleFunc("GET /search", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/collections/all", http.StatusFound)
	})
	mux.Handle("GET /images/{server}/{path...}", p)
	files := http.FileServerFS(static)
	mux.HandleFunc("GET /static/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", forever) // Pages name files with their version.
		files.ServeHTTP(w, r)
	})
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	return http.NewCrossOriginProtection().Handler(x.secured(mux)), nil
}

// staticVersion is a text that changes with the files that pages use.
func staticVersion() (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(static, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := static.ReadFile(path)
		sum.Write(content)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil))[:12], err
}

// secured says to browsers what pages may do, and logs requests without what is in their addresses and forms.
func (x *site) secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		r.Body = http.MaxBytesReader(w, r.Body, maximumForm)
		next.ServeHTTP(w, r)
		if !strings.HasPrefix(r.URL.Path, "/static/") && !strings.HasPrefix(r.URL.Path, "/images/") {
			x.log.Info("request answered", "page", r.Pattern, "ms", time.Since(started).Milliseconds())
		}
	})
}

// handle gives a request to the function of its page. What that returns becomes a page, too.
func (x *site) handle(page func(*visit) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "private, no-store")
		v := newVisit(x, w, r)
		v.refresh()
		err := page(v)
		if errors.Is(err, errSession) { // Somebody else's token, or one that was withdrawn.
			v.forget(cookieAccess, cookieRefresh)
			v.to("/account/sign-in")
			return
		}
		var tooLarge *http.MaxBytesError
		switch {
		case err == nil:
		case errors.Is(err, errNotFound):
			v.fail(http.StatusNotFound, "notfound")
		case errors.As(err, &tooLarge):
			v.fail(http.StatusRequestEntityTooLarge, "unavailable")
		case r.Context().Err() != nil: // The browser went away.
		default:
			x.log.Error("page failed", "page", r.Pattern, "error", err)
			v.fail(http.StatusBadGateway, "unavailable")
		}
	})
}
