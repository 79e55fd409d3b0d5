package test

import "testing"

// Inconclusive probes are counted as unknown and change no state. Their cause is logged once,
// however many probes and endpoints have it.
func TestUnknown(t *testing.T) {
	t.Parallel()
	ts := newTargets(t, 3)
	ts[2].stop() // nothing listens there
	s := start(t, `
		example.org:$dns {
			bind $ip
			prometheus $ip:$metrics
			failover app.example.org {
				primary $a
				secondary $b
				check prometheus http://$nobody:$web up {
					`+fast+`
				}
			}
		}`, vars{"a": ts[0].ip, "b": ts[1].ip, "nobody": ts[2].ip, "web": ts[0].port})
	const unknown = `coredns_failover_probes_total{result="unknown",type="prometheus"}`
	eventually(t, "many probes are inconclusive", func() bool { return s.counted(unknown) > 20 })
	if n := s.log.count("cannot be asked"); n != 1 {
		t.Errorf("the cause is logged %d times", n)
	}
	if got := s.ask("app.example.org", "A"); got != aRecords(ts[0].ip) || s.log.count("->") != 0 {
		t.Errorf("the answer is %s", got)
	}
}
