package pool

import (
	"sync/atomic"

	"github.com/miekg/dns"
)

// A View is what a query sees of a record: which pools may answer, and with what.
// It is immutable and shared by all queries until the next change.
type View struct {
	// Pool is the index in Record.Pools of the pool that answers, or None. Where
	// Choose is set another of Ranked may answer a client.
	Pool int
	// State says how the record is doing.
	State State
	// Mode is how queries for addresses are answered.
	Mode Mode
	// By is the stage that decided for Pool.
	By Stage
	// TTL bounds what is cached of the answer, in seconds.
	TTL uint32
	// Why says in words what a degraded record serves from Pool. It holds no
	// addresses. It is text for people alone: State and Mode say all that it says.
	Why string
	// Choose says that the pool depends on who asks: on Pool.Prefer, or on
	// SteerWeighted.
	Choose bool
	// Ranked are the pools that may answer, best first. It is empty while no
	// endpoint is healthy.
	Ranked []int
	// Sets are what the pools answer with, as Record.Pools; those that answer
	// nobody are nil.
	Sets []*Set
	// Down is what is answered while no endpoint is healthy.
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
	Degraded   State = "degraded"    // no pool is healthy
)

// A Mode says how queries for the addresses of a record are answered. Extended DNS
// Errors are for clients that speak EDNS.
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
// A record is Pending until the first lookup of a host name has ended, and goes on
// with any other mode. NoAddress is left once an address is known.
type Mode uint8

// The modes of a View.
const (
	Answer    Mode = iota // with what Set gives
	NoData                // there is nothing to give, and all_down wants that or it is known that there is nothing
	ServFail              // all_down wants that
	Next                  // the next plugins answer
	Pending               // the first lookup of the pool has not ended
	NoAddress             // nobody has ever said which addresses some endpoint has: NODATA would be a guess
)

// A Stage is one of those in which it is decided what answers, in the order in
// which the package documentation has them.
type Stage string

// The stages that decide for a pool.
const (
	ByMinHealthy Stage = "min_healthy" // the first healthy pool, or without any the first with a healthy endpoint
	ByFailback   Stage = "failback"    // a better pool is held back
	ByPrefer     Stage = "prefer"      // the client prefers it
	BySteer      Stage = "steer"       // it is the fastest, or drawn by weight
	ByAllDown    Stage = "all_down"    // no endpoint is healthy
)

// Set returns what a pool answers with, which may be None.
func (v *View) Set(p int) *Set {
	if p == None {
		return v.Down
	}
	return v.Sets[p]
}

// A Set is what one pool answers with at one moment.
type Set struct {
	Policy Policy
	// A and AAAA are the healthy endpoints.
	A, AAAA Family
	// Panic says that so few are healthy that all are in it.
	Panic bool
	// CNAME is the whole answer of a pool that answers with a CNAME, else nil.
	CNAME dns.RR
	// Next says that the next plugins gave the addresses.
	Next bool
	// SvcParams are those of HTTPS and SVCB records that lead to the addresses.
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
	// RRs are the addresses that answers may carry, in the order of the Corefile,
	// as records that are ready to be sent. They are shared by all answers: never
	// write into them. For Weighted and Hash there are no reserves among them
	// unless there is nothing else.
	RRs []dns.RR
	// Shares are the sums of the weights up to each of them, for Weighted and Hash.
	Shares []uint64
	// IDs tell them apart, for Hash: the same for an address at all times, and
	// every bit as good as any other.
	IDs []uint64
	// Delays are the inverses of their weights, in 2^-31, for Hash.
	Delays []uint32
	// Even says that all Delays are the same.
	Even bool
	// Reply is what the next plugins said, for a pool of theirs, or nil. Its
	// records have the TTLs of an answer.
	Reply *Reply
	// Rotation counts the answers of RoundRobin, LinkedRotation those that lead to its
	// name. They are shared by all Sets of a pool.
	Rotation, LinkedRotation *atomic.Uint64
	// Whole says that RRs are all of the Reply, so that its signatures hold.
	Whole bool
}
