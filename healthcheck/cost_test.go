package healthcheck_test

import (
	"testing"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
)

func TestCostOfAProbe(t *testing.T) {
	tests := []struct {
		check healthcheck.Check
		want  int64
	}{
		{probe.ICMP{}, 1}, {probe.File{}, 1}, {probe.Exec{}, 4},
		{probe.TCP{}, 1},
		{probe.TCP{Target: probe.Target{Host: "192.0.2.1"}}, 1},
		{probe.UDP{Target: probe.Target{Host: "{endpoint}"}}, 1},
		{probe.TLS{Target: probe.Target{Host: "app.example.org"}}, 2},
		{probe.DNS{Target: probe.Target{Host: "{endpoint}.example.org"}}, 2},
		{probe.GRPC{Target: probe.Target{Host: "2001:db8::1"}}, 1},
		{probe.HTTP{Host: "app.example.org"}, 1},
		{probe.HTTP{Redirects: 1}, 2},
		{probe.Prometheus{Server: probe.Target{Host: "prometheus.example.org"}}, 2},
	}
	for _, tc := range tests {
		if got := healthcheck.CostOf(tc.check); got != tc.want {
			t.Errorf("%#v: %d, want %d", tc.check, got, tc.want)
		}
	}
}
