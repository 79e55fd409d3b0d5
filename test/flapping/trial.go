package flapping

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

// A trial is one simulation of a record.
type trial struct {
	primary []target // the endpoints
	until   time.Duration
	dead    []span        // while no endpoint of the primary is healthy
	grey    []span        // while the primary is neither healthy nor dead
	due     bool          // the record has to fail over while the primary is dead
	over    time.Duration // when the primary is healthy until the end, or 0
}

// An outcome is that of one or more trials.
type outcome struct {
	Trials  int
	Time    time.Duration   // of the trials together
	False   int             // false failovers
	Found   []time.Duration // from the death of the primary to the failover
	Missed  int             // deaths that ended before a failover
	Stale   time.Duration   // answered from the primary while it was dead
	Away    time.Duration   // answered from the secondary while the primary was healthy
	UpTime  time.Duration   // answered from the primary
	Returns []time.Duration // from the end of the trouble to the failback
}

func (o *outcome) add(other outcome) {
	o.Trials += other.Trials
	o.Time += other.Time
	o.False += other.False
	o.Found = append(o.Found, other.Found...)
	o.Missed += other.Missed
	o.Stale += other.Stale
	o.Away += other.Away
	o.UpTime += other.UpTime
	o.Returns = append(o.Returns, other.Returns...)
}

// run runs the trial with the settings s.
func (t *trial) run(s *healthcheck.Spec, seed uint64) outcome {
	aways := t.away(s, seed)
	o := outcome{Trials: 1, Time: t.until}
	for _, away := range aways {
		if !t.due || !slices.ContainsFunc(t.dead, func(d span) bool { return d.holds(away.from) }) {
			o.False++
		}
		o.Away += away.to - away.from - overlap(away, t.dead) - overlap(away, t.grey)
		o.UpTime -= away.to - away.from
	}
	o.UpTime += t.until
	for _, d := range t.dead {
		o.Stale += d.to - d.from
		for _, away := range aways {
			o.Stale -= overlap(away, []span{d})
		}
		if t.due {
			o.find(d, aways)
		}
	}
	for _, away := range aways {
		if t.over > 0 && away.holds(t.over) && away.to < t.until {
			o.Returns = append(o.Returns, away.to-t.over)
		}
	}
	return o
}

// find records how soon the death d led to a failover.
func (o *outcome) find(d span, aways []span) {
	i := slices.IndexFunc(aways, func(away span) bool { return away.to > d.from })
	if i < 0 || aways[i].from >= d.to {
		o.Missed++
		return
	}
	o.Found = append(o.Found, max(0, aways[i].from-d.from))
}

// overlap returns how much of s is in others, which do not overlap each other.
func overlap(s span, others []span) (sum time.Duration) {
	for _, o := range others {
		sum += max(0, min(s.to, o.to)-max(s.from, o.from))
	}
	return sum
}

// A change is a transition of an endpoint.
type change struct {
	at       time.Duration
	endpoint int
	to       healthcheck.State
}

// away returns the spans in which the record answers from the secondary.
func (t *trial) away(s *healthcheck.Spec, seed uint64) (spans []span) {
	var changes []change
	for i, target := range t.primary {
		changes = append(changes, simulate(s, target, i, t.until, seed)...)
	}
	slices.SortStableFunc(changes, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	down := make([]bool, len(t.primary))
	for _, c := range changes {
		before := !slices.Contains(down, false)
		down[c.endpoint] = !c.to.Healthy()
		switch now := !slices.Contains(down, false); {
		case now && !before:
			spans = append(spans, span{c.at, t.until})
		case before && !now:
			spans[len(spans)-1].to = c.at
		}
	}
	return spans
}

// simulate returns the changes of one endpoint. Its first probe begins within 1 s, as in the
// server.
func simulate(s *healthcheck.Spec, target target, endpoint int, until time.Duration, seed uint64) (changes []change) {
	random := rand.New(rand.NewPCG(seed, uint64(endpoint)))
	first := time.Duration(random.Int64N(int64(time.Second)))
	healthcheck.Simulate(s, random, until-first, func(at time.Duration) (healthcheck.Result, time.Duration) {
		return target(first+at, random)
	}, func(at time.Duration, to healthcheck.State) {
		changes = append(changes, change{min(first+at, until), endpoint, to})
	})
	return changes
}
