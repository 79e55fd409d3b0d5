package override

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coredns-failover/failover/healthcheck/timer"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A Record is one that the operator may have a word about.
type Record interface {
	Place() pool.Place
	Config() *pool.Record
	// SetOrders lets the record answer as the orders say, and tells reason to who
	// observes it.
	SetOrders(o pool.Orders, reason string)
	// Preview returns what the record would answer under orders.
	Preview(o pool.Orders) *pool.View
	// View returns what it answers.
	View() *pool.View
	// Freeze returns what it answers, in a form that outlasts the process.
	Freeze() *pool.Frozen
	// EndpointName returns what an endpoint is called that is known in a pool by its name
	// or address, and whether it is disabled; "" if there is none.
	EndpointName(pool, endpoint string) (name string, disabled bool)
}

// A Set is the overrides of a process. Its methods may be called by many goroutines.
type Set struct {
	clock *timer.Clock
	timer *timer.Timer
	tell  func(What, Override)
	save  atomic.Pointer[func() error]
	list  atomic.Pointer[[]Override] // the oldest first; never changed, but replaced

	mu      sync.Mutex // guards writing to list, and the following
	records map[pool.Place][]Record
}

// What has happened to an override.
type What struct {
	Ended  bool // else it is set
	Reason string
	Actor  string
}

// NewSet returns an empty Set. tell is told of every override that is set or ends, after
// queries see it.
func NewSet(clock *timer.Clock, tell func(What, Override)) *Set {
	s := &Set{clock: clock, tell: tell, records: make(map[pool.Place][]Record)}
	s.timer = clock.New(s.expire)
	s.list.Store(new([]Override))
	return s
}

// SaveWith has every change saved before it is answered; nil has none saved.
func (s *Set) SaveWith(save func() error) {
	if save == nil {
		s.save.Store(nil)
		return
	}
	s.save.Store(&save)
}

// List returns the overrides, the oldest first. The list is not to be changed.
func (s *Set) List() []Override { return *s.list.Load() }

// Restore puts overrides of an earlier process back. Those that have expired since end as
// they would have. It is called before any override is set.
func (s *Set) Restore(list []Override) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	s.replaceLocked(list, func(pool.Place) string { return "restart" })
	s.endLocked(func(o *Override) bool { return o.ended(now) }, What{Ended: true, Reason: "its time was over before this start"})
}

// Attach lets the overrides of a record count for it from now on.
func (s *Set) Attach(r Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records[r.Place()] = append(s.records[r.Place()], r)
	r.SetOrders(orders(s.List(), r.Place()), "override")
}

// Detach ends that.
func (s *Set) Detach(r Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := slices.DeleteFunc(s.records[r.Place()], func(o Record) bool { return o == r })
	if s.records[r.Place()] = left; len(left) == 0 {
		delete(s.records, r.Place())
	}
}

// replaceLocked makes list the overrides, and lets all records know, with the reason for
// each.
func (s *Set) replaceLocked(list []Override, reason func(pool.Place) string) {
	before := s.List()
	s.list.Store(&list)
	s.setTimer()
	for at, same := range s.records {
		is := orders(list, at)
		if is.Equal(orders(before, at)) {
			continue
		}
		for _, r := range same {
			r.SetOrders(is, reason(at))
		}
	}
}

// setTimer wakes the Set when the next override expires.
func (s *Set) setTimer() {
	var next time.Time
	for _, o := range s.List() {
		if o.Expires != nil && (next.IsZero() || o.Expires.Before(next)) {
			next = *o.Expires
		}
	}
	if next.IsZero() {
		s.timer.Cancel()
	} else {
		s.timer.At(next, 0)
	}
}

// expire ends the overrides whose time has come.
func (s *Set) expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	s.endLocked(func(o *Override) bool { return o.ended(now) }, What{Ended: true, Reason: "its time is over"})
}

// endLocked ends the overrides that end picks.
func (s *Set) endLocked(end func(*Override) bool, why What) {
	var left, ended []Override
	for _, o := range s.List() {
		if end(&o) {
			ended = append(ended, o)
		} else {
			left = append(left, o)
		}
	}
	if len(ended) == 0 {
		s.setTimer()
		return
	}
	s.replaceLocked(left, func(pool.Place) string { return "an override ended: " + why.Reason })
	for _, o := range ended {
		s.tell(why, o)
	}
}

// Remove ends an override by hand. The error is NotFound or NotSaved.
func (s *Set) Remove(id, actor string) *Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.List()
	i := slices.IndexFunc(before, func(o Override) bool { return o.ID == id })
	if i < 0 {
		return &Error{Kind: NotFound, Text: fmt.Sprintf("there is no override %q", id)}
	}
	if err := s.saveLocked(slices.Delete(slices.Clone(before), i, i+1)); err != nil {
		return err
	}
	s.endLocked(func(o *Override) bool { return o.ID == id }, What{Ended: true, Reason: "removed", Actor: actor})
	return nil
}

// saveLocked saves the Set as if list were its overrides. What is saved reads List.
func (s *Set) saveLocked(list []Override) *Error {
	save := s.save.Load()
	if save == nil {
		return nil
	}
	before := s.list.Swap(&list)
	err := (*save)()
	s.list.Store(before) // replaceLocked lets records know
	if err != nil {
		return &Error{Kind: NotSaved, Text: fmt.Sprintf("it could not be saved: %v", err)}
	}
	return nil
}

// newID returns an ID that no other override has.
func newID() string { return strings.ToLower(rand.Text()[:10]) }
