package check

import (
	"math"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

const (
	minInterval = 20 * time.Millisecond
	maxInterval = time.Hour
	minTimeout  = 10 * time.Millisecond // also of fast_interval
)

// timing is the settings that all types of checks have. Their settings embed it.
type timing struct {
	healthcheck.Spec // without Check

	// The lines of these properties while the body is read. They are nil afterwards, so
	// that equal settings are equal by ==.
	timeout, fastInterval *syntax.Line
}

// schedule returns t. The tables of checks that embed timing use it.
func (t *timing) schedule() *timing { return t }

// timingProperties are the properties of all types of checks except none.
var timingProperties = syntax.Properties[*timing]{
	"interval":      {Usage: "interval DURATION", Min: 1, Max: 1, Read: (*timing).readInterval},
	"timeout":       {Usage: "timeout DURATION", Min: 1, Max: 1, Read: (*timing).readTimeout},
	"fast_interval": {Usage: "fast_interval DURATION", Min: 1, Max: 1, Read: (*timing).readFastInterval},
	"fall":          {Usage: "fall COUNT [DURATION]", Min: 1, Max: 2, Read: (*timing).readFall},
	"rise":          {Usage: "rise COUNT [DURATION]", Min: 1, Max: 2, Read: (*timing).readRise},
	"damping":       {Usage: "damping WINDOW|off", Min: 1, Max: 1, Read: (*timing).readDamping},
	"jitter":        {Usage: "jitter N%", Min: 1, Max: 1, Read: (*timing).readJitter},
	"invert":        {Usage: "invert", Read: (*timing).readInvert},
}

// sourceProperties are the properties of checks that use the network.
var sourceProperties = syntax.Properties[*timing]{
	"source": {Usage: "source ADDR", Min: 1, Max: 1, Repeatable: true, Read: (*timing).readSource},
}

// networkProperties are all properties of checks that use the network.
var networkProperties = syntax.Join(timingProperties, sourceProperties)

// watchProperties are the properties of checks that can keep a connection open.
var watchProperties = syntax.Properties[*timing]{
	"watch": {Usage: "watch", Read: (*timing).readWatch},
}

// defaultSpec returns the defaults, without Timeout and FastInterval, which depend on
// Interval.
func defaultSpec() healthcheck.Spec {
	return healthcheck.Spec{
		Interval: healthcheck.DefaultInterval,
		Fall:     healthcheck.DefaultFall,
		Rise:     healthcheck.DefaultRise,
		Damping:  healthcheck.DefaultDamping,
		Jitter:   healthcheck.DefaultJitter,
	}
}

func (t *timing) readInterval(l syntax.Line) (err error) {
	t.Interval, err = l.Duration(l.Words[1], minInterval, maxInterval,
		"from "+syntax.Short(minInterval)+" to "+syntax.Short(maxInterval))
	return err
}

func (t *timing) readTimeout(l syntax.Line) error {
	t.timeout = &l
	return nil
}

func (t *timing) readFastInterval(l syntax.Line) error {
	t.fastInterval = &l
	return nil
}

// complete parses the properties that interval limits, after the whole body of the check
// at l has been read. It refuses watch with invert.
func (t *timing) complete(l syntax.Line) (err error) {
	t.Timeout, err = upToInterval(t.timeout, t.Interval, min(healthcheck.DefaultTimeout, t.Interval/2))
	if err != nil {
		return err
	}
	t.FastInterval, err = upToInterval(t.fastInterval, t.Interval, min(healthcheck.DefaultFastInterval, t.Interval))
	if err != nil {
		return err
	}
	t.timeout, t.fastInterval = nil, nil
	if t.Watch && t.Invert {
		return l.Errf("check %s: expected one of watch and invert, and both are set", l.Words[1])
	}
	return nil
}

// upToInterval parses the duration in the line l, which must not exceed interval. It
// returns unset if there is no line.
func upToInterval(l *syntax.Line, interval, unset time.Duration) (time.Duration, error) {
	if l == nil {
		return unset, nil
	}
	return l.Duration(l.Words[1], minTimeout, interval,
		"from "+syntax.Short(minTimeout)+" to "+syntax.Short(interval)+", the interval")
}

func (t *timing) readFall(l syntax.Line) (err error) {
	t.Fall, err = readThreshold(l)
	return err
}

func (t *timing) readRise(l syntax.Line) (err error) {
	t.Rise, err = readThreshold(l)
	return err
}

func readThreshold(l syntax.Line) (t healthcheck.Threshold, err error) {
	if t.Count, err = l.Number(l.Words[0], l.Words[1], 1, 1000); err != nil {
		return t, err
	}
	if len(l.Words) > 2 {
		t.For, err = l.Duration(l.Words[2], 0, math.MaxInt64, "such as 3s")
	}
	return t, err
}

func (t *timing) readJitter(l syntax.Line) (err error) {
	t.Jitter, err = l.Percent(l.Words[1], 0, 50)
	return err
}

func (t *timing) readDamping(l syntax.Line) (err error) {
	if l.Words[1] == "off" {
		t.Damping = 0
		return nil
	}
	t.Damping, err = l.Duration(l.Words[1], 1, math.MaxInt64, "above 0, or off")
	return err
}

// readSource reads a local address. Each family may have one.
func (t *timing) readSource(l syntax.Line) error {
	addr, err := l.Address("source", l.Words[1])
	if err != nil {
		return err
	}
	source, family := &t.Source4, "IPv4"
	if addr.Is6() {
		source, family = &t.Source6, "IPv6"
	}
	if source.IsValid() {
		return l.Errf("source %s: a source for %s is given twice", addr, family)
	}
	*source = addr
	return nil
}

func (t *timing) readInvert(syntax.Line) error {
	t.Invert = true
	return nil
}

func (t *timing) readWatch(syntax.Line) error {
	t.Watch = true
	return nil
}
