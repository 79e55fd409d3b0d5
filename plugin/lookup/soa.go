package lookup

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck/timer"
	"github.com/coredns-failover/failover/plugin/zone"
)

// SOAs are the SOA records that the next plugins have for some names. They are
// looked up in the background from the start on, so that a negative answer never
// waits for one, and the last is kept while lookups fail.
//
// A server block may have ten thousand names and the next plugin be forward: of
// all names together at most soaSlots are looked up at a time, and soaPace
// bounds how many within a second.
type SOAs struct {
	next  *Plugins
	zones sync.Map // of *zoneSOA by owner

	mu      sync.Mutex // guards the following, and changes to zones
	names   []*SOA
	due     soaQueue // names that are not being looked up, the next one first
	busy    int      // lookups under way
	clock   *timer.Clock
	timer   *timer.Timer // of schedule; nil before the start
	stopped bool
	lookups sync.WaitGroup

	ctx    context.Context // ends when the SOAs are stopped
	cancel context.CancelFunc
}

// NewSOAs returns SOAs of what next has.
func NewSOAs(next *Plugins) *SOAs {
	s := &SOAs{next: next}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// A SOA is the one of the zone that a name is in: of the nearest apex.
type SOA struct {
	name, apex, signed string // see Add
	all                *SOAs

	zone     atomic.Pointer[zoneSOA] // nil if the next plugins have none
	answered atomic.Bool             // they have said so, or that they have one

	due   time.Time     // the next lookup; for SOAs.mu
	retry time.Duration // after the last lookup, if that failed; for the lookup
	busy  atomic.Bool   // one has not come back, even if nobody waits for it
}

// A zoneSOA is shared by all names in a zone.
type zoneSOA struct {
	rr    atomic.Pointer[dns.SOA] // never changed; the owner in lower case
	names int                     // that are in the zone; for SOAs.mu
}

// Add returns the SOA of an absolute, lower-case name. Where the next plugins
// answer without one, they are asked for the names above as well, up to apex. If
// signed is not empty, only the SOA of that zone counts.
func (s *SOAs) Add(name, apex, signed string) *SOA {
	soa := &SOA{name: name, apex: apex, signed: signed, all: s}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names = append(s.names, soa)
	return soa
}

// Inherit has the name begin with what prev, which may be nil, knew before a
// reload.
func (soa *SOA) Inherit(prev *SOA) {
	if soa == nil || prev == nil || !prev.answered.Load() {
		return
	}
	var rr *dns.SOA
	if z := prev.zone.Load(); z != nil {
		rr = z.rr.Load()
	}
	if rr == nil || soa.isSignable(rr.Hdr.Name) {
		soa.all.put(soa, rr)
	}
}

// RR returns the record, or nil if the next plugins have none. Before they have
// said anything of the name, it is that of the nearest zone above of which
// something is known. Nobody is asked.
func (soa *SOA) RR() *dns.SOA {
	switch {
	case soa == nil:
		return nil
	case !soa.answered.Load():
		return soa.all.Nearest(soa.name, soa.signed)
	}
	if z := soa.zone.Load(); z != nil {
		return z.rr.Load()
	}
	return nil
}

// Nearest returns the SOA of the nearest known zone that encloses an absolute,
// lower-case name, or nil. If signed is not empty, only that zone counts.
func (s *SOAs) Nearest(name, signed string) *dns.SOA {
	for name = cmp.Or(signed, name); ; name = zone.Parent(name) {
		if z, ok := s.zones.Load(name); ok {
			return z.(*zoneSOA).rr.Load()
		}
		if name == signed || name == "." {
			return nil
		}
	}
}

// put takes in what the next plugins have for a name, which may be nil.
func (s *SOAs) put(soa *SOA, rr *dns.SOA) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := soa.zone.Load()
	var is *zoneSOA
	if rr != nil {
		is = new(zoneSOA)
		is.rr.Store(rr) // before others find it
		if z, found := s.zones.LoadOrStore(rr.Hdr.Name, is); found {
			is = z.(*zoneSOA)
			is.rr.Store(rr)
		}
		is.names++
	}
	soa.zone.Store(is)
	soa.answered.Store(true)
	if was == nil {
		return
	}
	if was.names--; was.names == 0 {
		s.zones.Delete(was.rr.Load().Hdr.Name)
	}
}

// ask returns the SOA that the next plugins have for a name, and nil without an
// error if they say that they have none.
func (soa *SOA) ask(ctx context.Context, next *Plugins) (*dns.SOA, error) {
	for at := soa.name; ; at = zone.Parent(at) {
		m, err := next.authority(ctx, at)
		if err != nil || m == nil {
			return nil, err
		}
		if rr := soa.nearestIn(m); rr != nil {
			return rr, nil
		}
		if at == soa.apex || at == "." {
			return nil, nil
		}
	}
}

// authority returns what the plugins answer to a query for the SOA of a name, nil
// if nobody answers, and an error if nobody can tell.
func (p *Plugins) authority(ctx context.Context, name string) (*dns.Msg, error) {
	m, err := p.exchange(p.withServer(ctx), ownClient{}, name, dns.TypeSOA)
	switch {
	case errors.Is(err, errUnanswered):
		return nil, nil
	case err == nil && m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError:
		return nil, &RcodeError{m.Rcode}
	}
	return m, err
}

// nearestIn returns a copy of the SOA in m whose owner is the nearest at or above
// the name, or nil.
func (soa *SOA) nearestIn(m *dns.Msg) (nearest *dns.SOA) {
	for _, rrs := range [][]dns.RR{m.Answer, m.Ns} {
		for _, rr := range rrs {
			r, ok := rr.(*dns.SOA)
			if ok && soa.mayOwn(r.Hdr.Name, m) && (nearest == nil || len(r.Hdr.Name) > len(nearest.Hdr.Name)) {
				nearest = r
			}
		}
	}
	if nearest == nil {
		return nil
	}
	c := *nearest
	c.Hdr.Name = strings.ToLower(c.Hdr.Name)
	return &c
}

// mayOwn reports whether the name can be in the zone of owner. The root counts only
// in an answer with AA: resolvers give its SOA for every name that only private
// name servers know.
func (soa *SOA) mayOwn(owner string, m *dns.Msg) bool {
	return (owner != "." || m.Authoritative) && dns.IsSubDomain(owner, soa.name) && soa.isSignable(owner)
}

// isSignable reports whether what signs the name can sign for owner.
func (soa *SOA) isSignable(owner string) bool {
	return soa.signed == "" || strings.EqualFold(owner, soa.signed)
}
