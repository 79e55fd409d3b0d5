// Package metrics has the Prometheus metrics of the plugin. It makes them from events; only
// probes and responses are counted directly. Labels come from the configuration, never from
// a query.
package metrics

import (
	"runtime/debug"
	"time"

	"github.com/coredns/coredns/plugin"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/event"
)

const subsystem = "failover"

var (
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

	probesDelayed = promauto.NewCounter(prometheus.CounterOpts{
		Namespace: plugin.Namespace,
		Subsystem: subsystem,
		Name:      "probes_delayed_total",
		Help:      "Counter of probes that waited for others to end, as a fifth of the open files is the server's.",
	})

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

// modulePath is the path in go.mod.
const modulePath = "github.com/coredns-failover/failover"

func init() {
	version, goVersion := versions()
	buildInfo.WithLabelValues(version, goVersion).Set(1)
}

// Version returns that of the plugin, or "unknown".
func Version() string {
	version, _ := versions()
	return version
}

// versions returns those of the plugin and of Go.
func versions() (version, goVersion string) {
	version, goVersion = "unknown", "unknown"
	if bi, ok := debug.ReadBuildInfo(); ok {
		goVersion = bi.GoVersion
		for _, m := range append(bi.Deps, &bi.Main) {
			if m.Path == modulePath {
				version = m.Version
			}
		}
	}
	return version, goVersion
}

// Tell is the [event.Subscriber] for events without a record.
func Tell(e event.Event) {
	switch e.Kind {
	case event.Frozen:
		frozen.Set(1)
	case event.Thawed:
		frozen.Set(0)
	case event.ProbeDelayed:
		probesDelayed.Inc()
	}
}

// Probed counts a probe. It does not measure the time of an inconclusive one, which says
// nothing about the target.
func Probed(key healthcheck.Key, r healthcheck.Result, took time.Duration) {
	t := key.Spec.Check.Type()
	probes.WithLabelValues(t, r.String()).Inc()
	if r != healthcheck.Inconclusive {
		probeDuration.WithLabelValues(t).Observe(took.Seconds())
	}
}
