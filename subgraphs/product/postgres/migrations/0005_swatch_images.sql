-- +goose Up

-- A picture of the product that stands for a value of an option.
ALTER TABLE option_values ADD COLUMN swatch_image_id uuid REFERENCES images ON DELETE SET NULL;
CREATE INDEX option_values_by_image ON option_values (swatch_image_id) WHERE swatch_image_id IS NOT NULL;
