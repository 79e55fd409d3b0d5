package healthcheck

import "time"

// A Damping is how long an endpoint has to prove itself, as it kept coming up and going
// down. The zero value is not at all.
type Damping struct {
	CameUp time.Time `json:"came_up"` // when it last went from Down to Up
	Factor int       `json:"factor"`  // by which Rise.Count is multiplied
}

// Damping returns how the checker is damped.
func (l *Lease) Damping() Damping {
	c := l.checker
	c.mu.Lock()
	defer c.mu.Unlock()
	return Damping{CameUp: c.machine.cameUp, Factor: int(c.machine.factor)}
}

// SetDamping lets a checker that has just started be damped as an earlier one was. It
// does nothing to one that has come up itself.
func (l *Lease) SetDamping(d Damping) {
	c := l.checker
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.machine.cameUp.IsZero() && c.machine.factor == 0 {
		c.machine.cameUp, c.machine.factor = d.CameUp, uint8(min(max(d.Factor, 0), maxFactor)) // #nosec G115 -- at most 32
	}
}
