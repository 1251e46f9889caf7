-- +goose Up

-- When the catalogue changes by itself next: results that are kept must not outlive it.
CREATE INDEX products_by_publication ON products (published_at);
CREATE INDEX prices_by_begin ON prices (currency, valid_from);
CREATE INDEX prices_by_end ON prices (currency, valid_until) WHERE valid_until IS NOT NULL;
