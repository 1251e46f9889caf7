-- +goose Up

-- Products that were there before there was a log are told, each as it is now: the data are those of product.updated.v1. The
-- functions are for this statement only.

-- +goose StatementBegin
CREATE FUNCTION told_amount(amount bigint, currency text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT round(amount / 10::numeric ^ digits, digits)::text FROM (SELECT CASE
        WHEN currency IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') THEN 0
        WHEN currency IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 3
        WHEN currency IN ('CLF', 'UYW') THEN 4
        ELSE 2 END) AS exponent(digits)
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION told_instant(at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT regexp_replace(to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '\.?0+Z$', 'Z')
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION told_image(i images) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN i.id IS NOT NULL THEN jsonb_build_object('source', i.source, 'alt', i.alt, 'width', i.width, 'height', i.height) END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION told_id() RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT (substr(ms, 1, 8) || '-' || substr(ms, 9, 4) || '-7' || substr(random::text, 16))::uuid
    FROM (SELECT lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') AS ms, gen_random_uuid() AS random) x
$$;
-- +goose StatementEnd

WITH first_image AS (
    SELECT DISTINCT ON (product_id) * FROM images ORDER BY product_id, position
), chosen AS (
    SELECT v.id, jsonb_agg(jsonb_build_object('name', o.name, 'value', x.name) ORDER BY o.position) AS options,
        string_agg(x.name, ' / ' ORDER BY o.position) AS title
    FROM variants v JOIN option_values x ON x.id = ANY (v.value_ids) JOIN options o ON o.id = x.option_id
    GROUP BY v.id
), priced AS (
    SELECT variant_id, jsonb_agg(jsonb_build_object(
        'priceId', id, 'currencyCode', currency, 'amount', told_amount(amount, currency), 'compareAt', told_amount(compare_at, currency),
        'validFrom', told_instant(valid_from), 'validUntil', told_instant(valid_until)) ORDER BY currency, valid_from, id) AS prices
    FROM prices WHERE valid_until IS NULL OR valid_until > now()
    GROUP BY variant_id
), stored AS (
    SELECT variant_id, sum(version) AS version, sum(on_hand - allocated - held - safety) AS available, sum(backorder_limit) AS backorder_limit
    FROM stock GROUP BY variant_id
), forms AS (
    SELECT v.product_id, jsonb_agg(jsonb_build_object(
        'variantId', 'gid://souk/ProductVariant/' || v.id, 'title', coalesce(c.title, 'Default Title'), 'sku', v.sku, 'barcode', v.barcode,
        'selectedOptions', coalesce(c.options, '[]'), 'image', coalesce(told_image(own), told_image(first)),
        'requiresShipping', v.requires_shipping, 'taxClass', v.tax_class, 'weightGrams', coalesce((v.weight_mg + 500) / 1000, 0),
        'weight', CASE WHEN v.weight_mg IS NOT NULL THEN jsonb_build_object('unit', v.weight_unit, 'value', round(v.weight_mg / 1000.0
            / CASE v.weight_unit WHEN 'GRAMS' THEN 1 WHEN 'KILOGRAMS' THEN 1000 WHEN 'OUNCES' THEN 28.349523125 ELSE 453.59237 END, 4)) END,
        'prices', coalesce(p.prices, '[]'), 'stock', jsonb_build_object('version', coalesce(s.version, 0), 'tracked', v.tracked,
            'available', coalesce(s.available, 0), 'backorderLimit', coalesce(s.backorder_limit, 0))) ORDER BY v.position) AS variants
    FROM variants v LEFT JOIN chosen c ON c.id = v.id LEFT JOIN priced p ON p.variant_id = v.id LEFT JOIN stored s ON s.variant_id = v.id
        LEFT JOIN images own ON own.id = v.image_id LEFT JOIN first_image f ON f.product_id = v.product_id
        LEFT JOIN images first ON first.id = f.id
    GROUP BY v.product_id
), told AS (
    SELECT told_id() AS id, 'gid://souk/Product/' || p.id AS subject, p.version, jsonb_build_object(
        'productId', 'gid://souk/Product/' || p.id, 'version', p.version, 'handle', p.handle, 'title', p.title,
        'descriptionHtml', p.description_html, 'vendor', coalesce(p.vendor, ''), 'productType', coalesce(p.product_type, ''), 'tags', to_jsonb(p.tags), 'publishedAt', told_instant(p.published_at),
        'createdAt', told_instant(p.created_at), 'updatedAt', told_instant(p.updated_at), 'image', told_image(i),
        'variants', coalesce(f.variants, '[]')) AS data
    FROM products p LEFT JOIN forms f ON f.product_id = p.id LEFT JOIN first_image x ON x.product_id = p.id LEFT JOIN images i ON i.id = x.id
    ORDER BY p.id
)
INSERT INTO outbox (id, subject, version, event)
SELECT id, subject, version, jsonb_build_object('specversion', '1.0', 'id', id, 'source', '/product', 'type', 'product.updated.v1',
    'subject', subject, 'time', told_instant(now()), 'aggregateVersion', version, 'data', data)
FROM told;

DROP FUNCTION told_amount, told_instant, told_image, told_id;
