-- +goose Up

-- Carts that were there before there was a log are told of once, each as it is now.
WITH told AS (
  SELECT 'gid://souk/Cart/' || c.id AS subject, c.revision, c.version, c.state,
    -- A uuidv7: 48 bits of time, the version, and what is random.
    (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid AS id
  FROM carts c ORDER BY c.id
)
INSERT INTO outbox (id, subject, version, event)
SELECT id, subject, revision, jsonb_build_object('specversion', '1.0', 'id', id, 'source', '/cart', 'type', 'cart.updated.v1', 'subject', subject,
  'time', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'aggregateVersion', revision,
  'data', jsonb_build_object('cartId', subject, 'version', version, 'state', state))
FROM told ON CONFLICT (subject, version) DO NOTHING; -- What was written since the log began is in it.
