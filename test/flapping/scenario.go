package flapping

import (
	"fmt"
	"slices"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

// onset is when an event begins. Until then the primary is healthy.
const onset = 30 * time.Second

// A scenario is an event at a primary that is tried many times, or a condition that lasts.
type scenario struct {
	Name string
	Loss float64 // share of the probes that is lost all the time, if there is one endpoint; else 0

	trials int
	trial  func(i int) trial
}

// run simulates the scenario with the settings s.
func (c *scenario) run(s healthcheck.Spec) (sum outcome) {
	for i := range c.trials {
		t := c.trial(i)
		sum.add(t.run(&s, uint64(i)))
	}
	return sum
}

// probesLost returns a scenario in which a share of the probes of each endpoint is lost, all the
// time and independently.
func probesLost(share float64, endpoints int, all time.Duration) scenario {
	c := always(fmt.Sprintf("%g %% lost", 100*share), sometimes(share, silent), endpoints, all)
	if endpoints == 1 {
		c.Loss = share
		return c
	}
	c.Name += fmt.Sprintf(", %d endpoints", endpoints)
	return c
}

// probesRefused returns a scenario in which the only endpoint refuses a share of the probes all the
// time.
func probesRefused(share float64, all time.Duration) scenario {
	return always(fmt.Sprintf("%g %% refused", 100*share), sometimes(share, refuses), 1, all)
}

func always(name string, each target, endpoints int, all time.Duration) scenario {
	t := trial{until: all, primary: slices.Repeat([]target{each}, endpoints)}
	return scenario{Name: name, trials: 1, trial: func(int) trial { return t }}
}

// starts returns a scenario of starts of the server while a share of the probes is lost.
func starts(share float64, trials int) scenario {
	return scenario{
		Name:   fmt.Sprintf("start of the server, %g %% lost", 100*share),
		trials: trials,
		trial:  func(int) trial { return trial{primary: []target{sometimes(share, silent)}, until: onset} },
	}
}

// atEveryPhase returns a scenario with an event at each millisecond of the longest wait of a
// settled endpoint, several times each.
func atEveryPhase(name string, s healthcheck.Spec, times int, happens func(at time.Duration) trial) scenario {
	phases := int(longest(s.Interval, s.Jitter)/time.Millisecond) + 1
	return scenario{Name: name, trials: phases * times, trial: func(i int) trial {
		return happens(onset + time.Duration(i%phases)*time.Millisecond)
	}}
}

// An outage is a way in which a dead target fails probes.
type outage struct {
	name   string
	target target
}

// The outages: the host still answers, or nothing does.
var (
	outageRefused = outage{"refused", refuses}
	outageSilent  = outage{"silent", silent}
)

// restarts returns a scenario of restarts of the only endpoint, which should cause no failover.
func restarts(outage outage, s healthcheck.Spec, times int, takes time.Duration) scenario {
	return atEveryPhase(fmt.Sprintf("restart of %v, %s", takes, outage.name), s, times, func(at time.Duration) trial {
		down := span{at, at + takes}
		return trial{
			primary: []target{target(fine).during(down, outage.target)},
			until:   down.to + time.Minute,
			dead:    []span{down},
			over:    down.to,
		}
	})
}

// deaths returns a scenario in which the only endpoint is dead for a minute.
func deaths(outage outage, s healthcheck.Spec, times int) scenario {
	return atEveryPhase("death, "+outage.name, s, times, func(at time.Duration) trial {
		dead := span{at, at + time.Minute}
		return trial{
			primary: []target{target(fine).during(dead, outage.target)},
			until:   dead.to + time.Minute,
			dead:    []span{dead},
			due:     true,
			over:    dead.to,
		}
	})
}

// slowStarts returns a scenario in which the only endpoint is dead for a minute, and then
// refuses half of its probes for half a minute.
func slowStarts(s healthcheck.Spec, times int) scenario {
	return atEveryPhase("slow start, 50 % refused for 30 s", s, times, func(at time.Duration) trial {
		dead := span{at, at + time.Minute}
		slow := span{dead.to, dead.to + 30*time.Second}
		return trial{
			primary: []target{target(fine).during(slow, sometimes(0.5, refuses)).during(dead, refuses)},
			until:   slow.to + 3*time.Minute,
			dead:    []span{dead},
			grey:    []span{slow},
			due:     true,
			over:    slow.to,
		}
	})
}

// rollingRestarts returns a scenario in which the endpoints are down for 10 s each, one after
// the other, with a pause between. The primary is healthy all the time.
func rollingRestarts(s healthcheck.Spec, endpoints int, pause time.Duration) scenario {
	const takes = 10 * time.Second
	name := fmt.Sprintf("rolling restart of %d, 10 s each, pause %v", endpoints, pause)
	return atEveryPhase(name, s, 1, func(at time.Duration) trial {
		var t trial
		for range endpoints {
			down := span{at, at + takes}
			t.primary = append(t.primary, target(fine).during(down, refuses))
			t.over, at = down.to, down.to+pause
		}
		t.until = t.over + time.Minute
		return t
	})
}

// lossyHours returns a scenario in which half of the probes of the only endpoint are lost for
// an hour.
func lossyHours(trials int) scenario {
	return scenario{Name: "a path that loses 50 % for an hour", trials: trials, trial: func(int) trial {
		bad := span{onset, onset + time.Hour}
		return trial{
			primary: []target{target(fine).during(bad, sometimes(0.5, silent))},
			until:   bad.to + time.Hour,
			grey:    []span{bad},
			over:    bad.to,
		}
	}}
}

// scenarios returns all scenarios. Lasting conditions last for long.
func scenarios(s healthcheck.Spec, long time.Duration) []scenario {
	var all []scenario
	for _, share := range []float64{0.01, 0.02, 0.05, 0.1, 0.2, 0.3} {
		all = append(all, probesLost(share, 1, long))
	}
	for _, share := range []float64{0.05, 0.2, 0.3} {
		all = append(all, probesLost(share, 2, long))
	}
	return append(all,
		probesRefused(0.05, long),
		starts(0.01, 100000),
		starts(0.05, 100000),
		restarts(outageRefused, s, 10, time.Second),
		restarts(outageSilent, s, 10, time.Second),
		restarts(outageRefused, s, 10, 2*time.Second),
		restarts(outageRefused, s, 10, 3*time.Second),
		deaths(outageRefused, s, 10),
		deaths(outageSilent, s, 10),
		slowStarts(s, 5),
		rollingRestarts(s, 2, 0),
		rollingRestarts(s, 2, 10*time.Second),
		rollingRestarts(s, 4, 0),
		rollingRestarts(s, 4, 10*time.Second),
		lossyHours(1000),
	)
}
