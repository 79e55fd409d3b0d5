package policy

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/override"
	"github.com/coredns-failover/failover/plugin/pool"
)

const (
	always = "true"
	half   = "incidr(client_ip(), '10.0.0.0/9')"
)

var lowHalf = netip.MustParsePrefix("10.0.0.0/9")

// oneOf returns one of several.
func oneOf[T any](rng *rand.Rand, of ...T) T { return of[rng.IntN(len(of))] }

// anyRecord returns a random configuration.
func anyRecord(rng *rand.Rand, l *lab) *pool.Record {
	rec := &pool.Record{
		TTL: 30, MinTTL: oneOf(rng, uint32(5), 5, 30),
		AllDown:  pool.AllDown{Kind: oneOf(rng, pool.AllDownPrimary, pool.AllDownAll, pool.AllDownPool, pool.AllDownNoData)},
		Failback: pool.Failback{Hold: rng.IntN(2) == 0, After: oneOf(rng, 0, 3300*time.Millisecond, 8300*time.Millisecond)},
		Steer:    pool.Steer{Kind: oneOf(rng, pool.SteerOrder, pool.SteerOrder, pool.SteerWeighted)},
	}
	next := byte(0)
	for i := range 1 + rng.IntN(4) {
		p := pool.Pool{
			Name: fmt.Sprint("pool", i), Weight: rng.IntN(3), Panic: oneOf(rng, 0, 0, 34, 50, 100),
			Prefer: oneOf(rng, "", "", "", half, always),
			Policy: pool.Policy{
				Kind:  oneOf(rng, pool.All, pool.First, pool.Random, pool.RoundRobin, pool.Weighted, pool.Hash),
				Count: 1 + rng.IntN(3),
			},
		}
		if p.Policy.Kind == pool.All {
			p.Policy.Count *= rng.IntN(2)
		}
		n := 1 + rng.IntN(4)
		p.MinHealthy = oneOf(rng, pool.Quorum{Count: 1}, pool.Quorum{Count: 1 + rng.IntN(n)}, pool.Quorum{Percent: 1 + rng.IntN(100)})
		for range n {
			next++
			addr := netip.AddrFrom4([4]byte{192, 0, 2, next})
			if rng.IntN(3) == 0 {
				addr = netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 15: next})
			}
			e := pool.Endpoint{Addr: addr, Name: addr.String(), Weight: rng.IntN(4), Disabled: rng.IntN(10) == 0}
			if !e.Disabled {
				k := l.key(addr)
				k.Spec.Fall.Count, k.Spec.Rise.Count = 2+rng.IntN(2), 2+rng.IntN(2)
				e.Checks, e.Require = []healthcheck.Key{k}, 1
			}
			p.Endpoints = append(p.Endpoints, e)
		}
		rec.Pools = append(rec.Pools, p)
	}
	rec.AllDown.Pool = rng.IntN(len(rec.Pools))
	return rec
}

// A second has the results of one second of probes, by address.
type second map[netip.Addr]healthcheck.Result

// change returns the second after s.
func (s second) change(rng *rand.Rand, rec *pool.Record) second {
	next := make(second)
	flips := oneOf(rng, 0.02, 0.1, 0.3)
	for _, p := range rec.Pools {
		for _, e := range p.Endpoints {
			next[e.Addr] = s[e.Addr]
			if rng.Float64() < flips {
				next[e.Addr] = oneOf(rng, healthcheck.Pass, healthcheck.Pass, healthcheck.Fail, healthcheck.Fail, healthcheck.Inconclusive)
			}
		}
	}
	return next
}

// without returns s for a host without some families.
func (s second) without(v4, v6 bool) second {
	told := make(second)
	for addr, r := range s {
		told[addr] = r
		if addr.Is4() && v4 || addr.Is6() && v6 {
			told[addr] = healthcheck.Inconclusive
		}
	}
	return told
}

// For random configurations, results and clients, the answer is that of the model.
func TestDecision(t *testing.T) {
	rounds := 200
	if testing.Short() {
		rounds = 40
	}
	for seed := range uint64(rounds) {
		rng := rand.New(rand.NewPCG(seed, 7))
		inLab(t, func(l *lab) *pool.Record { return anyRecord(rng, l) }, func(w *world) {
			c := &comparison{world: w, model: newModel(w.rec, time.Now()), seed: seed}
			now := make(second)
			c.follow(now)
			var no4, no6 bool
			for range 40 {
				was := c.look()
				no4, no6 = no4 != (rng.IntN(12) == 0), no6 != (rng.IntN(12) == 0)
				if next := now.change(rng, w.rec); rng.IntN(4) > 0 {
					now = next // else a second without news, so that things settle
				}
				told := now.without(no4, no6)
				for addr, r := range told {
					w.lab.tell(addr, r)
				}
				time.Sleep(time.Second)
				c.follow(told)
				c.compare()
				c.compareTTL(was)
				if w.Failed() {
					return
				}
			}
		})
		if t.Failed() {
			return
		}
	}
}

// A comparison compares a record with the model of it.
type comparison struct {
	*world
	model *model
	seed  uint64

	overrides *override.Set // nil without an operator
}

// follow adds the results of the last second to the model, in their order.
func (c *comparison) follow(s second) {
	at := time.Now().Truncate(time.Second)
	for p := range c.model.pools {
		for e := range c.model.pools[p].ends {
			if end := &c.model.pools[p].ends[e]; !end.cfg.Disabled {
				c.model.result(p, e, s[end.cfg.Addr], at)
				at = at.Add(time.Millisecond)
			}
		}
	}
	c.model.expire(time.Now())
}

func (c *comparison) errorf(format string, args ...any) {
	c.Helper()
	c.Errorf("seed %d: "+format, append([]any{c.seed}, args...)...)
}

