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

// timingProperties are those that every check has which asks anybody.
var timingProperties = properties[*check]{
	"interval":      {usage: "interval DURATION", min: 1, max: 1, read: (*check).readInterval},
	"timeout":       {usage: "timeout DURATION", min: 1, max: 1, read: (*check).readTimeout},
	"fast_interval": {usage: "fast_interval DURATION", min: 1, max: 1, read: (*check).readFastInterval},
	"fall":          {usage: "fall COUNT [DURATION]", min: 1, max: 2, read: (*check).readFall},
	"rise":          {usage: "rise COUNT [DURATION]", min: 1, max: 2, read: (*check).readRise},
	"damping":       {usage: "damping WINDOW|off", min: 1, max: 1, read: (*check).readDamping},
	"jitter":        {usage: "jitter N%", min: 1, max: 1, read: (*check).readJitter},
	"invert":        {usage: "invert", read: (*check).readInvert},
}

// sourceProperties are those of checks that send something.
var sourceProperties = properties[*check]{
	"source": {usage: "source ADDR", min: 1, max: 1, repeatable: true, read: (*check).readSource},
}

// watchProperties are those of checks that can keep a connection open.
var watchProperties = properties[*check]{
	"watch": {usage: "watch", read: (*check).readWatch},
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

func (c *check) readInterval(l line) (err error) {
	c.spec.Interval, err = l.duration(l.words[1], minInterval, maxInterval,
		"from "+short(minInterval)+" to "+short(maxInterval))
	return err
}

func (c *check) readTimeout(l line) error {
	c.timeout = l
	return nil
}

func (c *check) readFastInterval(l line) error {
	c.fastInterval = l
	return nil
}

// completeTiming reads what the interval bounds, wherever that stands.
func (c *check) completeTiming() (err error) {
	s := &c.spec
	s.Timeout, err = upToInterval(c.timeout, s.Interval, min(healthcheck.DefaultTimeout, s.Interval/2))
	if err != nil {
		return err
	}
	s.FastInterval, err = upToInterval(c.fastInterval, s.Interval, min(healthcheck.DefaultFastInterval, s.Interval))
	return err
}

func upToInterval(l line, interval, without time.Duration) (time.Duration, error) {
	if len(l.words) == 0 {
		return without, nil
	}
	return l.duration(l.words[1], minTimeout, interval,
		"from "+short(minTimeout)+" to "+short(interval)+", the interval")
}

func (c *check) readFall(l line) (err error) {
	c.spec.Fall, err = readThreshold(l)
	return err
}

func (c *check) readRise(l line) (err error) {
	c.spec.Rise, err = readThreshold(l)
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

func (c *check) readJitter(l line) (err error) {
	c.spec.Jitter, err = l.percent(l.words[1], 0, 50)
	return err
}

func (c *check) readDamping(l line) (err error) {
	if l.words[1] == "off" {
		c.spec.Damping = 0
		return nil
	}
	c.spec.Damping, err = l.duration(l.words[1], 1, math.MaxInt64, "above 0, or off")
	return err
}

// readSource reads the one local address of a family.
func (c *check) readSource(l line) error {
	addr, err := l.address("source", l.words[1])
	if err != nil {
		return err
	}
	of, family := &c.spec.Source4, "IPv4"
	if addr.Is6() {
		of, family = &c.spec.Source6, "IPv6"
	}
	if of.IsValid() {
		return l.errf("source %s: a source for %s is given twice", addr, family)
	}
	*of = addr
	return nil
}

func (c *check) readInvert(line) error {
	c.spec.Invert = true
	return nil
}

func (c *check) readWatch(line) error {
	c.spec.Watch = true
	return nil
}

// completeWatch refuses to watch what has to fail.
func (c *check) completeWatch() error {
	if c.spec.Watch && c.spec.Invert {
		return c.at.errf("check %s: expected one of watch and invert, and both are set", c.typ)
	}
	return nil
}
