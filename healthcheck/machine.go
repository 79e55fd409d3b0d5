package healthcheck

import (
	"fmt"
	"time"
)

// A State is what is known of an endpoint.
type State uint8

// The states. The zero value is what an endpoint starts from.
const (
	Unknown State = iota // no decision yet; counts as healthy
	Up
	Down
)

// String returns the state's word in log lines.
func (s State) String() string {
	switch s {
	case Up:
		return "up"
	case Down:
		return "down"
	default:
		return "unknown"
	}
}

// Healthy reports whether an endpoint in this state may be served. Unknown
// counts as healthy, so that a start never empties an answer.
func (s State) Healthy() bool { return s != Down }

// A Result is the outcome of one probe.
type Result uint8

// The results.
const (
	Pass Result = iota
	Fail
	CouldNotAsk // says nothing about the target
)

// String returns the result's word in metrics.
func (r Result) String() string {
	switch r {
	case Pass:
		return "pass"
	case Fail:
		return "fail"
	default:
		return "unknown"
	}
}

// A machine turns results into a State. It has no clock: times come with the
// results.
//
//	                                   Fall reached: failures in a row
//	undecided --- pass ----------> up ----------------------------------> down
//	    |                          ^  <---------------------------------- ^
//	    |                              Rise reached: passes in a row      |
//	    +------- fail, fail ----------------------------------------------+
//
// A result of the other kind starts the counting anew; one that could not ask
// changes nothing anywhere. An undecided machine shows Unknown or, if it
// carries on for an endpoint whose check was changed, the state that the old
// check had found.
type machine struct {
	state   State
	decided bool
	count   int       // results in a row that speak against state, or against Up while undecided
	since   time.Time // when the probe of the first of them began
}

// undecidedFall is how many failures in a row decide before anything is known.
const undecidedFall = 2

// observe takes the result of one probe and reports whether the state changed,
// and then why, such as "5 failures in 3.1s".
func (m *machine) observe(s *Spec, r Result, start, end time.Time) (why string, changed bool) {
	says := Up
	if r == Fail {
		says = Down
	}
	switch {
	case r == CouldNotAsk:
		return "", false
	case m.decided && says == m.state:
		m.count = 0
		return "", false
	case m.count == 0:
		m.since = start
	}
	m.count++
	if span := end.Sub(m.since); m.threshold(s, says).reached(m.count, span) {
		return inWords(m.count, r, span), m.settle(says)
	}
	return "", false
}

// threshold is what has to be reached before the state becomes next.
func (m *machine) threshold(s *Spec, next State) Threshold {
	switch {
	case m.decided && next == Down:
		return s.Fall
	case m.decided:
		return s.Rise
	case next == Down:
		return Threshold{Count: undecidedFall}
	default:
		return Threshold{Count: 1}
	}
}

func (t Threshold) reached(count int, span time.Duration) bool {
	return count >= t.Count && span >= t.For
}

// settle decides for a state and reports whether it is another than before.
func (m *machine) settle(next State) bool {
	changed := m.state != next
	*m = machine{state: next, decided: true}
	return changed
}

// hurry reports whether a failure waits to be confirmed, which is done at the
// FastInterval of the Spec.
func (m *machine) hurry() bool {
	return m.count > 0 && !(m.decided && m.state == Down)
}

func inWords(count int, r Result, span time.Duration) string {
	one, many := "pass", "passes"
	if r == Fail {
		one, many = "failure", "failures"
	}
	if count == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s in %s", count, many, span.Round(time.Millisecond))
}
