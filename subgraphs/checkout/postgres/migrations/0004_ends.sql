-- +goose Up

-- When the gateway is asked again what it holds for a completion that failed; null: as soon as it is old enough.
ALTER TABLE completions ADD COLUMN sweep_after timestamptz;

-- Completions that product or cart said yes to and that are not there, because the database was restored to an older state.
CREATE TABLE forgotten_completions (
  id           uuid PRIMARY KEY,
  told         text[] NOT NULL, -- the services that were told that no order comes of it
  forgotten_at timestamptz NOT NULL
);

-- +goose Down
DROP TABLE forgotten_completions;
ALTER TABLE completions DROP COLUMN sweep_after;
