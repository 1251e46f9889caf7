-- +goose Up
CREATE TABLE tax_rates (
  country   text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
  tax_class text NOT NULL,
  title     text NOT NULL,
  rate      integer NOT NULL CHECK (rate BETWEEN 0 AND 1000000), -- parts per million of the net amount
  PRIMARY KEY (country, tax_class)
);

INSERT INTO tax_rates (country, tax_class, title, rate) VALUES
  ('DE', 'standard', 'VAT', 190000), ('DE', 'reduced', 'VAT', 70000),  ('DE', 'none', 'VAT', 0),
  ('AT', 'standard', 'VAT', 200000), ('AT', 'reduced', 'VAT', 100000), ('AT', 'none', 'VAT', 0),
  ('FR', 'standard', 'VAT', 200000), ('FR', 'reduced', 'VAT', 55000),  ('FR', 'none', 'VAT', 0),
  ('CH', 'standard', 'VAT', 81000),  ('CH', 'reduced', 'VAT', 26000),  ('CH', 'none', 'VAT', 0),
  ('GB', 'standard', 'VAT', 200000), ('GB', 'reduced', 'VAT', 50000),  ('GB', 'none', 'VAT', 0),
  ('US', 'standard', 'Sales tax', 0), ('US', 'reduced', 'Sales tax', 0), ('US', 'none', 'Sales tax', 0);

CREATE TABLE checkouts (
  id                 uuid PRIMARY KEY,
  version            integer NOT NULL,
  state              text NOT NULL CHECK (state IN ('OPEN', 'PROCESSING', 'COMPLETED', 'CANCELLED')),
  cart_id            uuid NOT NULL,
  cart_version       integer NOT NULL,
  customer           text, -- the id of the customer who owns the cart; NULL for a guest
  currency           text NOT NULL,
  country            text, -- of the buyer, as cart knew it
  contact            jsonb NOT NULL, -- e-mail address, phone number and addresses: personal
  lines              jsonb NOT NULL,
  offered            jsonb, -- how it can be delivered
  delivery           jsonb, -- what was chosen
  cost               jsonb NOT NULL,
  payment_session    jsonb,
  priced_at          timestamptz NOT NULL,
  price_locked_until timestamptz NOT NULL,
  created_at         timestamptz NOT NULL,
  updated_at         timestamptz NOT NULL
);
CREATE UNIQUE INDEX checkouts_of_cart ON checkouts (cart_id) WHERE state <> 'CANCELLED';

CREATE SEQUENCE order_numbers START 10001;

CREATE TABLE orders (
  id            uuid PRIMARY KEY,
  number        bigint NOT NULL UNIQUE,
  checkout_id   uuid NOT NULL,
  completion_id uuid NOT NULL CONSTRAINT orders_of_completion UNIQUE,
  cart_id       uuid NOT NULL CONSTRAINT orders_of_cart UNIQUE,
  customer      text, -- the id of the account that bought it; NULL for a guest
  state         text NOT NULL CHECK (state IN ('OPEN', 'CANCELLED', 'CLOSED')),
  currency      text NOT NULL,
  contact       jsonb NOT NULL, -- e-mail address, phone number and addresses: personal
  cost          jsonb NOT NULL,
  authorized    bigint NOT NULL CHECK (authorized >= 0),
  captured      bigint NOT NULL DEFAULT 0 CHECK (captured BETWEEN 0 AND authorized),
  refunded      bigint NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND captured),
  voided        bigint NOT NULL DEFAULT 0 CHECK (voided BETWEEN 0 AND authorized),
  token_hash    bytea, -- SHA-256 of the secret that opens the order for a guest
  placed_at     timestamptz NOT NULL
);
CREATE INDEX orders_of_customer ON orders (customer, id) WHERE customer IS NOT NULL;

CREATE TABLE order_lines (
  id        uuid PRIMARY KEY,
  order_id  uuid NOT NULL REFERENCES orders,
  position  integer NOT NULL,
  goods     jsonb NOT NULL, -- what was sold and for how much, as it was
  total     jsonb NOT NULL,
  tax_lines jsonb NOT NULL,
  quantity  integer NOT NULL CHECK (quantity > 0),
  sent      integer NOT NULL DEFAULT 0 CHECK (sent BETWEEN 0 AND quantity),
  returned  integer NOT NULL DEFAULT 0 CHECK (returned BETWEEN 0 AND sent),
  UNIQUE (order_id, position)
);

-- +goose Down
DROP TABLE order_lines;
DROP TABLE orders;
DROP SEQUENCE order_numbers;
DROP TABLE checkouts;
DROP TABLE tax_rates;
