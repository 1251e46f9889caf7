// Package fakepay plays a payment gateway: a foreign server with a store of its own, that does what the tokens given to it
// say.
//
// It speaks JSON over HTTP; amounts are whole minor units. Every POST carries the header Idempotency-Key: the same key gets
// the same answer, and has its effect once, however often the server is killed.
//
//	POST /v1/sessions                {token}                                 what the payment page of a gateway would do
//	POST /v1/payments                {session, reference, amount, currency} authorises
//	POST /v1/payments/{id}/capture
//	POST /v1/payments/{id}/void
//	GET  /v1/payments?reference=R    all payments of the merchant's reference
//	GET  /v1/ledger?reference=R      what was done to them
package fakepay

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/soukhq/souk/internal/database"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the schema of the gateway's database, step by step.
var Migrations = database.Embedded(files)

// The tokens and what comes of a payment with them. A time-out is an authorisation that is decided and never answered: the
// outcome is told to those who ask again or look it up.
const (
	OK                 = "ok"
	Decline            = "decline"
	TimeoutThenOK      = "timeout_then_ok"
	TimeoutThenDecline = "timeout_then_decline"
)

var tokens = []string{OK, Decline, TimeoutThenOK, TimeoutThenDecline}

const (
	silence     = 30 * time.Second // of an answer that never comes; then the connection is closed
	maximumBody = 64 << 10         // bytes
	maximumKey  = 255              // characters
	keyHeader   = "Idempotency-Key"
)

// Server is the gateway. Nothing is kept in memory: many servers on one database are one gateway.
type Server struct{ db *database.DB }

// New makes a gateway on its database, which is migrated.
func New(db *database.DB) *Server { return &Server{db: db} }

// Open migrates the database as its owner and makes a gateway on it.
func Open(ctx context.Context, serviceURL, ownerURL string, connections int, wait time.Duration) (*Server, error) {
	if ownerURL != "" {
		if err := migrate(ctx, ownerURL, wait); err != nil {
			return nil, err
		}
	}
	db, err := database.Open(ctx, serviceURL, connections, wait)
	if err != nil {
		return nil, err
	}
	if err := database.CheckMigrated(ctx, db, Migrations); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return New(db), nil
}

func migrate(ctx context.Context, ownerURL string, wait time.Duration) (err error) {
	owner, err := database.Open(ctx, ownerURL, 1, wait)
	if err != nil {
		return fmt.Errorf("open database as its owner: %w", err)
	}
	defer func() { err = errors.Join(err, owner.Close()) }()
	return database.Migrate(ctx, owner, Migrations)
}

// Close gives the connections to the database back.
func (s *Server) Close() error { return s.db.Close() }

// Handler answers the gateway's API.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/sessions", post(s, s.createSession))
	mux.HandleFunc("POST /v1/payments", post(s, s.authorize))
	mux.HandleFunc("POST /v1/payments/{id}/capture", post(s, s.capture))
	mux.HandleFunc("POST /v1/payments/{id}/void", post(s, s.void))
	mux.HandleFunc("GET /v1/payments", s.lookup)
	mux.HandleFunc("GET /v1/ledger", s.ledger)
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	return mux
}

// refusal is what a caller did wrong. It uses up no key.
type refusal struct {
	status        int
	code, message string
}

func (e *refusal) Error() string { return e.message }

func refuse(status int, code, message string) error {
	return &refusal{status: status, code: code, message: message}
}

// post makes a handler of an effect. It runs in the transaction that writes the key with the answer, so that both are there
// or neither. With silent set the answer is written, and not given.
func post[In, Out any](s *Server, effect func(tx *database.Tx, r *http.Request, in In) (out Out, silent bool, err error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in In
		key, body, err := readPost(r, &in)
		if err != nil {
			fail(w, err)
			return
		}
		request := sha256.Sum256(slices.Concat([]byte(r.URL.Path+"\n"), body))
		var answer string
		var silent bool
		err = s.db.Transact(r.Context(), func(tx *database.Tx) error {
			silent = false
			there, err := takeKey(r.Context(), tx, key, request[:], &answer)
			if err != nil || there {
				return err
			}
			var out Out
			if out, silent, err = effect(tx, r, in); err != nil {
				return err
			}
			text, err := json.Marshal(out)
			if err != nil {
				return err
			}
			answer = string(text)
			_, err = tx.Exec(r.Context(), `UPDATE keys SET answer = $2 WHERE key = $1`, key, answer)
			return err
		})
		switch {
		case err != nil:
			fail(w, err)
		case silent:
			wait(r.Context())
		default:
			write(w, http.StatusOK, json.RawMessage(answer))
		}
	}
}

func readPost(r *http.Request, in any) (key string, body []byte, err error) {
	key = r.Header.Get(keyHeader)
	if key == "" || len(key) > maximumKey {
		return "", nil, refuse(http.StatusBadRequest, "key_required", "the header Idempotency-Key is needed, with at most 255 characters")
	}
	if body, err = io.ReadAll(io.LimitReader(r.Body, maximumBody)); err != nil {
		return "", nil, refuse(http.StatusBadRequest, "bad_request", "the body could not be read")
	}
	if len(body) > 0 {
		if err := json.Unmarshal(body, in); err != nil {
			return "", nil, refuse(http.StatusBadRequest, "bad_request", "the body is not the JSON that is expected")
		}
	}
	return key, body, nil
}

// takeKey makes the key ours, or reads what was answered to it. It waits for another request that has the key just now.
func takeKey(ctx context.Context, tx *database.Tx, key string, request []byte, answer *string) (there bool, err error) {
	n, err := tx.Exec(ctx, `INSERT INTO keys (key, request) VALUES ($1, $2) ON CONFLICT DO NOTHING`, key, request)
	if err != nil || n == 1 {
		return false, err
	}
	var row struct {
		Request []byte
		Answer  string
	}
	if err := tx.Get(ctx, &row, `SELECT request, answer FROM keys WHERE key = $1`, key); err != nil {
		return false, err
	}
	if !slices.Equal(row.Request, request) {
		return false, refuse(http.StatusUnprocessableEntity, "key_reused", "the key was used for another request")
	}
	*answer = row.Answer
	return true, nil
}

func fail(w http.ResponseWriter, err error) {
	var no *refusal
	switch {
	case errors.As(err, &no):
		write(w, no.status, map[string]any{"error": map[string]string{"code": no.code, "message": no.message}})
	default:
		write(w, http.StatusServiceUnavailable, map[string]any{"error": map[string]string{"code": "unavailable", "message": "try again"}})
	}
}

// wait keeps a caller waiting until it gives up, or breaks the connection off.
func wait(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(silence):
	}
	panic(http.ErrAbortHandler)
}

func write(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // Whoever went away gets no answer.
}
