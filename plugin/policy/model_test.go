package policy

import (
	"cmp"
	"math"
	"net/netip"
	"slices"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A model is a plain and slow implementation of the decision as the manual describes it. Its
// input are the results, one by one, and the operator's word.
type model struct {
	rec     *pool.Record
	pools   []modelPool
	serving []int // the pools that have answered clients up to now
	leader  int   // the pool that answers a client without a preference, or pool.None
	used    int   // the pool that the operator wants to answer, or pool.None
	frozen  *model
	let     bool // something has changed that no result announced since this was looked at last
	results int  // up to now
}

type modelPool struct {
	ends     []modelEnd
	up, held bool
	order    pool.Action // the operator's word, or ""
	since    time.Time   // when it came up
}

type modelEnd struct {
	cfg     *pool.Endpoint
	spec    healthcheck.Spec
	state   healthcheck.State
	against int // results in a row
	counts  healthcheck.State
	order   pool.Action // the operator's word, or ""

	unasked int // results in a row that could not ask
	asked   int // the number of the last result that could, of all results; 0 is none
	doubt   int // results that could not ask while others of the pool could be asked
	doubted int // the number of the last one that could not ask, or 0
}

func newModel(rec *pool.Record, now time.Time) *model {
	m := &model{rec: rec, leader: pool.None, used: pool.None}
	for p := range rec.Pools {
		mp := modelPool{since: now}
		for e := range rec.Pools[p].Endpoints {
			end := modelEnd{cfg: &rec.Pools[p].Endpoints[e]}
			if !end.cfg.Disabled {
				end.spec = end.cfg.Checks[0].Spec
			}
			mp.ends = append(mp.ends, end)
		}
		m.pools = append(m.pools, mp)
	}
	for p := range m.pools {
		m.pools[p].up = m.hasQuorum(p)
	}
	m.setServing()
	return m
}

func (e *modelEnd) passes() bool { return !e.cfg.Disabled && e.counts != healthcheck.Down }
func (e *modelEnd) healthy() bool {
	return !e.cfg.Disabled && (e.order == pool.ForceUp || e.order != pool.ForceDown && e.passes())
}
func (e *modelEnd) agrees() bool  { return e.state != healthcheck.Unknown && e.against == 0 }
func (e *modelEnd) lost() bool    { return e.unasked >= e.spec.Fall.Count }
func (e *modelEnd) follows() bool { return e.doubt >= e.spec.Fall.Count } // which is 2 at least
func (e *modelEnd) settled() bool {
	return e.cfg.Disabled || (e.agrees() || e.lost() && e.against == 0) && (e.doubt == 0 || e.follows())
}

// note counts whether a result of the endpoint e of the pool p is conclusive.
func (m *model) note(p, e int, r healthcheck.Result) {
	m.results++
	end := &m.pools[p].ends[e]
	if r != healthcheck.Inconclusive {
		end.unasked, end.asked = 0, m.results
		if !end.follows() || end.agrees() {
			m.let = m.let || end.follows() // its old state may be another than that of the others
			end.doubt, end.doubted = 0, 0
		}
		return
	}
	end.unasked++
	others, since := false, false
	for i, o := range m.pools[p].ends {
		if i != e && !o.cfg.Disabled && o.asked > 0 && o.unasked == 0 {
			others, since = true, since || o.asked > end.doubted
		}
	}
	if !others && !end.follows() {
		end.doubt = 0
	} else if end.doubted == 0 || since {
		end.doubt++
	}
	end.doubted = m.results
}

// updateStates updates the states of the endpoints of a pool, and reports whether one of
// them became healthy or unhealthy.
func (mp *modelPool) updateStates() (changed bool) {
	could, up := false, false
	var was []bool
	for i := range mp.ends {
		e := &mp.ends[i]
		was = append(was, e.passes())
		if e.cfg.Disabled || e.follows() {
			continue
		}
		e.counts = e.state
		could, up = true, up || e.passes()
	}
	for i := range mp.ends {
		e := &mp.ends[i]
		if !e.cfg.Disabled && e.follows() && could {
			e.counts = map[bool]healthcheck.State{true: healthcheck.Up, false: healthcheck.Down}[up]
		}
		changed = changed || e.passes() != was[i]
	}
	return changed
}

// result adds a result of the endpoint e of the pool p.
func (m *model) result(p, e int, r healthcheck.Result, now time.Time) {
	m.expire(now)
	end := &m.pools[p].ends[e]
	pass := r == healthcheck.Pass
	switch {
	case r == healthcheck.Inconclusive:
	case pass == (end.state != healthcheck.Down):
		end.against = 0
		if end.state == healthcheck.Unknown {
			end.state = healthcheck.Up
		}
	default:
		end.against++
		need := map[healthcheck.State]int{
			healthcheck.Unknown: 2, healthcheck.Up: end.spec.Fall.Count, healthcheck.Down: end.spec.Rise.Count,
		}[end.state]
		if end.against >= need {
			end.against, end.state = 0, healthcheck.Down
			if pass {
				end.state = healthcheck.Up
			}
		}
	}
	m.note(p, e, r)
	if m.pools[p].updateStates() {
		m.updatePools(now)
	}
}

func (m *model) hasQuorum(p int) bool {
	if order := m.pools[p].order; order == pool.ForceUp || order == pool.ForceDown {
		return order == pool.ForceUp
	}
	return m.enough(p, (*modelEnd).healthy)
}

// enough reports whether min_healthy endpoints of a pool are healthy.
func (m *model) enough(p int, healthy func(*modelEnd) bool) bool {
	n, q := 0, m.rec.Pools[p].MinHealthy
	for i := range m.pools[p].ends {
		if healthy(&m.pools[p].ends[i]) {
			n++
		}
	}
	if q.Count > 0 {
		return n >= q.Count
	}
	return n > 0 && n*100 >= len(m.pools[p].ends)*q.Percent
}

// updatePools updates which pools are up and held back after a change of an endpoint.
func (m *model) updatePools(now time.Time) {
	for p := range m.pools {
		mp := &m.pools[p]
		was := mp.up
		mp.up = m.hasQuorum(p)
		if mp.up && !was {
			mp.since = now
		}
		if was && !mp.up && slices.Contains(m.serving, p) && !m.ordered() {
			m.hold(p)
		}
	}
	if m.leader == pool.None || !m.pools[m.leader].up || len(m.free()) == 0 {
		for p := range m.pools {
			m.pools[p].held = m.pools[p].held && !m.pools[p].up
		}
	}
	m.setServing()
}

// expire ends the holds that are over.
func (m *model) expire(now time.Time) {
	for p := range m.pools {
		mp, after := &m.pools[p], m.rec.Failback.After
		if mp.held && mp.up && after > 0 && now.Sub(mp.since) >= after {
			mp.held, m.let = false, true
		}
	}
	m.setServing()
}

// free returns the pools that are healthy and not held back.
func (m *model) free() (ps []int) {
	for p, mp := range m.pools {
		if mp.up && (!mp.held || mp.order == pool.ForceUp) {
			ps = append(ps, p)
		}
	}
	return ps
}

func (m *model) degraded() bool {
	if p := m.leads(); p != pool.None && !slices.ContainsFunc(m.pools[p].ends, modelEnd.usable) {
		return true
	}
	if m.used != pool.None {
		return m.pools[m.used].order != pool.ForceUp && !m.enough(m.used, (*modelEnd).healthy)
	}
	return len(m.free()) == 0
}

// candidates returns the pools that may answer, best first.
func (m *model) candidates() (ps []int) {
	if ps = m.free(); len(ps) > 0 {
		return m.undrained(ps, m.heldBack())
	}
	for p := range m.pools {
		if m.pools[p].order != pool.ForceDown && slices.ContainsFunc(m.pools[p].ends, func(e modelEnd) bool { return e.healthy() }) {
			ps = append(ps, p)
		}
	}
	return m.undrained(ps, nil)
}

// setServing sets which pools answer.
func (m *model) setServing() {
	ps := m.candidates()
	m.serving, m.leader = nil, pool.None
	defer m.serveOrdered()
	if len(ps) == 0 {
		return
	}
	m.leader = ps[0]
	choose := m.rec.Steer.Kind == pool.SteerWeighted
	for i := len(ps) - 1; i >= 0; i-- {
		cfg := &m.rec.Pools[ps[i]]
		choose = choose || cfg.Prefer != ""
		if m.rec.Steer.Kind == pool.SteerWeighted && cfg.Weight > 0 {
			m.leader = ps[i]
		}
	}
	m.serving = []int{m.leader}
	if choose {
		m.serving = ps
	}
}

// pool returns the pools of which one answers a client.
func (m *model) pool(addr netip.Addr) []int {
	if m.used != pool.None {
		return []int{m.used}
	}
	ps := m.candidates()
	for _, p := range ps {
		if x := m.rec.Pools[p].Prefer; x != "" && (x == always || lowHalf.Contains(addr)) {
			return []int{p}
		}
	}
	if m.rec.Steer.Kind != pool.SteerWeighted {
		return ps[:min(1, len(ps))]
	}
	var drawn []int
	for _, p := range ps {
		if m.rec.Pools[p].Weight > 0 {
			drawn = append(drawn, p)
		}
	}
	if len(drawn) == 0 {
		return ps[:min(1, len(ps))]
	}
	return drawn
}

// members returns the endpoints with which a pool answers, and how many of them an answer
// carries.
func (m *model) members(p int, v4 bool) (ends []modelEnd, n int) {
	cfg := &m.rec.Pools[p]
	var healthy, all []modelEnd
	for _, e := range m.pools[p].ends {
		if !e.cfg.Disabled {
			all = append(all, e)
		}
		if e.healthy() {
			healthy = append(healthy, e)
		}
	}
	if len(healthy)*100 < len(all)*cfg.Panic || len(healthy) == 0 {
		healthy = slices.DeleteFunc(all, func(e modelEnd) bool { return e.order == pool.ForceDown })
	}
	healthy = undrained(healthy)
	healthy = slices.DeleteFunc(healthy, func(e modelEnd) bool { return e.cfg.Addr.Is4() != v4 })
	if k := cfg.Policy.Kind; k == pool.Weighted || k == pool.Hash {
		if slices.ContainsFunc(healthy, func(e modelEnd) bool { return e.cfg.Weight > 0 }) {
			healthy = slices.DeleteFunc(healthy, func(e modelEnd) bool { return e.cfg.Weight == 0 })
		}
	}
	n = len(healthy)
	if cfg.Policy.Count > 0 {
		n = min(n, cfg.Policy.Count)
	}
	return healthy, n
}

// allDown returns what is answered while no endpoint is healthy.
func (m *model) allDown(v4 bool) (addrs []netip.Addr) {
	first := func(p int) bool {
		return slices.ContainsFunc(m.pools[p].ends, func(e modelEnd) bool { return !e.cfg.Disabled })
	}
	for p := range m.pools {
		switch m.rec.AllDown.Kind {
		case pool.AllDownNoData:
			continue
		case pool.AllDownPool:
			if p != m.rec.AllDown.Pool {
				continue
			}
		case pool.AllDownPrimary:
			if !first(p) || slices.ContainsFunc(intsBelow(p), first) {
				continue
			}
		}
		for _, e := range m.pools[p].lastResort() {
			if a := e.cfg.Addr; !e.cfg.Disabled && a.Is4() == v4 && !slices.Contains(addrs, a) {
				addrs = append(addrs, a)
			}
		}
	}
	return addrs
}

func intsBelow(n int) (is []int) {
	for i := range n {
		is = append(is, i)
	}
	return is
}

// raceInFull returns the n of some endpoints that come first for a client, by plain
// rendezvous hashing: those of the highest weight / -ln u.
func raceInFull(addr netip.Addr, ends []modelEnd, n int) (addrs []netip.Addr) {
	r, score := raceOf(Client{Addr: addr}.subnet()), make(map[netip.Addr]float64)
	for _, e := range ends {
		w := float64(max(e.cfg.Weight, 1))
		u := float64(r.draw(idOf(e.cfg.Addr))>>11) / (1 << 53)
		score[e.cfg.Addr] = w / -math.Log(1-u)
	}
	for len(addrs) < n {
		best, at := -1.0, netip.Addr{}
		for a, s := range score {
			if s > best {
				best, at = s, a
			}
		}
		delete(score, at)
		addrs = append(addrs, at)
	}
	return addrs
}

var ids = make(map[netip.Addr]uint64)

// idOf is that of an address in a View.
func idOf(addr netip.Addr) uint64 {
	if id, ok := ids[addr]; ok {
		return id
	}
	rec := pool.Record{Pools: []pool.Pool{{Policy: pool.Policy{Kind: pool.Hash, Count: 1}, Endpoints: []pool.Endpoint{{Addr: addr, Weight: 1}}}}}
	s := pool.NewTracker(&rec, nobody{}).View().Set(0)
	ids[addr] = cmp.Or(s.A.Weights, s.AAAA.Weights).IDs[0]
	return ids[addr]
}
