package pool

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/coredns-failover/failover/plugin/rr"
)

// A Frozen is what a record answered at one moment, in a form that outlasts the process.
type Frozen struct {
	State  State       `json:"state"`
	Mode   Mode        `json:"mode"`
	Pool   string      `json:"pool"` // or NoneName
	Why    string      `json:"why,omitempty"`
	Choose bool        `json:"choose,omitempty"`
	Ranked []string    `json:"ranked,omitempty"`
	Pools  []FrozenSet `json:"pools,omitempty"`
	Down   *FrozenSet  `json:"down,omitempty"`

	rec  *Record // whose View it is
	view *View   // exactly; nil in another process
}

// A FrozenSet is what one pool answers.
type FrozenSet struct {
	Pool  string       `json:"pool"`
	CNAME bool         `json:"cname,omitempty"`
	Addrs []netip.Addr `json:"addresses"`
}

// Freeze returns what the record answers now.
func (t *Tracker) Freeze() *Frozen {
	v := t.view.Load()
	f := &Frozen{
		State: v.State, Mode: v.Mode, Pool: t.PoolName(v.Pool), Why: v.Why, Choose: v.Choose, rec: t.rec, view: v,
	}
	for _, p := range v.Ranked {
		f.Ranked = append(f.Ranked, t.PoolName(p))
	}
	for p, s := range v.Sets {
		if s != nil {
			f.Pools = append(f.Pools, freeze(t.PoolName(p), s))
		}
	}
	if v.Down != nil {
		down := freeze(NoneName, v.Down)
		f.Down = &down
	}
	return f
}

func freeze(pool string, s *Set) FrozenSet {
	f := FrozenSet{Pool: pool, CNAME: s.CNAME != nil, Addrs: []netip.Addr{}}
	for _, r := range slices.Concat(s.A.RRs, s.AAAA.RRs) {
		if a, ok := rr.Addr(r); ok {
			f.Addrs = append(f.Addrs, a)
		}
	}
	return f
}

// frozen returns the View that was frozen: itself, or one that answers the same where the
// record is another one since.
func (t *Tracker) frozen(f *Frozen) *View {
	if f.rec == t.rec {
		return f.view
	}
	v := &View{
		State: f.State, Mode: f.Mode, Pool: t.poolNamed(f.Pool), Why: f.Why, Choose: f.Choose,
		By: ByOverride, TTL: t.rec.TTL, Sets: make([]*Set, len(t.pools)),
	}
	for _, name := range f.Ranked {
		if p := t.poolNamed(name); p != None {
			v.Ranked = append(v.Ranked, p)
		}
	}
	for i := range f.Pools {
		if p := t.poolNamed(f.Pools[i].Pool); p != None {
			v.Sets[p] = t.thawed(p, &f.Pools[i])
		}
	}
	switch {
	case f.Down != nil:
		v.Down = t.thawed(None, f.Down)
	case v.Pool == None || v.Sets[v.Pool] == nil:
		v.Pool, v.Down, v.Choose, v.Ranked = None, t.leftOf(f), false, nil
	}
	return v
}

// leftOf returns the answer of a pool that the Corefile has no longer.
func (t *Tracker) leftOf(f *Frozen) *Set {
	for i := range f.Pools {
		if f.Pools[i].Pool == f.Pool {
			return t.thawed(None, &f.Pools[i])
		}
	}
	return &Set{Policy: Policy{Kind: All}}
}

// thawed returns the Set of a pool, which may be None, with frozen addresses.
func (t *Tracker) thawed(p int, f *FrozenSet) *Set {
	s := &Set{Policy: Policy{Kind: All}, SvcParams: withoutECH}
	r := new(rotation)
	if p != None {
		ps := &t.pools[p]
		s.Policy, s.SvcParams, r = ps.cfg.Policy, ps.params, cmp.Or(ps.rotation, r)
		if f.CNAME && ps.cfg.CNAME {
			return ps.set(t.rec, settledRR)
		}
	}
	s.A.Rotation, s.A.LinkedRotation, s.AAAA.Rotation, s.AAAA.LinkedRotation = &r.a, &r.linkedA, &r.aaaa, &r.linkedAAAA
	addrs := make([]*address, len(f.Addrs))
	for i, a := range f.Addrs {
		addrs[i] = newAddress(t.rec, t.endpointOf(p, a), a)
	}
	s.fill(addrs, settledRR)
	return s
}

// endpointOf returns the endpoint of a pool that has an address, or one like it.
func (t *Tracker) endpointOf(p int, addr netip.Addr) *Endpoint {
	if p != None {
		for e := range t.pools[p].endpoints {
			if end := &t.rec.Pools[p].Endpoints[e]; end.Addr == addr || t.pools[p].endpoints[e].find(addr) != nil {
				return end
			}
		}
	}
	return &Endpoint{Addr: addr, Name: addr.String(), Weight: 1}
}
