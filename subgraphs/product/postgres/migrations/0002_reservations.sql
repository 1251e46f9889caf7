-- +goose Up

-- A reservation keeps pieces for a completion until it ends (rule I-4); its key is that of the completion.
CREATE TABLE reservations (
    id         uuid PRIMARY KEY,
    checkout   text NOT NULL CHECK (checkout <> ''),
    state      text NOT NULL CHECK (state IN ('HELD', 'PINNED', 'COMMITTED', 'RELEASED')),
    answer     jsonb, -- what was told of it; null where nobody asked yet
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

-- The pieces of it. Neither variant nor location has to be there any more when it has ended.
CREATE TABLE reservation_rows (
    reservation_id uuid NOT NULL REFERENCES reservations ON DELETE CASCADE,
    variant_id     uuid NOT NULL,
    location_id    uuid NOT NULL,
    quantity       bigint NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (reservation_id, variant_id, location_id)
);

-- The ledger of all changes of stock figures (rule I-7): for each row of stock its sums are the figures. Whoever changes the
-- stock of a variant locks all its rows, in the order of the key, and none is removed while the variant stays: so the sum of
-- their versions is the version of the variant's inventory.
CREATE TABLE stock_movements (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    variant_id      uuid NOT NULL,
    location_id     uuid NOT NULL,
    on_hand         bigint NOT NULL DEFAULT 0,
    allocated       bigint NOT NULL DEFAULT 0,
    held            bigint NOT NULL DEFAULT 0,
    backorder_limit bigint NOT NULL DEFAULT 0,
    reason          text NOT NULL CHECK (reason <> ''),
    actor           text NOT NULL CHECK (actor <> ''),
    reference       uuid, -- what it was for: a completion
    at              timestamptz NOT NULL
);
CREATE INDEX stock_movements_by_shelf ON stock_movements (variant_id, location_id, id);
CREATE INDEX stock_movements_by_reference ON stock_movements (reference) WHERE reference IS NOT NULL;

INSERT INTO stock_movements (variant_id, location_id, on_hand, allocated, held, backorder_limit, reason, actor, at)
SELECT variant_id, location_id, on_hand, allocated, held, backorder_limit, 'OPENED', 'migration', now() FROM stock;
