package healthcheck

import (
	"fmt"
	"time"
)

// A State is what is known about an endpoint.
type State uint8

// The states. An endpoint starts from the zero value.
const (
	Unknown State = iota // not decided yet; counts as healthy
	Up
	Down
)

// String returns the word for the state in log lines.
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

// A machine turns results into a State. It has no clock: times come with the
// results.
//
//	                                   Fall reached: failures in a row
//	undecided --- pass ----------> up ----------------------------------> down
//	    |                          ^  <---------------------------------- ^
//	    |                              Rise reached: passes in a row      |
//	    +------- fail, fail ----------------------------------------------+
//
// A result that agrees with the state resets count. An inconclusive one changes nothing
// but inconclusives. The state of an undecided machine is Unknown or, if the check of
// an endpoint was changed, the state that the old check had found. An endpoint that goes
// up and down again and again needs ever more passes (Spec.Damping).
type machine struct {
	state         State
	decided       bool
	factor        uint8     // multiplies Rise.Count (damping); 0 means 1
	count         int       // results in a row against state, or failures while undecided
	since         time.Time // when the probe of the first of them began
	counted       time.Time // when that probe ended
	cameUp        time.Time // when it last went from Down to Up, or zero
	inconclusives int       // inconclusive results in a row
}

// undecidedFall is how many failures in a row make an undecided endpoint Down.
const undecidedFall = 2

// maxFactor is the largest factor of damping.
const maxFactor = 32

// conditions are what a decision depends on, besides results.
type conditions struct {
	undamped  bool      // damping is suspended; see Lease.Need
	witnessed time.Time // when the last passed probe of a witness began; zero if there is no witness
}

// confirm reports whether this server reached a witness after a failure.
func (c conditions) confirm(failed time.Time) bool {
	return c.witnessed.IsZero() || c.witnessed.After(failed)
}

// observe applies the result of a probe that ran from start to end. changed reports
// whether the state changed; then why is the reason, such as "5 failures in 3.1s".
func (m *machine) observe(s *Spec, c conditions, r Result, start, end time.Time) (why string, changed bool) {
	says := Up
	if r == Fail {
		says = Down
	}
	if r == Inconclusive {
		m.inconclusives++
		return "", false
	}
	m.inconclusives = 0
	switch {
	case m.decided && says == m.state:
		m.count = 0
		return "", false
	case !m.decided && says == Up:
		m.forget() // failures
	}
	if m.count == 0 {
		m.since, m.counted = start, end
	}
	m.count++
	span := end.Sub(m.since)
	if !m.threshold(s, c, says).reached(m.count, span) {
		return "", false
	}
	if says == Down && !c.confirm(m.counted) {
		return "", false // perhaps this server is cut off
	}
	return inWords(m.count, r, span), m.decide(s, says, end)
}

// threshold returns what has to be reached before the state becomes next.
func (m *machine) threshold(s *Spec, c conditions, next State) Threshold {
	switch {
	case m.decided && next == Down:
		return s.Fall
	case m.decided && !c.undamped:
		return Threshold{Count: s.Rise.Count * int(max(1, m.factor)), For: s.Rise.For}
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

// decide sets the state and reports whether that changed it.
func (m *machine) decide(s *Spec, next State, at time.Time) (changed bool) {
	was := *m
	*m = machine{state: next, decided: true, cameUp: was.cameUp, factor: was.factor}
	switch {
	case was.state == Down && next == Up:
		m.cameUp = at
	case next == Down && s.dampens(at.Sub(was.cameUp)) && !was.cameUp.IsZero():
		m.factor = min(maxFactor, 2*max(1, was.factor))
	case next == Down:
		m.factor = 1
	}
	return was.state != next
}

// dampens reports whether an endpoint that was up only for so long needs more passes next
// time.
func (s *Spec) dampens(up time.Duration) bool { return s.Damping > 0 && up <= s.Damping }

// forget resets count and keeps the state.
func (m *machine) forget() { m.count = 0 }

// fastPace reports whether the next probe is to confirm a failure, after FastInterval.
func (m *machine) fastPace() bool {
	return m.count > 0 && (!m.decided || m.state != Down)
}

// agrees reports whether the last conclusive result agreed with a decided state.
func (m *machine) agrees() bool { return m.decided && m.count == 0 }

// inconclusive reports whether the last results were all inconclusive, as many as Fall
// counts.
func (m *machine) inconclusive(s *Spec) bool {
	return m.inconclusives > 0 && m.inconclusives >= s.Fall.Count
}

// settled reports whether no result is awaited that could change the state: the last one
// agreed with it, or the check is inconclusive.
func (m *machine) settled(s *Spec) bool { return m.agrees() || m.count == 0 && m.inconclusive(s) }

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
