-- +goose Up

-- The id of the event at the cursor, which shows whether the log is still the one that was read; and the wish of an
-- operator that the projection be built again.
ALTER TABLE cursor ADD COLUMN event_id uuid, ADD COLUMN rebuild boolean NOT NULL DEFAULT false;

-- The wish that parked events be tried again, and the order in which they were parked.
ALTER TABLE parked ADD COLUMN seq bigint GENERATED ALWAYS AS IDENTITY, ADD COLUMN retry boolean NOT NULL DEFAULT false;

-- The feed of tombstones that are old enough to go.
CREATE INDEX feed_deleted ON feed (deleted_at) WHERE deleted_at IS NOT NULL;
