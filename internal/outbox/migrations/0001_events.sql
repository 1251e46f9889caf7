-- +goose Up

-- What every service has: its log of events, the feed of its aggregates, and how far it has read those of others.

-- One row: in which epoch the log is, and the highest number in it (rule E-9). The epoch began behind the position started:
-- up to it the log is that of the epoch before.
CREATE TABLE outbox_head (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch    uuid NOT NULL DEFAULT gen_random_uuid(),
    started  bigint NOT NULL DEFAULT 0,
    position bigint NOT NULL DEFAULT 0 CHECK (position >= started),
    sent     bigint NOT NULL DEFAULT 0 -- up to it the broker was told
);
INSERT INTO outbox_head DEFAULT VALUES;

CREATE TABLE outbox (
    seq        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    position   bigint, -- null until the relay numbers it
    id         uuid NOT NULL UNIQUE,
    subject    text NOT NULL,
    version    bigint NOT NULL CHECK (version > 0),
    event      jsonb NOT NULL, -- the whole envelope
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT outbox_position_key UNIQUE (position),
    CONSTRAINT outbox_version_key UNIQUE (subject, version)
);
CREATE INDEX outbox_unnumbered ON outbox (seq) WHERE position IS NULL;
CREATE INDEX outbox_age ON outbox (created_at);

-- The last event about each aggregate (rule E-12).
CREATE TABLE feed (
    kind       text NOT NULL,
    subject    text NOT NULL,
    version    bigint NOT NULL,
    position   bigint NOT NULL,
    deleted_at timestamptz,
    PRIMARY KEY (kind, subject)
);
CREATE INDEX feed_by_position ON feed (kind, position);

-- How far the events of another service are applied (rule E-10).
CREATE TABLE cursor (
    source   text PRIMARY KEY,
    epoch    uuid NOT NULL,
    position bigint NOT NULL
);

-- Events that could not be applied, and those of the same aggregate behind them (rule E-11).
CREATE TABLE parked (
    source    text NOT NULL,
    epoch     uuid NOT NULL,
    position  bigint NOT NULL,
    subject   text NOT NULL,
    event     jsonb NOT NULL,
    reason    text NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, epoch, position)
);
CREATE INDEX parked_by_subject ON parked (source, subject);
