package fakepay

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/gid"
)

// Session is a means of payment that a shopper has chosen.
type Session struct {
	ID       uuid.UUID `json:"id"`
	Token    string    `json:"token"`
	Amount   int64     `json:"amount"`
	Currency string    `json:"currency"`
}

// Payment is money that a merchant asked for.
type Payment struct {
	ID        uuid.UUID `json:"id"`
	Reference string    `json:"reference"`
	Amount    int64     `json:"amount"`
	Currency  string    `json:"currency"`
	Status    string    `json:"status"` // AUTHORIZED, DECLINED, CAPTURED or VOIDED
}

// Ledger tells how often something was done to the payments of a reference.
type Ledger struct {
	Reference      string `json:"reference"`
	Authorizations int    `json:"authorizations"`
	Declines       int    `json:"declines"`
	Captures       int    `json:"captures"`
	Voids          int    `json:"voids"`
}

// nothing is the body of a request that says all in its path.
type nothing struct{}

func (s *Server) createSession(tx *database.Tx, r *http.Request, in Session) (Session, bool, error) {
	in.ID = gid.New()
	if !slices.Contains(tokens, in.Token) || in.Amount <= 0 || len(in.Currency) != 3 {
		return Session{}, false, refuse(http.StatusBadRequest, "bad_request",
			"a session has a token ("+strings.Join(tokens, ", ")+"), an amount above 0 and a currency")
	}
	_, err := tx.Exec(r.Context(), `INSERT INTO sessions (id, token, amount, currency) VALUES ($1, $2, $3, $4)`, in.ID, in.Token, in.Amount, in.Currency)
	return in, false, err
}

type authorization struct {
	Session   uuid.UUID `json:"session"`
	Reference string    `json:"reference"`
	Amount    int64     `json:"amount"`
	Currency  string    `json:"currency"`
}

const (
	lockSession   = `SELECT id, token, amount, currency FROM sessions WHERE id = $1 FOR UPDATE`
	insertPayment = `INSERT INTO payments (id, session_id, reference, amount, currency, status) VALUES ($1, $2, $3, $4, $5, $6)`
	insertEntry   = `INSERT INTO entries (payment_id, kind) VALUES ($1, $2)`
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
	case in.Amount != session.Amount || in.Currency != session.Currency || in.Reference == "":
		return Payment{}, false, refuse(http.StatusUnprocessableEntity, "amount_differs", "the amount is not that of the session, or there is no reference")
	}
	var before int
	if err := tx.Get(r.Context(), &before, `SELECT count(*) FROM payments WHERE session_id = $1`, session.ID); err != nil {
		return Payment{}, false, err
	}
	p := Payment{ID: gid.New(), Reference: in.Reference, Amount: in.Amount, Currency: in.Currency, Status: "AUTHORIZED"}
	kind := "AUTHORIZATION"
	if session.Token == Decline || session.Token == TimeoutThenDecline {
		p.Status, kind = "DECLINED", "DECLINE"
	}
	if _, err := tx.Exec(r.Context(), insertPayment, p.ID, session.ID, p.Reference, p.Amount, p.Currency, p.Status); err != nil {
		return Payment{}, false, err
	}
	_, err = tx.Exec(r.Context(), insertEntry, p.ID, kind)
	return p, before == 0 && strings.HasPrefix(session.Token, "timeout_"), err
}

func (s *Server) capture(tx *database.Tx, r *http.Request, _ nothing) (Payment, bool, error) {
	return move(tx, r, "CAPTURED", "CAPTURE")
}

func (s *Server) void(tx *database.Tx, r *http.Request, _ nothing) (Payment, bool, error) {
	return move(tx, r, "VOIDED", "VOID")
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
	_, err = tx.Exec(r.Context(), insertEntry, p.ID, kind)
	return p, false, err
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

const countEntries = `SELECT count(*) FILTER (WHERE e.kind = 'AUTHORIZATION') AS authorizations, count(*) FILTER (WHERE e.kind = 'DECLINE') AS declines,
  count(*) FILTER (WHERE e.kind = 'CAPTURE') AS captures, count(*) FILTER (WHERE e.kind = 'VOID') AS voids
FROM entries e JOIN payments p ON p.id = e.payment_id WHERE p.reference = $1`

func (s *Server) ledger(w http.ResponseWriter, r *http.Request) {
	l := Ledger{Reference: r.URL.Query().Get("reference")}
	if err := s.db.Get(r.Context(), &l, countEntries, l.Reference); err != nil {
		fail(w, err)
		return
	}
	write(w, http.StatusOK, l)
}
