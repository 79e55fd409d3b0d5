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
// changes no state and no count, but that of its like in a row. An undecided machine shows Unknown or, if it
// carries on for an endpoint whose check was changed, the state that the old
// check had found. An endpoint that keeps coming up and going down needs ever
// more passes (Spec.Damping).
type machine struct {
	state         State
	decided       bool
	count         int       // results in a row that speak against state, or against Up while undecided
	since         time.Time // when the probe of the first of them began
	counted       time.Time // when it ended
	cameUp        time.Time // when it last went from Down to Up, or zero
	factor        int       // by which damping multiplies Rise.Count; 0 is 1
	inconclusives int       // results in a row that could not ask
}

// undecidedFall is how many failures in a row decide before anything is known.
const undecidedFall = 2

// maxFactor bounds what damping asks for.
const maxFactor = 32

// conditions are what a decision depends on besides the results.
type conditions struct {
	undamped  bool      // damping is suspended: the endpoint is needed
	witnessed time.Time // when the last probe began that reached a witness; zero if there is no witness
}

// confirm reports whether what failed at a time did not fail because this server
// was cut off.
func (c conditions) confirm(failed time.Time) bool {
	return c.witnessed.IsZero() || c.witnessed.After(failed)
}

// observe takes the result of one probe and reports whether the state changed,
// and then why, such as "5 failures in 3.1s".
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
		m.forget() // it counted failures
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
		return "", false // perhaps it is we who are cut off
	}
	return inWords(m.count, r, span), m.decide(s, says, end)
}

// threshold is what has to be reached before the state becomes next.
func (m *machine) threshold(s *Spec, c conditions, next State) Threshold {
	switch {
	case m.decided && next == Down:
		return s.Fall
	case m.decided && !c.undamped:
		return Threshold{Count: s.Rise.Count * max(1, m.factor), For: s.Rise.For}
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

// decide decides for a state and reports whether it is another than before.
func (m *machine) decide(s *Spec, next State, at time.Time) bool {
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

// dampens reports whether an endpoint that was up only for so long has to prove
// itself for longer next time.
func (s *Spec) dampens(up time.Duration) bool { return s.Damping > 0 && up <= s.Damping }

// forget drops what was counted; what was decided stays.
func (m *machine) forget() { m.count = 0 }

// fastPace reports whether a failure waits to be confirmed, which is done at the
// FastInterval of the Spec.
func (m *machine) fastPace() bool {
	return m.count > 0 && (!m.decided || m.state != Down)
}

// agrees reports whether nothing speaks against what was decided.
func (m *machine) agrees() bool { return m.decided && m.count == 0 }

// inconclusive reports whether so many results in a row could not ask as would
// have decided, had they been failures.
func (m *machine) inconclusive(s *Spec) bool {
	return m.inconclusives > 0 && m.inconclusives >= s.Fall.Count
}

// settled reports whether no result is awaited that could change the state: nothing
// speaks against it, or nothing can be asked.
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
