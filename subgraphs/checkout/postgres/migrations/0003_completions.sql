-- +goose Up

-- Attempts to place orders (rule O-1). The row is also that of the idempotency key (rule G-4).
CREATE TABLE completions (
  id           uuid PRIMARY KEY,
  cart_id      uuid NOT NULL,
  checkout_id  uuid NOT NULL REFERENCES checkouts,
  customer     text, -- the id of the customer whose cart it is; null for a guest
  state        text NOT NULL CHECK (state IN ('REQUESTED', 'RESERVED', 'AUTHORIZING', 'PLACED', 'FAILED')),
  key          bytea NOT NULL, -- its SHA-256
  request_hash bytea NOT NULL,
  stock_in     boolean NOT NULL DEFAULT false, -- product reserved all lines
  cart_in      boolean NOT NULL DEFAULT false, -- cart froze the cart
  charge       jsonb NOT NULL, -- what is to be paid, and how
  asked_at     timestamptz, -- when the gateway may have been asked first
  cancelled    boolean NOT NULL DEFAULT false, -- the buyer gave up while the gateway was asked
  payment_id   text, -- the gateway's name for the payment
  failure      jsonb,
  order_id     uuid,
  lease_owner  text, -- the worker that has it
  lease_until  timestamptz, -- from when any worker may have it; null: from now
  tries        integer NOT NULL DEFAULT 0, -- of the gateway that told nothing
  created_at   timestamptz NOT NULL,
  ended_at     timestamptz,
  swept_at     timestamptz, -- when it was certain that no money is reserved for a failed one
  CONSTRAINT completions_key UNIQUE (cart_id, key),
  CHECK ((state IN ('PLACED', 'FAILED')) = (ended_at IS NOT NULL)),
  CHECK ((state = 'PLACED') = (order_id IS NOT NULL)),
  CHECK ((state = 'FAILED') = (failure IS NOT NULL))
);
CREATE UNIQUE INDEX completions_live ON completions (cart_id) WHERE state <> 'FAILED';
CREATE INDEX completions_last ON completions (cart_id, created_at DESC, id DESC);
CREATE INDEX completions_by_checkout ON completions (checkout_id);
CREATE INDEX completions_open ON completions (created_at) WHERE state IN ('REQUESTED', 'RESERVED', 'AUTHORIZING');
CREATE INDEX completions_unswept ON completions (ended_at) WHERE state = 'FAILED' AND asked_at IS NOT NULL AND swept_at IS NULL;

-- +goose Down
DROP TABLE completions;
