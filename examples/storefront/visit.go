package main

import (
	"maps"
	"net/http"
	"strings"
	"time"
)

const (
	cookieCart     = "cart"     // the id of the cart with its key
	cookieCheckout = "checkout" // that of a cart that was filled elsewhere and is ordered here
	cookieAccess   = "access"   // the customer's token
	cookieRefresh  = "refresh"  // what the next one is got with
	cookieLocale   = "locale"   // country and language, as in US-en

	cookieAge = 30 * 24 * time.Hour
)

// visit is one request of a browser and what is known of who sent it.
type visit struct {
	*site
	w        http.ResponseWriter
	r        *http.Request
	cookies  map[string]string
	country  string
	language string

	asked int           // how often the graph was asked
	took  time.Duration // how long that took
}

func newVisit(x *site, w http.ResponseWriter, r *http.Request) *visit {
	v := &visit{site: x, w: w, r: r, cookies: map[string]string{}, country: "US", language: "en"}
	for _, c := range r.Cookies() {
		v.cookies[c.Name] = c.Value
	}
	country, language, found := strings.Cut(v.cookies[cookieLocale], "-")
	if found && isLocale(country, language) {
		v.country, v.language = country, language
	}
	return v
}

// ask asks the graph, with the variables that all pages have.
func (v *visit) ask(operation string, variables map[string]any, data any) error {
	all := map[string]any{}
	if strings.Contains(file(operation), "$hasCart") {
		all["cart"], all["hasCart"] = v.cookies[cookieCart], v.cookies[cookieCart] != ""
	}
	maps.Copy(all, variables)
	started := time.Now()
	err := v.graph.ask(v.r.Context(), visitor{token: v.cookies[cookieAccess], country: v.country, language: v.language}, operation, all, data)
	v.asked++
	v.took += time.Since(started)
	return err
}

// remember sets a cookie that scripts cannot read and that forms of other sites do not send.
func (v *visit) remember(name, value string, age time.Duration) {
	v.cookies[name] = value
	http.SetCookie(v.w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(age.Seconds()), HttpOnly: true, Secure: v.secure, SameSite: http.SameSiteLaxMode,
	})
}

func (v *visit) forget(names ...string) {
	for _, name := range names {
		if v.cookies[name] == "" {
			continue
		}
		delete(v.cookies, name)
		http.SetCookie(v.w, &http.Cookie{Name: name, Path: "/", MaxAge: -1, HttpOnly: true, Secure: v.secure, SameSite: http.SameSiteLaxMode})
	}
}

// to sends the browser to another page.
func (v *visit) to(path string) { http.Redirect(v.w, v.r, path, http.StatusSeeOther) }

// refresh gets a new access token when the last one is gone.
func (v *visit) refresh() {
	if v.cookies[cookieRefresh] == "" || v.cookies[cookieAccess] != "" {
		return
	}
	var data struct {
		Result *struct{ CustomerAccessToken *tokens }
	}
	if err := v.ask("refresh", map[string]any{"token": v.cookies[cookieRefresh]}, &data); err != nil {
		return // The visitor is somebody unknown until the graph can be asked again.
	}
	if data.Result == nil || data.Result.CustomerAccessToken == nil {
		v.forget(cookieRefresh, cookieCart)
		return
	}
	v.signedIn(*data.Result.CustomerAccessToken)
}

// signedIn keeps the tokens of a customer.
func (v *visit) signedIn(t tokens) {
	v.remember(cookieAccess, t.AccessToken, max(time.Until(t.ExpiresAt)-time.Minute, time.Minute))
	if t.RefreshToken != "" {
		v.remember(cookieRefresh, t.RefreshToken, cookieAge)
	}
}

// show writes a page. Without an own one, the layout that was read with the matter of the page is around it.
func (v *visit) show(status int, name string, l *layout, title string, matter any) error {
	if l != nil && l.Shop.Name != "" {
		v.name.Store(&l.Shop.Name)
	}
	p := page{
		Layout: l, Shop: v.shopName(), Name: name, Title: title, Matter: matter, Path: v.r.URL.RequestURI(), Country: v.country, Language: v.language,
		SignedIn: v.cookies[cookieAccess] != "", Asked: v.asked, Took: v.took,
	}
	if v.r.Method != http.MethodGet { // Nobody can come back to where a form was sent.
		p.Path = "/"
	}
	return v.pages.write(v.w, status, p)
}

// fail shows a page that says why another one cannot be shown.
func (v *visit) fail(status int, name string) {
	var data struct{ layout }
	if status == http.StatusNotFound {
		if err := v.ask("layout", nil, &data); err != nil {
			v.log.Error("page failed", "page", v.r.Pattern, "error", err)
		}
	}
	if err := v.show(status, name, &data.layout, "", nil); err != nil {
		v.log.Error("page failed", "page", v.r.Pattern, "error", err)
	}
}

// t writes a text in the language of the visitor.
func (v *visit) t(text string, values ...any) string {
	return v.pages.translate[v.language](text, values...)
}

// shopName is the name of the shop, as the graph told it last.
func (v *visit) shopName() string {
	if name := v.name.Load(); name != nil {
		return *name
	}
	return "Souk"
}
