package pool

import (
	"iter"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

// A Record is the configuration of one managed name.
type Record struct {
	Name     string // absolute and lower case; "*.apps.example.org." is a wildcard
	Zone     string // the ZONE under which it was configured, absolute and lower case
	TTL      uint32 // of its addresses, in seconds
	MinTTL   uint32 // while the answer may change soon, at most TTL
	AllDown  AllDown
	Failback Failback
	Steer    Steer
	Pools    []Pool // in rank, unless Steer says otherwise
}

// NeedsLookup reports whether an endpoint of the record is a host name or from the next
// plugins, so that its addresses are not in the Corefile.
func (rec Record) NeedsLookup() bool {
	return slices.ContainsFunc(rec.Pools, func(p Pool) bool {
		return slices.ContainsFunc(p.Endpoints, func(e Endpoint) bool { return !e.Addr.IsValid() })
	})
}

// A Pool is the configuration of the endpoints that answer together.
type Pool struct {
	Name       string
	Endpoints  []Endpoint // in the order in which answers carry them
	MinHealthy Quorum     // healthy endpoints below which the pool is down
	Panic      int        // percentage of healthy endpoints below which all are served; 0 is off
	Policy     Policy
	Weight     int       // its share under SteerWeighted
	Prefer     string    // an expression; clients for whom it is true prefer the pool. "" is false
	SvcParams  SvcParams // of HTTPS and SVCB records that point to the record while the pool answers
	CNAME      bool      // it answers with a CNAME for the host name, which is its only endpoint
}

// Next reports whether the addresses of the pool are those of the next plugins.
func (p *Pool) Next() bool { return len(p.Endpoints) == 1 && p.Endpoints[0].Next }

// An Endpoint is what an answer may carry: one address, the addresses of a host name,
// or the addresses of the next plugins.
type Endpoint struct {
	Addr     netip.Addr // invalid for a host name and for the next plugins
	Host     string     // absolute and lower case, or ""
	Next     bool
	Name     string // in logs and metrics: its label, else its address, else ""
	Weight   int    // its share under the policies Weighted and Hash; 0 makes it a reserve
	Disabled bool   // neither probed nor served
	// Checks are those of the endpoint; without any it is always up. A Key without an
	// address applies to every address of the endpoint.
	Checks []healthcheck.Key
	// Require is how many of Checks must be up, 1 to len(Checks), or 0 without any.
	Require int
}

// ChecksOf ranges over the checks of one address of the endpoint.
func (e *Endpoint) ChecksOf(addr netip.Addr) iter.Seq[healthcheck.Key] {
	return func(yield func(healthcheck.Key) bool) {
		for _, key := range e.Checks {
			if !key.Addr.IsValid() {
				key.Addr = addr
			}
			if !yield(key) {
				return
			}
		}
	}
}

// A Quorum is a number of endpoints, or a percentage of all endpoints.
type Quorum struct {
	Count   int
	Percent int // if Count is 0
}

// of returns how many of n endpoints q requires, at least 1. Percentages are rounded
// up: 50 % of 3 is 2.
func (q Quorum) of(n int) int {
	if q.Count > 0 {
		return q.Count
	}
	return max(1, (n*q.Percent+99)/100)
}

// String returns q as it is written in the Corefile.
func (q Quorum) String() string {
	if q.Count > 0 {
		return strconv.Itoa(q.Count)
	}
	return strconv.Itoa(q.Percent) + "%"
}

// A Policy says which of the healthy endpoints of a pool an answer carries.
// Package policy reads it.
type Policy struct {
	Kind  PolicyKind
	Count int // addresses at most in an answer; 0 is no limit
}

// A PolicyKind is the word of a Policy in the Corefile.
type PolicyKind string

// The policies.
const (
	All        PolicyKind = "all"         // every healthy endpoint
	First      PolicyKind = "first"       // the first healthy endpoints in the order of the pool
	Random     PolicyKind = "random"      // drawn for each answer
	RoundRobin PolicyKind = "round_robin" // the next ones in rotation
	Weighted   PolicyKind = "weighted"    // drawn for each answer, in proportion to weight
	Hash       PolicyKind = "hash"        // the same ones for every answer to a client
)

// An AllDown says what is answered while no endpoint of any pool is healthy.
type AllDown struct {
	Kind AllDownKind
	Pool int // the index in Record.Pools if Kind is AllDownPool
}

// An AllDownKind is what an AllDown does.
type AllDownKind string

// What is answered while no endpoint of any pool is healthy.
const (
	AllDownPrimary  AllDownKind = "primary"  // all endpoints of the first pool
	AllDownAll      AllDownKind = "all"      // all endpoints of all pools, once each
	AllDownPool     AllDownKind = "pool"     // all endpoints of one named pool
	AllDownNoData   AllDownKind = "nodata"   // NOERROR without addresses
	AllDownServFail AllDownKind = "servfail" // SERVFAIL
	AllDownNext     AllDownKind = "next"     // what the next plugin says
)

// A Failback says when a pool that went down while it answered may answer again. The
// zero value is as soon as it is up.
type Failback struct {
	Hold  bool          // it is held back
	After time.Duration // until it has been up for this long; 0 is until an operator releases it
}

// A Steer says how pools are ranked.
type Steer struct {
	Kind   SteerKind
	Margin int // for SteerLatency: by what percentage a pool must be faster to be ranked before another
}

// A SteerKind is the word of a Steer in the Corefile.
type SteerKind string

// How pools are ranked.
const (
	SteerOrder    SteerKind = "order"    // in the order of the Corefile
	SteerLatency  SteerKind = "latency"  // by the round trips of their healthy endpoints
	SteerWeighted SteerKind = "weighted" // drawn in proportion to weight, for each client and minute
)
