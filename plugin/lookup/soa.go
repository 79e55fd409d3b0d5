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

// SOAs are the SOA records that the next plugins have for some names. They are looked
// up in the background from Start on, so that a negative answer never waits for one.
// The last record is kept while lookups fail.
//
// A server block may have ten thousand names, and the next plugin may be forward: at
// most soaSlots names are looked up at a time, and soaPace limits the lookups in a
// second.
type SOAs struct {
	next  *plugins
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

// newSOAs returns the SOA records that next has.
func newSOAs(next *plugins) *SOAs {
	s := &SOAs{next: next}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// A SOA is the SOA record of the zone that a name is in.
type SOA struct {
	name, apex, signed string // see Add
	all                *SOAs

	zone     atomic.Pointer[zoneSOA] // nil if the next plugins have none
	answered atomic.Bool             // there was an answer, with a SOA or without

	due   time.Time     // the next lookup; for SOAs.mu
	retry time.Duration // the wait after the last lookup; 0 if it did not fail; for the lookup
	busy  atomic.Bool   // a lookup has not returned, although it may have timed out
}

// A zoneSOA is the SOA record of a zone, shared by all names in it.
type zoneSOA struct {
	rr    atomic.Pointer[dns.SOA] // never changed; the owner in lower case
	names int                     // in the zone; for SOAs.mu
}

// Add returns the SOA of an absolute, lower-case name. If the answer has none, the names
// above are looked up too, up to apex. If signed is not empty, only the SOA of that zone
// counts.
func (s *SOAs) Add(name, apex, signed string) *SOA {
	soa := &SOA{name: name, apex: apex, signed: signed, all: s}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names = append(s.names, soa)
	return soa
}

// Inherit copies the record of prev, the SOA before a reload, which may be nil.
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

// RR returns the record, or nil if the next plugins have none. Before the first answer
// it is that of the nearest known zone above the name. It makes no lookup.
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

// put sets the record of a name; nil means that the next plugins have none.
func (s *SOAs) put(soa *SOA, rr *dns.SOA) {
	s.mu.Lock()
	defer s.mu.Unlock()
	prev := soa.zone.Load()
	var z *zoneSOA
	if rr != nil {
		z = new(zoneSOA)
		z.rr.Store(rr) // before others find it
		if known, found := s.zones.LoadOrStore(rr.Hdr.Name, z); found {
			z = known.(*zoneSOA)
			z.rr.Store(rr)
		}
		z.names++
	}
	soa.zone.Store(z)
	soa.answered.Store(true)
	if prev == nil {
		return
	}
	if prev.names--; prev.names == 0 {
		s.zones.Delete(prev.rr.Load().Hdr.Name)
	}
}

// ask returns the SOA that the next plugins have for the name, or nil without an error
// if they have none.
func (soa *SOA) ask(ctx context.Context, next *plugins) (*dns.SOA, error) {
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

// authority returns the answer of the plugins to a query for the SOA of a name, and nil
// if no plugin answers. A failure such as SERVFAIL is an error.
func (p *plugins) authority(ctx context.Context, name string) (*dns.Msg, error) {
	m, err := p.exchange(p.withServer(ctx), ownClient{}, name, dns.TypeSOA)
	switch {
	case errors.Is(err, errUnanswered):
		return nil, nil
	case err == nil && m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError:
		return nil, &rcodeError{m.Rcode}
	}
	return m, err
}

// nearestIn returns a copy of the SOA in m with the nearest owner at or above the name,
// or nil.
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

// mayOwn reports whether the name can be in the zone of owner. The root counts only in
// an answer with AA: resolvers give its SOA for all names that exist only on private
// name servers.
func (soa *SOA) mayOwn(owner string, m *dns.Msg) bool {
	return (owner != "." || m.Authoritative) && dns.IsSubDomain(owner, soa.name) && soa.isSignable(owner)
}

// isSignable reports whether owner is the apex of the zone that is signed, if there is one.
func (soa *SOA) isSignable(owner string) bool {
	return soa.signed == "" || strings.EqualFold(owner, soa.signed)
}
