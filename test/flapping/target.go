package flapping

import (
	"math/rand/v2"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

// How long targets take.
const (
	passTakes    = 5 * time.Millisecond
	refusalTakes = time.Millisecond
	forever      = healthcheck.DefaultInterval * 1000 // longer than any timeout
)

// A target returns the result of a probe that begins at a time, and how long it takes.
type target func(at time.Duration, random *rand.Rand) (healthcheck.Result, time.Duration)

func fine(time.Duration, *rand.Rand) (healthcheck.Result, time.Duration) {
	return healthcheck.Pass, passTakes
}

func refuses(time.Duration, *rand.Rand) (healthcheck.Result, time.Duration) {
	return healthcheck.Fail, refusalTakes
}

func silent(time.Duration, *rand.Rand) (healthcheck.Result, time.Duration) {
	return healthcheck.Fail, forever
}

// sometimes returns a target that treats a share of the probes as bad does, and passes the
// others.
func sometimes(share float64, bad target) target {
	return func(at time.Duration, random *rand.Rand) (healthcheck.Result, time.Duration) {
		if random.Float64() < share {
			return bad(at, random)
		}
		return fine(at, random)
	}
}

// A span is a time span that excludes its end.
type span struct{ from, to time.Duration }

func (s span) holds(at time.Duration) bool { return s.from <= at && at < s.to }

// during returns a target that is other in the span s, and else t. A probe in flight when s
// begins meets other.
func (t target) during(s span, other target) target {
	return func(at time.Duration, random *rand.Rand) (healthcheck.Result, time.Duration) {
		met := max(at, s.from)
		if met-at >= passTakes || !s.holds(met) {
			return t(at, random)
		}
		r, took := other(met, random)
		return r, met - at + took
	}
}
