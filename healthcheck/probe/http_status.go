package probe

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// DefaultStatus is the Status where none is set.
const DefaultStatus = "200-399"

// CanonicalStatus returns the Status that accepts words, each of which is a code or a range
// of codes. Equal sets of codes have equal strings. wrong is the first word that is
// neither, or "".
func CanonicalStatus(words []string) (status, wrong string) {
	var ranges []statusRange
	for _, s := range words {
		r, ok := parseStatusRange(s)
		if !ok {
			return "", s
		}
		ranges = append(ranges, r)
	}
	slices.SortFunc(ranges, func(a, b statusRange) int { return cmp.Compare(a.low, b.low) })
	var merged []string
	for i, r := range ranges {
		if i+1 < len(ranges) && ranges[i+1].low <= r.high+1 {
			ranges[i+1] = statusRange{r.low, max(r.high, ranges[i+1].high)}
			continue
		}
		merged = append(merged, r.String())
	}
	return strings.Join(merged, ","), ""
}

// statusRanges are the accepted status codes.
type statusRanges struct {
	text   string
	ranges []statusRange
}

// A statusRange is the status codes from low to high.
type statusRange struct{ low, high int }

// parseStatus parses ranges such as "200-299,304". "" is [DefaultStatus].
func parseStatus(text string) statusRanges {
	s := statusRanges{text: cmp.Or(text, DefaultStatus)}
	for word := range strings.SplitSeq(s.text, ",") {
		r, _ := parseStatusRange(word)
		s.ranges = append(s.ranges, r)
	}
	return s
}

func parseStatusRange(s string) (r statusRange, ok bool) {
	low, high, isRange := strings.Cut(s, "-")
	if !isRange {
		high = low
	}
	r.low, ok = code(low)
	if !ok {
		return r, false
	}
	r.high, ok = code(high)
	return r, ok && 100 <= r.low && r.low <= r.high && r.high <= 599
}

// code returns the number s. ok is false if s is no number, or has a sign.
func code(s string) (n int, ok bool) {
	u, err := strconv.ParseUint(s, 10, 31)
	return int(u), err == nil
}

func (r statusRange) String() string {
	if r.low == r.high {
		return strconv.Itoa(r.low)
	}
	return strconv.Itoa(r.low) + "-" + strconv.Itoa(r.high)
}

func (s statusRanges) String() string { return s.text }

func (s statusRanges) contain(status int) bool {
	for _, r := range s.ranges {
		if r.low <= status && status <= r.high {
			return true
		}
	}
	return false
}
