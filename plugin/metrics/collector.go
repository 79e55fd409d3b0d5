package metrics

import (
	"slices"
	"strings"
	"sync"

	"github.com/coredns/coredns/plugin"

	"github.com/prometheus/client_golang/prometheus"
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
	for _, same := range c.of {
		if len(same) == 1 {
			same[0].collect(func(m prometheus.Metric, _ ...string) { ch <- m })
			continue
		}
		collectOnce(same, ch)
	}
}

// collectOnce makes the metrics of several Series of one record. Of equal metrics it takes
// that of the latest Series.
func collectOnce(same []*Series, ch chan<- prometheus.Metric) {
	seen := make(map[string]bool)
	for _, s := range slices.Backward(same) {
		s.collect(func(m prometheus.Metric, values ...string) {
			id := m.Desc().String() + "\xff" + strings.Join(values, "\xff")
			if !seen[id] {
				seen[id] = true
				ch <- m
			}
		})
	}
}

// collect calls yield with the metrics of the Series and the values of their labels.
func (s *Series) collect(yield func(m prometheus.Metric, values ...string)) {
	emit := func(d *prometheus.Desc, t prometheus.ValueType, v float64, server string, labels ...string) {
		values := append([]string{server, s.view, s.rec.Name}, labels...)
		yield(prometheus.MustNewConstMetric(d, t, v, values...), values...)
	}
	state := func(d *prometheus.Desc, v float64, labels ...string) {
		emit(d, prometheus.GaugeValue, v, s.servers[0], labels...)
	}
	s.collectState(state)
	s.changes.collect(state, func(v float64, from, to string) {
		if s.hasPool(from) && s.hasPool(to) { // no reload has removed them
			emit(transitions, prometheus.CounterValue, v, s.servers[0], from, to)
		}
	})
	for i, server := range s.servers {
		for p, n := range s.responses[i] {
			emit(responses, prometheus.CounterValue, float64(n.Load()), server, s.poolName(p))
		}
	}
}

func (s *Series) collectState(gauge func(*prometheus.Desc, float64, ...string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gauge(degraded, truth(s.degraded))
	for p := range len(s.rec.Pools) + 1 {
		gauge(poolActive, truth(s.poolName(p) == s.poolName(s.active)), s.poolName(p))
	}
	for p, endpoints := range s.up {
		for endpoint, up := range endpoints {
			gauge(endpointUp, truth(up), s.rec.Pools[p].Name, endpoint)
		}
	}
}

func (c *changes) collect(gauge func(*prometheus.Desc, float64, ...string), counter func(v float64, from, to string)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.last.IsZero() {
		gauge(lastTransition, float64(c.last.UnixMilli())/1000)
	}
	for ch, n := range c.count {
		counter(float64(n), ch.from, ch.to)
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
