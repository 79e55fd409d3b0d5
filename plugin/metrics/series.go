package metrics

import (
	"slices"
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
}

// open has every Series by the name of its record, since the old and the new
// instance of a reload measure the same records for a moment.
var open = struct {
	sync.Mutex
	of map[string][]*Series
}{of: make(map[string][]*Series)}

// Open starts to measure a record for a server block with these listeners (at
// least one) and view.
func Open(rec *pool.Record, servers []string, view string) *Series {
	s := &Series{rec: rec, view: view, servers: servers}
	for _, server := range servers {
		var counters []prometheus.Counter
		for _, p := range s.pools() {
			counters = append(counters, responses.WithLabelValues(server, view, rec.Name, p))
		}
		s.responses = append(s.responses, counters)
	}
	open.Lock()
	defer open.Unlock()
	open.of[rec.Name] = append(open.of[rec.Name], s)
	return s
}

// Close ends the measuring. Rows that no other Series has disappear.
func (s *Series) Close() {
	open.Lock()
	defer open.Unlock()
	others := slices.DeleteFunc(open.of[s.rec.Name], func(o *Series) bool { return o == s })
	open.of[s.rec.Name] = others
	if len(others) == 0 {
		delete(open.of, s.rec.Name)
	}
	kept := make(map[string]bool)
	for _, o := range others {
		o.rows(func(name string, _ vector, values ...string) { kept[rowID(name, values)] = true })
	}
	s.rows(func(name string, v vector, values ...string) {
		if !kept[rowID(name, values)] {
			v.DeleteLabelValues(values...)
		}
	})
}

func rowID(name string, values []string) string {
	return name + "\xff" + strings.Join(values, "\xff")
}

// A vector is what has rows.
type vector interface {
	DeleteLabelValues(...string) bool
}

// rows calls yield for each row that may be there because of s.
func (s *Series) rows(yield func(name string, v vector, values ...string)) {
	yield("degraded", degraded, s.record()...)
	yield("last_transition", lastTransition, s.record()...)
	for _, p := range s.pools() {
		yield("pool_active", poolActive, s.record(p)...)
		for _, server := range s.servers {
			yield("responses", responses, server, s.view, s.rec.Name, p)
		}
		for _, to := range s.pools() {
			yield("transitions", transitions, s.record(p, to)...)
		}
	}
	for _, p := range s.rec.Pools {
		for _, e := range p.Endpoints {
			yield("endpoint_up", endpointUp, s.record(p.Name, e.Name)...)
		}
	}
}

// pools returns the names of all pools, none included, which is the last.
func (s *Series) pools() []string {
	names := make([]string, 0, len(s.rec.Pools)+1)
	for _, p := range s.rec.Pools {
		names = append(names, p.Name)
	}
	return append(names, pool.NoneName)
}

// record returns the label values of a row about the state of the record.
func (s *Series) record(more ...string) []string {
	return append([]string{s.servers[0], s.view, s.rec.Name}, more...)
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
	values := s.record(pl.Name, pl.Endpoints[e].Name)
	if state == healthcheck.Unknown {
		endpointUp.DeleteLabelValues(values...)
		return
	}
	endpointUp.WithLabelValues(values...).Set(truth(state == healthcheck.Up))
}

// View measures which pool answers.
func (s *Series) View(v *pool.View) {
	for p := range s.rec.Pools {
		poolActive.WithLabelValues(s.record(s.rec.Pools[p].Name)...).Set(truth(v.Pool == p))
	}
	poolActive.WithLabelValues(s.record(pool.NoneName)...).Set(truth(v.Pool == pool.None))
	degraded.WithLabelValues(s.record()...).Set(truth(v.State == pool.Degraded))
}

// Transition counts a change of the active pool.
func (s *Series) Transition(from, to string) {
	transitions.WithLabelValues(s.record(from, to)...).Inc()
	lastTransition.WithLabelValues(s.record()...).SetToCurrentTime()
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
