package event

import (
	"time"

	"github.com/coredns-failover/failover/plugin/pool"
)

// A Kind says what has happened.
type Kind uint8

// The kinds of events, with the fields that they set. All set Time; events with Record also
// set Server and View.
const (
	CheckChanged      Kind = iota // Check, Endpoint, From, To, Reason: the state of a check changed
	CheckInconclusive             // Check, Endpoint, Reason: once for all checks with the same reason
	CheckPanicked                 // Check, Endpoint, Reason, Stack: once an hour for each check
	ProbeDelayed                  // Limit: a probe waits, as others have that many files open
	Frozen                        // no witness answers: no state changes
	Thawed                        // a witness answers again
	LookupFailed                  // Name, Reason, Stack if it panicked: once until it succeeds again
	LookupRecovered               // Name
	EndpointChanged               // Record, Pool, Endpoint, To: also told at the start
	EndpointGone                  // Record, Pool, Endpoint: lookups no longer find its address
	PoolChanged                   // Record, From, To, State, Reason: another pool answers; also told at the start
	StateChanged                  // Record, Pool, From, To, Reason: or still degraded, with another pool
)

// An Event is one thing that has happened. It is a plain value that subscribers may keep.
type Event struct {
	Kind   Kind
	Time   time.Time
	Record string // the name of the record
	Server string // the first address that its server block listens on
	View   string // that of the server block
	Pool   string
	// Endpoint is the name of an endpoint in logs and metrics; for checks, the address.
	Endpoint string
	Check    string
	Name     string // that is looked up
	// From and To are states or pools. At the start of a record, From is what was so
	// before a reload, or "".
	From, To string
	State    pool.State // of the record, after the event
	Reason   string     // in words, for people
	Stack    []byte     // of a panic
	Limit    int64
}

// IsStart reports whether the event is about the start of a new record, and so is not a
// change.
func (e *Event) IsStart() bool { return e.From == "" }

// A Subscriber receives events.
type Subscriber func(Event)

// tell calls every subscriber, one after the other.
func tell(to []Subscriber, e Event) {
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	for _, s := range to {
		s(e)
	}
}
