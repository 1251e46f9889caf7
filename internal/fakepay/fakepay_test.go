package fakepay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/database/databasetest"
	"github.com/soukhq/souk/internal/fakepay"
	"github.com/soukhq/souk/internal/launch/launchtest"
)

func TestMain(m *testing.M) { os.Exit(launchtest.Main(m)) }

// gateway is a running server, as a foreign program sees it.
type gateway struct{ *httptest.Server }

func start(t *testing.T, address string) gateway {
	t.Helper()
	s, err := fakepay.Open(t.Context(), address, address, 10, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		h.CloseClientConnections()
		h.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return gateway{h}
}

// try sends a request and returns status 0 where no answer came within the time.
func (g gateway) try(t *testing.T, method, path, key, body string, wait time.Duration) (int, string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), wait)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, method, g.URL+path, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	w, err := g.Client().Do(r)
	if err != nil {
		return 0, ""
	}
	defer func() { _ = w.Body.Close() }()
	answer, err := io.ReadAll(w.Body)
	if err != nil {
		return 0, ""
	}
	return w.StatusCode, strings.TrimSpace(string(answer))
}

func (g gateway) post(t *testing.T, path, key, body string) string {
	t.Helper()
	status, answer := g.try(t, "POST", path, key, body, 10*time.Second)
	if status != http.StatusOK {
		t.Fatalf("POST %s = %d %s", path, status, answer)
	}
	return answer
}

// session opens a session, whatever it takes, and returns the body that authorises it.
func (g gateway) session(t *testing.T, token, reference string) string {
	t.Helper()
	status, answer := 0, ""
	for tries := 0; status != http.StatusOK && tries < 1000; tries++ {
		status, answer = g.try(t, "POST", "/v1/sessions", "session of "+reference, `{"token":"`+token+`"}`, 10*time.Second)
	}
	id := read[fakepay.Session](t, answer).ID
	return `{"session":"` + id.String() + `","reference":"` + reference + `","amount":1230,"currency":"EUR"}`
}

func (g gateway) ledger(t *testing.T, reference string) fakepay.Ledger {
	t.Helper()
	_, answer := g.try(t, "GET", "/v1/ledger?reference="+reference, "", "", 10*time.Second)
	return read[fakepay.Ledger](t, answer)
}

func (g gateway) lookup(t *testing.T, reference string) []fakepay.Payment {
	t.Helper()
	_, answer := g.try(t, "GET", "/v1/payments?reference="+reference, "", "", 10*time.Second)
	return read[struct{ Payments []fakepay.Payment }](t, answer).Payments
}

func read[T any](t *testing.T, answer string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(answer), &v); err != nil {
		t.Fatalf("answer %q: %v", answer, err)
	}
	return v
}

// TestTokens asserts what comes of an authorisation with each token, for the caller and for good.
func TestTokens(t *testing.T) {
	t.Parallel()
	g := start(t, databasetest.Address(t))
	for token, want := range map[string]struct {
		answered bool
		status   string
		counted  int
	}{
		fakepay.OK:                 {true, "AUTHORIZED", 1},
		fakepay.Decline:            {true, "DECLINED", 0},
		fakepay.TimeoutThenOK:      {false, "AUTHORIZED", 1},
		fakepay.TimeoutThenDecline: {false, "DECLINED", 0},
	} {
		t.Run(token, func(t *testing.T) {
			t.Parallel()
			body := g.session(t, token, token)
			if got := g.lookup(t, token); len(got) != 0 {
				t.Fatalf("before anything: %+v", got)
			}
			status, first := g.try(t, "POST", "/v1/payments", "pay "+token, body, 700*time.Millisecond)
			if answered := status == http.StatusOK; answered != want.answered {
				t.Errorf("the first call: status %d %s, want an answer: %v", status, first, want.answered)
			}
			again := g.post(t, "/v1/payments", "pay "+token, body)
			if p := read[fakepay.Payment](t, again); p.Status != want.status || p.Amount != 1230 || want.answered && again != first {
				t.Errorf("the second call says %s, the first %s, want %s", again, first, want.status)
			}
			if diff := cmp.Diff([]fakepay.Payment{read[fakepay.Payment](t, again)}, g.lookup(t, token)); diff != "" {
				t.Errorf("lookup (-want +got):\n%s", diff)
			}
			l := g.ledger(t, token)
			if l.Authorizations != want.counted || len(l.Entries) != 1 {
				t.Fatalf("ledger = %+v, want one entry and %d authorisations", l, want.counted)
			}
			e := l.Entries[0]
			if e.At.IsZero() || e.Kind != "authorize" || e.Key != "pay "+token || e.Outcome != want.status || e.Amount != 1230 || e.Currency != "EUR" {
				t.Errorf("entry = %+v", e)
			}
		})
	}
}

// TestAnotherKeyIsAnotherPayment shows that the ledger tells of a merchant who authorises twice.
func TestAnotherKeyIsAnotherPayment(t *testing.T) {
	t.Parallel()
	g := start(t, databasetest.Address(t))
	body := g.session(t, fakepay.OK, "twice")
	g.post(t, "/v1/payments", "one", body)
	g.post(t, "/v1/payments", "two", body)
	if got := g.ledger(t, "twice"); got.Authorizations != 2 || len(g.lookup(t, "twice")) != 2 {
		t.Errorf("ledger = %+v, want two authorisations", got)
	}
}

