package lookup

import (
	"container/heap"
	"context"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck/timer"
)

const (
	// soaSlots is how many names are looked up at a time.
	soaSlots = 16
	// soaSpread is the time between the starts of first lookups, and soaPace the mean
	// time between later ones: 500 and 100 a second.
	soaSpread = 2 * time.Millisecond
	soaPace   = 10 * time.Millisecond
	// A SOA is looked up again when its TTL ends, within these limits. The upper one
	// is for changes of the zone cuts.
	soaSoonest = 5 * time.Second
	soaLatest  = time.Minute
	// soaNone is the time to the next lookup of a name without SOA.
	soaNone = 30 * time.Second
)

// A soaQueue is a heap of names by the time that they are due.
type soaQueue []*SOA

func (q soaQueue) Len() int           { return len(q) }
func (q soaQueue) Less(i, j int) bool { return q[i].due.Before(q[j].due) }
func (q soaQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *soaQueue) Push(x any)        { *q = append(*q, x.(*SOA)) }
func (q *soaQueue) Pop() any {
	last := len(*q) - 1
	soa := (*q)[last]
	*q = (*q)[:last]
	return soa
}

// Start starts the lookups of the names that were added.
func (s *SOAs) Start(clock *timer.Clock) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock, s.timer = clock, clock.New(s.schedule)
	now := clock.Now()
	for i, soa := range s.names {
		soa.due = now.Add(time.Duration(i) * soaSpread)
		heap.Push(&s.due, soa)
	}
	s.scheduleLocked()
}

// Stop ends all lookups. A plugin that hangs is not waited for.
func (s *SOAs) Stop() {
	s.mu.Lock()
	s.stopped = true
	next := s.timer
	s.mu.Unlock()
	s.cancel()
	if next != nil {
		next.Stop()
		next.Wait()
	}
	s.lookups.Wait()
}

// scheduleLocked starts the lookups that are due, and sets the timer for the next.
func (s *SOAs) scheduleLocked() {
	if s.stopped {
		return
	}
	for s.busy < soaSlots && len(s.due) > 0 {
		if at := s.due[0].due; at.After(s.clock.Now()) {
			s.timer.At(at, 0)
			return
		}
		soa := heap.Pop(&s.due).(*SOA)
		s.busy++
		s.lookups.Go(func() { s.lookUp(soa) })
	}
}

// schedule is scheduleLocked without the mutex.
func (s *SOAs) schedule() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scheduleLocked()
}

// lookUp looks up a name and schedules its next lookup.
func (s *SOAs) lookUp(soa *SOA) {
	wait := s.renew(soa)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy--
	soa.due = s.clock.Now().Add(wait)
	heap.Push(&s.due, soa)
	s.scheduleLocked()
}

// renew looks up a name, and returns the time to its next lookup.
func (s *SOAs) renew(soa *SOA) time.Duration {
	rr, err := s.lookUpInTime(soa)
	if err != nil {
		soa.retry = min(max(2*soa.retry, firstRetry), lastRetry)
		return s.paced(soa.retry)
	}
	soa.retry = 0
	s.put(soa, rr)
	if rr == nil {
		return s.paced(soaNone)
	}
	ttl := time.Duration(rr.Hdr.Ttl) * time.Second
	return s.paced(min(max(ttl, soaSoonest), soaLatest))
}

// paced returns d, or more if there are too many names for soaPace.
func (s *SOAs) paced(d time.Duration) time.Duration {
	return max(d, time.Duration(len(s.names))*soaPace)
}

// lookUpInTime looks up the SOA of a name, within lookupTimeout.
func (s *SOAs) lookUpInTime(soa *SOA) (*dns.SOA, error) {
	ctx, cancel := context.WithTimeoutCause(s.ctx, lookupTimeout, errTimeout)
	defer cancel()
	return await(ctx, begin(&soa.busy, func() (*dns.SOA, error) { return soa.ask(ctx, s.next) }))
}
