package feed_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/call"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/feed"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/launch/launchtest"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/internal/stream/streamtest"
)

func TestMain(m *testing.M) { os.Exit(launchtest.Main(m)) }

var (
	noon   = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	signer = &identity.Signer{Secret: []byte("secret")}
)

// owner is a service that tells of products, and how another one reads its feeds.
type owner struct {
	db      *outbox.DB
	relay   *outbox.Relay
	handler http.Handler
}

// newOwner makes one whose products are rendered with data of so many bytes.
func newOwner(t *testing.T, size int) *owner {
	t.Helper()
	o := &owner{db: outboxtest.New(t, fstest.MapFS{"0001_first.sql": {Data: []byte("-- +goose Up\nCREATE TABLE t (n int);\n")}})}
	o.relay = &outbox.Relay{Service: "product", DB: o.db, Stream: streamtest.Open(t), Log: slog.New(slog.DiscardHandler)}
	data := json.RawMessage(`"` + strings.Repeat("x", size) + `"`)
	mux := http.NewServeMux()
	feeds := feed.Owner{DB: o.db, Log: slog.New(slog.DiscardHandler), States: map[string]feed.Render{
		"Product": func(_ context.Context, subjects []string) ([]event.State, error) {
			var states []event.State
			for _, s := range subjects {
				if s != gone {
					states = append(states, event.State{Subject: s, Version: 7, Data: data})
				}
			}
			return states, nil
		},
	}}
	feeds.Mount(mux, signer.Middleware)
	o.handler = mux
	return o
}

var gone = gid.Format("Product", gid.New())

