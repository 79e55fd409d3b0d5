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
	minTimeout  = 10 * time.Millisecond // and fast interval
)

// timing is when a check asks, and from where. The settings of every type begin
// with it.
type timing struct {
	healthcheck.Spec // without Check

	// The lines that set them, until they are complete. Equal settings are found by
	// ==, so that both are nil from then on.
	timeout, fastInterval *syntax.Line
}

// schedule returns t, for what has only the interface of its settings.
func (t *timing) schedule() *timing { return t }

// timingProperties are those that every check has which asks anybody.
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

// sourceProperties are those of checks that send something.
var sourceProperties = syntax.Properties[*timing]{
	"source": {Usage: "source ADDR", Min: 1, Max: 1, Repeatable: true, Read: (*timing).readSource},
}

// askingProperties are those of checks that ask somebody over the network.
var askingProperties = syntax.Join(timingProperties, sourceProperties)

// watchProperties are those of checks that can keep a connection open.
var watchProperties = syntax.Properties[*timing]{
	"watch": {Usage: "watch", Read: (*timing).readWatch},
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

// complete reads what the interval bounds, wherever that stands in the body of
// the check at l, and refuses to watch what has to fail.
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

func upToInterval(l *syntax.Line, interval, without time.Duration) (time.Duration, error) {
	if l == nil {
		return without, nil
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

// readSource reads the one local address of a family.
func (t *timing) readSource(l syntax.Line) error {
	addr, err := l.Address("source", l.Words[1])
	if err != nil {
		return err
	}
	of, family := &t.Source4, "IPv4"
	if addr.Is6() {
		of, family = &t.Source6, "IPv6"
	}
	if of.IsValid() {
		return l.Errf("source %s: a source for %s is given twice", addr, family)
	}
	*of = addr
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
