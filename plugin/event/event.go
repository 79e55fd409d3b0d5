package event

import (
	"time"

	"github.com/coredns-failover/failover/plugin/pool"
)

// A Kind says what has happened.
type Kind uint8

// The kinds of events, with the fields that they set. Those with a Record set Record,
// Server and View, and all set Time.
const (
	CheckChanged      Kind = iota // Check, Endpoint, From, To, Reason: a check has another result for good
	CheckInconclusive             // Check, Endpoint, Reason: once for all checks with the same reason
	CheckPanicked                 // Check, Endpoint, Reason, Stack: once an hour and check
	ProbeDelayed                  // Limit: a probe waits, as that many files are open for others
	Frozen                        // no witness answers: nothing changes its state
	Thawed                        // a witness answers again
	LookupFailed                  // Name, Reason, Stack if it panicked: once until it works again
	LookupRecovered               // Name
	EndpointChanged               // Record, Pool, Endpoint, To: also told at the start
	EndpointGone                  // Record, Pool, Endpoint: its address is not given any more
	PoolChanged                   // Record, From, To, State, Reason: another pool answers; also told at the start
	StateChanged                  // Record, Pool, From, To, Reason: or it is degraded as before, with another pool
)

// An Event is one thing that has happened. It is a plain value, which anybody may keep.
type Event struct {
	Kind   Kind
	Time   time.Time
	Record string // the name of the record
	Server string // the first address that its server block listens on
	View   string // that of the server block
	Pool   string
	// Endpoint is its name in logs and metrics; of checks it is the address.
	Endpoint string
	Check    string
	Name     string // that is looked up
	// From and To are states or pools. From is "" at the start of a record, unless it
	// is known from before a reload.
	From, To string
	State    pool.State // of the record, after the event
	Reason   string     // in words, for people
	Stack    []byte     // of a panic
	Limit    int64
}

// IsStart reports whether the event tells what is so at the start of a record, and
// not of a change.
func (e *Event) IsStart() bool { return e.From == "" }

// A Subscriber is told of events.
type Subscriber func(Event)

// tell tells every subscriber in turn.
func tell(to []Subscriber, e Event) {
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	for _, s := range to {
		s(e)
	}
}
