package totals

import (
	"math"
	"math/bits"

	"github.com/soukhq/souk/internal/money"
)

// Rate is a tax rate in parts per million of the net amount, which is a percentage with four decimals: 190000 is 19 %
// (rule M-6).
type Rate int64

// whole is a rate of 100 %.
const whole Rate = 1_000_000

// MaxRate is the highest rate: 1000 %.
const MaxRate = 10 * whole

// taxed splits an amount into net and tax with one rounding (rule T-1).
func (in Input) taxed(amount money.Money, rate Rate) (Taxed, error) {
	if amount.Minor < 0 || rate < 0 || rate > MaxRate {
		return Taxed{}, ErrInput
	}
	denominator := whole
	if in.Inclusive {
		denominator += rate
	}
	minor, err := part(amount.Minor, rate, denominator)
	if err != nil {
		return Taxed{}, err
	}
	tax := money.Money{Minor: minor, Currency: in.Currency}
	if in.Inclusive {
		return Taxed{Gross: amount, Net: money.Money{Minor: amount.Minor - minor, Currency: in.Currency}, Tax: tax}, nil
	}
	gross, err := amount.Add(tax)
	return Taxed{Gross: gross, Net: amount, Tax: tax}, err
}

// part returns amount × numerator ÷ denominator, rounded to the nearest whole number and half away from zero (rule M-4).
// None is negative. The error is money.ErrRange.
func part(amount int64, numerator, denominator Rate) (int64, error) {
	high, low := bits.Mul64(uint64(amount), uint64(numerator))
	if high >= uint64(denominator) {
		return 0, money.ErrRange
	}
	quotient, rest := bits.Div64(high, low, uint64(denominator))
	if quotient >= math.MaxInt64 {
		return 0, money.ErrRange
	}
	if rest >= uint64(denominator)-rest {
		quotient++
	}
	return int64(quotient), nil
}
