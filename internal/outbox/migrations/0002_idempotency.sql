-- +goose Up

-- What came of the mutations that were called with an idempotency key (rule G-4). The row is written in the transaction of
-- the effect. Neither the key nor the request can be read from it.
CREATE TABLE idempotency (
    scope        text NOT NULL,
    key          bytea NOT NULL, -- its SHA-256
    request_hash bytea NOT NULL,
    outcome      jsonb, -- null only within the transaction that writes the row
    expires_at   timestamptz NOT NULL,
    PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_expiry ON idempotency (expires_at);
