-- +goose Up

-- The choices that buyers filter by: the values that options of any product have, by their names. They stay when no product
-- has them any more.
CREATE TABLE choices (
    id     integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    option text NOT NULL,
    value  text NOT NULL,
    UNIQUE (option, value)
);

ALTER TABLE option_values ADD COLUMN choice_id integer REFERENCES choices;
ALTER TABLE variants ADD COLUMN choice_ids integer[] NOT NULL DEFAULT '{}';

INSERT INTO choices (option, value) SELECT DISTINCT o.name, v.name FROM options o JOIN option_values v ON v.option_id = o.id;
UPDATE option_values v SET choice_id = c.id FROM options o, choices c WHERE o.id = v.option_id AND c.option = o.name AND c.value = v.name;
UPDATE variants v SET choice_ids = ARRAY(SELECT choice_id FROM option_values WHERE id = ANY (v.value_ids));

-- Triggers keep both columns: whoever writes names and values need not know of choices.

-- +goose StatementBegin
CREATE FUNCTION choose_value() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    named text := (SELECT name FROM options WHERE id = NEW.option_id);
BEGIN
    NEW.choice_id := (SELECT id FROM choices WHERE option = named AND value = NEW.name);
    IF NEW.choice_id IS NULL THEN
        INSERT INTO choices (option, value) VALUES (named, NEW.name)
        ON CONFLICT (option, value) DO UPDATE SET value = excluded.value RETURNING id INTO NEW.choice_id;
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER choose_value BEFORE INSERT OR UPDATE OF name, option_id ON option_values FOR EACH ROW EXECUTE FUNCTION choose_value();

-- +goose StatementBegin
CREATE FUNCTION choose_values() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE option_values SET name = name WHERE option_id = NEW.id;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER choose_values AFTER UPDATE ON options FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION choose_values();

-- +goose StatementBegin
CREATE FUNCTION choose_variant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.choice_ids := ARRAY(SELECT choice_id FROM option_values WHERE id = ANY (NEW.value_ids));
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER choose_variant BEFORE INSERT OR UPDATE OF value_ids ON variants FOR EACH ROW EXECUTE FUNCTION choose_variant();

-- +goose StatementBegin
CREATE FUNCTION choose_variants() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE variants SET value_ids = value_ids
    WHERE product_id = (SELECT product_id FROM options WHERE id = NEW.option_id) AND NEW.id = ANY (value_ids);
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER choose_variants AFTER UPDATE ON option_values FOR EACH ROW WHEN (OLD.choice_id IS DISTINCT FROM NEW.choice_id)
    EXECUTE FUNCTION choose_variants();

CREATE INDEX option_values_by_choice ON option_values (choice_id, id);

-- What lists ask of prices is answered by this index alone.
CREATE INDEX prices_for_lists ON prices (variant_id, currency, valid_from) INCLUDE (valid_until, amount);
