package healthcheck

import (
	"context"
	"net/netip"
	"time"
)

// A Check is the configuration of one kind of probe. It is a comparable value:
// two checks are the same check exactly if they are ==. One whose probes have more
// than one descriptor open at a time has a method Descriptors() int64 that says so.
type Check interface {
	// Type is the check's word in the Corefile, such as "http".
	Type() string
	// String describes the check in a log line. It holds no secret.
	String() string
	// Prober makes ready what asks. It is called once for each checker that
	// starts.
	Prober() Prober
}

// A Prober asks targets how they are.
type Prober interface {
	// Probe asks the target at addr once, until ctx ends. nil is a pass. An
	// error is a fail, and says why in words that may be logged; one that
	// wraps [ErrInconclusive] says nothing about the target.
	//
	// Probe is called by many goroutines at a time.
	Probe(ctx context.Context, addr netip.Addr) error
}

var _ Prober = ProberFunc(nil)

// A ProberFunc is a function that is a [Prober].
type ProberFunc func(ctx context.Context, addr netip.Addr) error

// Probe calls f.
func (f ProberFunc) Probe(ctx context.Context, addr netip.Addr) error { return f(ctx, addr) }

// A Spec is a check and what its results mean. All fields are set: whoever
// makes a Spec fills in the defaults, so that equal settings make equal Specs.
type Spec struct {
	Check        Check
	Interval     time.Duration // from start to start of the probes of a settled endpoint
	Timeout      time.Duration // of one probe, at most Interval
	FastInterval time.Duration // Interval while a failure waits to be confirmed
	Fall         Threshold     // what makes an endpoint that is up go down
	Rise         Threshold     // what makes an endpoint that is down come up
	Damping      time.Duration // going down within it after coming up doubles Rise; 0 is off
	Jitter       int           // per cent by which every wait is varied, 0 to 50
	Invert       bool          // a pass is a fail, and a fail is a pass
	Watch        bool          // the Prober is a Watcher, and what it opened is watched between probes
	Source4      netip.Addr    // local address for IPv4; invalid leaves it to the kernel
	Source6      netip.Addr    // local address for IPv6; invalid leaves it to the kernel
}

// Defaults of a Spec. An interval smaller than them bounds the others.
const (
	DefaultInterval     = 2 * time.Second
	DefaultTimeout      = time.Second
	DefaultFastInterval = 500 * time.Millisecond
	DefaultDamping      = 10 * time.Minute
	DefaultJitter       = 10
)

// Defaults of the thresholds. The duration of DefaultFall outlasts one lost
// SYN, which is sent again only after a second.
var (
	DefaultFall = Threshold{Count: 5, For: 3 * time.Second}
	DefaultRise = Threshold{Count: 5}
)

// A Threshold is reached by Count consecutive results of one kind that span at
// least For, from the start of the first probe to the end of the last.
type Threshold struct {
	Count int
	For   time.Duration
}

// A Key identifies a checker by all that it does.
type Key struct {
	Spec Spec
	Addr netip.Addr // whom the probe asks, or on whose behalf it asks another
}
