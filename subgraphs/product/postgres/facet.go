package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/subgraphs/product"
)

// whole is the bit of what misses nothing.
const whole = int64(1) << 62

// facetQuery counts all facets of some lists in one statement (rule S-6). Each facet that is filtered by has a bit: an offer
// misses those whose filters do not let it pass. It counts for a facet where it misses none but that one: what misses two
// reaches nothing, what misses one reaches its facet, what misses none reaches all, the bit whole too. Lists and products of
// lists are numbered, since small numbers are grouped fast. Parts: the products of a list, what products miss, what offers miss,
// the bits that show for availability, for prices and for all options, and the counts.
const facetQuery = `
WITH listed AS MATERIALIZED (
	SELECT o.k::integer, row_number() OVER ()::integer AS n, p.id AS product, 0::bigint%[2]s AS missed
	FROM unnest($1::uuid[]) WITH ORDINALITY o(id, k) CROSS JOIN %[1]s
), offered AS (
	SELECT l.k, l.n, v.choice_ids, c.amount, NOT v.tracked OR i.variant_id IS NOT NULL AS available, l.missed
	FROM listed l JOIN variants v ON v.product_id = l.product
	JOIN prices c ON c.variant_id = v.id AND c.currency = $2 AND ` + validAt + `
	LEFT JOIN in_stock i ON i.variant_id = v.id
), near AS MATERIALIZED (
	SELECT k, n, choice_ids, amount, available, CASE miss WHEN 0 THEN -1 ELSE miss END AS reach
	FROM (SELECT *, missed%[3]s AS miss FROM offered OFFSET 0) x WHERE miss & (miss - 1) = 0
), hits AS MATERIALIZED (
	SELECT n, bit_or(reach) AS reach, bool_or(available AND reach & %[4]d <> 0) AS there, bool_or(NOT available AND reach & %[4]d <> 0) AS gone,
		min(amount) FILTER (WHERE reach & %[5]d <> 0) AS lowest, max(amount) FILTER (WHERE reach & %[5]d <> 0) AS highest
	FROM near GROUP BY n
), forms AS (
	SELECT k, n, choice, bit_or(reach) AS reach
	FROM (SELECT k, n, unnest(choice_ids) AS choice, reach FROM near WHERE reach & %[6]d <> 0) x GROUP BY k, n, choice
)
%[7]s`

// Counts of facetQuery: each returns the number of the list, kind, option, value, count, lowest and highest price, and the choice.
const (
	// countTexts counts the values of products: kind, value, bits, source of the value.
	countTexts = `
SELECT l.k, %[1]d AS kind, '' AS option, %[2]s COLLATE "C" AS value, count(DISTINCT l.n) AS n, 0::bigint AS lowest, 0::bigint AS highest, 0 AS choice
FROM hits h JOIN listed l ON l.n = h.n JOIN products p ON p.id = l.product%[4]s WHERE h.reach & %[3]d <> 0 AND %[2]s IS NOT NULL GROUP BY l.k, %[2]s`

	countAvailable = `
SELECT l.k, %[1]d, '', '%[2]s', count(*), 0, 0, 0 FROM hits h JOIN listed l ON l.n = h.n WHERE %[3]s GROUP BY l.k`

	countPrices = `
SELECT l.k, %[1]d, '', '', count(*), min(h.lowest), max(h.highest), 0 FROM hits h JOIN listed l ON l.n = h.n WHERE h.lowest IS NOT NULL GROUP BY l.k`

	// countChoices counts option values: kind, bits by option, the bit whole.
	countChoices = `
SELECT f.k, %[1]d, d.option, d.value, count(*), 0, 0, d.id FROM forms f JOIN choices d ON d.id = f.choice
WHERE f.reach & (CASE d.option WHEN NULL THEN 0%[2]s ELSE %[3]d END) <> 0 GROUP BY f.k, d.id`

	// listSelected lists the selected option values: kind, condition.
	listSelected = `
SELECT o.k, %[1]d, d.option, d.value, 0, 0, 0, d.id FROM unnest($1::uuid[]) WITH ORDINALITY o(id, k) CROSS JOIN choices d WHERE false%[2]s`

	// showChoices joins what choices look like where they were made first: counts.
	showChoices = `
SELECT ($1::uuid[])[n.k] AS list, n.kind, n.option, n.value, n.n, n.lowest, n.highest, o.product_id, o.id AS option_id, v.id AS value_id, v.swatch_color, i.id AS image_id, i.source, i.alt, i.width, i.height
FROM (%s) n
LEFT JOIN LATERAL (SELECT v.* FROM option_values v WHERE v.choice_id = n.choice ORDER BY v.id LIMIT 1) v ON true
LEFT JOIN options o ON o.id = v.option_id LEFT JOIN images i ON i.id = v.swatch_image_id`
)

type facetRow struct {
	List      uuid.UUID
	Kind      product.FacetKind
	Option    string
	Value     string
	N         int
	Lowest    int64
	Highest   int64
	ProductID uuid.NullUUID `db:"product_id"`
	OptionID  uuid.NullUUID `db:"option_id"`
	ValueID   uuid.NullUUID `db:"value_id"`
	Swatch    *string       `db:"swatch_color"`
	ImageID   uuid.NullUUID `db:"image_id"`
	Source    *string
	Alt       *string
	Width     *int
	Height    *int
}

func (s store) ProductFacets(ctx context.Context, view product.View, filters product.Filters) ([]product.Facet, error) {
	facets, err := s.facets(ctx, view, theOnly, published, filters)
	return facets[uuid.Nil], err
}

