package metrics

import (
	"slices"
	"sync"

	"github.com/coredns/coredns/plugin"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// A collector makes the metrics of every Series when they are scraped. Ready-made ones were
// 57 % of the live heap with thousands of records, ten for each.
type collector struct {
	mu sync.Mutex // guards the following
	// of has the Series by the name of their record. A record has several if several
	// server blocks have it, and during a reload.
	of map[string][]*Series
}

var all = &collector{of: make(map[string][]*Series)}

func init() { prometheus.MustRegister(all) }

// describe returns the description of a metric of records. Records are labeled by their
// server block as well.
func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prometheus.BuildFQName(plugin.Namespace, subsystem, name), help,
		append([]string{"server", "view", "record"}, labels...), nil)
}

var (
	endpointUp = describe("endpoint_up",
		"Whether an endpoint is up (1) or down (0); absent while that is unknown.", "pool", "endpoint")
	poolActive = describe("pool_active",
		"Whether a pool answers (1) or not (0); pool \"none\" while no endpoint is healthy.", "pool")
	degraded = describe("degraded",
		"Whether a record has no healthy pool (1) or has one (0).")
	transitions = describe("transitions_total",
		"Counter of the changes of a record's active pool.", "from", "to")
	lastTransition = describe("last_transition_timestamp_seconds",
		"When a record's active pool last changed; absent before it first did.")
	responses = describe("responses_total",
		"Counter of the responses to queries for addresses, by the pool that was active.", "pool")
)

// Describe implements prometheus.Collector.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{endpointUp, poolActive, degraded, transitions, lastTransition, responses} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	c.mu.Lock()
	defer c.mu.Unlock()
	shared := make(pairs)
	var rows []*row
	for _, same := range c.of {
		rows = rows[:0]
		for _, s := range slices.Backward(same) { // of equal metrics the latest counts
			rows = s.appendRows(rows, shared)
		}
		if len(same) > 1 {
			rows = withoutRepeated(rows)
		}
		for _, r := range rows {
			ch <- r
		}
	}
}

// withoutRepeated keeps the first of equal metrics.
func withoutRepeated(rows []*row) []*row {
	seen := make(map[string]bool)
	return slices.DeleteFunc(rows, func(r *row) bool {
		id := r.id()
		defer func() { seen[id] = true }()
		return seen[id]
	})
}

// appendRows appends the metrics of the Series to rows.
func (s *Series) appendRows(rows []*row, shared pairs) []*row {
	record := newPair("record", s.rec.Name)
	emit := func(d *prometheus.Desc, t prometheus.ValueType, v float64, server string, more ...*dto.LabelPair) {
		labels := slices.Concat([]*dto.LabelPair{shared.of("server", server), shared.of("view", s.view), record}, more)
		rows = append(rows, newRow(d, t, v, labels))
	}
	state := func(d *prometheus.Desc, v float64, more ...*dto.LabelPair) {
		emit(d, prometheus.GaugeValue, v, s.servers[0], more...)
	}
	s.collectState(state, shared)
	s.changes.collect(state, func(ch change) {
		if s.hasPool(ch.from) && s.hasPool(ch.to) { // no reload has removed them
			emit(transitions, prometheus.CounterValue, float64(ch.n), s.servers[0], shared.of("from", ch.from), shared.of("to", ch.to))
		}
	})
	for i, n := range s.responses {
		server, p := s.servers[i/s.outcomes()], i%s.outcomes()
		emit(responses, prometheus.CounterValue, float64(n.Load()), server, shared.of("pool", s.poolName(p)))
	}
	return rows
}

func (s *Series) collectState(gauge func(*prometheus.Desc, float64, ...*dto.LabelPair), shared pairs) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gauge(degraded, truth(s.degraded))
	for p := range s.outcomes() {
		gauge(poolActive, truth(s.poolName(p) == s.poolName(s.active)), shared.of("pool", s.poolName(p)))
	}
	for p, endpoints := range s.up {
		for _, e := range endpoints {
			gauge(endpointUp, truth(e.up), shared.of("pool", s.rec.Pools[p].Name), newPair("endpoint", e.name))
		}
	}
}

func (c *changes) collect(gauge func(*prometheus.Desc, float64, ...*dto.LabelPair), counter func(change)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.last.IsZero() {
		gauge(lastTransition, float64(c.last.UnixMilli())/1000)
	}
	for _, ch := range c.count {
		counter(ch)
	}
}

// beforeLocked returns the latest Series of the same record in the same view,
// on the same first listener, or nil.
func (c *collector) beforeLocked(s *Series) *Series {
	for _, o := range slices.Backward(c.of[s.rec.Name]) {
		if o.gen != s.gen && o.view == s.view && o.servers[0] == s.servers[0] {
			return o
		}
	}
	return nil
}

func (c *collector) remove(s *Series) {
	c.mu.Lock()
	defer c.mu.Unlock()
	left := slices.DeleteFunc(c.of[s.rec.Name], func(o *Series) bool { return o == s })
	c.of[s.rec.Name] = left
	if len(left) == 0 {
		delete(c.of, s.rec.Name)
	}
}

func truth(ok bool) float64 {
	if ok {
		return 1
	}
	return 0
}
