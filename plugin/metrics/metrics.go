// Package metrics holds the Prometheus variables of the plugin and the few
// functions that touch them. Labels come from the configuration, never from a
// query.
package metrics

import (
	"runtime/debug"
	"time"

	"github.com/coredns-failover/failover/healthcheck"

	"github.com/coredns/coredns/plugin"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

const subsystem = "failover"

// Those with a record are told apart by the server block as well.
var recordLabels = []string{"server", "view", "record"}

var (
	endpointUp = promauto.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: plugin.Namespace,
		Subsystem: subsystem,
		Name:      "endpoint_up",
		Help:      "Whether an endpoint is up (1) or down (0); absent while that is unknown.",
	}, append(recordLabels, "pool", "endpoint"))

	poolActive = promauto.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: plugin.Namespace,
		Subsystem: subsystem,
		Name:      "pool_active",
		Help:      "Whether a pool answers (1) or not (0); pool \"none\" while no endpoint is healthy.",
	}, append(recordLabels, "pool"))

	degraded = promauto.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: plugin.Namespace,
		Subsystem: subsystem,
		Name:      "degraded",
		Help:      "Whether a record has no healthy pool (1) or has one (0).",
	}, recordLabels)

	transitions = promauto.NewCounterVec(prometheus.CounterOpts{
		Namespace: plugin.Namespace,
		Subsystem: subsystem,
		Name:      "transitions_total",
		Help:      "Counter of the changes of a record's active pool.",
	}, append(recordLabels, "from", "to"))

	lastTransition = promauto.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: plugin.Namespace,
		Subsystem: subsystem,
		Name:      "last_transition_timestamp_seconds",
		Help:      "When a record's active pool last changed; absent before it first did.",
	}, recordLabels)

	responses = promauto.NewCounterVec(prometheus.CounterOpts{
		Namespace: plugin.Namespace,
		Subsystem: subsystem,
		Name:      "responses_total",
		Help:      "Counter of the responses to queries for addresses, by the pool that was active.",
	}, append(recordLabels, "pool"))

	probes = promauto.NewCounterVec(prometheus.CounterOpts{
		Namespace: plugin.Namespace,
		Subsystem: subsystem,
		Name:      "probes_total",
		Help:      "Counter of probes by type of check and result.",
	}, []string{"type", "result"})

	probeDuration = promauto.NewHistogramVec(prometheus.HistogramOpts{
		Namespace:                   plugin.Namespace,
		Subsystem:                   subsystem,
		Name:                        "probe_duration_seconds",
		Help:                        "Histogram of the time that each probe took, by type of check.",
		Buckets:                     plugin.TimeBuckets,
		NativeHistogramBucketFactor: plugin.NativeHistogramBucketFactor,
	}, []string{"type"})

	frozen = promauto.NewGauge(prometheus.GaugeOpts{
		Namespace: plugin.Namespace,
		Subsystem: subsystem,
		Name:      "frozen",
		Help:      "Whether this server considers itself cut off and changes no state (1) or not (0).",
	})

	buildInfo = promauto.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: plugin.Namespace,
		Subsystem: subsystem,
		Name:      "build_info",
		Help:      "A metric with a constant '1' value labeled by version and goversion of the plugin.",
	}, []string{"version", "goversion"})
)

// modulePath is that of go.mod.
const modulePath = "github.com/coredns-failover/failover"

func init() {
	version, goVersion := "unknown", "unknown"
	if bi, ok := debug.ReadBuildInfo(); ok {
		goVersion = bi.GoVersion
		for _, m := range append(bi.Deps, &bi.Main) {
			if m.Path == modulePath {
				version = m.Version
			}
		}
	}
	buildInfo.WithLabelValues(version, goVersion).Set(1)
}

// Frozen measures whether this server considers itself cut off.
func Frozen(is bool) { frozen.Set(truth(is)) }

// Probed counts a probe. One that could not ask took no time worth measuring.
func Probed(key healthcheck.Key, r healthcheck.Result, took time.Duration) {
	t := key.Spec.Check.Type()
	probes.WithLabelValues(t, r.String()).Inc()
	if r != healthcheck.CouldNotAsk {
		probeDuration.WithLabelValues(t).Observe(took.Seconds())
	}
}
