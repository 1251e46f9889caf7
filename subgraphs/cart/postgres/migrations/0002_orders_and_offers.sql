-- +goose Up
ALTER TABLE carts
  ADD COLUMN state text NOT NULL DEFAULT 'ACTIVE' CHECK (state IN ('ACTIVE', 'LOCKED', 'COMPLETED')),
  ADD COLUMN revision bigint NOT NULL DEFAULT 1 CHECK (revision > 0),
  ADD COLUMN locked_by uuid, -- the completion for which the cart is frozen
  ADD CONSTRAINT carts_lock CHECK ((state = 'LOCKED') = (locked_by IS NOT NULL));

ALTER TABLE cart_lines
  ADD COLUMN price_id uuid, -- null where product was asked for the price
  ADD COLUMN priced_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN facts jsonb; -- null in lines that were written before there were facts
UPDATE cart_lines SET priced_at = taken_at;

-- One row for each attempt to make an order of a cart that checkout told of.
CREATE TABLE completions (
  id      uuid PRIMARY KEY,
  cart_id uuid NOT NULL,
  state   text NOT NULL CHECK (state IN ('FROZEN', 'REJECTED', 'FAILED', 'FULFILLED')),
  version bigint NOT NULL CHECK (version >= 0) -- of the last event about it
);

-- The projection of the products of the service product: what each is in an epoch of its log. A deleted one stays until
-- the next epoch, so that an older state does not bring it back.
CREATE TABLE products (
  id           uuid PRIMARY KEY,
  epoch        uuid NOT NULL,
  version      bigint NOT NULL,
  deleted      boolean NOT NULL,
  handle       text NOT NULL,
  title        text NOT NULL,
  description  text NOT NULL,
  vendor       text NOT NULL,
  product_type text NOT NULL,
  tags         jsonb NOT NULL,
  image        jsonb,
  published_at timestamptz,
  created_at   timestamptz NOT NULL,
  updated_at   timestamptz NOT NULL
);

-- Their variants with all price rows that can still be valid, and how many pieces there are.
CREATE TABLE offers (
  variant_id        uuid PRIMARY KEY,
  product_id        uuid NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  title             text NOT NULL,
  sku               text,
  barcode           text,
  options           jsonb NOT NULL,
  image             jsonb,
  requires_shipping boolean NOT NULL,
  tax_class         text NOT NULL,
  weight            bigint NOT NULL,
  written_weight    jsonb,
  prices            jsonb NOT NULL,
  stock_epoch       uuid NOT NULL,
  stock_version     bigint NOT NULL,
  tracked           boolean NOT NULL,
  available         bigint NOT NULL,
  backorder         bigint NOT NULL
);

CREATE INDEX offers_product_idx ON offers (product_id);

-- +goose Down
DROP TABLE offers;
DROP TABLE products;
DROP TABLE completions;
ALTER TABLE cart_lines DROP COLUMN price_id, DROP COLUMN priced_at, DROP COLUMN facts;
ALTER TABLE carts DROP CONSTRAINT carts_lock, DROP COLUMN locked_by, DROP COLUMN revision, DROP COLUMN state;
