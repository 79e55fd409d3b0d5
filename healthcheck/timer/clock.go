package timer

import (
	"sync"
	"time"
)

// A Clock returns the time and makes timers. The zero value is the real clock. A Clock must
// not be copied after first use.
type Clock struct {
	virtual *virtual // nil on the real clock

	mu     sync.Mutex // guards the following; taken with the mutex of a Timer held
	slots  map[moment]*slot
	parked []worker // that wait for a call
}

// A slot is a time at which several timers of the real clock run.
type slot struct {
	at     moment
	timers []*Timer
	timer  *time.Timer
}

// epoch is the origin of the real clock. It has a monotonic reading, so that setting the wall
// clock moves nothing.
var epoch = time.Now()

// Now returns the time of the clock.
func (c *Clock) Now() time.Time {
	if c.virtual != nil {
		return c.virtual.time()
	}
	return time.Now()
}

// moment returns t as the time since the origin of the clock. Times that are too long ago
// are the first moment.
func (c *Clock) moment(t time.Time) moment {
	origin := epoch
	if c.virtual != nil {
		origin = c.virtual.start
	}
	return max(unset+1, t.Sub(origin))
}

// until returns the time until a moment of the real clock.
func until(at moment) time.Duration { return time.Until(epoch.Add(at)) }

// arm makes t run at t.at. The mutex of t is held.
func (c *Clock) arm(t *Timer, slack time.Duration) {
	switch grain := grainOf(slack); {
	case c.virtual != nil:
		c.virtual.arm(t, grain)
	case grain > 0:
		c.join(t, t.at.Round(grain))
	case t.alone == nil:
		t.alone = time.AfterFunc(until(t.at), t.wakeAlone)
	default:
		t.alone.Reset(until(t.at))
	}
}

// disarm undoes arm.
func (c *Clock) disarm(t *Timer) {
	switch {
	case c.virtual != nil:
		c.virtual.disarm(t)
	case t.slot != nil:
		c.leave(t)
	default:
		t.alone.Stop()
	}
}

// join adds t to the slot at a moment.
func (c *Clock) join(t *Timer, at moment) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.slots[at]
	if s == nil {
		s = &slot{at: at}
		if c.slots == nil {
			c.slots = make(map[moment]*slot)
		}
		c.slots[at] = s
		s.timer = time.AfterFunc(until(at), func() { c.wake(s) })
	}
	t.slot, t.index = s, len(s.timers)
	s.timers = append(s.timers, t)
}

// leave removes t from its slot, unless wake has taken the slot.
func (c *Clock) leave(t *Timer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := t.slot
	t.slot = nil
	if c.slots[s.at] != s {
		return
	}
	last := len(s.timers) - 1
	s.timers[t.index] = s.timers[last]
	s.timers[t.index].index = t.index
	s.timers[last] = nil
	s.timers = s.timers[:last]
	if last == 0 {
		delete(c.slots, s.at)
		s.timer.Stop()
		c.endWorkers()
	}
}

// wake runs the timers of a slot.
func (c *Clock) wake(s *slot) {
	c.mu.Lock()
	if c.slots[s.at] != s {
		c.mu.Unlock()
		return // all timers have left
	}
	delete(c.slots, s.at)
	workers := c.unpark(len(s.timers))
	c.endWorkers()
	c.mu.Unlock()
	for i, t := range s.timers {
		if i < len(workers) {
			workers[i] <- call{t, s}
		} else {
			go c.work(call{t, s})
		}
	}
}

// Times with slack are rounded to multiples of one of the grains. Each grain divides the
// one before, so that timers with different grains share slots.
var grains = [...]time.Duration{50 * time.Millisecond, 10 * time.Millisecond, 5 * time.Millisecond, time.Millisecond}

// grainOf returns the coarsest grain that rounds by at most slack, or 0 if there is none.
func grainOf(slack time.Duration) time.Duration {
	for _, g := range grains {
		if g <= 2*slack {
			return g
		}
	}
	return 0
}