// compare compares the answers for clients of both sides, some of them twice.
func (c *comparison) compare() {
	v, m := c.chain.View(), c.model.answering()
	if (v.State == pool.Degraded) != m.degraded() {
		c.errorf("the record is %s, want degraded: %t", v.State, m.degraded())
	}
	if v.Pool != m.leads() {
		c.errorf("pool %d leads, want %d", v.Pool, m.leads())
	}
	for _, addr := range []string{"10.1.2.3", "10.1.2.99", "10.200.0.1", "10.77.0.1"} {
		from := c.compareClient(addr, dns.TypeA)
		if other := c.compareClient(addr, dns.TypeAAAA); other != from {
			c.errorf("%s gets A from pool %d and AAAA from %d", addr, from, other)
		}
	}
}

func (c *comparison) compareClient(client string, qtype uint16) int {
	rrs, p, _ := c.ask(client, qtype)
	got := addrs(rrs)
	m, addr, v4 := c.model.answering(), netip.MustParseAddr(client), qtype == dns.TypeA
	want := m.pool(addr)
	if len(want) == 0 {
		if p != pool.None || !slices.Equal(got, m.allDown(v4)) {
			c.errorf("with all down, pool %d answers with %v, want %v", p, got, m.allDown(v4))
		}
		return p
	}
	if !slices.Contains(want, p) {
		c.errorf("pool %d answers %s, want one of %v", p, client, want)
		return p
	}
	ends, n := m.members(p, v4)
	c.compareAnswer(addr, p, got, ends, n)
	if c.overrides == nil {
		c.neverWorseThanNeedBe(p, got, m.rec.Pools[p].Prefer == "" && m.rec.Steer.Kind == pool.SteerOrder)
	}
	if again, q, _ := c.ask(client, qtype); q != p || len(again) != len(rrs) {
		c.errorf("%s is answered from pool %d, then from %d", client, p, q)
	}
	return p
}

// compareAnswer checks that got, the answer of the pool p for a client, has n of these
// endpoints.
func (c *comparison) compareAnswer(client netip.Addr, p int, got []netip.Addr, ends []modelEnd, n int) {
	var all []netip.Addr
	for _, e := range ends {
		all = append(all, e.cfg.Addr)
	}
	rest := all
	for _, a := range got {
		i := slices.Index(rest, a)
		if i < 0 {
			c.errorf("pool %d answers with %v, not in order out of %v", p, got, all)
			return
		}
		rest = rest[i+1:]
	}
	if len(got) != n {
		c.errorf("pool %d answers with %v, want %d of %v", p, got, n, all)
		return
	}
	switch k := c.rec.Pools[p].Policy.Kind; {
	case (k == pool.All || k == pool.First) && !slices.Equal(got, all[:n]):
		c.errorf("pool %d answers with %v, want the first %d of %v", p, got, n, all)
	case k == pool.Hash:
		for _, a := range raceInFull(client, ends, n) {
			if !slices.Contains(got, a) {
				c.errorf("pool %d answers %s with %v, want %s in it", p, client, got, a)
			}
		}
	}
}

// neverWorseThanNeedBe checks what must hold whatever the model says: no answer has an
// endpoint that is down while there is a healthy one, except in panic; and no better pool
// waits longer than its hold.
func (c *comparison) neverWorseThanNeedBe(p int, got []netip.Addr, inOrder bool) {
	v := c.chain.View()
	for _, e := range c.model.pools[p].ends {
		if slices.Contains(got, e.cfg.Addr) && !e.healthy() && !v.Set(p).Panic {
			c.errorf("pool %d answers with %s, which is down", p, e.cfg.Addr)
		}
	}
	for better := range p {
		mp, hold := &c.model.pools[better], c.rec.Failback
		if !inOrder || c.model.degraded() || !mp.up {
			continue
		}
		if !hold.Hold || hold.After > 0 && time.Since(mp.since) >= hold.After {
			c.errorf("pool %d answers, and pool %d has been up for %s", p, better, time.Since(mp.since))
		}
	}
}

func addrs(rrs []dns.RR) (as []netip.Addr) {
	for _, rr := range rrs {
		as = append(as, netip.MustParseAddr(dns.Field(rr, 1)))
	}
	return as
}

// A look is what answers depended on, and their TTL.
type look struct {
	pools string
	ttl   uint32
}

// look returns which pools may answer, and with what, without what is drawn for each
// answer.
func (c *comparison) look() look {
	v := c.chain.View()
	l := look{ttl: v.TTL, pools: fmt.Sprint(v.Pool)}
	for p := range c.model.pools {
		if !slices.Contains(c.model.pool(lowHalf.Addr()), p) && !slices.Contains(c.model.pool(netip.IPv4Unspecified()), p) {
			continue
		}
		s := v.Set(p)
		if s == nil {
			continue
		}
		l.pools += fmt.Sprintf(" %d: %s %s", p, text(s.A.RRs), text(s.AAAA.RRs))
	}
	c.model.let = false
	return l
}

// compareTTL checks that what was answered a second ago with the longer TTL has
// not changed since, as every change takes two results, and that answers which
// will not change soon have it.
func (c *comparison) compareTTL(was look) {
	let := c.model.let
	is := c.look()
	if c.rec.MinTTL == c.rec.TTL {
		return
	}
	if was.ttl == c.rec.TTL && was.pools != is.pools && !let {
		c.errorf("with a TTL of %d s, %q became %q", was.ttl, was.pools, is.pools)
	}
	settled := !c.model.degraded()
	for _, mp := range c.model.pools {
		for _, e := range mp.ends {
			settled = settled && e.settled()
		}
	}
	if settled && is.ttl != c.rec.TTL {
		c.errorf("all is settled, and the TTL is %d", is.ttl)
	}
}