func (s store) MemberFacets(ctx context.Context, view product.View, keys []uuid.UUID, filters product.Filters) (map[uuid.UUID][]product.Facet, error) {
	const source = `collection_members m CROSS JOIN ` + published + ` AND m.collection_id = o.id AND m.product_id = p.id`
	return s.facets(ctx, view, keys, source, filters)
}

// facets counts the facets of some lists. Choices that are selected are asked for too where nothing has them: for their names.
func (s store) facets(ctx context.Context, view product.View, lists []uuid.UUID, source string, filters product.Filters) (map[uuid.UUID][]product.Facet, error) {
	counted := map[uuid.UUID]*facetList{}
	for _, list := range lists {
		counted[list] = &facetList{at: map[facetPlace]int{}, values: map[facetPlace]int{}}
	}
	args := arguments{uuids(keysIn(counted)), view.Currency, view.At}
	query := facetStatement(source, filters, &args)
	var rows []facetRow
	if err := s.db.Select(ctx, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("count facets: %w", err)
	}
	var owners []uuid.UUID
	for _, r := range rows {
		if r.ProductID.Valid {
			owners = append(owners, r.ProductID.UUID)
		}
	}
	texts, err := readTexts(ctx, s.db, view.Languages, owners)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		counted[r.List].add(r, view.Currency, texts[r.ProductID.UUID])
	}
	language := ""
	if len(view.Languages) > 0 {
		language = view.Languages[0]
	}
	found := make(map[uuid.UUID][]product.Facet, len(lists))
	for list, c := range counted {
		found[list] = filters.Facets(c.facets, language)
	}
	return found, nil
}

// facetStatement writes facetQuery for filters.
func facetStatement(source string, filters product.Filters, args *arguments) string {
	var missed, misses, ofOption, selected strings.Builder
	bits := map[product.FacetKind]int64{}
	for i, c := range conditions(filters, columns{choices: "choice_ids", amount: "amount", available: "available"}, args) {
		bit := int64(1) << i
		bits[c.kind] |= bit
		by := &missed
		if c.ofVariant {
			by = &misses
		}
		fmt.Fprintf(by, " | CASE WHEN %s THEN 0 ELSE %d END::bigint", c.sql, bit)
		if c.kind == product.ByChoice {
			name := args.add(c.option)
			fmt.Fprintf(&ofOption, " WHEN %s THEN %d", name, bit|whole)
			fmt.Fprintf(&selected, " OR d.option = %s AND d.value = ANY (%s::text[])", name, args.add(pq.Array(filters.Options()[c.option])))
		}
	}
	counts := []string{
		fmt.Sprintf(countTexts, product.ByMaker, "p.vendor", bits[product.ByMaker]|whole, ""),
		fmt.Sprintf(countTexts, product.ByProductType, "p.product_type", bits[product.ByProductType]|whole, ""),
		fmt.Sprintf(countTexts, product.ByTag, "t.tag", bits[product.ByTag]|whole, " CROSS JOIN unnest(p.tags) t(tag)"),
		fmt.Sprintf(countAvailable, product.ByAvailability, "true", "there"),
		fmt.Sprintf(countAvailable, product.ByAvailability, "false", "gone"),
		fmt.Sprintf(countPrices, product.ByPriceRange),
		fmt.Sprintf(countChoices, product.ByChoice, ofOption.String(), whole),
		fmt.Sprintf(listSelected, product.ByChoice, selected.String()),
	}
	return fmt.Sprintf(facetQuery, source, missed.String(), misses.String(), bits[product.ByAvailability]|whole, bits[product.ByPriceRange]|whole,
		bits[product.ByChoice]|whole, fmt.Sprintf(showChoices, strings.Join(counts, "\nUNION ALL")))
}

// facetList collects the facets of a list.
type facetList struct {
	facets []product.Facet
	at     map[facetPlace]int // where a facet is
	values map[facetPlace]int // where a value is in its facet
}

type facetPlace struct {
	kind          product.FacetKind
	option, value string
}

// add adds a count. Counts of one value add up.
func (l *facetList) add(r facetRow, currency string, texts map[product.Subject]string) {
	place := facetPlace{kind: r.Kind, option: r.Option}
	at, known := l.at[place]
	if !known {
		at = len(l.facets)
		l.at[place] = at
		l.facets = append(l.facets, product.Facet{Kind: r.Kind, Option: r.Option, Label: named(texts, r.OptionID, r.Option)})
	}
	facet := &l.facets[at]
	if r.Kind == product.ByPriceRange {
		facet.Range = &product.PriceRange{
			MinVariantPrice: money.Money{Minor: r.Lowest, Currency: currency}, MaxVariantPrice: money.Money{Minor: r.Highest, Currency: currency},
		}
	}
	place.value = "=" + r.Value
	if at, known := l.values[place]; known {
		facet.Values[at].Count += r.N
		return
	}
	l.values[place] = len(facet.Values)
	facet.Values = append(facet.Values, product.FacetValue{Value: r.Value, Label: named(texts, r.ValueID, r.Value), Swatch: r.swatch(texts), Count: r.N})
}

func named(texts map[product.Subject]string, key uuid.NullUUID, name string) string {
	if text, there := texts[product.Subject{Key: key.UUID, Field: product.FieldName}]; there {
		return text
	}
	return name
}

func (r facetRow) swatch(texts map[product.Subject]string) *product.Swatch {
	if r.Swatch == nil && !r.ImageID.Valid {
		return nil
	}
	swatch := &product.Swatch{Color: r.Swatch}
	if r.ImageID.Valid {
		swatch.Picture = &product.Image{Key: r.ImageID.UUID, Source: *r.Source, AltText: r.Alt, Width: r.Width, Height: r.Height}
		swatch.Picture.Translate(texts)
	}
	return swatch
}
