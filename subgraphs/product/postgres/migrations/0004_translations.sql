-- +goose Up

-- A text of a product or a collection (the owner), or of an option, a value or a picture of it (the subject), in another
-- language than the shop's own. Languages are tags in lower case: de, de-at.
CREATE TABLE translations (
    owner_id   uuid NOT NULL,
    subject_id uuid NOT NULL,
    language   text NOT NULL CHECK (language ~ '^[a-z]{2,3}(-[a-z0-9]{2,8})*$'),
    field      text NOT NULL CHECK (field IN ('title', 'description', 'description_html', 'seo_title', 'seo_description', 'name', 'alt')),
    text       text NOT NULL,
    PRIMARY KEY (owner_id, language, subject_id, field)
);

-- How a value of an option is shown beside its name: a colour such as #c99a3f.
ALTER TABLE option_values ADD COLUMN swatch_color text CHECK (swatch_color ~ '^#[0-9a-f]{6}$');
