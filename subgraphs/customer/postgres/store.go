// Package postgres keeps customers in PostgreSQL.
package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/idempotency"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/subgraphs/customer"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the schema of the customer database, step by step.
var Migrations = database.Embedded(files)

type store struct{ db *outbox.DB }

// New makes a store on the customer database.
func New(db *outbox.DB) customer.Store { return store{db} }

// row is a row of customers.
type row struct {
	ID               uuid.UUID `db:"id"`
	Email            string    `db:"email"`
	PasswordHash     string    `db:"password_hash"`
	FirstName        *string   `db:"first_name"`
	LastName         *string   `db:"last_name"`
	Phone            *string   `db:"phone"`
	AcceptsMarketing bool      `db:"accepts_marketing"`
	Version          int64     `db:"version"`
	CreatedAt        time.Time `db:"created_at"`
	UpdatedAt        time.Time `db:"updated_at"`
}

func (r row) customer() *customer.Customer {
	return &customer.Customer{
		UUID: r.ID, Email: r.Email, PasswordHash: r.PasswordHash, FirstName: r.FirstName, LastName: r.LastName, Phone: r.Phone,
		AcceptsMarketing: r.AcceptsMarketing, Version: r.Version, CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
	}
}

const selectCustomers = `SELECT id, email, password_hash, first_name, last_name, phone, accepts_marketing, version, created_at, updated_at FROM customers `

const whereIDs = `WHERE id = ANY($1::uuid[])`

func (s store) ByIDs(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*customer.Customer, error) {
	customers := make(map[uuid.UUID]*customer.Customer, len(ids))
	if len(ids) == 0 {
		return customers, nil
	}
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = id.String()
	}
	var rows []row
	if err := s.db.Select(ctx, &rows, selectCustomers+whereIDs, pq.Array(keys)); err != nil {
		return nil, fmt.Errorf("read customers: %w", err)
	}
	for _, r := range rows {
		customers[r.ID] = r.customer()
	}
	return customers, nil
}

const whereEmail = `WHERE lower(email) = lower($1)`

func (s store) ByEmail(ctx context.Context, email string) (*customer.Customer, bool, error) {
	var r row
	err := s.db.Get(ctx, &r, selectCustomers+whereEmail, email)
	if errors.Is(err, database.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read customer by e-mail address: %w", err)
	}
	return r.customer(), true, nil
}

const insertCustomer = `INSERT INTO customers (id, email, password_hash, first_name, last_name, phone, accepts_marketing, version, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (lower(email)) DO NOTHING`

func (s store) Insert(ctx context.Context, c *customer.Customer, key idempotency.Key) (uuid.UUID, error) {
	var outcome idempotency.Outcome
	err := s.db.Transact(ctx, "customer.create", func(tx *database.Tx) (events []event.Event, err error) {
		outcome, _, err = idempotency.Once(ctx, tx, key, c.CreatedAt, func() (idempotency.Outcome, error) {
			n, err := tx.Exec(ctx, insertCustomer, c.UUID.String(), c.Email, c.PasswordHash, c.FirstName, c.LastName, c.Phone,
				c.AcceptsMarketing, c.Version, c.CreatedAt, c.UpdatedAt)
			switch {
			case err != nil:
				return idempotency.Outcome{}, fmt.Errorf("insert customer: %w", err)
			case n == 0:
				return idempotency.Done("", customer.Taken())
			}
			events = append(events, c.Told())
			return idempotency.Done(c.UUID.String(), nil)
		})
		return events, err
	})
	if err = errors.Join(err, outcome.Err()); err != nil {
		return uuid.Nil, err
	}
	return uuid.Parse(outcome.ID)
}
