package metrics

import (
	"time"

	"github.com/coredns/coredns/plugin"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var stateErrors = promauto.NewCounter(prometheus.CounterOpts{
	Namespace: plugin.Namespace,
	Subsystem: subsystem,
	Name:      "state_errors_total",
	Help:      "Counter of times that the state file could not be written.",
})

// StateFailed counts a state that could not be written.
func StateFailed() { stateErrors.Inc() }

var (
	overridesDesc = prometheus.NewDesc(prometheus.BuildFQName(plugin.Namespace, subsystem, "overrides"),
		"Number of overrides by record and action; the record is \"\" for an address.", []string{"record", "action"}, nil)
	heartbeatDesc = prometheus.NewDesc(prometheus.BuildFQName(plugin.Namespace, subsystem, "heartbeat_age_seconds"),
		"Time since a heartbeat has beaten last; absent before the first beat.", []string{"heartbeat"}, nil)
)

// operated measures what an operator has set and sent, when it is scraped.
type operated struct {
	overrides  func(func(record, action string))
	heartbeats func(func(name string, at time.Time))
}

// Operated has metrics made of overrides and of heartbeats. Both call what they are given
// for each. It is called once.
func Operated(overrides func(func(record, action string)), heartbeats func(func(name string, at time.Time))) {
	prometheus.MustRegister(&operated{overrides, heartbeats})
}

// Describe implements prometheus.Collector.
func (o *operated) Describe(ch chan<- *prometheus.Desc) {
	ch <- overridesDesc
	ch <- heartbeatDesc
}

// Collect implements prometheus.Collector.
func (o *operated) Collect(ch chan<- prometheus.Metric) {
	counts := make(map[[2]string]float64)
	o.overrides(func(record, action string) { counts[[2]string{record, action}]++ })
	for of, n := range counts {
		ch <- prometheus.MustNewConstMetric(overridesDesc, prometheus.GaugeValue, n, of[:]...)
	}
	o.heartbeats(func(name string, at time.Time) {
		ch <- prometheus.MustNewConstMetric(heartbeatDesc, prometheus.GaugeValue, time.Since(at).Seconds(), name)
	})
}
