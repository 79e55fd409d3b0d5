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
	MinTTL   uint32 // the same while the answer may be about to change, at most TTL
	AllDown  AllDown
	Failback Failback
	Steer    Steer
	Pools    []Pool // in rank, as far as Steer does not say otherwise
}

// NeedsLookup reports whether not all addresses of the record stand in the
// Corefile.
func (rec Record) NeedsLookup() bool {
	return slices.ContainsFunc(rec.Pools, func(p Pool) bool {
		return slices.ContainsFunc(p.Endpoints, func(e Endpoint) bool { return !e.Addr.IsValid() })
	})
}

// A Pool is the configuration of endpoints that answer together.
type Pool struct {
	Name       string
	Endpoints  []Endpoint // in the order in which answers carry them
	MinHealthy Quorum     // healthy endpoints below which the pool is down
	Panic      int        // per cent of healthy endpoints below which all are served; 0 is off
	Policy     Policy
	Weight     int       // its share under SteerWeighted
	Prefer     string    // an expression; clients for whom it is true come here first. "" is nobody
	SvcParams  SvcParams // of answers that lead to the record while it answers
	CNAME      bool      // it answers with a CNAME for the host name that is its one endpoint
}

// Next reports whether the next plugins say what is in the pool.
func (p *Pool) Next() bool { return len(p.Endpoints) == 1 && p.Endpoints[0].Next }

// An Endpoint is a target that an answer may carry: an address, or those of a
// host name, or those that the next plugins give.
type Endpoint struct {
	Addr     netip.Addr // invalid for the latter two
	Host     string     // absolute and lower case, or ""
	Next     bool
	Name     string // what logs and metrics call it: its label, else its address, else ""
	Weight   int    // its share under the policies Weighted and Hash; 0 is a reserve
	Disabled bool   // neither probed nor served
	// Checks are what is asked about the endpoint; without any it is always up. A
	// Key without an address is meant for each that the endpoint has.
	Checks []healthcheck.Key
	// Require is how many of Checks it must pass, 1 to len(Checks), or 0 without any.
	Require int
}

// ChecksOf ranges over what is asked about the endpoint at one of its addresses.
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

// A Quorum is a number of endpoints, or a share of all that there are.
type Quorum struct {
	Count   int
	Percent int // if Count is 0
}

// of returns the number that q is of n endpoints, at least 1. No part of an
// endpoint is dropped: 50 % of 3 is 2.
func (q Quorum) of(n int) int {
	if q.Count > 0 {
		return q.Count
	}
	return max(1, (n*q.Percent+99)/100)
}

// String returns q as the Corefile has it.
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
	Random     PolicyKind = "random"      // any, each time anew
	RoundRobin PolicyKind = "round_robin" // the next in turn
	Weighted   PolicyKind = "weighted"    // any, in proportion to weight
	Hash       PolicyKind = "hash"        // always the same for a client
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

// A Failback says when a pool that was left because it was down takes over
// again. The zero value is at once.
type Failback struct {
	Hold  bool          // it is held back
	After time.Duration // until it has been healthy for so long; 0 is until it is released
}

// A Steer says how pools are ranked.
type Steer struct {
	Kind   SteerKind
	Margin int // per cent by which a pool must be faster to be ranked before another, for SteerLatency
}

// A SteerKind is the word of a Steer in the Corefile.
type SteerKind string

// How pools are ranked.
const (
	SteerOrder    SteerKind = "order"    // as they stand in the Corefile
	SteerLatency  SteerKind = "latency"  // by the round trips of their healthy endpoints
	SteerWeighted SteerKind = "weighted" // each client and minute by itself, in proportion to weight
)
