package postgres

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/paging"
	"github.com/soukhq/souk/internal/totals"
	"github.com/soukhq/souk/subgraphs/checkout"
)

// orderRow is a row of orders with its lines, read and written as one JSON object.
type orderRow struct {
	ID           uuid.UUID          `json:"id"`
	Number       int64              `json:"number"`
	CheckoutID   uuid.UUID          `json:"checkout_id"`
	CompletionID uuid.UUID          `json:"completion_id"`
	CartID       uuid.UUID          `json:"cart_id"`
	Customer     *string            `json:"customer"`
	State        string             `json:"state"`
	Currency     string             `json:"currency"`
	Contact      checkout.Contact   `json:"contact"`
	Cost         checkout.OrderCost `json:"cost"`
	Authorized   int64              `json:"authorized"`
	Captured     int64              `json:"captured"`
	Refunded     int64              `json:"refunded"`
	Voided       int64              `json:"voided"`
	TokenHash    *string            `json:"token_hash"` // as PostgreSQL writes bytes: \x and hexadecimal digits
	PlacedAt     time.Time          `json:"placed_at"`
	Lines        []orderLineRow     `json:"lines,omitempty"`
}

// orderLineRow is a row of order_lines.
type orderLineRow struct {
	ID       uuid.UUID          `json:"id"`
	OrderID  uuid.UUID          `json:"order_id"`
	Position int                `json:"position"`
	Goods    checkout.Goods     `json:"goods"`
	Total    totals.Taxed       `json:"total"`
	TaxLines []checkout.TaxLine `json:"tax_lines"`
	Quantity int                `json:"quantity"`
	Sent     int                `json:"sent"`
	Returned int                `json:"returned"`
}

// orderWithLines is an order o as one JSON object.
const orderWithLines = `to_jsonb(o) || jsonb_build_object('lines',
  (SELECT jsonb_agg(to_jsonb(l) ORDER BY l.position) FROM order_lines l WHERE l.order_id = o.id))`

const selectOrders = `SELECT ` + orderWithLines + ` FROM orders o WHERE id = ANY($1::uuid[])`

