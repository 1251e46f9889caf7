package cart_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/subgraphs/cart"
)

// told writes events as "type version", with the code of a rejection.
func told(t *testing.T, events []event.Event) string {
	t.Helper()
	var texts []string
	for _, e := range events {
		text := fmt.Sprint(strings.TrimSuffix(e.Type, ".v1"), " ", e.AggregateVersion)
		if e.Type == event.TypeOf[event.CartRejected]() {
			r, err := event.Read[event.CartRejected](e)
			if err != nil {
				t.Fatal(err)
			}
			text += fmt.Sprint(" ", r.Code, " ", r.Version)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", ")
}

// TestCompletion plays what checkout says of attempts against a cart: rules O-2, O-2f, C-10. A step is a letter, for
// Request, request of another version, Fail or Place, with the number of the attempt.
func TestCompletion(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		steps []string
		told  []string
		state string
	}{
		"it becomes an order":                       {[]string{"R1", "P1"}, []string{"cart.frozen 1, cart.updated 2", "cart.completed 2, cart.updated 3"}, cart.Completed},
		"it fails":                                  {[]string{"R1", "F1"}, []string{"cart.frozen 1, cart.updated 2", "cart.thawed 2, cart.updated 3"}, cart.Active},
		"everything twice":                          {[]string{"R1", "R1", "P1", "P1", "R1"}, []string{"cart.frozen 1, cart.updated 2", "", "cart.completed 2, cart.updated 3", "", ""}, cart.Completed},
		"a failure twice":                           {[]string{"R1", "F1", "F1", "R1"}, []string{"cart.frozen 1, cart.updated 2", "cart.thawed 2, cart.updated 3", "", ""}, cart.Active},
		"another version":                           {[]string{"V1", "F1"}, []string{"cart.rejected 1 CART_CHANGED 1", ""}, cart.Active},
		"the failure first":                         {[]string{"F1", "R1", "R1"}, []string{"", "cart.rejected 1 CANCELLED 1", ""}, cart.Active},
		"two at once":                               {[]string{"R1", "R2", "F2", "P1"}, []string{"cart.frozen 1, cart.updated 2", "cart.rejected 1 CART_LOCKED 1", "", "cart.completed 2, cart.updated 3"}, cart.Completed},
		"one after the other":                       {[]string{"R1", "F1", "R2", "F1", "P2"}, []string{"cart.frozen 1, cart.updated 2", "cart.thawed 2, cart.updated 3", "cart.frozen 1, cart.updated 4", "", "cart.completed 2, cart.updated 5"}, cart.Completed},
		"a late order does not take another's":      {[]string{"R1", "F1", "R2", "P1"}, []string{"cart.frozen 1, cart.updated 2", "cart.thawed 2, cart.updated 3", "cart.frozen 1, cart.updated 4", ""}, cart.Locked},
		"an order closes a cart that was forgotten": {[]string{"P1", "R2"}, []string{"cart.completed 1, cart.updated 2", "cart.rejected 1 CART_LOCKED 1"}, cart.Completed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			basket := cart.Open("EUR", "", noon)
			attempts := map[byte]*cart.Completion{}
			for i, step := range c.steps {
				p := attempts[step[1]]
				if p == nil {
					p = &cart.Completion{ID: gid.New(), Cart: basket.UUID}
					attempts[step[1]] = p
				}
				var events []event.Event
				switch step[0] {
				case 'R':
					events = p.Request(basket, basket.Version, noon)
				case 'V':
					events = p.Request(basket, basket.Version+1, noon)
				case 'F':
					events = p.Fail(basket, noon)
				default:
					events = p.Place(basket, "gid://souk/Order/1", noon)
				}
				if diff := cmp.Diff(c.told[i], told(t, events)); diff != "" {
					t.Errorf("step %d, %s (-want +got):\n%s", i, step, diff)
				}
			}
			if basket.State != c.state || basket.Version != 1 {
				t.Errorf("the cart is %s in version %d, want %s in the same version", basket.State, basket.Version, c.state)
			}
			changed, err := basket.Apply(noon, nil, func(c *cart.Cart) error { return c.SetNote("x") })
			want := map[string]string{cart.Active: "", cart.Locked: "CART_LOCKED cartId", cart.Completed: "CART_COMPLETED cartId"}[c.state]
			if got := strings.Join(faults(t, err), ""); got != want || changed != (want == "") {
				t.Errorf("a write answers %q, want %q (rule C-10)", got, want)
			}
		})
	}
}

func TestACompletionOfNoCart(t *testing.T) {
	t.Parallel()
	p := &cart.Completion{ID: gid.New(), Cart: gid.New()}
	if got := told(t, p.Request(nil, 1, noon)); got != "cart.rejected 1 CART_NOT_FOUND 0" {
		t.Errorf("told %q", got)
	}
	if got := told(t, append(p.Fail(nil, noon), p.Place(nil, "x", noon)...)); got != "" {
		t.Errorf("told %q, want nothing", got)
	}
}
