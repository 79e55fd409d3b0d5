package timer

import "slices"

// maxParked is how many goroutines wait for the next slot at most. They have 8 KB each.
const maxParked = 256

// A call is a timer to run in a slot that has come.
type call struct {
	timer *Timer
	slot  *slot
}

// A worker is a goroutine that runs the timers of slots, one after the other. It is kept
// because its stack has grown to what a probe needs: a new goroutine copies its stack twice
// for that, which is a tenth of a probe. Workers end when no slot is left.
type worker chan call

// work runs a call, and those that wake gives to it afterwards.
func (c *Clock) work(next call) {
	w := make(worker, 1)
	for ok := true; ok; next, ok = <-w {
		next.timer.wakeIn(next.slot)
		if !c.park(w) {
			return
		}
	}
}

// park lets w wait for the next call. It returns false if w is not needed.
func (c *Clock) park(w worker) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.slots) == 0 || len(c.parked) == maxParked {
		return false
	}
	c.parked = append(c.parked, w)
	return true
}

// unpark returns n workers that wait, or as many as there are. c.mu is held.
func (c *Clock) unpark(n int) []worker {
	rest := len(c.parked) - min(n, len(c.parked))
	workers := slices.Clone(c.parked[rest:])
	c.parked = c.parked[:rest]
	return workers
}

// endWorkers ends the workers that wait, if no slot is left. c.mu is held.
func (c *Clock) endWorkers() {
	if len(c.slots) > 0 {
		return
	}
	for _, w := range c.unpark(maxParked) {
		close(w)
	}
}
