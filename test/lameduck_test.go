package test

import (
	"syscall"
	"testing"
)

// Probing goes on until the process ends, also during the lameduck of health, which may
// take minutes.
func TestLameduck(t *testing.T) {
	t.Parallel()
	ts := newTargets(t, 2)
	s := start(t, `
		example.org:$dns {
			bind $ip
			health $ip:$health {
				lameduck 20s
			}
			failover app.example.org {
				primary $a
				secondary $b
				check http :$web {
					`+fast+`
				}
			}
		}`, vars{"a": ts[0].ip, "b": ts[1].ip, "web": ts[0].port})
	s.waitFor("of " + ts[0].ip + ": unknown -> up: 1 pass")
	s.signal(syscall.SIGTERM)
	s.waitFor("Going into lameduck mode")
	ts[0].stop()
	becomes(t, "the answer", aRecords(ts[1].ip), func() string { return s.ask("app.example.org", "A") })
}
