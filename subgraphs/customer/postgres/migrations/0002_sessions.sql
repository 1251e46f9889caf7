-- +goose Up

-- The version that events about an account carry. Accounts that are there already are told of once.
ALTER TABLE customers ADD COLUMN version bigint NOT NULL DEFAULT 1 CHECK (version > 0);

WITH told AS (
  SELECT 'gid://souk/Customer/' || c.id AS subject, c.created_at,
    -- A uuidv7: 48 bits of time before what is random, and the version.
    encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
      52, 1), 53, 1), 'hex')::uuid AS id
  FROM customers c
)
INSERT INTO outbox (id, subject, version, event)
SELECT id, subject, 1, jsonb_build_object('specversion', '1.0', 'id', id, 'source', '/customer', 'type', 'customer.updated.v1', 'subject', subject,
  'time', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'aggregateVersion', 1, 'data', jsonb_build_object('customerId', subject))
FROM told ORDER BY created_at, subject;

-- A sign-in: a family of refresh tokens, of which one is valid (rule A-2). No token can be read from it.
CREATE TABLE sessions (
  id          uuid PRIMARY KEY,
  customer_id uuid NOT NULL REFERENCES customers ON DELETE CASCADE,
  hash        bytea NOT NULL,            -- SHA-256 of the valid token
  used        jsonb NOT NULL DEFAULT '[]', -- hashes of those that it replaced a moment ago, and when
  created_at  timestamptz NOT NULL,
  expires_at  timestamptz NOT NULL,
  revoked_at  timestamptz
);
CREATE INDEX sessions_by_customer ON sessions (customer_id);
CREATE INDEX sessions_end ON sessions (least(expires_at, revoked_at));
