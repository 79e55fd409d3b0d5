package healthcheck

import (
	"context"
	"net/netip"
	"time"
)

// A Check is the configuration of one kind of probe. It is a comparable value: two
// checks are the same check if they are ==. A Check whose probes open more than one
// descriptor at a time has a method Descriptors() int64 that returns how many.
type Check interface {
	// Type returns the check's word in the Corefile, such as "http".
	Type() string
	// String describes the check in log lines. It holds no secret.
	String() string
	// Prober returns a Prober of the check. All checkers of the check share it.
	Prober() Prober
}

// A Clocked is a Check whose results depend on the time, which a Registry tells its Prober.
type Clocked interface {
	Check
	ProberAt(now func() time.Time) Prober
}

// A Prober probes targets.
type Prober interface {
	// Probe probes the target at addr once, until ctx ends. nil is a pass. An error
	// is a fail, or says nothing about the target if it wraps [ErrInconclusive]. Its
	// text is logged.
	//
	// Probe is called by many goroutines at a time.
	Probe(ctx context.Context, addr netip.Addr) error
}

var _ Prober = ProberFunc(nil)

// A ProberFunc is a function that is a [Prober].
type ProberFunc func(ctx context.Context, addr netip.Addr) error

// Probe calls f.
func (f ProberFunc) Probe(ctx context.Context, addr netip.Addr) error { return f(ctx, addr) }

// A Spec is a check and what its results mean. All fields are set, to the defaults
// too, so that equal settings make equal Specs.
type Spec struct {
	Check        Check
	Interval     time.Duration // between the starts of two probes of a settled endpoint
	Timeout      time.Duration // of one probe, at most Interval
	FastInterval time.Duration // Interval while a failure is to be confirmed
	Fall         Threshold     // takes an endpoint from up to down
	Rise         Threshold     // takes an endpoint from down to up
	Damping      time.Duration // going down again so soon after coming up doubles Rise; 0 is off
	Jitter       int           // varies every wait by so many per cent, 0 to 50
	Invert       bool          // a pass counts as a fail, and a fail as a pass
	Watch        bool          // watch the connection between probes; the Prober is a Watcher
	Source4      netip.Addr    // local address for IPv4; if invalid, the kernel chooses
	Source6      netip.Addr    // local address for IPv6; if invalid, the kernel chooses
}

// Defaults of a Spec. Timeout and FastInterval are never above Interval.
const (
	DefaultInterval     = 2 * time.Second
	DefaultTimeout      = time.Second
	DefaultFastInterval = 500 * time.Millisecond
	DefaultDamping      = 10 * time.Minute
	DefaultJitter       = 10
)

// Defaults of the thresholds. The duration of DefaultFall outlasts a lost SYN, which the
// kernel sends again after 1 s.
var (
	DefaultFall = Threshold{Count: 5, For: 3 * time.Second}
	DefaultRise = Threshold{Count: 5}
)

// A Threshold is reached after Count consecutive equal results, if at least For lies
// between the start of the first probe and the end of the last.
type Threshold struct {
	Count int
	For   time.Duration
}

// A Key identifies a checker by its whole configuration.
type Key struct {
	Spec Spec
	Addr netip.Addr // of the endpoint; a check may ask another host about it
}
