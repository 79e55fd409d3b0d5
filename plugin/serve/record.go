package serve

import (
	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/lookup"
	"github.com/coredns-failover/failover/plugin/policy"
	"github.com/coredns-failover/failover/plugin/pool"
)

// An Observer is told what happens to one record.
type Observer interface {
	pool.Observer
	// Started is told that the record is served by a block with these listeners (at
	// least one) and this view, before anything else is. poolBefore and stateBefore are
	// the pool that answered before a reload and the state of the record then, or "".
	Started(servers []string, view, poolBefore string, stateBefore pool.State)
	// Responded is told that a listener, by its index, gave a response from a pool. It
	// is called for every query, also before the start.
	Responded(server, pool int)
	// Stopped is told that the record is served no longer.
	Stopped()
}

// An endpointObserver is told of endpoints alone. It is for the pools of a wildcard
// apart from the names that it covers: nothing is answered from their views.
type endpointObserver struct{ pool.Observer }

// ViewChanged implements pool.Observer.
func (endpointObserver) ViewChanged(_, _ *pool.View, _ string) {}

// A Record is one managed name while it is served and measured.
type Record struct {
	*pool.Tracker
	observer Observer
	chooser  *policy.Chooser
	apex     *answer.Apex // of the zone that it is in, if the next plugins have no SOA
	soa      *lookup.SOA  // that they have; nil before the start
	wildcard bool
	aliases  bool             // a pool of it is a CNAME
	targets  *lookup.Targets  // of CNAMEs
	names    *lookup.Wildcard // what is known below a wildcard, if the next plugins have it; else nil
}

// Known returns the view of a name of the record, without asking anybody: nil if
// nothing is known of it.
func (rec *Record) Known(name string) *pool.View {
	if rec.names != nil {
		return rec.names.Known(name)
	}
	return rec.View()
}

// Answers reports whether the record may answer queries of a type itself.
func (rec *Record) Answers(qtype uint16) bool {
	switch qtype {
	case dns.TypeA, dns.TypeAAAA, dns.TypeANY:
		return true
	case dns.TypeNSEC, dns.TypeRRSIG:
		return false
	}
	return rec.aliases
}

// negative returns the SOA of negative answers about the record, for ttl at most.
func (rec *Record) negative(ttl uint32) dns.RR { return rec.apex.SOA(rec.soa.RR(), ttl) }

// ownsName reports whether the record has its name to itself. Where the answer
// comes from the next plugins, they may call it an alias.
func (rec *Record) ownsName(name string) bool {
	v := rec.Known(name)
	if v == nil || v.Mode == pool.Next {
		return v != nil && v.State == pool.Degraded
	}
	set := v.Set(v.Pool)
	return set == nil || !set.Next
}

// start begins to check what a record needs, with what prev, which may be nil,
// knew before a reload.
func (rec *Record) start(reg *healthcheck.Registry, servers []string, view string, prev *Record) {
	var pools *pool.Tracker
	var names *lookup.Wildcard
	var poolBefore string
	var stateBefore pool.State
	if prev != nil {
		pools, names = prev.Tracker, prev.names
		rec.soa.Inherit(prev.soa)
	}
	if prev != nil && rec.names == nil {
		v := prev.View()
		poolBefore, stateBefore = prev.PoolName(v.Pool), v.State
	}
	rec.observer.Started(servers, view, poolBefore, stateBefore)
	rec.Start(reg, pools)
	if rec.names != nil {
		rec.names.Start(reg, names)
	}
}

func (rec *Record) stop(reg *healthcheck.Registry) {
	if rec.names != nil {
		rec.names.Stop()
	}
	rec.Stop(reg)
	rec.observer.Stopped()
}
