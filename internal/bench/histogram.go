package main

import (
	"math/bits"
	"time"
)

// fine is how many bits of a duration a histogram keeps: it is exact to 1/64.
const fine = 6

// histogram counts durations in buckets whose width grows with the duration.
type histogram struct {
	counts [(64 - fine + 1) << fine]int64
	total  int64
}

func (h *histogram) add(d time.Duration) {
	h.counts[bucket(uint64(max(d, 0)))]++
	h.total++
}

// bucket returns where a number of nanoseconds is counted.
func bucket(ns uint64) int {
	shift := max(bits.Len64(ns)-fine-1, 0)
	return shift<<fine + int(ns>>shift)
}

// merge adds all counts of another histogram.
func (h *histogram) merge(o *histogram) {
	for i, n := range o.counts {
		h.counts[i] += n
	}
	h.total += o.total
}

// quantile returns the least duration that the part q of all durations does not exceed, rounded down to its bucket.
func (h *histogram) quantile(q float64) time.Duration {
	left := int64(q * float64(h.total))
	for i, n := range h.counts {
		if left -= n; left < 0 {
			shift := max(i>>fine-1, 0)
			return time.Duration(i-shift<<fine) << shift
		}
	}
	return 0
}
