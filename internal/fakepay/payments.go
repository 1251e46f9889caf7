package fakepay

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/gid"
)

// Session is a means of payment that a shopper has chosen.
type Session struct {
	ID    uuid.UUID `json:"id"`
	Token string    `json:"token"`
}

// Payment is money that a merchant asked for.
type Payment struct {
	ID        uuid.UUID `json:"id"`
	Reference string    `json:"reference"`
	Amount    int64     `json:"amount"`
	Currency  string    `json:"currency"`
	Status    string    `json:"status"` // AUTHORIZED, DECLINED, CAPTURED or VOIDED
}

// Ledger tells what was done to the payments of a reference. Repeated requests count once, refused payments not at all.
type Ledger struct {
	Reference      string  `json:"reference"`
	Authorizations int     `json:"authorizations"`
	Captures       int     `json:"captures"`
	Voids          int     `json:"voids"`
	Entries        []Entry `json:"entries"`
}

// Entry is something that was done to a payment.
type Entry struct {
	Kind     string    `json:"kind"` // authorize, capture or void
	Key      string    `json:"key"`
	Outcome  string    `json:"outcome"` // the status that the payment had then
	Amount   int64     `json:"amount"`
	Currency string    `json:"currency"`
	At       time.Time `json:"at"`
}

// nothing is the body of a request that says all in its path.
type nothing struct{}

func (s *Server) createSession(tx *database.Tx, r *http.Request, in Session) (Session, bool, error) {
	in.ID = gid.New()
	if !slices.Contains(tokens, in.Token) {
		return Session{}, false, refuse(http.StatusBadRequest, "token_unknown", "the tokens are "+strings.Join(tokens, ", "))
	}
	_, err := tx.Exec(r.Context(), `INSERT INTO sessions (id, token) VALUES ($1, $2)`, in.ID, in.Token)
	return in, false, err
}

type authorization struct {
	Session   uuid.UUID `json:"session"`
	Reference string    `json:"reference"`
	Amount    int64     `json:"amount"`
	Currency  string    `json:"currency"`
}

const (
	lockSession   = `SELECT id, token FROM sessions WHERE id = $1 FOR UPDATE`
	insertPayment = `INSERT INTO payments (id, session_id, reference, amount, currency, status) VALUES ($1, $2, $3, $4, $5, $6)`
	insertEntry   = `INSERT INTO entries (payment_id, kind, key, outcome) VALUES ($1, $2, $3, $4)`
)

// authorize does what the token of the session says. The first authorisation of a session whose token says so is silent.
func (s *Server) authorize(tx *database.Tx, r *http.Request, in authorization) (Payment, bool, error) {
	var session Session
	err := tx.Get(r.Context(), &session, lockSession, in.Session)
	switch {
	case errors.Is(err, database.ErrNotFound):
		return Payment{}, false, refuse(http.StatusUnprocessableEntity, "session_unknown", "there is no such session")
	case err != nil:
		return Payment{}, false, err
	case in.Amount <= 0 || len(in.Currency) != 3 || in.Reference == "":
		return Payment{}, false, refuse(http.StatusBadRequest, "bad_request", "a payment has a reference, an amount above 0 and a currency")
	}
	var before int
	if err := tx.Get(r.Context(), &before, `SELECT count(*) FROM payments WHERE session_id = $1`, session.ID); err != nil {
		return Payment{}, false, err
	}
	p := Payment{ID: gid.New(), Reference: in.Reference, Amount: in.Amount, Currency: in.Currency, Status: "AUTHORIZED"}
	if session.Token == Decline || session.Token == TimeoutThenDecline {
		p.Status = "DECLINED"
	}
	if _, err := tx.Exec(r.Context(), insertPayment, p.ID, session.ID, p.Reference, p.Amount, p.Currency, p.Status); err != nil {
		return Payment{}, false, err
	}
	err = p.enter(tx, r, "authorize")
	return p, before == 0 && strings.HasPrefix(session.Token, "timeout_"), err
}

func (s *Server) capture(tx *database.Tx, r *http.Request, _ nothing) (Payment, bool, error) {
	return move(tx, r, "CAPTURED", "capture")
}

func (s *Server) void(tx *database.Tx, r *http.Request, _ nothing) (Payment, bool, error) {
	return move(tx, r, "VOIDED", "void")
}

// move takes an authorised payment to another status; one that has it already stays as it is.
func move(tx *database.Tx, r *http.Request, status, kind string) (Payment, bool, error) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return Payment{}, false, refuse(http.StatusNotFound, "not_found", "there is no such payment")
	}
	var p Payment
	err = tx.Get(r.Context(), &p, `SELECT id, reference, amount, currency, status FROM payments WHERE id = $1 FOR UPDATE`, id)
	switch {
	case errors.Is(err, database.ErrNotFound):
		return Payment{}, false, refuse(http.StatusNotFound, "not_found", "there is no such payment")
	case err != nil:
		return Payment{}, false, err
	case p.Status == status:
		return p, false, nil
	case p.Status != "AUTHORIZED":
		return Payment{}, false, refuse(http.StatusConflict, "invalid_state", "the payment is "+p.Status)
	}
	p.Status = status
	if _, err := tx.Exec(r.Context(), `UPDATE payments SET status = $2 WHERE id = $1`, p.ID, status); err != nil {
		return Payment{}, false, err
	}
	return p, false, p.enter(tx, r, kind)
}

// enter writes what was done to the payment.
func (p Payment) enter(tx *database.Tx, r *http.Request, kind string) error {
	_, err := tx.Exec(r.Context(), insertEntry, p.ID, kind, r.Header.Get(keyHeader), p.Status)
	return err
}

func (s *Server) lookup(w http.ResponseWriter, r *http.Request) {
	payments := []Payment{}
	err := s.db.Select(r.Context(), &payments,
		`SELECT id, reference, amount, currency, status FROM payments WHERE reference = $1 ORDER BY id`, r.URL.Query().Get("reference"))
	if err != nil {
		fail(w, err)
		return
	}
	write(w, http.StatusOK, map[string]any{"payments": payments})
}

const selectEntries = `SELECT e.kind, e.key, e.outcome, p.amount, p.currency, e.created_at AS at
FROM entries e JOIN payments p ON p.id = e.payment_id WHERE p.reference = $1 ORDER BY e.seq`

func (s *Server) ledger(w http.ResponseWriter, r *http.Request) {
	l := Ledger{Reference: r.URL.Query().Get("reference"), Entries: []Entry{}}
	if err := s.db.Select(r.Context(), &l.Entries, selectEntries, l.Reference); err != nil {
		fail(w, err)
		return
	}
	for _, e := range l.Entries {
		switch e.Outcome {
		case "AUTHORIZED":
			l.Authorizations++
		case "CAPTURED":
			l.Captures++
		case "VOIDED":
			l.Voids++
		}
	}
	write(w, http.StatusOK, l)
}
