package e2e

import (
	"flag"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var pictures = flag.Bool("pictures", false, "keep how the pages of the storefront look in docs/images")

// startWithStorefront starts the shop with its catalogue, the example CMS and the example storefront, as `make run` does. It
// returns the address of the storefront, and how to ask the graph.
func startWithStorefront(t *testing.T) (string, *shop) {
	t.Helper()
	address, content := freeAddress(t), freeAddress(t)
	front := filepath.Join(t.TempDir(), "storefront")
	if out, err := exec.Command("go", "build", "-o", front, "../../examples/storefront").CombinedOutput(); err != nil {
		t.Fatalf("build the storefront: %v\n%s", err, out)
	}
	texts, err := filepath.Abs("../../examples/cms/content")
	if err != nil {
		t.Fatal(err)
	}
	home := "http://" + address
	s := &shop{t: t, state: stateDir(t), processes: map[string]*process{}}
	p := start(t, []string{"SOUK_DEMO=auto"}, "--state-dir", s.state, "--listen", "127.0.0.1:0", "--storefront-url", home,
		"--beside", strings.Join([]string{buildCMS(t), "--listen", content, "--content", texts, "--shop", home}, " "),
		"--subgraph", "cms=http://"+content+"/graphql",
		"--storefront", front+" --listen "+address+" --graph {graph} --images http://"+content)
	if told := p.waitFor(`storefront +(http://\S+)`); told != home {
		t.Fatalf("the storefront is told to be at %s, not %s", told, home)
	}
	s.graph = p.waitFor(`graph +(http://\S+/graphql)`)
	eventually(t, "the storefront answers", func() bool {
		r, err := http.Get(home + "/livez") //nolint:noctx // The loop has its own patience.
		return err == nil && r.Body.Close() == nil && r.StatusCode == http.StatusOK
	})
	return home, s
}

// TestStorefront plays what newcomers do first: they look around and buy something, with a phone or at a desk.
func TestStorefront(t *testing.T) {
	t.Parallel()
	browserPath(t)
	home, s := startWithStorefront(t)
	for _, window := range []size{desktop, phone} {
		t.Run("a guest buys at the size of a "+window.name, func(t *testing.T) { buyAsGuest(openBrowser(t, home, window), window) })
	}
	t.Run("a customer finds the order in the account", func(t *testing.T) { buyAsCustomer(openBrowser(t, home, desktop), "grace@example.com") })
	t.Run("the keyboard leads to the cart", func(t *testing.T) { useKeyboard(openBrowser(t, home, desktop)) })
	t.Run("the checkout address of any cart leads to its checkout", func(t *testing.T) { followCheckoutURL(openBrowser(t, home, phone), s) })
	t.Run("everything works without scripts", func(t *testing.T) { buyWithoutScripts(openBrowser(t, home, phone)) })
	t.Run("all pages of the CMS can be read", func(t *testing.T) {
		b := openBrowser(t, home, desktop)
		for _, path := range []string{"/blogs/journal", "/blogs/journal/a-tajine-for-sunday", "/pages/about", "/policies/privacy-policy", "/account/register"} {
			b.visit(path)
			b.sound(path)
		}
		b.dark()
		b.visit("/collections/light")
		b.sound("dark")
		b.picture("storefront-dark")
	})
}

// buyAsGuest looks around, narrows a list, picks a colour and buys; the first payment is declined.
func buyAsGuest(b *browser, window size) {
	b.visit("/")
	b.sound("home")
	b.picture("storefront-home-" + window.name)
	b.click(`.tile[href="/collections/ceramics"]`)
	b.at("/collections/ceramics")
	b.sound("list")
	if window.touch {
		b.click("#facets summary")
	}
	before := see[string](b, `document.getElementById('count').textContent`)
	b.click(`input[name=filter][value*="Lumen"]`)
	b.until(`document.querySelector('.chips') && document.getElementById('count').textContent !== '` + before + `'`)
	b.sound("narrowed list")
	b.picture("storefront-list-" + window.name)
	b.click(`.card a[href="/products/atlas-mug"]`)
	b.at("/products/atlas-mug")
	b.sound("product")
	b.click(`.swatches a[title="Teal"]`)
	b.until(`document.querySelector('.swatches a[title="Teal"]').ariaCurrent === 'true' && document.querySelector('.big img').alt.includes('Teal')`)
	b.sound("product in teal")
	b.picture("storefront-product-" + window.name)
	b.click("#add")
	b.at("/cart")
	b.sound("cart")
	one := see[string](b, `document.getElementById('subtotal').textContent`)
	b.click(`.stepper button:last-of-type`)
	b.until(`document.getElementById('subtotal').textContent !== '` + one + `'`)
	b.click("#checkout")
	b.fillAddress("ada@example.com")
	b.sound("payment")
	total := see[string](b, `document.getElementById('total').textContent`)
	b.click("#pay-decline")
	b.picture("storefront-checkout-" + window.name)
	b.click("#pay")
	b.until(`document.querySelector('[role=alert]') && document.querySelector('[role=alert]').textContent.includes('declined')`)
	b.sound("declined payment")
	b.click("#pay-ok")
	b.click("#pay")
	b.at("/order")
	b.until(`document.querySelector('.thanks')`)
	b.sound("order")
	b.picture("storefront-order-" + window.name)
	if paid := see[string](b, `document.getElementById('total').textContent`); paid != total {
		b.t.Errorf("the order costs %s, but %s was agreed", paid, total)
	}
	b.visit("/cart")
	if !see[bool](b, `!!document.querySelector('main .empty')`) {
		b.t.Error("the cart is not empty after the order")
	}
}

// fillAddress goes through the checkout until only the payment is left.
func (b *browser) fillAddress(email string) {
	b.t.Helper()
	b.at("/checkout")
	b.sound("checkout")
	for _, f := range [][2]string{
		{"email", email}, {"firstName", "Ada"}, {"lastName", "Lovelace"}, {"address1", "Lindenhof 7"}, {"zip", "10999"}, {"city", "Berlin"},
	} {
		b.write(f[0], f[1])
	}
	b.write("countryCode", "Germany")
	b.click("#contact form > button")
	b.until(`document.querySelector('#delivery form')`)
	b.click("#delivery form > button")
	b.until(`document.querySelector('#payment form')`)
}

// buyAsCustomer opens an account with a cart in the hand, buys, and finds the order again.
func buyAsCustomer(b *browser, email string) {
	b.visit("/products/atlas-mug")
	b.click("#add")
	b.at("/cart")
	b.visit("/account/register")
	b.write("email", email)
	b.write("password", "short")
	see[bool](b, `document.querySelector('form.fields').noValidate = true`)
	b.click("form.fields > button")
	b.until(`document.getElementById('password-error') && document.getElementById('password').ariaInvalid === 'true'`)
	b.mu.Lock()
	b.problems = nil // The browser complains of the status, which says that the form was refused.
	b.mu.Unlock()
	b.write("password", "a long enough password")
	b.click("form.fields > button")
	b.until(`location.pathname === '/account'`)
	b.sound("account without orders")
	b.visit("/checkout")
	b.fillAddress(email)
	b.click("#pay")
	b.at("/order")
	name := see[string](b, `document.title.match(/#[0-9]+/)[0]`)
	b.visit("/account")
	b.sound("account")
	b.until(`document.querySelector('.orders b').textContent === '` + name + `'`)
	b.click(".orders a")
	b.at("/order")
	b.sound("order of a customer")
	b.visit("/account")
	b.click(`form[action="/account/sign-out"] button`)
	b.until(`location.pathname === '/'`)
	b.visit("/account")
	b.at("/account/sign-in")
}

// useKeyboard goes from the front page to the cart with nothing but a keyboard.
func useKeyboard(b *browser) {
	b.visit("/")
	b.press("\t")
	if !see[bool](b, `document.activeElement.matches('.skip') && document.activeElement.getBoundingClientRect().top >= 0`) {
		b.t.Error("the first key does not lead to a visible link that skips the menus")
	}
	b.press("\r")
	b.until(`location.hash === '#main'`)
	b.tabTo(`document.activeElement.matches('.hero .button')`)
	b.press("\r")
	b.at("/collections/all")
	b.tabTo(`document.activeElement.matches('.skip[href="#results"]')`)
	b.press("\r")
	b.until(`location.hash === '#results'`)
	b.tabTo(`document.activeElement.matches('.card a')`)
	b.press("\r")
	b.at("/products/")
	b.tabTo(`document.activeElement.matches('#add')`)
	b.press("\r")
	b.at("/cart")
	b.tabTo(`document.activeElement.matches('.stepper button:last-of-type')`)
	b.press("\r")
	b.until(`document.querySelector('.stepper span').textContent === '2'`)
	if !see[bool](b, `document.activeElement.matches('.stepper button:last-of-type')`) {
		b.t.Error("the focus is lost when the cart changes")
	}
	b.sound("cart by keyboard")
}

// tabTo presses the tabulator until something has the focus. Whatever has it on the way shows it.
func (b *browser) tabTo(expression string) {
	b.t.Helper()
	for range 120 {
		b.press("\t")
		if !see[bool](b, `document.activeElement === document.body || getComputedStyle(document.activeElement).outlineStyle !== 'none'`) {
			b.t.Errorf("the focus cannot be seen on %s", see[string](b, "document.activeElement.outerHTML.slice(0, 200)"))
		}
		if see[bool](b, expression) {
			return
		}
	}
	b.t.Fatalf("no key leads to %s", expression)
}

// followCheckoutURL makes a cart as an app does, and opens the address where the graph says that it is ordered.
func followCheckoutURL(b *browser, s *shop) {
	a := s.must("", `mutation($v: ID!) { cartCreate(input: { lines: [{ merchandiseId: $v }] }) { cart { checkoutUrl } userErrors { message } } }`,
		map[string]any{"v": s.variantIDs(1)[0]})
	b.visit(get[string](b.t, a.Data, "cartCreate", "cart", "checkoutUrl"))
	b.fillAddress("app@example.com")
	if see[bool](b, `location.href.includes('key')`) {
		b.t.Error("the address still holds the secret of the cart")
	}
	b.sound("checkout of an app")
}

// buyWithoutScripts buys where scripts are switched off.
func buyWithoutScripts(b *browser) {
	b.withoutScripts()
	b.visit("/collections/textiles?sort=price")
	if see[bool](b, `getComputedStyle(document.querySelector('.choose .unscripted')).display === 'none'`) {
		b.t.Error("there is no button to sort by")
	}
	b.visit("/products/riad-mug")
	b.click(`.swatches a[title="Olive"]`)
	b.until(`location.search.includes('Olive')`)
	b.click("#add")
	b.at("/cart")
	b.click(`.stepper button:last-of-type`)
	b.until(`document.querySelector('.stepper span').textContent === '2'`)
	b.click("#checkout")
	b.until(`document.querySelector('#contact form')`)
	for id, text := range map[string]string{"email": "plain@example.com", "lastName": "Plain", "address1": "Lindenhof 7", "zip": "10999", "city": "Berlin"} {
		b.write(id, text)
	}
	b.write("countryCode", "Germany")
	b.click("#contact form > button")
	b.until(`document.querySelector('#delivery form')`)
	b.click("#delivery form > button")
	b.until(`document.querySelector('#payment form')`)
	b.click("#pay")
	b.at("/order")
	b.until(`document.querySelector('.thanks')`)
}
