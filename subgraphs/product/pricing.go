package product

import (
	"errors"
	"strconv"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/money"
)

// AmountEdit is what one piece is to cost in a currency.
type AmountEdit struct {
	CurrencyCode      string
	Amount, CompareAt *string // decimals; without an amount it is not for sale in the currency
}

// PriceEdit is what one piece of a variant is to cost in a currency.
type PriceEdit struct {
	VariantID, CurrencyCode string
	Amount, CompareAt       *string
}

// price returns the price, nil where there is to be none.
func (e *AmountEdit) price() (*Price, error) {
	amount, err := e.read(e.Amount, "amount")
	before, err2 := e.read(e.CompareAt, "compareAt")
	if err := append(place(err), place(err2)...).Err(); err != nil || amount == nil {
		return nil, err
	}
	return &Price{Key: gid.New(), Amount: *amount, CompareAt: before}, nil
}

func (e *AmountEdit) read(decimal *string, field string) (*money.Money, error) {
	if decimal == nil {
		return nil, nil
	}
	m, err := money.Parse(*decimal, e.CurrencyCode)
	switch {
	case errors.Is(err, money.ErrPrecision): // Rule M-2.
		return nil, fault.New("MONEY_PRECISION", "The amount has more decimals than its currency.", field)
	case err != nil, m.Minor < 0:
		return nil, fault.New("INVALID", "That is not an amount such as 1250.00.", field)
	}
	return &m, nil
}

// PriceChanges reads prices that are to be set. What is wrong with them is faults.
func PriceChanges(edits []*PriceEdit) ([]PriceChange, error) {
	if len(edits) > maxEdits {
		return nil, fault.New("TOO_LONG", "There are more than 250 prices.", "prices")
	}
	var faults fault.List
	changes := make([]PriceChange, len(edits))
	type offered struct {
		variant  uuid.UUID
		currency string
	}
	named := map[offered]bool{}
	for i, e := range edits {
		at := []string{"prices", strconv.Itoa(i)}
		key, ok := gid.Parse("ProductVariant", e.VariantID)
		if !ok {
			faults = append(faults, NoVariant().At(append(at, "variantId")...))
		}
		if ok && named[offered{key, e.CurrencyCode}] {
			faults.Addf("INVALID", at, "The price of this variant in this currency is there twice.")
		}
		named[offered{key, e.CurrencyCode}] = true
		price, err := (&AmountEdit{CurrencyCode: e.CurrencyCode, Amount: e.Amount, CompareAt: e.CompareAt}).price()
		faults = append(faults, place(err, at...)...)
		changes[i] = PriceChange{Variant: key, Currency: e.CurrencyCode, Price: price}
	}
	return changes, faults.Err()
}

// NoVariant is the fault of an id that is that of no variant.
func NoVariant() *fault.Error { return fault.New("NOT_FOUND", "There is no such variant.") }
