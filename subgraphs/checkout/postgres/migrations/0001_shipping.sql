-- +goose Up
CREATE TABLE shipping_methods (
  handle      text NOT NULL,
  currency    text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  title       text NOT NULL,
  description text,
  price       bigint NOT NULL CHECK (price >= 0),
  position    integer NOT NULL,
  PRIMARY KEY (currency, handle)
);

INSERT INTO shipping_methods (handle, currency, title, description, price, position) VALUES
  ('standard', 'USD', 'Standard shipping', NULL, 490, 1),
  ('standard', 'EUR', 'Standard shipping', NULL, 490, 1),
  ('standard', 'GBP', 'Standard shipping', NULL, 450, 1),
  ('standard', 'CHF', 'Standard shipping', NULL, 790, 1);

-- +goose Down
DROP TABLE shipping_methods;
