package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/subgraphs/customer"
)

const insertSession = `INSERT INTO sessions (id, customer_id, hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)`

func (s store) InsertSession(ctx context.Context, session *customer.Session) error {
	_, err := s.db.Exec(ctx, insertSession, session.UUID.String(), session.Customer.String(), session.Hash, session.CreatedAt, session.ExpiresAt)
	if err != nil {
		return fmt.Errorf("insert session: %w", err)
	}
	return nil
}

// sessionRow is a row of sessions.
type sessionRow struct {
	ID         uuid.UUID  `db:"id"`
	CustomerID uuid.UUID  `db:"customer_id"`
	Hash       []byte     `db:"hash"`
	Used       []byte     `db:"used"`
	CreatedAt  time.Time  `db:"created_at"`
	ExpiresAt  time.Time  `db:"expires_at"`
	RevokedAt  *time.Time `db:"revoked_at"`
}

func (r sessionRow) session() (*customer.Session, error) {
	s := &customer.Session{UUID: r.ID, Customer: r.CustomerID, Hash: r.Hash, CreatedAt: r.CreatedAt.UTC(), ExpiresAt: r.ExpiresAt.UTC(), RevokedAt: r.RevokedAt}
	return s, json.Unmarshal(r.Used, &s.Used)
}

const lockSession = `SELECT id, customer_id, hash, used, created_at, expires_at, revoked_at FROM sessions WHERE id = $1 FOR UPDATE`

const updateSession = `UPDATE sessions SET hash = $2, used = $3, expires_at = $4, revoked_at = $5 WHERE id = $1`

func (s store) UpdateSession(ctx context.Context, id uuid.UUID, change func(*customer.Session)) (found bool, err error) {
	err = s.db.Transact(ctx, "customer.session", func(tx *database.Tx) ([]event.Event, error) {
		var r sessionRow
		if err := tx.Get(ctx, &r, lockSession, id.String()); err != nil {
			return nil, err
		}
		session, err := r.session()
		if err != nil {
			return nil, err
		}
		change(session)
		used, err := json.Marshal(session.Used)
		if err != nil {
			return nil, err
		}
		_, err = tx.Exec(ctx, updateSession, id.String(), session.Hash, string(used), session.ExpiresAt, session.RevokedAt)
		return nil, err // A sign-in is nobody else's concern: there is no event.
	})
	switch {
	case errors.Is(err, database.ErrNotFound):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("change session: %w", err)
	}
	return true, nil
}

const purgeSessions = `DELETE FROM sessions WHERE id IN (
SELECT id FROM sessions WHERE least(expires_at, revoked_at) <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`

func (s store) PurgeSessions(ctx context.Context, before time.Time, limit int) (int64, error) {
	n, err := s.db.Exec(ctx, purgeSessions, before, limit)
	if err != nil {
		return 0, fmt.Errorf("purge sessions: %w", err)
	}
	return n, nil
}
