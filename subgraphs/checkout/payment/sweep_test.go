package payment_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/soukhq/souk/internal/fakepay"
	"github.com/soukhq/souk/subgraphs/checkout"
)

// failed makes a completion that failed after the gateway may have been asked, and may still hold money for it.
func (s *shop) failed() *checkout.Completion {
	s.t.Helper()
	c := s.reserved(fakepay.OK)
	if moved, err := s.store.AuthorizeCompletion(s.t.Context(), c.UUID, s.now()); !moved || err != nil {
		s.t.Fatal(moved, err)
	}
	must(s.t, s.store.FailCompletion(s.t.Context(), c.UUID, checkout.Failure{Code: "PAYMENT_DECLINED"}, s.now()))
	return c
}

// TestASweepThatCannotHelpSomeHelpsTheOthers has more completions whose sweep always fails than one batch holds.
func TestASweepThatCannotHelpSomeHelpsTheOthers(t *testing.T) { // Rule O-10.
	t.Parallel()
	s := open(t)
	c := s.failed()
	_, err := s.gateway.Authorize(t.Context(), checkout.Authorization{Session: c.Charge.Session, Reference: c.AttemptID(), Amount: c.Charge.Amount, Key: "k"})
	must(t, err)
	_, err = s.db.Exec(t.Context(), `INSERT INTO completions (id, cart_id, checkout_id, state, key, request_hash, charge, asked_at, failure, created_at, ended_at)
SELECT gen_random_uuid(), gen_random_uuid(), checkout_id, state, key, request_hash, charge || '{"gateway":"gone"}', asked_at, failure, created_at, ended_at - interval '1 minute'
FROM completions, generate_series(1, 60) WHERE id = $1`, c.UUID)
	must(t, err)
	s.pass(checkout.OrphanAge)
	w := s.worker("w")
	for range 2 {
		if _, err := w.SweepOnce(t.Context()); err == nil {
			t.Error("nobody is told that a sweep does not help")
		}
		s.pass(time.Minute)
	}
	if got := s.counts(c); got[1] != 1 {
		t.Errorf("counts = %v, want the payment void", got)
	}
}

// TestASweepGoesOn has more completions than one batch holds, some of which are overdue and one of which cannot end.
func TestASweepGoesOn(t *testing.T) { // Rules O-2b, O-10.
	t.Parallel()
	s := open(t)
	c := s.failed()
	for _, copies := range []string{
		`SELECT gen_random_uuid(), gen_random_uuid(), checkout_id, state, key, request_hash, charge, asked_at, failure, created_at, ended_at
FROM completions, generate_series(1, 60) WHERE id = $1`,
		`SELECT gen_random_uuid(), gen_random_uuid(), checkout_id, 'REQUESTED', key, request_hash, charge, NULL, NULL, created_at, NULL
FROM completions, generate_series(1, 60) WHERE id = $1`,
	} {
		_, err := s.db.Exec(t.Context(), `INSERT INTO completions (id, cart_id, checkout_id, state, key, request_hash, charge, asked_at, failure, created_at, ended_at) `+copies, c.UUID)
		must(t, err)
	}
	_, err := s.db.Exec(t.Context(), `CREATE FUNCTION refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$;
CREATE TRIGGER refuses BEFORE UPDATE ON completions FOR EACH ROW WHEN (OLD.state = 'REQUESTED' AND OLD.id = '`+s.oldest()+`') EXECUTE FUNCTION refuses()`)
	must(t, err)
	s.pass(checkout.OrphanAge)
	n, err := s.worker("w").SweepOnce(t.Context())
	if err == nil || !strings.Contains(err.Error(), s.oldest()) || n != 59+50 {
		t.Errorf("%d were ended or swept, %v; want all that are overdue but one, and a batch of those that failed", n, err)
	}
	if n, err := s.worker("w").SweepOnce(t.Context()); err == nil || n != 11 {
		t.Errorf("then %d were, %v", n, err)
	}
}

// oldest is the overdue completion whose turn is first.
func (s *shop) oldest() (id string) {
	s.t.Helper()
	must(s.t, s.db.Get(s.t.Context(), &id, `SELECT id FROM completions WHERE state = 'REQUESTED' ORDER BY created_at, id LIMIT 1`))
	return id
}

// TestWhatASweepKeeps asserts that a completion is done with only when nothing is held for it.
func TestWhatASweepKeeps(t *testing.T) { // Rule O-10.
	t.Parallel()
	for payments, kept := range map[string]bool{
		``:                                  false,
		`{"id":"x","status":"DECLINED"}`:    false,
		`{"id":"x","status":"VOIDED",%s}`:   false,
		`{"id":"x","status":"CAPTURED",%s}`: true,
		`{"id":"x","status":"PENDING",%s}`:  true,
		`{}`:                                true,
		`{"id":"y","status":"AUTHORIZED",%[1]s},{"id":"x","status":"CAPTURED",%[1]s}`: true,
	} {
		t.Run(payments, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			c := s.failed()
			s.pass(checkout.OrphanAge)
			list := payments
			if strings.Contains(payments, "%") {
				list = fmt.Sprintf(payments, charged)
			}
			w := s.scripted(&script{lookup: `200{"payments":[` + list + `]}`, void: `200{"id":"y","status":"VOIDED"}`})
			if n, err := w.SweepOnce(t.Context()); err != nil || (n == 0) != kept {
				t.Errorf("%d were swept, %v", n, err)
			}
			s.pass(time.Hour)
			left, err := s.store.Orphans(t.Context(), s.now(), 10)
			if err != nil || (len(left) == 1 && left[0].UUID == c.UUID) != kept {
				t.Errorf("%d are left, %v", len(left), err)
			}
		})
	}
}
