package serve

import (
	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/lookup"
	"github.com/coredns-failover/failover/plugin/policy"
	"github.com/coredns-failover/failover/plugin/pool"
)

// An Observer is called for events of one record.
type Observer interface {
	pool.Observer
	// Started is called first, when a block with these listeners (at least one) and this
	// view starts to serve the record. poolBefore and stateBefore are the pool that
	// answered before a reload and the state of the record then, or "".
	Started(servers []string, view, poolBefore string, stateBefore pool.State)
	// Responded is called for every answer, also before the start, with the indexes of
	// the listener and of the pool.
	Responded(server, pool int)
	// Stopped is called when the record is no longer served.
	Stopped()
}

// An Operator may override records, from their start to their stop.
type Operator interface {
	Attach(*Record)
	Detach(*Record)
}

// An endpointObserver passes on events of endpoints only. It is for the pools that all
// names below a wildcard share: no query is answered from their view.
type endpointObserver struct{ pool.Observer }

// ViewChanged implements pool.Observer.
func (endpointObserver) ViewChanged(_, _ *pool.View, _ string) {}

// A Record is a record of the Corefile while it is served.
type Record struct {
	*pool.Tracker
	observer Observer
	operator Operator   // nil if nobody operates the record
	place    pool.Place // known from the start on
	chooser  *policy.Chooser
	apex     *answer.Apex // of its zone, for when the next plugins have no SOA
	soa      *lookup.SOA  // of the next plugins; nil before the start
	wildcard bool
	hasCNAME bool             // a pool of it is a CNAME
	targets  *lookup.Targets  // of CNAMEs
	learned  *lookup.Wildcard // the names below a wildcard with a pool of the next plugins; else nil
}

// ViewOf returns the view of a name of the record, or nil if it is not known yet. It
// looks nothing up.
func (rec *Record) ViewOf(name string) *pool.View {
	if rec.learned != nil {
		return rec.learned.Known(name)
	}
	return rec.View()
}

// Answers reports whether ServeRecord is for queries of this type.
func (rec *Record) Answers(qtype uint16) bool {
	switch qtype {
	case dns.TypeA, dns.TypeAAAA, dns.TypeANY:
		return true
	case dns.TypeNSEC, dns.TypeRRSIG:
		return false
	}
	return rec.hasCNAME
}

// negative returns the SOA of negative answers about the record. Its TTL is ttl at most.
func (rec *Record) negative(ttl uint32) dns.RR { return rec.apex.SOA(rec.soa.RR(), ttl) }

// ownsName reports whether only the record may answer for name. If the next plugins
// give the addresses, they may give it a CNAME.
func (rec *Record) ownsName(name string) bool {
	v := rec.ViewOf(name)
	if v == nil || v.Mode == pool.Next {
		return v != nil && v.State == pool.Degraded
	}
	set := v.Set(v.Pool)
	return set == nil || !set.Next
}

// start starts the checks of the record, with the state of prev, which is the record
// before a reload or nil.
func (rec *Record) start(reg *healthcheck.Registry, servers []string, view string, prev *Record) {
	var pools *pool.Tracker
	var learned *lookup.Wildcard
	var poolBefore string
	var stateBefore pool.State
	if prev != nil {
		pools, learned = prev.Tracker, prev.learned
		rec.soa.Inherit(prev.soa)
	}
	if prev != nil && rec.learned == nil {
		v := prev.View()
		poolBefore, stateBefore = prev.PoolName(v.Pool), v.State
	}
	rec.observer.Started(servers, view, poolBefore, stateBefore)
	rec.place = pool.Place{Record: rec.Record().Name, Server: servers[0], View: view}
	if rec.operator != nil {
		rec.operator.Attach(rec)
	}
	rec.Start(reg, pools)
	if rec.learned != nil {
		rec.learned.Start(reg, learned)
	}
}

func (rec *Record) stop(reg *healthcheck.Registry) {
	if rec.learned != nil {
		rec.learned.Stop()
	}
	if rec.operator != nil {
		rec.operator.Detach(rec)
	}
	rec.Stop(reg)
	rec.observer.Stopped()
}
