package money_test

import (
	"errors"
	"math"
	"testing"

	"github.com/soukhq/souk/internal/money"
	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		decimal, currency string
		minor             int64
		amount            string
		err               error
	}{
		{"12.5", "EUR", 1250, "12.50", nil},
		{"0.05", "EUR", 5, "0.05", nil},
		{"-0.05", "EUR", -5, "-0.05", nil},
		{"5", "JPY", 5, "5", nil},
		{"5.00", "JPY", 5, "5", nil},
		{"1.25", "BHD", 1250, "1.250", nil},
		{"0.0001", "CLF", 1, "0.0001", nil},
		{"92233720368547758.07", "EUR", math.MaxInt64, "92233720368547758.07", nil},
		{"12.505", "EUR", 0, "", money.ErrPrecision},
		{"0.5", "JPY", 0, "", money.ErrPrecision},
		{"", "EUR", 0, "", money.ErrSyntax},
		{".5", "EUR", 0, "", money.ErrSyntax},
		{"5.", "EUR", 0, "", money.ErrSyntax},
		{"1e3", "EUR", 0, "", money.ErrSyntax},
		{"1,5", "EUR", 0, "", money.ErrSyntax},
		{"+1", "EUR", 0, "", money.ErrSyntax},
		{"92233720368547758.08", "EUR", 0, "", money.ErrRange},
		{"1", "eur", 0, "", money.ErrCurrency},
		{"1", "", 0, "", money.ErrCurrency},
	} {
		got, err := money.Parse(c.decimal, c.currency)
		if !errors.Is(err, c.err) {
			t.Errorf("Parse(%q, %q) error = %v, want %v", c.decimal, c.currency, err, c.err)
			continue
		}
		if err == nil && (got.Minor != c.minor || got.Amount() != c.amount) {
			t.Errorf("Parse(%q, %q) = %d, %q, want %d, %q", c.decimal, c.currency, got.Minor, got.Amount(), c.minor, c.amount)
		}
	}
}

func TestAmountReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := money.Money{Minor: rapid.Int64Min(math.MinInt64+1).Draw(t, "minor"), Currency: rapid.SampledFrom([]string{"EUR", "JPY", "BHD", "CLF"}).Draw(t, "currency")}
		got, err := money.Parse(m.Amount(), m.Currency)
		if err != nil || got != m {
			t.Fatalf("Parse(%q) = %v, %v, want %v", m.Amount(), got, err, m)
		}
	})
}

func TestArithmeticChecksOverflow(t *testing.T) {
	t.Parallel()
	top := money.Money{Minor: math.MaxInt64, Currency: "EUR"}
	one := money.Money{Minor: 1, Currency: "EUR"}
	if _, err := top.Add(one); !errors.Is(err, money.ErrRange) {
		t.Errorf("Add beyond the largest amount: error = %v, want ErrRange", err)
	}
	if _, err := top.Times(2); !errors.Is(err, money.ErrRange) {
		t.Errorf("Times beyond the largest amount: error = %v, want ErrRange", err)
	}
	if got, err := one.Times(999_999); err != nil || got.Minor != 999_999 {
		t.Errorf("Times(999999) = %v, %v", got, err)
	}
	defer func() {
		if recover() == nil {
			t.Error("adding different currencies did not panic (M-1)")
		}
	}()
	_, _ = one.Add(money.Money{Minor: 1, Currency: "USD"})
}
