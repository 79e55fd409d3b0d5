package corefile

import (
	"math"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

const (
	minInterval = 20 * time.Millisecond
	maxInterval = time.Hour
	minTimeout  = 10 * time.Millisecond // and fast interval
)

// timing is when a check asks, and from where. The settings of every type begin
// with it.
type timing struct {
	healthcheck.Spec // without Check

	// The lines that set them, until they are complete. Equal settings are found by
	// ==, so that both are nil from then on.
	timeout, fastInterval *line
}

// schedule returns t, for what has only the interface of its settings.
func (t *timing) schedule() *timing { return t }

// timingProperties are those that every check has which asks anybody.
var timingProperties = properties[*timing]{
	"interval":      {usage: "interval DURATION", min: 1, max: 1, read: (*timing).readInterval},
	"timeout":       {usage: "timeout DURATION", min: 1, max: 1, read: (*timing).readTimeout},
	"fast_interval": {usage: "fast_interval DURATION", min: 1, max: 1, read: (*timing).readFastInterval},
	"fall":          {usage: "fall COUNT [DURATION]", min: 1, max: 2, read: (*timing).readFall},
	"rise":          {usage: "rise COUNT [DURATION]", min: 1, max: 2, read: (*timing).readRise},
	"damping":       {usage: "damping WINDOW|off", min: 1, max: 1, read: (*timing).readDamping},
	"jitter":        {usage: "jitter N%", min: 1, max: 1, read: (*timing).readJitter},
	"invert":        {usage: "invert", read: (*timing).readInvert},
}

// sourceProperties are those of checks that send something.
var sourceProperties = properties[*timing]{
	"source": {usage: "source ADDR", min: 1, max: 1, repeatable: true, read: (*timing).readSource},
}

// askingProperties are those of checks that ask somebody over the network.
var askingProperties = join(timingProperties, sourceProperties)

// watchProperties are those of checks that can keep a connection open.
var watchProperties = properties[*timing]{
	"watch": {usage: "watch", read: (*timing).readWatch},
}

// defaultSpec has no Timeout and no FastInterval: they depend on Interval.
func defaultSpec() healthcheck.Spec {
	return healthcheck.Spec{
		Interval: healthcheck.DefaultInterval,
		Fall:     healthcheck.DefaultFall,
		Rise:     healthcheck.DefaultRise,
		Damping:  healthcheck.DefaultDamping,
		Jitter:   healthcheck.DefaultJitter,
	}
}

func (t *timing) readInterval(l line) (err error) {
	t.Interval, err = l.duration(l.words[1], minInterval, maxInterval,
		"from "+short(minInterval)+" to "+short(maxInterval))
	return err
}

func (t *timing) readTimeout(l line) error {
	t.timeout = &l
	return nil
}

func (t *timing) readFastInterval(l line) error {
	t.fastInterval = &l
	return nil
}

// complete reads what the interval bounds, wherever that stands in the body of
// the check at l, and refuses to watch what has to fail.
func (t *timing) complete(l line) (err error) {
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
		return l.errf("check %s: expected one of watch and invert, and both are set", l.words[1])
	}
	return nil
}

func upToInterval(l *line, interval, without time.Duration) (time.Duration, error) {
	if l == nil {
		return without, nil
	}
	return l.duration(l.words[1], minTimeout, interval,
		"from "+short(minTimeout)+" to "+short(interval)+", the interval")
}

func (t *timing) readFall(l line) (err error) {
	t.Fall, err = readThreshold(l)
	return err
}

func (t *timing) readRise(l line) (err error) {
	t.Rise, err = readThreshold(l)
	return err
}

func readThreshold(l line) (t healthcheck.Threshold, err error) {
	if t.Count, err = l.number(l.words[0], l.words[1], 1, 1000); err != nil {
		return t, err
	}
	if len(l.words) > 2 {
		t.For, err = l.duration(l.words[2], 0, math.MaxInt64, "such as 3s")
	}
	return t, err
}

func (t *timing) readJitter(l line) (err error) {
	t.Jitter, err = l.percent(l.words[1], 0, 50)
	return err
}

func (t *timing) readDamping(l line) (err error) {
	if l.words[1] == "off" {
		t.Damping = 0
		return nil
	}
	t.Damping, err = l.duration(l.words[1], 1, math.MaxInt64, "above 0, or off")
	return err
}

// readSource reads the one local address of a family.
func (t *timing) readSource(l line) error {
	addr, err := l.address("source", l.words[1])
	if err != nil {
		return err
	}
	of, family := &t.Source4, "IPv4"
	if addr.Is6() {
		of, family = &t.Source6, "IPv6"
	}
	if of.IsValid() {
		return l.errf("source %s: a source for %s is given twice", addr, family)
	}
	*of = addr
	return nil
}

func (t *timing) readInvert(line) error {
	t.Invert = true
	return nil
}

func (t *timing) readWatch(line) error {
	t.Watch = true
	return nil
}
