package test

import (
	"testing"
	"time"
)

// A target whose process dies leaves the answer at once, although its interval is a minute.
func TestWatch(t *testing.T) {
	t.Parallel()
	ts := newTargets(t, 2)
	s := start(t, `
		example.org:$dns {
			bind $ip
			failover app.example.org {
				primary $a
				secondary $b
				check tcp :$web {
					watch
					interval 1m
					fast_interval 20ms
					fall 2
				}
			}
		}`, vars{"a": ts[0].ip, "b": ts[1].ip, "web": ts[0].port})
	s.waitFor("of " + ts[0].ip + ": unknown -> up: 1 pass")
	stopped := time.Now()
	ts[0].stop()
	becomes(t, "the answer", aRecords(ts[1].ip), func() string { return s.ask("app.example.org", "A") })
	if took := time.Since(stopped); took > 30*time.Second {
		t.Errorf("it took %s, half of the interval", took)
	}
}

// While no witness answers, no endpoint goes down; once one answers, those that fail go down.
// A witness may be a host name.
func TestCutOff(t *testing.T) {
	t.Parallel()
	for _, witness := range []string{"$w", "w.example.org"} {
		t.Run(witness, func(t *testing.T) {
			t.Parallel()
			cutOff(t, witness)
		})
	}
}

func cutOff(t *testing.T, name string) {
	ts := newTargets(t, 3)
	primary, secondary, witness := ts[0], ts[1], ts[2]
	s := start(t, `
		example.org:$dns {
			bind $ip
			prometheus $ip:$metrics
			failover app.example.org {
				primary $a
				secondary $b
				check http :$web {
					`+fast+`
				}
				witness `+name+`
			}
			hosts {
				$w w.example.org
			}
		}`, vars{"a": primary.ip, "b": secondary.ip, "w": witness.ip, "web": primary.port})
	answer := func() string { return s.ask("app.example.org", "A") }
	frozen := func() string { return s.scrape()["coredns_failover_frozen"] }
	for _, g := range ts {
		s.waitFor("of " + g.ip + ": unknown -> up: 1 pass")
	}
	witness.stop()
	becomes(t, "frozen", "1", frozen)
	s.waitFor("No witness answers")
	primary.stop()
	hits := secondary.hits.Load()
	eventually(t, "probes go on for a while", func() bool { return secondary.hits.Load() > hits+10 })
	if got := answer(); got != aRecords(primary.ip) {
		t.Errorf("while cut off, the answer is %s", got)
	}
	witness.start()
	becomes(t, "frozen", "0", frozen)
	becomes(t, "the answer", aRecords(secondary.ip), answer)
}

// A reload that fails leaves no check running, even if the Corefile before it has no
// failover block whose hooks could stop them.
func TestReloadThatFailsFromNothing(t *testing.T) {
	t.Parallel()
	ts := newTargets(t, 1)
	const without = "example.org:$dns {\nbind $ip\nwhoami\n}\n"
	s := start(t, without, vars{"a": ts[0].ip, "web": ts[0].port})
	s.vars["busy"] = occupy(t, s.vars["ip"])
	s.reloadFails("example.org:$dns {\nbind $ip\nhealth $ip:$busy\nfailover app.example.org {\nprimary $a\n" +
		"check http :$web {\n" + fast + "\n}\n}\n}\n")
	isQuiet(t, "what a reload that failed has started", &ts[0].hits)
}
