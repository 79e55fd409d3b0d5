package event

import (
	"errors"
	"sync"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

// Hooks returns the hooks of a Registry that tell subscribers what happens to its checks.
// Single probes are no events: count is called for each.
func Hooks(count func(healthcheck.Key, healthcheck.Result, time.Duration), to ...Subscriber) healthcheck.Hooks {
	var panics panicLimit
	return healthcheck.Hooks{
		Probed: func(key healthcheck.Key, r healthcheck.Result, took time.Duration, err error) {
			count(key, r, took)
			if p := (*healthcheck.PanicError)(nil); errors.As(err, &p) && panics.firstSince(key.Spec.Check, time.Now()) {
				e := ofCheck(CheckPanicked, key, p.Error())
				e.Stack = p.Stack
				tell(to, e)
			}
		},
		Changed: func(t healthcheck.Transition) {
			e := ofCheck(CheckChanged, t.Key, t.Reason)
			e.From, e.To = t.From.String(), t.To.String()
			tell(to, e)
		},
		Inconclusive: func(key healthcheck.Key, cause string) { tell(to, ofCheck(CheckInconclusive, key, cause)) },
		Frozen: func(on bool) {
			kind := Thawed
			if on {
				kind = Frozen
			}
			tell(to, Event{Kind: kind})
		},
		Delayed: func(most int64) { tell(to, Event{Kind: ProbeDelayed, Limit: most}) },
	}
}

func ofCheck(kind Kind, key healthcheck.Key, reason string) Event {
	return Event{Kind: kind, Check: key.Spec.Check.String(), Endpoint: key.Addr.String(), Reason: reason}
}

// A panicLimit has the time of the last told panic of each check. A panic is told once an
// hour, not for every probe.
type panicLimit struct {
	mu   sync.Mutex // guards the following
	last map[healthcheck.Check]time.Time
}

// firstSince reports whether no panic of the check has been told within an hour before now,
// and takes this one for told if so.
func (l *panicLimit) firstSince(c healthcheck.Check, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if last, ok := l.last[c]; ok && now.Sub(last) < time.Hour {
		return false
	}
	if l.last == nil {
		l.last = make(map[healthcheck.Check]time.Time)
	}
	l.last[c] = now
	return true
}

// Lookup returns a function that tells subscribers that lookups of a name fail or, with a
// nil error, that they succeed again.
func Lookup(to ...Subscriber) func(name string, err error) {
	return func(name string, err error) {
		e := Event{Kind: LookupRecovered, Name: name}
		if err != nil {
			e.Kind, e.Reason = LookupFailed, err.Error()
		}
		var p interface{ Trace() []byte } // of a plugin, during a lookup
		if errors.As(err, &p) {
			e.Stack = p.Trace()
		}
		tell(to, e)
	}
}
