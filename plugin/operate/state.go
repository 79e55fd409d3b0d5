package operate

import (
	"slices"
	"sync"
	"time"

	"github.com/coredns-failover/failover/plugin/event"
	"github.com/coredns-failover/failover/plugin/state"
)

// A StateConfig is what a Corefile says of the state file.
type StateConfig struct {
	Path   string
	MaxAge time.Duration // up to which states of endpoints count
	// Refuse returns the error for the line of the Corefile.
	Refuse func(error) error
}

// A stateFile is open as long as a generation uses it.
type stateFile struct {
	*state.File
	operator *Operator
	path     string
	users    int            // guarded by Operator.mu
	ended    chan struct{}  // ends follow
	follows  sync.WaitGroup // 1 while follow runs

	mu      sync.Mutex // guards the following
	failing bool
}

// refreshes are how often in MAX_AGE, and maxRefresh is after which time at the latest, a
// file is written though nothing has changed: its age is that of what it says.
const (
	refreshes  = 4
	maxRefresh = time.Minute
)

// openStateLocked opens the file of c, or returns that of another generation. What is in
// it counts for a process that has just started.
func (o *Operator) openStateLocked(c *StateConfig) (*stateFile, error) {
	s := o.sharedStateLocked(c.Path)
	if s == nil {
		var err error
		if s, err = o.newStateLocked(c); err != nil {
			return nil, c.Refuse(err)
		}
	}
	s.users++
	s.Refresh(min(c.MaxAge/refreshes, maxRefresh))
	return s, nil
}

func (o *Operator) sharedStateLocked(path string) *stateFile {
	for _, g := range o.opened {
		if g.state != nil && g.state.path == path {
			return g.state
		}
	}
	return nil
}

func (o *Operator) newStateLocked(c *StateConfig) (s *stateFile, err error) {
	s = &stateFile{operator: o, path: c.Path, ended: make(chan struct{})}
	s.File, err = state.Open(c.Path, o.registry.Clock(), state.Hooks{Collect: o.collect, Written: s.written})
	if err != nil {
		return nil, err
	}
	if !o.begun {
		held, err := s.Load()
		if err != nil {
			o.hooks.Warn("state: %s cannot be read, and is %s.bad from now on: %v", c.Path, c.Path, err)
		}
		if held != nil {
			o.restoreLocked(held, c.MaxAge)
		}
	}
	s.follows.Go(func() { s.follow(o.journal) })
	return s, nil
}

// follow has the file written soon after anything has happened.
func (s *stateFile) follow(j *event.Journal) {
	_, grown := j.Last()
	for {
		select {
		case <-grown:
			_, grown = j.Last() // before what is written is collected
			s.Changed()
		case <-s.ended:
			return
		}
	}
}

// written says once that the file cannot be written, and that it can be again.
func (s *stateFile) written(err error) {
	s.mu.Lock()
	was := s.failing
	s.failing = err != nil
	s.mu.Unlock()
	switch {
	case err != nil && !was:
		s.operator.hooks.Warn("state: %s cannot be written, a restart would forget what happens from now on (logged once): %v", s.path, err)
	case err == nil && was:
		s.operator.hooks.Info("state: %s can be written again", s.path)
	}
	if err != nil {
		s.operator.hooks.StateFailed()
	}
}

// release gives the file back; save has it written before. s may be nil.
func (s *stateFile) release(save bool) {
	if s == nil {
		return
	}
	s.operator.mu.Lock()
	s.users--
	last := s.users == 0
	s.operator.mu.Unlock()
	if last {
		close(s.ended)
		s.follows.Wait()
		s.Close(save)
	}
}

// save writes the files of all generations that are open now. It does nothing if there is
// none.
func (o *Operator) save() error {
	for _, s := range o.stateFiles() {
		if err := s.Save(); err != nil {
			return err
		}
	}
	return nil
}

// changed has the file written soon, if there is one.
func (o *Operator) changed() {
	for _, s := range o.stateFiles() {
		s.Changed()
	}
}

func (o *Operator) stateFiles() (files []*stateFile) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, g := range o.opened {
		if g.state != nil && !slices.Contains(files, g.state) {
			files = append(files, g.state)
		}
	}
	return files
}
