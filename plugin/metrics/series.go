package metrics

import (
	"slices"
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
	// responses[server][pool] count responses; the last pool is none.
	responses [][]*atomic.Uint64
	changes   *changes
	gen       any // see Open

	mu       sync.Mutex        // guards the following
	up       []map[string]bool // by endpoint with a known state, as the pools of rec
	active   int               // an index in rec.Pools, or pool.None
	degraded bool
}

// changes counts the changes of a record's active pool.
type changes struct {
	mu    sync.Mutex // guards the following
	count map[change]uint64
	last  time.Time // zero before the first
}

type change struct{ from, to string }

// Open starts to measure a record in a server block with these listeners (at least one)
// and this view. It shares the counters of the Series of the same record before a reload,
// which is one of another generation gen.
func Open(rec *pool.Record, servers []string, view string, gen any) *Series {
	s := &Series{gen: gen, rec: rec, view: view, servers: servers, up: make([]map[string]bool, len(rec.Pools))}
	for p := range rec.Pools {
		s.up[p] = make(map[string]bool)
	}
	all.mu.Lock()
	defer all.mu.Unlock()
	before := all.beforeLocked(s)
	s.changes = before.changesOf()
	for _, server := range servers {
		var counters []*atomic.Uint64
		for p := range len(rec.Pools) + 1 {
			counters = append(counters, before.counter(server, s.poolName(p)))
		}
		s.responses = append(s.responses, counters)
	}
	all.of[rec.Name] = append(all.of[rec.Name], s)
	return s
}

// counter returns the counter of the responses from a pool at a listener, or a new one. s
// may be nil.
func (s *Series) counter(server, poolName string) *atomic.Uint64 {
	if s != nil {
		for i := range s.servers {
			for p, c := range s.responses[i] {
				if s.servers[i] == server && s.poolName(p) == poolName {
					return c
				}
			}
		}
	}
	return new(atomic.Uint64)
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
	s.responses[server][p].Add(1)
}

// Tell is the [event.Subscriber] for events of the record.
func (s *Series) Tell(e event.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e.Kind {
	case event.EndpointChanged:
		s.setLocked(s.pool(e.Pool), e.Endpoint, e.To)
	case event.EndpointGone:
		delete(s.up[s.pool(e.Pool)], e.Endpoint)
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
func (s *Series) setLocked(p int, endpoint, state string) {
	switch state {
	case healthcheck.Up.String():
		s.up[p][endpoint] = true
	case healthcheck.Down.String():
		s.up[p][endpoint] = false
	default:
		delete(s.up[p], endpoint)
	}
}

// pool returns the index of a pool by its name, or pool.None.
func (s *Series) pool(name string) int {
	return slices.IndexFunc(s.rec.Pools, func(p pool.Pool) bool { return p.Name == name })
}

func (c *changes) add(e event.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count == nil {
		c.count = make(map[change]uint64)
	}
	c.count[change{e.From, e.To}]++
	c.last = e.Time
}
