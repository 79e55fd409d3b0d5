package probe

import (
	"strconv"
	"strings"
)

// statusRanges are the accepted status codes.
type statusRanges struct {
	text   string
	ranges []statusRange
}

type statusRange struct{ from, to int }

// parseStatus takes ranges such as "200-299,304". "" is the default.
func parseStatus(text string) statusRanges {
	if text == "" {
		text = "200-399"
	}
	s := statusRanges{text: text}
	for word := range strings.SplitSeq(text, ",") {
		from, to, ok := strings.Cut(word, "-")
		if !ok {
			to = from
		}
		s.ranges = append(s.ranges, statusRange{number(from), number(to)})
	}
	return s
}

// number returns 0, which no status is, for what is not a number.
func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

func (s statusRanges) String() string { return s.text }

func (s statusRanges) contain(status int) bool {
	for _, r := range s.ranges {
		if r.from <= status && status <= r.to {
			return true
		}
	}
	return false
}
