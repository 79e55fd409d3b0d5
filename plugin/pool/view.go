package pool

import (
	"sync/atomic"

	"github.com/miekg/dns"
)

// A View says which pools of a record may answer, and with which records. It is
// immutable and shared by all queries until the next change.
type View struct {
	// Pool is the index in Record.Pools of the pool that answers, or None. If Choose is
	// set, another pool of Ranked may answer a client.
	Pool int
	// State says how the record is doing.
	State State
	// Mode is how queries for addresses are answered.
	Mode Mode
	// Unhealthy says that nothing healthy is left to answer.
	Unhealthy bool
	// By is the stage that decided for Pool.
	By Stage
	// TTL is the highest TTL of records in answers, in seconds.
	TTL uint32
	// Why says in words what a degraded record answers with, without addresses. It is
	// only for people: State and Mode say the same.
	Why string
	// Choose says that the pool depends on the client, by Pool.Prefer or SteerWeighted.
	Choose bool
	// Ranked are the pools that may answer, best first. It is empty while no
	// endpoint is healthy.
	Ranked []int
	// Sets are the answers of the pools, as Record.Pools; nil for pools that do not answer.
	Sets []*Set
	// Down is the answer while no endpoint is healthy.
	Down *Set
}

// None stands for the pool while no endpoint of any pool is healthy. NoneName
// is its name in logs and metrics.
const (
	None     = -1
	NoneName = "none"
)

// A State says how a record is doing.
type State string

// The states of a record.
const (
	OK         State = "ok"          // the first pool answers
	FailedOver State = "failed_over" // a pool of lower rank answers
	Degraded   State = "degraded"    // no pool is up; decided by Tracker.rank
)

// A Mode says how queries for the addresses of a record are answered. Extended DNS Errors
// (RFC 8914) go to clients with EDNS.
//
//	mode       state           A and AAAA are answered with             Extended DNS Error
//	Answer     OK, FailedOver  the addresses of Set, else NODATA        none
//	Answer     Degraded        the addresses of Set, else NODATA        Why
//	NoData     Degraded        NODATA                                   Why
//	ServFail   Degraded        SERVFAIL                                 Why
//	Next       OK, FailedOver  what the next plugins answer, until it   none
//	                           is known which addresses they give
//	Next       Degraded        what the next plugins answer             Why
//	Pending    OK, FailedOver  SERVFAIL, which no cache keeps           none
//	NoAddress  Degraded        SERVFAIL                                 Why
//
// A record is Pending until the first lookup of a host name has ended; any other mode
// may follow. NoAddress ends once an address is known.
type Mode uint8

// The modes of a View.
const (
	Answer    Mode = iota // with what Set gives
	NoData                // all_down is nodata, or it is known that there are no addresses
	ServFail              // all_down is servfail
	Next                  // the next plugins answer
	Pending               // the first lookup of the pool has not ended
	NoAddress             // no lookup of some endpoint has ever succeeded: NODATA would be a guess
)

// A Stage is one of the stages of the decision that the package documentation lists.
type Stage string

// The stages that decide for a pool.
const (
	ByMinHealthy Stage = "min_healthy" // it is the first pool that is up or, if none is, that has a healthy endpoint
	ByFailback   Stage = "failback"    // a pool of better rank is held back
	ByPrefer     Stage = "prefer"      // the client prefers it
	BySteer      Stage = "steer"       // it is the fastest, or drawn by weight
	ByAllDown    Stage = "all_down"    // no endpoint is healthy
	ByOverride   Stage = "override"    // the operator wants it
)

// Set returns the answer of a pool by its index, which may be None.
func (v *View) Set(p int) *Set {
	if p == None {
		return v.Down
	}
	return v.Sets[p]
}

// A Set is the answer of one pool in a View.
type Set struct {
	Policy Policy
	// A and AAAA are the healthy endpoints.
	A, AAAA Family
	// Panic says that all endpoints are in the Set, as too few are healthy.
	Panic bool
	// CNAME is the answer of a pool that answers with a CNAME, else nil.
	CNAME dns.RR
	// Next says that the addresses are those of the next plugins.
	Next bool
	// SvcParams are for HTTPS and SVCB records that point to the record.
	SvcParams SvcParams
}

func (s *Set) empty() bool { return s.CNAME == nil && len(s.A.RRs)+len(s.AAAA.RRs) == 0 }

// Family returns the endpoints of the family that qtype asks for.
func (s *Set) Family(qtype uint16) *Family {
	if qtype == dns.TypeAAAA {
		return &s.AAAA
	}
	return &s.A
}

// A Family is the endpoints of one family in a Set.
type Family struct {
	// RRs are the records that answers may carry, in the order of the Corefile. All
	// answers share them: never write into them. For Weighted and Hash they have
	// reserves only if there is nothing else.
	RRs []dns.RR
	// Weights are those of RRs, for Weighted and Hash, else nil.
	*Weights
	// Reply is the reply of the next plugins, if the pool is theirs, or nil. Its TTLs
	// are at most those of an answer.
	Reply *Reply
	// Rotation counts the answers of RoundRobin, LinkedRotation the answers that point to
	// the name. All Sets of a pool share them. They are nil for other policies.
	Rotation, LinkedRotation *atomic.Uint64
	// Whole says that RRs are all addresses of Reply, so that its signatures hold.
	Whole bool
}

// Weights are the weights of the endpoints of a Family.
type Weights struct {
	// Shares are the running sums of the weights.
	Shares []uint64
	// IDs are hashes of the addresses, for Hash. They never change.
	IDs []uint64
	// Delays are the inverses of the weights, in units of 2^-31, for Hash.
	Delays []uint32
	// Even says that all Delays are the same.
	Even bool
}
