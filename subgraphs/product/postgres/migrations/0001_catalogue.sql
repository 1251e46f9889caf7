-- +goose Up

-- Keys are made by the program: uuids whose order is that of creation. Texts that are sorted by have the order of the
-- Unicode root collation.
CREATE TABLE products (
    id               uuid PRIMARY KEY,
    version          bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    handle           text NOT NULL UNIQUE CHECK (handle <> ''),
    title            text COLLATE "und-x-icu" NOT NULL CHECK (title <> ''),
    description      text NOT NULL,
    description_html text NOT NULL,
    vendor           text COLLATE "und-x-icu" CHECK (vendor <> ''),
    product_type     text COLLATE "und-x-icu" CHECK (product_type <> ''),
    tags             text[] NOT NULL DEFAULT '{}',
    seo_title        text,
    seo_description  text,
    published_at     timestamptz, -- null: not on sale
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL
);
CREATE INDEX products_by_title ON products (title, id);
CREATE INDEX products_by_vendor ON products (vendor, id);
CREATE INDEX products_by_type ON products (product_type, id);
CREATE INDEX products_by_creation ON products (created_at, id);
CREATE INDEX products_by_change ON products (updated_at, id);

CREATE TABLE options (
    id         uuid PRIMARY KEY,
    product_id uuid NOT NULL REFERENCES products ON DELETE CASCADE,
    position   integer NOT NULL CHECK (position >= 0),
    name       text NOT NULL CHECK (name <> ''),
    UNIQUE (product_id, position) DEFERRABLE INITIALLY DEFERRED,
    UNIQUE (product_id, name) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE option_values (
    id        uuid PRIMARY KEY,
    option_id uuid NOT NULL REFERENCES options ON DELETE CASCADE,
    position  integer NOT NULL CHECK (position >= 0),
    name      text NOT NULL CHECK (name <> ''),
    UNIQUE (option_id, position) DEFERRABLE INITIALLY DEFERRED,
    UNIQUE (option_id, name) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE images (
    id         uuid PRIMARY KEY,
    product_id uuid NOT NULL REFERENCES products ON DELETE CASCADE,
    position   integer NOT NULL CHECK (position >= 0),
    source     text NOT NULL CHECK (source <> ''), -- an address, or the name of a file of ours
    alt        text,
    width      integer CHECK (width > 0),
    height     integer CHECK (height > 0),
    UNIQUE (product_id, position) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE variants (
    id                uuid PRIMARY KEY,
    product_id        uuid NOT NULL REFERENCES products ON DELETE CASCADE,
    position          integer NOT NULL CHECK (position >= 0),
    value_ids         uuid[] NOT NULL, -- of option_values, in the order of the options
    sku               text CHECK (sku <> ''),
    barcode           text CHECK (barcode <> ''),
    image_id          uuid REFERENCES images ON DELETE SET NULL,
    tracked           boolean NOT NULL,
    requires_shipping boolean NOT NULL,
    tax_class         text NOT NULL CHECK (tax_class <> ''),
    weight_mg         bigint CHECK (weight_mg > 0),
    weight_unit       text CHECK (weight_unit IN ('GRAMS', 'KILOGRAMS', 'OUNCES', 'POUNDS')),
    CHECK ((weight_mg IS NULL) = (weight_unit IS NULL)),
    UNIQUE (product_id, position) DEFERRABLE INITIALLY DEFERRED,
    UNIQUE (product_id, value_ids) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX variants_by_image ON variants (image_id) WHERE image_id IS NOT NULL;

-- A price is never changed: it is closed once, and another follows.
CREATE TABLE prices (
    id          uuid PRIMARY KEY,
    variant_id  uuid NOT NULL REFERENCES variants ON DELETE CASCADE,
    currency    text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    amount      bigint NOT NULL CHECK (amount >= 0), -- in the minor unit
    compare_at  bigint CHECK (compare_at >= 0),
    valid_from  timestamptz NOT NULL,
    valid_until timestamptz CHECK (valid_until >= valid_from) -- the first moment at which it is not valid
);
CREATE UNIQUE INDEX prices_open ON prices (variant_id, currency) WHERE valid_until IS NULL;
CREATE INDEX prices_by_variant ON prices (variant_id, currency, valid_from);

-- +goose StatementBegin
CREATE FUNCTION price_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.valid_until IS NOT NULL
        OR (NEW.id, NEW.variant_id, NEW.currency, NEW.amount, NEW.compare_at, NEW.valid_from)
            IS DISTINCT FROM (OLD.id, OLD.variant_id, OLD.currency, OLD.amount, OLD.compare_at, OLD.valid_from) THEN
        RAISE EXCEPTION 'a price is never changed: close it and insert another';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER price_is_immutable BEFORE UPDATE ON prices FOR EACH ROW EXECUTE FUNCTION price_is_immutable();

CREATE TABLE locations (
    id         uuid PRIMARY KEY,
    name       text NOT NULL CHECK (name <> ''),
    is_default boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX locations_default ON locations (is_default) WHERE is_default;

-- A variant whose pieces are sold or held cannot be removed: its stock does not go with it.
CREATE TABLE stock (
    variant_id      uuid NOT NULL REFERENCES variants,
    location_id     uuid NOT NULL REFERENCES locations,
    on_hand         bigint NOT NULL,
    allocated       bigint NOT NULL DEFAULT 0 CHECK (allocated >= 0),
    held            bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
    safety          bigint NOT NULL DEFAULT 0 CHECK (safety >= 0),
    backorder_limit bigint NOT NULL DEFAULT 0 CHECK (backorder_limit >= 0),
    version         bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    PRIMARY KEY (variant_id, location_id)
);

CREATE TABLE collections (
    id               uuid PRIMARY KEY,
    version          bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    handle           text NOT NULL UNIQUE CHECK (handle <> ''),
    title            text COLLATE "und-x-icu" NOT NULL CHECK (title <> ''),
    description      text NOT NULL DEFAULT '',
    description_html text NOT NULL DEFAULT '',
    seo_title        text,
    seo_description  text,
    updated_at       timestamptz NOT NULL
);
CREATE INDEX collections_by_title ON collections (title, id);
CREATE INDEX collections_by_change ON collections (updated_at, id);

CREATE TABLE collection_members (
    collection_id uuid NOT NULL REFERENCES collections ON DELETE CASCADE,
    product_id    uuid NOT NULL REFERENCES products ON DELETE CASCADE,
    position      bigint NOT NULL CHECK (position >= 0),
    PRIMARY KEY (collection_id, product_id),
    UNIQUE (collection_id, position) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX collection_members_by_product ON collection_members (product_id);
