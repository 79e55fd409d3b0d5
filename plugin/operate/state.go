package operate

import (
	"maps"
	"time"

	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/event"
	"github.com/coredns-failover/failover/plugin/override"
	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/plugin/state"
)

// A stateFile is open as long as a generation uses it.
type stateFile struct {
	*state.File
	operator *Operator
	path     string
	users    int           // guarded by Operator.mu
	closed   chan struct{} // ends the goroutine that has changes written
	failing  bool          // used by one write at a time
}

// restored is what an earlier process knew.
type restored struct {
	*state.Content
	maxAge time.Duration
	now    time.Time
}

// memory returns what is known of a record. r may be nil.
func (r *restored) memory(at pool.Place) (pool.Memory, bool) {
	if r == nil {
		return pool.Memory{}, false
	}
	return r.Memory(at, r.now, r.maxAge)
}

// openStateLocked opens the file of c, or returns that of another generation. What is in
// it counts for a process that has just started.
func (o *Operator) openStateLocked(c *Config) (*stateFile, error) {
	for _, g := range o.opened {
		if g.state != nil && g.state.path == c.StatePath {
			g.state.users++
			return g.state, nil
		}
	}
	s := &stateFile{operator: o, path: c.StatePath, users: 1, closed: make(chan struct{})}
	f, held, bad, err := state.Open(c.StatePath, o.registry.Clock(), state.Hooks{Collect: o.collect, Written: s.written})
	if err != nil {
		return nil, err
	}
	if bad != nil {
		o.hooks.Warn("%s cannot be read and is %s.bad from now on: %v", c.StatePath, c.StatePath, bad)
	}
	s.File = f
	if held != nil && !o.begun {
		o.restoreLocked(held, c.StateAge)
	}
	go s.follow(o.journal)
	return s, nil
}

func (o *Operator) restoreLocked(c *state.Content, maxAge time.Duration) {
	o.restored = &restored{c, maxAge, o.registry.Clock().Now()}
	list := make([]override.Override, len(c.Overrides))
	for i, v := range c.Overrides {
		list[i] = v.Override
		list[i].Frozen = v.Frozen
	}
	strips := make(map[pool.Place][]event.Change)
	for _, r := range c.Records {
		strips[r.Place] = r.Strip
	}
	o.journal.Restore(c.Events, strips)
	o.overrides.Restore(list)
	for name, at := range c.Heartbeats {
		probe.Beat(name, at, nil)
	}
}

// follow has the file written soon after anything has happened.
func (s *stateFile) follow(j *event.Journal) {
	for {
		_, grown := j.Last()
		select {
		case <-grown:
			s.Changed()
		case <-s.closed:
			return
		}
	}
}

// written says once that the file cannot be written, until it can be again.
func (s *stateFile) written(err error) {
	switch {
	case err == nil:
		s.failing = false
		return
	case !s.failing:
		s.operator.hooks.Warn("%s cannot be written, and a restart will forget what happens: %v", s.path, err)
	}
	s.failing = true
	s.operator.hooks.StateFailed()
}

// release gives the file back. s may be nil.
func (s *stateFile) release() {
	if s == nil {
		return
	}
	s.operator.mu.Lock()
	s.users--
	last := s.users == 0
	s.operator.mu.Unlock()
	if last {
		close(s.closed)
		s.Close()
	}
}

// collect returns what a restart must not forget.
func (o *Operator) collect() state.Content {
	c := state.Content{Heartbeats: probe.Beats(), Events: o.journal.Entries(event.Query{})}
	for _, v := range o.overrides.List() {
		c.Overrides = append(c.Overrides, state.Override{Override: v, Frozen: v.Frozen})
	}
	strips := o.journal.Strips()
	for at, k := range o.knownRecords() {
		if k.record != nil {
			k.memory = k.record.Memory()
		}
		c.Records = append(c.Records, state.Record{Place: at, Memory: k.memory, Strip: strips[at]})
	}
	return c
}

func (o *Operator) knownRecords() map[pool.Place]known {
	o.recordsMu.Lock()
	defer o.recordsMu.Unlock()
	return maps.Clone(o.known)
}

// saveWithLocked lets overrides be saved in the file of the newest generation.
func (o *Operator) saveWithLocked() {
	if f := o.fileLocked(); f != nil {
		o.overrides.SaveWith(f.Save)
	} else {
		o.overrides.SaveWith(nil)
	}
}

func (o *Operator) fileLocked() *stateFile {
	if n := len(o.opened); n > 0 {
		return o.opened[n-1].state
	}
	return nil
}

// save writes the file now, if there is one.
func (o *Operator) save() error {
	o.mu.Lock()
	f := o.fileLocked()
	o.mu.Unlock()
	if f == nil {
		return nil
	}
	return f.Save()
}

// changed has the file written soon, if there is one.
func (o *Operator) changed() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if f := o.fileLocked(); f != nil {
		f.Changed()
	}
}
