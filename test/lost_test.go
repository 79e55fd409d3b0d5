package test

import "testing"

// A site fails over although this host cannot reach one of its address families: addresses
// whose probes are inconclusive follow the others of their pool.
func TestLostFamily(t *testing.T) {
	t.Parallel()
	ts := newTargets(t, 2)
	s := start(t, `
		example.org:$dns {
			bind $ip
			prometheus $ip:$metrics
			failover app.example.org {
				primary $a ::1
				secondary $b
				check http :$web {
					source 2001:db8::1
					`+fast+`
				}
			}
		}`, vars{"a": ts[0].ip, "b": ts[1].ip, "web": ts[0].port})
	s.waitFor("of " + ts[0].ip + ": unknown -> up: 1 pass")
	s.waitFor("of ::1 cannot be asked, and maybe others")
	if got := s.ask("app.example.org", "AAAA"); got != "AAAA ::1" {
		t.Errorf("while the primary is well: AAAA %s", got)
	}
	ts[0].stop()
	becomes(t, "the answer", aRecords(ts[1].ip), func() string { return s.ask("app.example.org", "A") })
	s.waitFor("app.example.org.: primary -> secondary: ")
	s.waitFor("::1 of pool primary cannot be asked (connect: cannot assign requested address) and counts as down")
	if n := len(s.scrape().with("endpoint_up", `"::1"`)); n != 0 {
		t.Error("endpoint_up has a series for an unknown endpoint")
	}
	ts[0].start()
	becomes(t, "the answer", aRecords(ts[0].ip), func() string { return s.ask("app.example.org", "A") })
}
