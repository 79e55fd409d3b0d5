package corefile

import (
	"testing"
	"time"

	"github.com/coredns-failover/failover/plugin/pool"
)

func TestFailbackAndSteer(t *testing.T) {
	order := pool.Steer{Kind: pool.SteerOrder}
	tests := []struct {
		block, record string
		failback      pool.Failback
		steer         pool.Steer
	}{
		{"", "", pool.Failback{}, order},
		{"failback manual", "", pool.Failback{Hold: true}, order},
		{"failback manual", "failback auto", pool.Failback{}, order},
		{"failback after 1m30s", "", pool.Failback{Hold: true, After: 90 * time.Second}, order},
		{"failback manual", "failback after 10ms", pool.Failback{Hold: true, After: 10 * time.Millisecond}, order},
		{"", "failback after 604800", pool.Failback{Hold: true, After: 7 * 24 * time.Hour}, order},
		{"steer latency", "", pool.Failback{}, pool.Steer{Kind: pool.SteerLatency, Margin: 20}},
		{"", "steer latency 0%", pool.Failback{}, pool.Steer{Kind: pool.SteerLatency}},
		{"", "steer latency 100%", pool.Failback{}, pool.Steer{Kind: pool.SteerLatency, Margin: 100}},
		{"steer latency 10%", "steer weighted", pool.Failback{}, pool.Steer{Kind: pool.SteerWeighted}},
		{"steer weighted", "steer order", pool.Failback{}, order},
	}
	for _, test := range tests {
		text := "failover {\n" + test.block + "\nrecord a {\n" + test.record + "\nprimary 192.0.2.1\n}\ncheck none\n}"
		r := mustParse(t, text).Records[0]
		if r.Failback != test.failback || r.Steer != test.steer {
			t.Errorf("%s\ngot %+v, %+v", text, r.Failback, r.Steer)
		}
	}
}

// One pool, or one endpoint, with a weight above 0 is enough.
func TestWeights(t *testing.T) {
	r := mustParse(t, `failover {
		check none
		steer weighted
		primary {
			policy weighted
			endpoint 192.0.2.1 weight 0
			endpoint 192.0.2.2 weight 65535
			weight 65535
			panic 1%
		}
		secondary 192.0.2.3 {
			weight 0
			panic 100%
		}
		pool c 192.0.2.4
	}`).Records[0]
	got := []int{r.Pools[0].Weight, r.Pools[0].Panic, r.Pools[1].Weight, r.Pools[1].Panic, r.Pools[2].Weight, r.Pools[2].Panic,
		r.Pools[0].Endpoints[0].Weight, r.Pools[0].Endpoints[1].Weight, r.Pools[1].Endpoints[0].Weight}
	for i, want := range []int{65535, 1, 0, 100, 1, 0, 0, 65535, 1} {
		if got[i] != want {
			t.Errorf("number %d: got %d, want %d", i, got[i], want)
		}
	}
}