func TestVoidAndCapture(t *testing.T) {
	t.Parallel()
	g := start(t, databasetest.Address(t))
	pay := func(token, reference string) string {
		return "/v1/payments/" + read[fakepay.Payment](t, g.post(t, "/v1/payments", reference, g.session(t, token, reference))).ID.String()
	}
	voided, captured, declined := pay(fakepay.OK, "voided"), pay(fakepay.OK, "captured"), pay(fakepay.Decline, "declined")
	for _, key := range []string{"v1", "v1", "v2"} { // Repeated by key, and by state.
		if p := read[fakepay.Payment](t, g.post(t, voided+"/void", key, "")); p.Status != "VOIDED" {
			t.Errorf("void = %+v", p)
		}
	}
	g.post(t, captured+"/capture", "c1", "")
	for path, want := range map[string]int{
		voided + "/capture": http.StatusConflict, captured + "/void": http.StatusConflict, declined + "/void": http.StatusConflict,
		"/v1/payments/none/void": http.StatusNotFound, "/v1/payments/019a0000-0000-7000-8000-000000000000/void": http.StatusNotFound,
	} {
		if got, answer := g.try(t, "POST", path, "no "+path, "", 10*time.Second); got != want {
			t.Errorf("%s = %d %s, want %d", path, got, answer, want)
		}
	}
	for reference, want := range map[string][4]int{"voided": {1, 0, 1, 2}, "captured": {1, 1, 0, 2}, "declined": {0, 0, 0, 1}} {
		l := g.ledger(t, reference)
		if got := [4]int{l.Authorizations, l.Captures, l.Voids, len(l.Entries)}; got != want {
			t.Errorf("ledger of %s = %+v, want %v", reference, l, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	g := start(t, databasetest.Address(t))
	body := g.session(t, fakepay.OK, "r")
	g.post(t, "/v1/payments", "taken", body)
	for name, c := range map[string]struct {
		path, key, body string
		want            int
	}{
		"no key":              {"/v1/payments", "", body, 400},
		"no JSON":             {"/v1/payments", "a", "pay!", 400},
		"the key of another":  {"/v1/payments", "taken", strings.Replace(body, `"r"`, `"s"`, 1), 422},
		"no amount":           {"/v1/payments", "b", strings.Replace(body, "1230", "0", 1), 400},
		"no such session":     {"/v1/payments", "c", `{"session":"019a0000-0000-7000-8000-000000000000","reference":"x","amount":1,"currency":"EUR"}`, 422},
		"an unknown token":    {"/v1/sessions", "d", `{"token":"free"}`, 400},
		"a key that is there": {"/v1/sessions", "taken", `{"token":"ok"}`, 422},
	} {
		if got, answer := g.try(t, "POST", c.path, c.key, c.body, 10*time.Second); got != c.want {
			t.Errorf("%s = %d %s, want %d", name, got, answer, c.want)
		}
	}
	if status, answer := g.try(t, "POST", "/v1/payments", "b", body, 10*time.Second); status != 200 {
		t.Errorf("a key whose request was refused = %d %s, want it to be free", status, answer)
	}
}

// TestManyAtOnce asserts that a key has its effect once whoever asks at the same time, and after a restart.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	address := databasetest.Address(t)
	g, other := start(t, address), start(t, address)
	body := g.session(t, fakepay.OK, "many")
	answers := make([]string, 20)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() {
			_, answers[i] = []gateway{g, other}[i%2].try(t, "POST", "/v1/payments", "key", body, 10*time.Second)
		})
	}
	wg.Wait()
	g.Close()
	again := start(t, address)
	for _, a := range append(answers, again.post(t, "/v1/payments", "key", body)) {
		if a != answers[0] || a == "" {
			t.Errorf("answers %s and %s", a, answers[0])
		}
	}
	if got := again.ledger(t, "many"); got.Authorizations != 1 {
		t.Errorf("ledger = %+v, want one authorisation", got)
	}
}

// TestCutOff breaks the gateway off at all moments of an authorisation, as its kill does: its database connections end. The
// caller asks again until it is answered; each payment is made once.
func TestCutOff(t *testing.T) {
	t.Parallel()
	address := databasetest.Address(t)
	g := start(t, address+"&application_name=fakepay_cut_off")
	admin, err := database.Open(t.Context(), address, 1, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var cuts sync.WaitGroup
	cuts.Go(func() {
		for ctx.Err() == nil {
			_, _ = admin.Exec(ctx, `SELECT pg_terminate_backend(pid), pg_sleep(0.003) FROM pg_stat_activity WHERE application_name = 'fakepay_cut_off'`)
		}
	})
	failures, n := 0, 0
	for ; failures < 20 && n < 2000; n++ {
		body := g.session(t, fakepay.OK, strconv.Itoa(n))
		for {
			if status, _ := g.try(t, "POST", "/v1/payments", strconv.Itoa(n), body, 10*time.Second); status == 200 {
				break
			}
			failures++
		}
	}
	stop()
	cuts.Wait()
	for i := range n {
		if got := g.ledger(t, strconv.Itoa(i)); got.Authorizations != 1 || len(g.lookup(t, strconv.Itoa(i))) != 1 {
			t.Errorf("ledger = %+v, want one authorisation", got)
		}
	}
	if err := admin.Close(); err != nil || failures == 0 {
		t.Errorf("close: %v; %d requests of %d payments were broken off", err, failures, n)
	}
}
