-- +goose Up

-- The variants of which a piece can be sold by their figures, summed over locations (rule I-1): lists need not sum. A trigger
-- keeps it. Whoever changes the stock of a variant locks all its rows first, so two do not count at once; there is no foreign
-- key, since it would have them wait for changes of variants, too.
CREATE TABLE in_stock (variant_id uuid PRIMARY KEY);

-- +goose StatementBegin
CREATE FUNCTION count_stock() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    counted uuid := coalesce(NEW.variant_id, OLD.variant_id);
BEGIN
    IF (SELECT sum(on_hand - allocated - held - safety + backorder_limit) FROM stock WHERE variant_id = counted) >= 1 THEN
        INSERT INTO in_stock (variant_id) VALUES (counted) ON CONFLICT DO NOTHING;
    ELSE
        DELETE FROM in_stock WHERE variant_id = counted;
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER count_stock AFTER INSERT OR UPDATE OR DELETE ON stock FOR EACH ROW EXECUTE FUNCTION count_stock();

INSERT INTO in_stock (variant_id)
SELECT variant_id FROM stock GROUP BY variant_id HAVING sum(on_hand - allocated - held - safety + backorder_limit) >= 1;
