package metrics

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestOperated(t *testing.T) {
	var list [][2]string
	beats := map[string]time.Duration{}
	o := &operated{
		overrides: func(f func(record, action string)) {
			for _, v := range list {
				f(v[0], v[1])
			}
		},
		heartbeats: func(f func(name string, at time.Time)) {
			for name, age := range beats {
				f(name, time.Now().Add(-age))
			}
		},
	}
	reg := prometheus.NewPedanticRegistry()
	reg.MustRegister(o)
	if got, err := reg.Gather(); len(got) > 0 || err != nil {
		t.Errorf("without overrides and beats: got %v, %v", got, err)
	}
	list = [][2]string{{"app.example.org.", "down"}, {"app.example.org.", "down"}, {"app.example.org.", "drain"}, {"", "down"}}
	want := `
# HELP coredns_failover_overrides Number of overrides by record and action; the record is "" for an address.
# TYPE coredns_failover_overrides gauge
coredns_failover_overrides{action="down",record=""} 1
coredns_failover_overrides{action="down",record="app.example.org."} 2
coredns_failover_overrides{action="drain",record="app.example.org."} 1
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "coredns_failover_overrides"); err != nil {
		t.Error(err)
	}
	beats["nightly"] = time.Hour
	got, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range got {
		if f.GetName() != "coredns_failover_heartbeat_age_seconds" {
			continue
		}
		m := f.GetMetric()[0]
		if age := m.GetGauge().GetValue(); m.GetLabel()[0].GetValue() != "nightly" || age < 3600 || age > 3700 {
			t.Errorf("got %v", m)
		}
		return
	}
	t.Error("the age of the heartbeat is missing")
}
