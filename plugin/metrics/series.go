package metrics

import (
	"strings"
	"sync"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/pool"

	"github.com/prometheus/client_golang/prometheus"
)

// A Series is what is measured of one record in one server block.
type Series struct {
	rec  *pool.Record
	view string
	// servers are the listeners of the block. The state of the record is
	// measured once, under the first; responses under the one that was asked.
	servers []string
	// responses[server][pool] are ready for the query path; the last pool is none.
	responses [][]prometheus.Counter

	mu   sync.Mutex // guards the following
	held map[string]series
}

// A series is one row of a vector.
type series struct {
	vec    vector
	values []string
}

type vector interface {
	DeleteLabelValues(...string) bool
}

// holders counts the Series that hold a row, since the old and the new instance
// of a reload measure the same records for a moment.
var holders = struct {
	sync.Mutex
	of map[string]int
}{of: make(map[string]int)}

// Open starts to measure a record for a server block with these listeners (at
// least one) and view.
func Open(rec *pool.Record, servers []string, view string) *Series {
	s := &Series{rec: rec, view: view, servers: servers, held: make(map[string]series)}
	for _, server := range servers {
		counters := make([]prometheus.Counter, 0, len(rec.Pools)+1)
		for p := range rec.Pools {
			counters = append(counters, s.response(server, rec.Pools[p].Name))
		}
		s.responses = append(s.responses, append(counters, s.response(server, pool.NoneName)))
	}
	return s
}

func (s *Series) response(server, name string) prometheus.Counter {
	return responses.WithLabelValues(s.hold("responses", responses, server, s.view, s.rec.Name, name)...)
}

// Responses returns the counter of the responses that a listener, by its index,
// gave from a pool. It costs nothing and is safe for concurrent use.
func (s *Series) Responses(server, p int) prometheus.Counter {
	if p == pool.None {
		p = len(s.rec.Pools)
	}
	return s.responses[server][p]
}

// Endpoint measures the state of an endpoint.
func (s *Series) Endpoint(p, e int, state healthcheck.State) {
	pl := &s.rec.Pools[p]
	values := s.hold("endpoint_up", endpointUp, s.record(pl.Name, pl.Endpoints[e].Name)...)
	if state == healthcheck.Unknown {
		endpointUp.DeleteLabelValues(values...)
		return
	}
	endpointUp.WithLabelValues(values...).Set(truth(state == healthcheck.Up))
}

// View measures which pool answers.
func (s *Series) View(v *pool.View) {
	for p := range s.rec.Pools {
		s.active(s.rec.Pools[p].Name, v.Pool == p)
	}
	s.active(pool.NoneName, v.Pool == pool.None)
	values := s.hold("degraded", degraded, s.record()...)
	degraded.WithLabelValues(values...).Set(truth(v.State == pool.Degraded))
}

func (s *Series) active(name string, is bool) {
	poolActive.WithLabelValues(s.hold("pool_active", poolActive, s.record(name)...)...).Set(truth(is))
}

// Transition counts a change of the active pool.
func (s *Series) Transition(from, to string) {
	transitions.WithLabelValues(s.hold("transitions", transitions, s.record(from, to)...)...).Inc()
	lastTransition.WithLabelValues(s.hold("last", lastTransition, s.record()...)...).SetToCurrentTime()
}

// Close ends the measuring. Rows that no other Series holds disappear.
func (s *Series) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	holders.Lock()
	defer holders.Unlock()
	for id, row := range s.held {
		if holders.of[id]--; holders.of[id] == 0 {
			delete(holders.of, id)
			row.vec.DeleteLabelValues(row.values...)
		}
	}
	clear(s.held)
}

// record returns the label values of a row about the state of the record.
func (s *Series) record(more ...string) []string {
	return append([]string{s.servers[0], s.view, s.rec.Name}, more...)
}

// hold makes sure that a row is deleted when nobody measures it any more, and
// returns its label values.
func (s *Series) hold(name string, vec vector, values ...string) []string {
	id := name + "\xff" + strings.Join(values, "\xff")
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.held[id]; ok {
		return values
	}
	s.held[id] = series{vec, values}
	holders.Lock()
	defer holders.Unlock()
	holders.of[id]++
	return values
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
