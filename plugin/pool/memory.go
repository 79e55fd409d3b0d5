package pool

import (
	"net/netip"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

// A Memory is what of a record outlasts the process.
type Memory struct {
	Holds     []HoldMemory     `json:"holds,omitempty"`
	Endpoints []EndpointMemory `json:"endpoints,omitempty"`
}

// A HoldMemory is a pool that is held back.
type HoldMemory struct {
	Pool  string    `json:"pool"`
	Since time.Time `json:"since"` // when it came up; zero while it is down
}

// An EndpointMemory is the last state of an endpoint.
type EndpointMemory struct {
	Addr   netip.Addr     `json:"address"`
	State  string         `json:"state"`
	Checks []DampedMemory `json:"checks,omitempty"` // those that are damped
}

// A DampedMemory is how a check is damped.
type DampedMemory struct {
	Check string `json:"check"`
	healthcheck.Damping
}

// Memory returns what is to outlast the process.
func (t *Tracker) Memory() (m Memory) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for p := range t.pools {
		ps := &t.pools[p]
		if ps.heldBack {
			h := HoldMemory{Pool: ps.cfg.Name}
			if ps.healthy {
				h.Since = ps.since
			}
			m.Holds = append(m.Holds, h)
		}
		ps.each(func(a *address) {
			if a.enabled() {
				m.Endpoints = append(m.Endpoints, a.memory())
			}
		})
	}
	return m
}

func (a *address) memory() EndpointMemory {
	m := EndpointMemory{Addr: a.addr, State: a.state.String()}
	for _, l := range a.leases {
		if d := l.Damping(); d != (healthcheck.Damping{}) {
			m.Checks = append(m.Checks, DampedMemory{l.Key().Spec.Check.String(), d})
		}
	}
	return m
}

// Remember lets the Tracker start from what an earlier process knew. It is called before
// Start.
func (t *Tracker) Remember(m Memory) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.memory = &m
}

// snapshot returns m in the form in which a Tracker before a reload hands it over.
func (m *Memory) snapshot(rec *Record) snapshot {
	s := snapshot{
		states: make(map[netip.Addr]healthcheck.State),
		pools:  make(map[string]poolSnapshot),
		hosts:  make(map[string][]netip.Addr),
	}
	for _, e := range m.Endpoints {
		s.states[e.Addr] = stateNamed(e.State)
	}
	for p := range rec.Pools {
		s.pools[rec.Pools[p].Name] = poolSnapshot{rank: p, rotation: new(rotation)}
	}
	for _, h := range m.Holds {
		s.pools[h.Pool] = poolSnapshot{rank: s.pools[h.Pool].rank, rotation: new(rotation), heldBack: true, since: h.Since}
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

// stateOf returns what an earlier process knew of an address. m may be nil.
func (m *Memory) stateOf(addr netip.Addr) healthcheck.State {
	if m != nil {
		for _, e := range m.Endpoints {
			if e.Addr == addr {
				return stateNamed(e.State)
			}
		}
	}
	return healthcheck.Unknown
}

// recall lets the checks of an address be damped as they were. m may be nil.
func (m *Memory) recall(a *address) {
	if m == nil {
		return
	}
	for i := range m.Endpoints {
		for _, c := range m.Endpoints[i].Checks {
			if m.Endpoints[i].Addr != a.addr {
				continue
			}
			for _, l := range a.leases {
				if l.Key().Spec.Check.String() == c.Check {
					l.SetDamping(c.Damping)
				}
			}
		}
	}
}
