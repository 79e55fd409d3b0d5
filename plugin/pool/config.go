package pool

import (
	"net/netip"

	"github.com/coredns-failover/failover/healthcheck"
)

// A Record is the configuration of one managed name.
type Record struct {
	Name    string // absolute and lower case; "*.apps.example.org." is a wildcard
	Zone    string // the ZONE under which it was configured, absolute and lower case
	TTL     uint32 // of its addresses, in seconds
	AllDown AllDown
	Pools   []Pool // in rank: the first healthy one answers
}

// A Pool is the configuration of endpoints that answer together.
type Pool struct {
	Name       string
	Endpoints  []Endpoint // in the order in which answers carry them
	MinHealthy int        // healthy endpoints below which the pool is down, at least 1
	Policy     Policy
}

// An Endpoint is one address that an answer may carry.
type Endpoint struct {
	Addr     netip.Addr
	Name     string // what logs and metrics call it: its label, else its address
	Disabled bool   // neither probed nor served
	// Checks are what is asked about the endpoint; without any it is always up.
	Checks []healthcheck.Key
	// Require is how many of Checks it must pass, 1 to len(Checks), or 0 without any.
	Require int
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
	All   PolicyKind = "all"   // every healthy endpoint
	First PolicyKind = "first" // the first healthy endpoints in the order of the pool
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
