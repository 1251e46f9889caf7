-- +goose Up
CREATE TABLE carts (
  id         uuid PRIMARY KEY,
  version    integer NOT NULL CHECK (version > 0),
  currency   text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  customer   text,
  country    text,
  email      text,
  phone      text,
  note       text,
  attributes jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

CREATE INDEX carts_customer_idx ON carts (customer) WHERE customer IS NOT NULL;

CREATE TABLE cart_lines (
  id                uuid PRIMARY KEY,
  cart_id           uuid NOT NULL REFERENCES carts (id) ON DELETE CASCADE,
  position          integer NOT NULL,
  variant_id        uuid NOT NULL,
  quantity          integer NOT NULL CHECK (quantity BETWEEN 1 AND 999999),
  attributes        jsonb NOT NULL,
  price             bigint NOT NULL CHECK (price >= 0),
  compare_at        bigint,
  product_id        uuid NOT NULL,
  title             text NOT NULL,
  variant_title     text NOT NULL,
  sku               text,
  handle            text NOT NULL,
  image             jsonb,
  options           jsonb NOT NULL,
  requires_shipping boolean NOT NULL,
  weight            bigint NOT NULL CHECK (weight >= 0),
  tax_class         text NOT NULL,
  taken_at          timestamptz NOT NULL
);

CREATE INDEX cart_lines_cart_idx ON cart_lines (cart_id, position);

-- +goose Down
DROP TABLE cart_lines;
DROP TABLE carts;
