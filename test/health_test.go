package test

import (
	"strings"
	"testing"
	"time"
)

// At the start the whole primary is served at once. It is not mixed with the secondary
// while only some first results are in.
func TestStartServesThePrimary(t *testing.T) {
	t.Parallel()
	ts := newTargets(t, 4)
	for _, g := range ts[1:] {
		g.hold()
	}
	s := start(t, `
	example.org:$dns {
		bind $ip
		prometheus $ip:$metrics
		failover app.example.org {
			primary $a $b
			secondary $c $d
			check http :$web {
				interval 1h
				timeout 1h
			}
		}
	}`, vars{"a": ts[0].ip, "b": ts[1].ip, "c": ts[2].ip, "d": ts[3].ip, "web": ts[0].port})
	primary := aRecords(ts[0].ip, ts[1].ip)
	if got := s.ask("app.example.org", "A"); got != primary {
		t.Errorf("the first answer is %s, want %s", got, primary)
	}
	s.has(map[string]string{
		`endpoint_up{endpoint="` + ts[0].ip + `",pool="primary",` + app + `}`: "1",
		`endpoint_up{endpoint="` + ts[1].ip + `",pool="primary",` + app + `}`: "",
	})
	if got := s.ask("app.example.org", "A"); got != primary {
		t.Errorf("with one result the answer is %s, want %s", got, primary)
	}
	for _, g := range ts {
		eventually(t, "each target is probed", func() bool { return g.hits.Load() == 1 })
	}
}

// A target that accepts connections and never answers is down after its timeouts,
// and delays no other check.
func TestHangingTarget(t *testing.T) {
	t.Parallel()
	ts := newTargets(t, 3)
	ts[0].hold()
	s := start(t, `
	example.org:$dns {
		bind $ip
		failover app.example.org {
			primary $a $b
			secondary $c
			check http :$web {
				`+strings.Replace(fast, "interval 500ms\n\ttimeout 500ms", "interval 1s\n\ttimeout 1s", 1)+`
			}
		}
		failover www.example.org {
			primary $a $b
			secondary $c
			check http :$web/ {
				host www.example.org
				`+fast+`
			}
		}
	}`, vars{"a": ts[0].ip, "b": ts[1].ip, "c": ts[2].ip, "web": ts[0].port})
	eventually(t, "the hanging target is probed", func() bool { return ts[0].hits.Load() > 0 })
	others := ts[1].hits.Load()
	eventually(t, "others are probed meanwhile", func() bool { return ts[1].hits.Load() > others+2 })
	becomes(t, "the answer", aRecords(ts[1].ip), func() string { return s.ask("app.example.org", "A") })
	s.waitFor("no answer within 1s")
	ts[0].release()
	becomes(t, "the answer", aRecords(ts[0].ip, ts[1].ip), func() string { return s.ask("app.example.org", "A") })
}

// ratesCorefile has one check of $a, in several records and blocks.
const ratesCorefile = `
	example.org:$dns {
		bind $ip
		failover {
			check http :$web {
				host app.example.org
				interval 100ms
				jitter 0%
			}
			record app {
				primary {
					endpoint $a
					endpoint $b disabled
					endpoint $c probe $d
				}
			}
			record again {
				primary $a
				secondary $a
			}
		}
		failover third.example.org {
			primary $a
			check http :$web {
				timeout 50ms
				fast_interval 100ms
				host app.example.org
				method GET
				interval 100ms
				jitter 0%
				status 200-299 300-399
			}
		}
	}
	example.org:$other {
		bind $ip
		failover app.example.org {
			primary $a
			check http :$web {
				interval 100ms
				jitter 0%
			}
		}
	}`

// Disabled endpoints are not probed, and others as often as their interval says.
func TestProbeRates(t *testing.T) {
	t.Parallel()
	ts := newTargets(t, 4)
	s := start(t, ratesCorefile, vars{"a": ts[0].ip, "b": ts[1].ip, "c": ts[2].ip, "d": ts[3].ip, "web": ts[0].port})
	s.waitFor("unknown -> up")
	began, before := time.Now(), ts[0].hits.Load()
	eventually(t, "thirty probes", func() bool { return ts[0].hits.Load() >= before+30 })
	// However many records, pools and server blocks use it, it is one check. With two
	// checks, these probes would take 1.5 s; with one they take 2.9 s, less the delay
	// of the first.
	if took := time.Since(began); took < 2*time.Second {
		t.Errorf("thirty probes took %s, with an interval of 100ms", took)
	}
	if n := ts[1].hits.Load(); n > 0 {
		t.Errorf("a disabled endpoint was probed %d times", n)
	}
	if n := ts[2].hits.Load(); n > 0 {
		t.Errorf("the endpoint's own address was probed %d times although it has probe", n)
	}
	if ts[3].hits.Load() == 0 {
		t.Error("the address of probe was not probed")
	}
}

// Queries cause no probes.
func TestQueriesDoNotProbe(t *testing.T) {
	t.Parallel()
	g := newTargets(t, 1)[0]
	s := start(t, `
	example.org:$dns {
		bind $ip
		failover app.example.org {
			primary $a
			check http :$web {
				interval 1h
			}
		}
	}`, vars{"a": g.ip, "web": g.port})
	s.waitFor("unknown -> up")
	for range 100 {
		s.ask("app.example.org", "A")
		s.ask("app.example.org", "TXT")
		s.ask("x.example.org", "A")
	}
	if n := g.hits.Load(); n != 1 {
		t.Errorf("%d probes, want the first one only", n)
	}
}
