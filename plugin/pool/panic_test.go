package pool

import (
	"fmt"
	"testing"
)

// If fewer endpoints of the pool that answers are healthy than panic says, it answers with
// all of them. Which pool answers does not change.
func TestPanic(t *testing.T) {
	const four = "primary 1: 192.0.2.11 192.0.2.12 [192.0.2.19] 192.0.2.13 192.0.2.14"
	const all = "primary by min_healthy: 192.0.2.11 192.0.2.12 192.0.2.13 192.0.2.14"
	tests := []struct {
		share, minHealthy int
		down              string
		want              string
	}{
		{50, 1, "192.0.2.11", "primary by min_healthy: 192.0.2.12 192.0.2.13 192.0.2.14"},
		{50, 1, "192.0.2.11 192.0.2.12", "primary by min_healthy: 192.0.2.13 192.0.2.14"}, // not fewer than half
		{51, 1, "192.0.2.11 192.0.2.12", all},
		{50, 1, "192.0.2.11 192.0.2.12 192.0.2.13", all},
		{0, 1, "192.0.2.11 192.0.2.12 192.0.2.13", "primary by min_healthy: 192.0.2.14"},
		{50, 2, "192.0.2.11 192.0.2.12 192.0.2.13", byTwo},
		{100, 1, "192.0.2.11 192.0.2.12 192.0.2.13 192.0.2.14", byTwo},
		{50, 2, "192.0.2.11 192.0.2.12 192.0.2.13 192.0.2.2", all}, // degraded, and it answers
	}
	for _, tc := range tests {
		t.Run(fmt.Sprintf("%d%% without %s", tc.share, tc.down), func(t *testing.T) {
			panics := func(rec *Record) {
				rec.Pools[0].Panic, rec.Pools[0].MinHealthy.Count = tc.share, tc.minHealthy
			}
			inLab(t, panics, func(r *run) {
				r.down(tc.down)
				r.pass(2)
				r.want(tc.want)
				v := r.tracker.View()
				if got := v.Set(v.Pool).Panic; got != (tc.want == all) {
					t.Errorf("panic: %t", got)
				}
			}, four, two)
		})
	}
}
