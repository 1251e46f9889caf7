-- +goose Up

-- One row: up to where the results that events say are old were forgotten. It is a second reader of the log with a place of
-- its own, so that a cache that is away never holds up events.
CREATE TABLE forgotten (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch    uuid NOT NULL,
    position bigint NOT NULL
);
