package test

import (
	"strings"
	"testing"
	"time"
)

// app has the labels of the record in the only server block.
const app = `record="app.example.org.",SERVER`

func TestMetrics(t *testing.T) {
	t.Parallel()
	s := startStory(t)
	a := s.primary.ip
	up := `endpoint_up{endpoint="` + a + `",pool="primary",` + app + `}`
	standby := `endpoint_up{endpoint="standby",pool="secondary",` + app + `}`
	s.has(map[string]string{
		up:      "1",
		standby: "1",
		`pool_active{pool="primary",` + app + `}`:        "1",
		`pool_active{pool="secondary",` + app + `}`:      "0",
		`pool_active{pool="none",` + app + `}`:           "0",
		`degraded{` + app + `}`:                          "0",
		`last_transition_timestamp_seconds{` + app + `}`: "",
		`responses_total{pool="primary",` + app + `}`:    "0",
		`transitions_total{from="primary",` + app + `}`:  "",
		`frozen`: "0",
	})
	s.answersFrom(s.primary)
	s.ask("app.example.org", "TXT")
	s.has(map[string]string{`responses_total{pool="primary",` + app + `}`: "1"})

	s.primary.stop()
	s.has(map[string]string{
		up: "0",
		`pool_active{pool="primary",` + app + `}`:                      "0",
		`pool_active{pool="secondary",` + app + `}`:                    "1",
		`degraded{` + app + `}`:                                        "0",
		`transitions_total{from="primary",` + app + `,to="secondary"}`: "1",
	})
	s.answersFrom(s.secondary)
	s.ask("app.example.org", "AAAA")
	s.has(map[string]string{`responses_total{pool="secondary",` + app + `}`: "2"})

	s.secondary.stop()
	s.has(map[string]string{
		standby: "0",
		`pool_active{pool="secondary",` + app + `}`:                 "0",
		`pool_active{pool="none",` + app + `}`:                      "1",
		`degraded{` + app + `}`:                                     "1",
		`transitions_total{from="secondary",` + app + `,to="none"}`: "1",
	})
	s.ask("app.example.org", "A")
	s.has(map[string]string{`responses_total{pool="none",` + app + `}`: "1"})
}

// The time of the last transition is that of the transition.
func TestMetricLastTransition(t *testing.T) {
	t.Parallel()
	s := startStory(t)
	s.waitFor("unknown -> up")
	before := float64(time.Now().Unix())
	s.primary.stop()
	s.answersFrom(s.secondary)
	s.has(map[string]string{`pool_active{pool="secondary",` + app + `}`: "1"})
	series := s.series("last_transition_timestamp_seconds{" + app + "}")
	eventually(t, "the series is there", func() bool { return s.scrape()[series] != "" })
	if at, now := s.number(series), float64(time.Now().Unix()+1); at < before || at > now {
		t.Errorf("the last transition was at %f, want from %f to %f", at, before, now)
	}
}

// Probes are counted by type and result, and timed.
func TestMetricProbes(t *testing.T) {
	t.Parallel()
	s := startStory(t)
	s.secondary.sick()
	const result, took = "coredns_failover_probes_total", "coredns_failover_probe_duration_seconds_count"
	eventually(t, "probes passed and failed", func() bool {
		m := s.scrape()
		return m[result+`{result="pass",type="http"}`] != "" && m[result+`{result="fail",type="http"}`] != ""
	})
	s.primary.stop()
	s.secondary.stop()
	before := s.counted(took + `{type="http"}`)
	eventually(t, "more probes are timed", func() bool { return s.counted(took+`{type="http"}`) > before+3 })
}

func TestMetricBuildInfo(t *testing.T) {
	t.Parallel()
	s := startStory(t)
	info := s.scrape().with("coredns_failover_build_info{", `goversion="go1.`, `version="`)
	if len(info) != 1 || s.scrape()[info[0]] != "1" {
		t.Errorf("build_info is %v", info)
	}
}

// An unknown endpoint has no endpoint_up.
func TestMetricsWhileUnknown(t *testing.T) {
	t.Parallel()
	ts := newTargets(t, 2)
	ts[0].hold()
	s := start(t, strings.ReplaceAll(storyCorefile, fast, "interval 1m\ntimeout 1m"),
		vars{"a": ts[0].ip, "b": ts[1].ip, "web": ts[0].port})
	s.has(map[string]string{`endpoint_up{endpoint="standby",pool="secondary",` + app + `}`: "1"})
	up := map[string]string{`endpoint_up{endpoint="` + ts[0].ip + `",pool="primary",` + app + `}`: ""}
	eventually(t, "the primary is asked", func() bool { return ts[0].hits.Load() == 1 })
	s.has(up)
	ts[0].release()
	for series := range up {
		up[series] = "1"
	}
	s.has(up)
}
