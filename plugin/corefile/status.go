package corefile

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// A statusRange is the status codes from low to high.
type statusRange struct{ low, high int }

func (c *httpCheck) readStatus(l line) error {
	var ranges []statusRange
	for _, s := range l.words[1:] {
		r, ok := readStatusRange(s)
		if !ok {
			return l.expected(s, "a status code from 100 to 599 or a range such as 200-299")
		}
		ranges = append(ranges, r)
	}
	c.Status = canonicalStatus(ranges)
	return nil
}

func readStatusRange(s string) (r statusRange, ok bool) {
	low, high, isRange := strings.Cut(s, "-")
	if !isRange {
		high = low
	}
	r.low, ok = digits(low)
	if !ok {
		return r, false
	}
	r.high, ok = digits(high)
	return r, ok && 100 <= r.low && r.low <= r.high && r.high <= 599
}

// canonicalStatus writes the ranges sorted and merged: equal sets have equal
// strings.
func canonicalStatus(ranges []statusRange) string {
	slices.SortFunc(ranges, func(a, b statusRange) int { return cmp.Compare(a.low, b.low) })
	merged := ranges[:1]
	for _, r := range ranges[1:] {
		if last := &merged[len(merged)-1]; r.low <= last.high+1 {
			last.high = max(last.high, r.high)
			continue
		}
		merged = append(merged, r)
	}
	words := make([]string, len(merged))
	for i, r := range merged {
		words[i] = r.String()
	}
	return strings.Join(words, ",")
}

func (r statusRange) String() string {
	if r.low == r.high {
		return strconv.Itoa(r.low)
	}
	return strconv.Itoa(r.low) + "-" + strconv.Itoa(r.high)
}
