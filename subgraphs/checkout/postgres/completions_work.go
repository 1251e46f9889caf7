package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/subgraphs/checkout"
)

const leaseCompletions = `UPDATE completions SET lease_owner = $1, lease_until = $3 WHERE id IN (
  SELECT id FROM completions WHERE state IN ('RESERVED', 'AUTHORIZING') AND (lease_until IS NULL OR lease_until <= $2)
  ORDER BY lease_until NULLS FIRST, created_at LIMIT $4 FOR UPDATE SKIP LOCKED)
RETURNING ` + completionColumns

func (s store) LeaseCompletions(ctx context.Context, owner string, now, until time.Time, limit int) ([]*checkout.Completion, error) {
	var rows []completionRow
	if err := s.db.Select(ctx, &rows, leaseCompletions, owner, now, until, limit); err != nil {
		return nil, fmt.Errorf("lease completions: %w", err)
	}
	return readCompletions(rows)
}

const dropLeases = `UPDATE completions SET lease_owner = NULL, lease_until = NULL WHERE lease_owner = $1 AND state IN ('RESERVED', 'AUTHORIZING')`

func (s store) DropLeases(ctx context.Context, owner string) error {
	if _, err := s.db.Exec(ctx, dropLeases, owner); err != nil {
		return fmt.Errorf("drop leases: %w", err)
	}
	return nil
}

const postponeCompletion = `UPDATE completions SET lease_owner = NULL, lease_until = $2, tries = tries + 1 WHERE id = $1 AND state IN ('RESERVED', 'AUTHORIZING')`

func (s store) PostponeCompletion(ctx context.Context, id uuid.UUID, until time.Time) error {
	if _, err := s.db.Exec(ctx, postponeCompletion, id, until); err != nil {
		return fmt.Errorf("postpone completion: %w", err)
	}
	return nil
}

const selectOrphans = `SELECT ` + completionColumns + ` FROM completions
WHERE state = 'FAILED' AND asked_at IS NOT NULL AND swept_at IS NULL AND ended_at <= $1 AND coalesce(sweep_after <= $2, true)
ORDER BY sweep_after NULLS FIRST, ended_at LIMIT $3`

func (s store) Orphans(ctx context.Context, now time.Time, limit int) ([]*checkout.Completion, error) {
	var rows []completionRow
	if err := s.db.Select(ctx, &rows, selectOrphans, now.Add(-checkout.OrphanAge), now, limit); err != nil {
		return nil, fmt.Errorf("read failed completions: %w", err)
	}
	return readCompletions(rows)
}

const postponeSweep = `UPDATE completions SET sweep_after = $2 WHERE id = $1 AND swept_at IS NULL`

func (s store) PostponeSweep(ctx context.Context, id uuid.UUID, until time.Time) error {
	if _, err := s.db.Exec(ctx, postponeSweep, id, until); err != nil {
		return fmt.Errorf("postpone sweep of completion: %w", err)
	}
	return nil
}

func (s store) SweptCompletion(ctx context.Context, c *checkout.Completion, free []checkout.Payment, now time.Time) error {
	return s.db.Transact(ctx, "checkout.sweep", func(tx *database.Tx) ([]event.Event, error) {
		n, err := tx.Exec(ctx, `UPDATE completions SET swept_at = $2 WHERE id = $1 AND state = 'FAILED' AND swept_at IS NULL`, c.UUID, now)
		if err != nil {
			return nil, fmt.Errorf("write that completion was swept: %w", err)
		}
		if n == 0 { // Another worker was faster.
			return nil, nil
		}
		return c.Swept(free, now), nil
	})
}
