-- +goose Up

-- What a shopper's means of payment will do: the token is the script.
CREATE TABLE sessions (
    id         uuid PRIMARY KEY,
    token      text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE payments (
    id         uuid PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions,
    reference  text NOT NULL, -- the merchant's name for it; nothing keeps a merchant from using one twice
    amount     bigint NOT NULL CHECK (amount > 0),
    currency   text NOT NULL,
    status     text NOT NULL CHECK (status IN ('AUTHORIZED', 'DECLINED', 'CAPTURED', 'VOIDED')),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX payments_by_reference ON payments (reference);
CREATE INDEX payments_by_session ON payments (session_id);

-- Everything that was done to a payment.
CREATE TABLE entries (
    seq        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    payment_id uuid NOT NULL REFERENCES payments,
    kind       text NOT NULL CHECK (kind IN ('authorize', 'capture', 'void')),
    key        text NOT NULL, -- that asked for it
    outcome    text NOT NULL, -- the status that the payment had then
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX entries_by_payment ON entries (payment_id);

-- What was answered to each idempotency key; written in the transaction that has the effect.
CREATE TABLE keys (
    key        text PRIMARY KEY,
    request    bytea NOT NULL, -- the hash of what was asked
    answer     text, -- null only inside that transaction
    created_at timestamptz NOT NULL DEFAULT now()
);

-- +goose Down
DROP TABLE keys, entries, payments, sessions;