func (o *owner) tell(t *testing.T, events ...event.Event) {
	t.Helper()
	if err := o.db.Transact(t.Context(), "test.tell", func(*database.Tx) ([]event.Event, error) { return events, nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := o.relay.Number(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func updated(subject string) event.Event {
	return event.New(subject, 1, event.ProductUpdated{ProductID: subject}, noon)
}

// get asks as somebody, signed unless that is nobody, and returns the status and the answer.
func (o *owner) get(t *testing.T, who identity.Identity, target string) (int, string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	if who.Service != "" || who.Customer != "" {
		if err := signer.Sign(r.Header, r.Method, identity.Target(r.URL), nil, who); err != nil {
			t.Fatal(err)
		}
	}
	return o.send(r)
}

func (o *owner) send(r *http.Request) (int, string) {
	w := httptest.NewRecorder()
	o.handler.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestFeedsAreForServicesOnly(t *testing.T) {
	t.Parallel()
	o := newOwner(t, 1)
	epoch := uuid.New().String()
	for _, target := range []string{"/events/head", "/events?after=" + epoch + ":0", "/states/Product"} {
		for name, c := range map[string]struct {
			who  identity.Identity
			want int
		}{
			"nobody":                              {identity.Identity{}, 403},
			"a customer":                          {identity.Identity{Customer: "gid://souk/Customer/1"}, 403},
			"a service in the name of a customer": {identity.Identity{Service: "cart", Customer: "gid://souk/Customer/1"}, 403},
			"a service":                           {identity.Identity{Service: "cart"}, 200},
		} {
			if status, body := o.get(t, c.who, target); status != c.want {
				t.Errorf("%s asks for %s: %d %s, want %d", name, target, status, body, c.want)
			}
		}
	}
	t.Run("a signature is for its query only", func(t *testing.T) {
		r := httptest.NewRequest(http.MethodGet, "/events?after="+epoch+":0", nil)
		if err := signer.Sign(r.Header, r.Method, identity.Target(r.URL), nil, identity.Identity{Service: "cart"}); err != nil {
			t.Fatal(err)
		}
		if status, body := o.send(r); status != 200 {
			t.Errorf("%d %s", status, body)
		}
		r.URL.RawQuery = "after=" + epoch + ":1"
		if status, body := o.send(r); status != 401 {
			t.Errorf("with another query: %d %s, want 401", status, body)
		}
	})
}

func TestQuestionsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	o := newOwner(t, 1)
	epoch := uuid.New().String()
	for target, want := range map[string]int{
		"/events": 400, "/events?after=x:1": 400, "/events?after=" + epoch: 400, "/events?after=" + epoch + ":-1": 400,
		"/events?after=" + epoch + ":0&limit=0": 400, "/events?after=" + epoch + ":0&last=x": 400,
		"/states/Product?after=x": 400, "/states/Product?limit=x": 400, "/states/Nothing": 404,
	} {
		if status, body := o.get(t, identity.Identity{Service: "cart"}, target); status != want {
			t.Errorf("%s: %d %s, want %d", target, status, body, want)
		}
	}
}

// reader reads the feeds of an owner in this process or over HTTP.
func (o *owner) reader(t *testing.T, over string) *feed.Reader {
	t.Helper()
	d := call.NewDirectory(signer)
	if over == "http" {
		s := httptest.NewServer(o.handler)
		t.Cleanup(s.Close)
		if err := d.AddURL("product", s.URL+"/graphql"); err != nil {
			t.Fatal(err)
		}
	} else {
		d.AddHandler("product", o.handler)
	}
	return &feed.Reader{Client: d.Client("cart", "product")}
}

func TestReader(t *testing.T) {
	t.Parallel()
	for _, over := range []string{"process", "http"} {
		t.Run(over, func(t *testing.T) {
			t.Parallel()
			o := newOwner(t, 1)
			a, b := gid.Format("Product", gid.New()), gid.Format("Product", gid.New())
			o.tell(t, updated(a), updated(b), updated(gone), event.New(b, 2, event.ProductDeleted{ProductID: b}, noon))
			r := o.reader(t, over)
			head, err := r.Head(t.Context())
			if err != nil || head.First != 1 || head.Position != 4 || head.Epoch == uuid.Nil {
				t.Fatalf("head %+v, %v", head, err)
			}
			var positions []int64
			place := event.Place{Epoch: head.Epoch}
			for {
				events, err := r.Events(t.Context(), place, 3)
				if err != nil || events.Head != head {
					t.Fatal(events.Head, err)
				}
				if len(events.Entries) == 0 {
					break
				}
				for _, e := range events.Entries {
					if e.After != place.Event {
						t.Errorf("entry %d follows %s, want %s", e.Position, e.After, place.Event)
					}
					place.Position, place.Event = e.Position, e.Event.ID
					positions = append(positions, e.Position)
				}
			}
			if diff := cmp.Diff([]int64{1, 2, 3, 4}, positions); diff != "" {
				t.Errorf("log (-want +got):\n%s", diff)
			}
			if events, err := r.Events(t.Context(), event.Place{Epoch: uuid.New()}, 3); err != nil || len(events.Entries) > 0 || events.Head != head {
				t.Errorf("another epoch: %+v, %v; want the head alone", events, err)
			}
			states, err := r.States(t.Context(), "Product", 0)
			got := []string{}
			for _, s := range states.States {
				got = append(got, fmt.Sprintf("%d %s %s %d %v %s", s.Position, s.Kind, map[string]string{a: "a", b: "b", gone: "gone"}[s.Subject], s.Version, s.Deleted, s.Data))
			}
			want := []string{`1 Product a 7 false "x"`, `3 Product gone 1 true `, `4 Product b 2 true `}
			if diff := cmp.Diff(want, got); diff != "" || err != nil || states.More {
				t.Errorf("states, %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// An answer has a bounded size, whatever is in the log; each has at least one item.
func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	o := newOwner(t, 700<<10)
	for range 5 {
		subject := gid.Format("Product", gid.New())
		o.tell(t, event.New(subject, 1, event.ProductUpdated{ProductID: subject, Title: strings.Repeat("x", 700<<10)}, noon))
	}
	r := o.reader(t, "http")
	head, err := r.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	events, err := r.Events(t.Context(), event.Place{Epoch: head.Epoch}, 100)
	if err != nil || len(events.Entries) != 2 {
		t.Errorf("%d events, %v; want the two that reach 1 MiB", len(events.Entries), err)
	}
	states, err := r.States(t.Context(), "Product", 0)
	if err != nil || len(states.States) != 2 || !states.More {
		t.Errorf("%d states, more %v, %v; want two and more", len(states.States), states.More, err)
	}
	rest, err := r.States(t.Context(), "Product", 4)
	if err != nil || len(rest.States) != 1 || rest.More {
		t.Errorf("%d states, more %v, %v; want the last", len(rest.States), rest.More, err)
	}
}

func TestAFeedThatCannotBeReadIsUnavailable(t *testing.T) {
	t.Parallel()
	o := newOwner(t, 1)
	r := o.reader(t, "process")
	if err := o.db.Close(); err != nil {
		t.Fatal(err)
	}
	if status, body := o.get(t, identity.Identity{Service: "cart"}, "/events/head"); status != 503 || strings.Contains(body, "sql") {
		t.Errorf("%d %s, want 503 without a reason", status, body)
	}
	if _, err := r.Head(t.Context()); err == nil || !strings.Contains(err.Error(), call.ErrUnavailable.Error()) {
		t.Errorf("error %v, want that the service cannot be asked", err)
	}
}
