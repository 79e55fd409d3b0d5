package healthcheck

import "testing"

func TestCostOfAProbe(t *testing.T) {
	tests := []struct {
		check Check
		want  int64
	}{
		{ICMP{}, 1}, {File{}, 1}, {Exec{}, 4},
		{TCP{}, 1},
		{TCP{Target: Target{Host: "192.0.2.1"}}, 1},
		{UDP{Target: Target{Host: "{endpoint}"}}, 1},
		{TLS{Target: Target{Host: "app.example.org"}}, 2},
		{DNS{Target: Target{Host: "{endpoint}.example.org"}}, 2},
		{GRPC{Target: Target{Host: "2001:db8::1"}}, 1},
		{HTTP{Host: "app.example.org"}, 1},
		{HTTP{Redirects: 1}, 2},
		{Prometheus{Server: Target{Host: "prometheus.example.org"}}, 2},
	}
	for _, tc := range tests {
		if got := CostOf(tc.check); got != tc.want {
			t.Errorf("%#v: %d, want %d", tc.check, got, tc.want)
		}
	}
}