func (s store) Orders(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*checkout.Order, error) {
	found := make(map[uuid.UUID]*checkout.Order, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	rows, err := readAll[orderRow](ctx, s.db, selectOrders, array(ids))
	if err != nil {
		return nil, fmt.Errorf("read orders: %w", err)
	}
	for _, r := range rows {
		if found[r.ID], err = r.order(); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// The page is one row, so that there is one on an empty page too. $2 and $3 are the ids between which it lies, $4 is
// whether it is read from the highest id downwards, $5 its size. Ids rise with time (rule G-1).
const selectPage = `WITH mine AS (SELECT id FROM orders WHERE customer = $1),
page AS (
  SELECT id FROM mine WHERE ($2::uuid IS NULL OR id > $2::uuid) AND ($3::uuid IS NULL OR id < $3::uuid)
  ORDER BY CASE WHEN $4::boolean THEN id END DESC, id LIMIT $5::bigint)
SELECT jsonb_build_object(
  'total', (SELECT count(*) FROM (SELECT FROM mine LIMIT $6::bigint + 1) counted),
  'older', EXISTS (SELECT FROM mine WHERE coalesce(id < coalesce((SELECT id FROM page ORDER BY id LIMIT 1), $3::uuid), true)),
  'newer', EXISTS (SELECT FROM mine WHERE coalesce(id > (SELECT id FROM page ORDER BY id DESC LIMIT 1), id >= $3::uuid)),
  'orders', (SELECT jsonb_agg(` + orderWithLines + ` ORDER BY id) FROM orders o WHERE id IN (SELECT id FROM page)))`

// countedOrders is how far the orders of a customer are counted (rule G-5).
const countedOrders = 10_000

func (s store) OrdersOf(ctx context.Context, customer string, oldest bool, args paging.Args) (paging.Page[*checkout.Order], error) {
	var none paging.Page[*checkout.Order]
	list := "orders of " + customer
	size, backward, err := args.Size()
	if err != nil {
		return none, err
	}
	above, below := args.Before, args.After // Ids fall along the list.
	if oldest {
		above, below = below, above
	}
	from, err := readPlace(list, above, args)
	if err != nil {
		return none, err
	}
	to, err := readPlace(list, below, args)
	if err != nil {
		return none, err
	}
	type pageRow struct {
		Total        int
		Older, Newer bool
		Orders       []orderRow
	}
	rows, err := readAll[pageRow](ctx, s.db, selectPage, customer, from, to, backward == oldest, size, countedOrders)
	if err != nil {
		return none, fmt.Errorf("read orders of customer: %w", err)
	}
	r := rows[0]
	page := paging.Page[*checkout.Order]{HasNext: r.Older, HasPrevious: r.Newer, Total: r.Total}
	if oldest {
		page.HasNext, page.HasPrevious = r.Newer, r.Older
	} else {
		slices.Reverse(r.Orders)
	}
	for _, row := range r.Orders {
		o, err := row.order()
		if err != nil {
			return none, err
		}
		page.Items, page.Cursors = append(page.Items, o), append(page.Cursors, paging.Cursor(list, row.ID.String()))
	}
	return page, nil
}

// readPlace reads the id to which one of the cursors points; nil for none.
func readPlace(list string, cursor *string, args paging.Args) (*string, error) {
	if cursor == nil {
		return nil, nil
	}
	argument := "after"
	if cursor == args.Before {
		argument = "before"
	}
	values, ok := paging.Read(list, *cursor)
	if !ok || len(values) != 1 {
		return nil, paging.InvalidCursor(argument)
	}
	if _, err := uuid.Parse(values[0]); err != nil {
		return nil, paging.InvalidCursor(argument)
	}
	return &values[0], nil
}

const selectNumber = `SELECT nextval('order_numbers')`

// nextOrderNumber takes a number; one whose transaction fails is never used (rule O-11).
func nextOrderNumber(ctx context.Context, tx *database.Tx) (int64, error) {
	var n int64
	if err := tx.Get(ctx, &n, selectNumber); err != nil {
		return 0, fmt.Errorf("take order number: %w", err)
	}
	return n, nil
}

const (
	orderColumns = `id, number, checkout_id, completion_id, cart_id, customer, state, currency, contact, cost, authorized, captured,
  refunded, voided, token_hash, placed_at`
	insertOneOrder = `INSERT INTO orders (` + orderColumns + `) SELECT ` + orderColumns + `
FROM jsonb_populate_record(NULL::orders, $1::jsonb)`
	lineColumns      = `id, order_id, position, goods, total, tax_lines, quantity, sent, returned`
	insertOrderLines = `INSERT INTO order_lines (` + lineColumns + `) SELECT ` + lineColumns + `
FROM jsonb_populate_recordset(NULL::order_lines, $1::jsonb)`
)

// The constraints that keep a cart and a completion from having two orders (rule O-1).
const (
	ordersOfCart       = "orders_of_cart"
	ordersOfCompletion = "orders_of_completion"
)

// insertOrder keeps a new order with its lines.
func insertOrder(ctx context.Context, tx *database.Tx, o *checkout.Order) error {
	if _, err := write(ctx, tx, insertOneOrder, rowOfOrder(o)); err != nil {
		return fmt.Errorf("insert order: %w", err)
	}
	lines := make([]orderLineRow, len(o.Lines))
	for i, l := range o.Lines {
		lines[i] = orderLineRow{
			ID: l.UUID, OrderID: o.UUID, Position: i + 1, Goods: l.Goods, Total: l.Total, TaxLines: l.TaxLines, Quantity: l.Quantity,
			Sent: l.Sent, Returned: l.Returned,
		}
	}
	if _, err := write(ctx, tx, insertOrderLines, lines); err != nil {
		return fmt.Errorf("insert order lines: %w", err)
	}
	return nil
}

func rowOfOrder(o *checkout.Order) orderRow {
	r := orderRow{
		ID: o.UUID, Number: o.Serial, CheckoutID: o.CheckoutUUID, CompletionID: o.CompletionUUID, CartID: o.CartUUID,
		Customer: optional(o.Customer), State: o.State, Currency: o.CurrencyCode, Contact: o.Contact, Cost: o.Cost,
		Authorized: o.Payment.Authorized, Captured: o.Payment.Captured, Refunded: o.Payment.Refunded, Voided: o.Payment.Voided,
		PlacedAt: o.PlacedAt,
	}
	if o.TokenHash != nil {
		text := `\x` + hex.EncodeToString(o.TokenHash)
		r.TokenHash = &text
	}
	return r
}

func (r orderRow) order() (*checkout.Order, error) {
	o := &checkout.Order{
		UUID: r.ID, Serial: r.Number, CheckoutUUID: r.CheckoutID, CompletionUUID: r.CompletionID, CartUUID: r.CartID,
		Customer: given(r.Customer), State: r.State, CurrencyCode: r.Currency, Contact: r.Contact, Cost: r.Cost,
		Payment:  checkout.Paid{Authorized: r.Authorized, Captured: r.Captured, Refunded: r.Refunded, Voided: r.Voided},
		PlacedAt: r.PlacedAt.UTC(), Lines: make([]checkout.OrderLine, len(r.Lines)),
	}
	if r.TokenHash != nil {
		hash, err := hex.DecodeString(strings.TrimPrefix(*r.TokenHash, `\x`))
		if err != nil {
			return nil, fmt.Errorf("read token hash of order: %w", err)
		}
		o.TokenHash = hash
	}
	for i, l := range r.Lines {
		o.Lines[i] = checkout.OrderLine{UUID: l.ID, Goods: l.Goods, Total: l.Total, TaxLines: l.TaxLines, Sent: l.Sent, Returned: l.Returned}
	}
	return o, nil
}
