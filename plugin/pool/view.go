package pool

import (
	"github.com/miekg/dns"
)

// A View is what a query sees of a record: which pool answers, and with what.
// It is immutable and shared by all queries until the next change.
type View struct {
	// Pool is the index in Record.Pools of the pool that answers, or None.
	Pool int
	// State says how the record is doing.
	State State
	// Do is how queries for addresses are answered.
	Do Do
	// Policy picks from A and AAAA what one answer carries.
	Policy Policy
	// A and AAAA are the addresses to choose from, in the order of the
	// Corefile, as records that are ready to be sent. They are shared by all
	// answers: never write into them.
	A, AAAA []dns.RR
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

// Do is how queries for the addresses of a record are answered.
type Do uint8

// What is done with a query.
const (
	Answer   Do = iota // with A or AAAA; NODATA if there are none of that family
	ServFail           // with SERVFAIL
	Next               // with what the next plugin says
)

// RRs returns the addresses of the family that qtype asks for.
func (v *View) RRs(qtype uint16) []dns.RR {
	if qtype == dns.TypeAAAA {
		return v.AAAA
	}
	return v.A
}
