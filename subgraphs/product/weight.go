package product

import "math"

// WeightUnit is a unit of weight.
type WeightUnit string

const (
	// The units that the dialect has.
	Grams     WeightUnit = "GRAMS"
	Kilograms WeightUnit = "KILOGRAMS"
	Ounces    WeightUnit = "OUNCES"
	Pounds    WeightUnit = "POUNDS"
)

// inGrams is what one unit weighs.
var inGrams = map[WeightUnit]float64{Grams: 1, Kilograms: 1000, Ounces: 28.349523125, Pounds: 453.59237}

// Weight is a weight with the unit in which it is shown.
type Weight struct {
	Milligrams int64
	Unit       WeightUnit
}

// Value returns the number of units with at most four decimals.
func (w *Weight) Value() float64 {
	return math.Round(float64(w.Milligrams)/1000/inGrams[w.Unit]*1e4) / 1e4
}

// Grams returns the whole number of grams that is nearest.
func (w *Weight) Grams() int64 { return (w.Milligrams + 500) / 1000 }

// weight returns the weight, nil for none.
func (e *WeightEdit) weight() *Weight {
	milligrams := int64(math.Round(e.Value * inGrams[e.Unit] * 1000))
	if milligrams == 0 {
		return nil
	}
	return &Weight{Milligrams: milligrams, Unit: e.Unit}
}
