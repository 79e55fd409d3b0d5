package pool

import (
	"net/netip"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

// A Memory is what of a record outlasts the process.
type Memory struct {
	Pools     []LastPool     `json:"pools,omitempty"` // those that are down or held back
	Endpoints []LastEndpoint `json:"endpoints,omitempty"`
	MaxAge    time.Duration  `json:"-"` // for which the last state of an endpoint counts
}

// A LastPool is the last state of a pool.
type LastPool struct {
	Pool  string    `json:"pool"`
	Down  bool      `json:"down"`
	Held  bool      `json:"held"`
	Since time.Time `json:"since,omitzero"` // when it came up; zero while it is down
}

// An LastEndpoint is the last state of an address.
type LastEndpoint struct {
	Addr   netip.Addr    `json:"address"`
	State  string        `json:"state"`
	Checks []DampedCheck `json:"checks,omitempty"` // those that are damped
	Known  time.Time     `json:"known,omitzero"`   // when it was so, if an earlier process has seen it; zero is now
}

// A DampedCheck is how a check is damped.
type DampedCheck struct {
	Check string `json:"check"`
	healthcheck.Damping
}

// Aged returns what of m counts at a time, if it was saved at another. Holds count however
// old they are, but what was known of the health of a pool or an address does not.
func (m *Memory) Aged(saved, now time.Time, maxAge time.Duration) Memory {
	aged := Memory{MaxAge: maxAge}
	fresh := now.Sub(saved) <= maxAge
	for _, p := range m.Pools {
		p.Down = p.Down && fresh
		if !fresh || p.Since.After(now) {
			p.Since = time.Time{}
		}
		aged.Pools = append(aged.Pools, p)
	}
	for _, e := range m.Endpoints {
		if e.Known.IsZero() {
			e.Known = saved
		}
		if now.Sub(e.Known) <= maxAge {
			aged.Endpoints = append(aged.Endpoints, e)
		}
	}
	return aged
}

// Memory returns what is to outlast the process.
func (t *Tracker) Memory() (m Memory) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for p := range t.pools {
		ps := &t.pools[p]
		if pm := ps.memory(); pm.Down || pm.Held {
			m.Pools = append(m.Pools, pm)
		}
		ps.each(func(a *address) {
			if a.enabled() && !a.twin {
				m.Endpoints = append(m.Endpoints, a.memory())
			}
		})
	}
	m.Endpoints = append(m.Endpoints, t.recalled.rest(t.now())...)
	return m
}

// memory returns the last state of the pool. Before its first lookup it is what it was in
// an earlier process.
func (ps *poolState) memory() LastPool {
	m := LastPool{Pool: ps.cfg.Name, Held: ps.heldBack, Down: ps.wasDown || !ps.hasQuorum((*address).passes) && !ps.pending()}
	if ps.healthy {
		m.Since = ps.since
	}
	return m
}

func (a *address) memory() LastEndpoint {
	m := LastEndpoint{Addr: a.addr, State: a.state.String()}
	for _, l := range a.leases {
		if d := l.Damping(); d != (healthcheck.Damping{}) {
			m.Checks = append(m.Checks, DampedCheck{l.Key().Spec.Check.String(), d})
		}
	}
	return m
}

// Recall lets the Tracker start from what an earlier process knew. It is called before
// Start. Other Trackers may have a part of r as well.
func (t *Tracker) Recall(r *Recalled) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.recalled = r
}

// snapshot returns what r has of the pools in the form in which a Tracker before a reload
// hands it over, with r for the addresses. r may be nil.
func (r *Recalled) snapshot(rec *Record) snapshot {
	if r == nil {
		return snapshot{}
	}
	s := snapshot{pools: make(map[string]poolSnapshot), recalled: r}
	for p := range rec.Pools {
		cfg := &rec.Pools[p]
		was := r.pools[cfg.Name]
		s.pools[cfg.Name] = poolSnapshot{
			rank: p, heldBack: was.Held, since: was.Since,
			wasDown: was.Down && cfg.needsLookup(),
		}
	}
	return s
}

func stateNamed(name string) healthcheck.State {
	for _, s := range []healthcheck.State{healthcheck.Up, healthcheck.Down} {
		if s.String() == name {
			return s
		}
	}
	return healthcheck.Unknown
}

// Release lets no pool be held back.
func (m *Memory) Release() {
	for i := range m.Pools {
		m.Pools[i].Held = false
	}
}
