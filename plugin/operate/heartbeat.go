package operate

import (
	"slices"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
)

// Heartbeats calls f with when each heartbeat that is checked has beaten last.
func (o *Operator) Heartbeats(f func(name string, at time.Time)) {
	beats := probe.Beats()
	for _, name := range o.heartbeats() {
		if b, ok := beats[name]; ok {
			f(name, b.Time)
		}
	}
}

// heartbeats returns the names of those that are checked, by any generation.
func (o *Operator) heartbeats() (names []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, g := range o.opened {
		names = append(names, g.config.Heartbeats...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// beat takes in a beat, a failed one if err is not nil. It returns false if no check has
// such a heartbeat. A beat that changes a result is probed now.
func (o *Operator) beat(name string, err error) bool {
	if !slices.Contains(o.heartbeats(), name) {
		return false
	}
	b := probe.Beat{Time: o.registry.Clock().Now()}
	if err != nil {
		b.Failure = err.Error()
	}
	if probe.SetBeat(name, b) {
		o.registry.Wake(func(c healthcheck.Check) bool {
			h, ok := c.(probe.Heartbeat)
			return ok && h.Name == name
		})
	}
	o.changed()
	return true
}
