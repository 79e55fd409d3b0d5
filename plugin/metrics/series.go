package metrics

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/event"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A Series has the numbers that are measured of one record in one server block. They become
// metrics when they are scraped.
type Series struct {
	rec  *pool.Record
	view string
	// servers are the listeners of the block. The state of the record has the label of
	// the first; responses have that of the listener that received the query.
	servers []string
	// responses count responses by listener and, within each, by pool; the last pool is
	// none. Series of one record before and after a reload have the same counters.
	responses []*atomic.Uint64
	changes   *changes
	gen       any // see Open

	mu       sync.Mutex        // guards the following
	up       [][]endpointState // with a known state, by name, as the pools of rec
	active   int               // an index in rec.Pools, or pool.None
	degraded bool
}

// An endpointState is the state of an endpoint. Pools have few endpoints, and there are many
// pools: a map for each takes more memory than all else of a Series.
type endpointState struct {
	name string
	up   bool
}

// changes counts the changes of a record's active pool.
type changes struct {
	mu    sync.Mutex // guards the following
	count []change   // each once
	last  time.Time  // zero before the first
}

type change struct {
	from, to string
	n        uint64
}

// Open starts to measure a record in a server block with these listeners (at least one)
// and this view. It shares the counters of the Series of the same record before a reload,
// which is one of another generation gen.
func Open(rec *pool.Record, servers []string, view string, gen any) *Series {
	s := &Series{gen: gen, rec: rec, view: view, servers: servers, up: make([][]endpointState, len(rec.Pools))}
	all.mu.Lock()
	defer all.mu.Unlock()
	before := all.beforeLocked(s)
	s.changes = before.changesOf()
	s.responses = make([]*atomic.Uint64, len(servers)*s.outcomes())
	fresh := make([]atomic.Uint64, len(s.responses)) // in one piece
	for i, server := range servers {
		for p := range s.outcomes() {
			k := i*s.outcomes() + p
			s.responses[k] = cmp.Or(before.counter(server, s.poolName(p)), &fresh[k])
		}
	}
	all.of[rec.Name] = append(all.of[rec.Name], s)
	return s
}

// outcomes returns the number of pools that a response may be from, none included.
func (s *Series) outcomes() int { return len(s.rec.Pools) + 1 }

// counter returns the counter of the responses from a pool at a listener, or nil. s may be
// nil.
func (s *Series) counter(server, poolName string) *atomic.Uint64 {
	if s == nil {
		return nil
	}
	i := slices.Index(s.servers, server)
	if i < 0 {
		return nil
	}
	for p := range s.outcomes() {
		if s.poolName(p) == poolName {
			return s.responses[i*s.outcomes()+p]
		}
	}
	return nil
}

// changesOf returns the changes of s, or new ones. s may be nil.
func (s *Series) changesOf() *changes {
	if s == nil {
		return new(changes)
	}
	return s.changes
}

// poolName returns the name of a pool by its index. The index after the last is that of
// pool.None.
func (s *Series) poolName(p int) string {
	if p == pool.None || p == len(s.rec.Pools) {
		return pool.NoneName
	}
	return s.rec.Pools[p].Name
}

func (s *Series) hasPool(name string) bool {
	return name == pool.NoneName || slices.ContainsFunc(s.rec.Pools, func(p pool.Pool) bool { return p.Name == name })
}

// Close ends the measuring. Metrics that no other Series has disappear.
func (s *Series) Close() { all.remove(s) }

// Respond counts a response from a pool at a listener, both by index. It takes no lock.
func (s *Series) Respond(server, p int) {
	if p == pool.None {
		p = len(s.rec.Pools)
	}
	s.responses[server*s.outcomes()+p].Add(1)
}

// Tell is the [event.Subscriber] for events of the record.
func (s *Series) Tell(e event.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e.Kind {
	case event.EndpointChanged:
		s.setLocked(s.pool(e.Pool), e.Endpoint, e.To)
	case event.EndpointGone:
		s.setLocked(s.pool(e.Pool), e.Endpoint, "")
	case event.StateChanged:
		s.degraded = e.State == pool.Degraded
	case event.PoolChanged:
		s.active, s.degraded = s.pool(e.To), e.State == pool.Degraded
		if !e.IsStart() && e.From != e.To {
			s.changes.add(e)
		}
	}
}

// setLocked sets the state of an endpoint. An unknown state has no metric.
func (s *Series) setLocked(p int, name, state string) {
	up := state == healthcheck.Up.String()
	known := up || state == healthcheck.Down.String()
	i, found := slices.BinarySearchFunc(s.up[p], name, func(e endpointState, name string) int { return strings.Compare(e.name, name) })
	switch {
	case found && known:
		s.up[p][i].up = up
	case found:
		s.up[p] = slices.Delete(s.up[p], i, i+1)
	case known:
		s.up[p] = slices.Insert(s.up[p], i, endpointState{name, up})
	}
}

// pool returns the index of a pool by its name, or pool.None.
func (s *Series) pool(name string) int {
	return slices.IndexFunc(s.rec.Pools, func(p pool.Pool) bool { return p.Name == name })
}

func (c *changes) add(e event.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = e.Time
	for i := range c.count {
		if ch := &c.count[i]; ch.from == e.From && ch.to == e.To {
			ch.n++
			return
		}
	}
	c.count = append(c.count, change{e.From, e.To, 1})
}
