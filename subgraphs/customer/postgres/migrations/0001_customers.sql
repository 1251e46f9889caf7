-- +goose Up
CREATE TABLE customers (
  id                uuid PRIMARY KEY,
  email             text NOT NULL,
  password_hash     text NOT NULL,
  first_name        text,
  last_name         text,
  phone             text,
  accepts_marketing boolean NOT NULL,
  created_at        timestamptz NOT NULL,
  updated_at        timestamptz NOT NULL
);

-- The service writes addresses in lower case; the index holds them apart whoever writes.
CREATE UNIQUE INDEX customers_email_key ON customers (lower(email));

-- +goose Down
DROP TABLE customers;
