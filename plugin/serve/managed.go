// Package serve answers the queries for a record: it finds out who asks and which
// pool answers it, and writes what that has.
package serve

import (
	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/lookup"
	"github.com/coredns-failover/failover/plugin/policy"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A Managed name is a record while it is served.
type Managed struct {
	*pool.Tracker
	Chooser  *policy.Chooser
	Apex     *answer.Apex // of the zone that it is in, if the plugins behind have no SOA
	SOA      *lookup.SOA  // that they have; nil before the start
	Wildcard bool
	Aliases  bool            // a pool of it is an alias
	Targets  *lookup.Targets // of CNAMEs
	Names    *lookup.Names   // what is known below a wildcard, if the plugins behind have it; else nil
}

// Known returns the view of a name of the record, without asking anybody: nil if
// nothing is known of it.
func (rec *Managed) Known(name string) *pool.View {
	if rec.Names != nil {
		return rec.Names.Known(name)
	}
	return rec.View()
}

// Negative returns the SOA of negative answers about the record, for ttl at most.
func (rec *Managed) Negative(ttl uint32) dns.RR { return rec.Apex.SOA(rec.SOA.RR(), ttl) }

// OwnsName reports whether the record has its name to itself. Where the answer
// comes from the plugins behind, it may be theirs to call it an alias.
func (rec *Managed) OwnsName(name string) bool {
	v := rec.Known(name)
	if v == nil || v.Mode == pool.Next {
		return v != nil && v.State == pool.Degraded
	}
	set := v.Set(v.Pool)
	return set == nil || !set.Next
}
