package test

import (
	"fmt"
	"strings"
	"testing"
)

// pooling has records and their answers while the endpoints named up pass their checks and
// those named down fail.
var pooling = []struct{ name, record, a, aaaa, state string }{
	{"unhealthy ones are left out", "primary $up1 $down1 $up2\nsecondary $up3", "$up1 $up2", "", "ok"},
	{"the order is the Corefile's", "primary $up2 $up1 $up3", "$up2 $up1 $up3", "", "ok"},
	{"pools are not mixed", "primary $down1 $up1\nsecondary $up2 $up3", "$up1", "", "ok"},
	{"secondary", "primary $down1 $down2\nsecondary $up3 $down3 $up2", "$up3 $up2", "", "failed_over"},
	{"primary is first wherever it stands", "secondary $up2\npool x $up3\nprimary $up1", "$up1", "", "ok"},
	{"secondary is second", "pool x $up3\nsecondary $up2\nprimary $down1", "$up2", "", "failed_over"},
	{"further pools", "primary $down1\nsecondary $down2\npool x $down3\npool y $up1\npool z $up2", "$up1", "", "failed_over"},
	{"only further pools", "pool x $down3\npool y $up1", "$up1", "", "failed_over"},

	{"min_healthy", "primary $up1 $down1 $up2 {\nmin_healthy 2\n}\nsecondary $up3", "$up1 $up2", "", "ok"},
	{"too few", "primary $up1 $down1 $down2 {\nmin_healthy 2\n}\nsecondary $up3", "$up3", "", "failed_over"},
	{"50% of 3 is 2", "primary $up1 $down1 $down2 {\nmin_healthy 50%\n}\nsecondary $up3", "$up3", "", "failed_over"},
	{"50% of 4 is 2", "primary $up1 $up2 $down1 $down2 {\nmin_healthy 50%\n}\nsecondary $up3", "$up1 $up2", "", "ok"},
	{"33% of 3 is 1", "primary $up1 $down1 $down2 {\nmin_healthy 33%\n}\nsecondary $up3", "$up1", "", "ok"},
	{"34% of 3 is 2", "primary $up1 $down1 $down2 {\nmin_healthy 34%\n}\nsecondary $up3", "$up3", "", "failed_over"},
	{"partly healthy", "primary $up1 $down1 {\nmin_healthy 2\n}\nsecondary $up2 $down2 {\nmin_healthy 2\n}", "$up1", "", "degraded"},
	{"second partly healthy", "primary $down1\nsecondary $down2 $up2 {\nmin_healthy 2\n}", "$up2", "", "degraded"},
	{"all_down nodata is not for partly healthy", "all_down nodata\nprimary $down1\nsecondary $down2 $up2 {\nmin_healthy 2\n}", "$up2", "", "degraded"},
	{"all_down", "primary $down1 $down2\nsecondary $down3", "$down1 $down2", "", "degraded"},
	{"all_down all", "all_down all\nprimary $down1 $down2\nsecondary $down3 $down1", "$down1 $down2 $down3", "", "degraded"},

	{"all checks", two + "primary $up1\nsecondary $up2 {\ncheck none\n}", "$up2", "", "failed_over"},
	{"require all", two + "require all\nprimary $up1\nsecondary $up2 {\ncheck none\n}", "$up2", "", "failed_over"},
	{"require any", two + "require any\nprimary $up1 $down1\nsecondary $up2 {\ncheck none\n}", "$up1", "", "ok"},
	{"require 2 of 3", two + third + "require 2\nprimary $up1 $down1\nsecondary $up2 {\ncheck none\n}", "$up1", "", "ok"},
	{"require of a pool", two + "require any\nprimary $up1 {\nrequire 2\n}\nsecondary $up2", "$up2", "", "failed_over"},
	{"check of a pool", "primary $up1 {\ncheck http :$web/status/500 {\n" + fast + "}\n}\nsecondary $up2", "$up2", "", "failed_over"},

	{"disabled", "primary {\nendpoint $up1 disabled\nendpoint $up2\n}", "$up2", "", "ok"},
	{"disabled is not served", "all_down all\nprimary {\nendpoint $up1 disabled\nendpoint $down2\n}", "$down2", "", "degraded"},
	{"wholly disabled", "primary {\nendpoint $up1 disabled\n}\nsecondary $up2", "$up2", "", "failed_over"},
	{"probe", "primary {\nendpoint 192.0.2.1 probe $up1\nendpoint 192.0.2.2 probe $down1\nendpoint $down2 probe $up2\n}", "192.0.2.1 $down2", "", "ok"},
	{"port", "check tcp {\n" + fast + "}\nprimary {\nendpoint $up1 port 1\nendpoint $up2 port $web\n}", "$up2", "", "ok"},
	{"check none", "check none\nprimary $down1 $down2\nsecondary $up1", "$down1 $down2", "", "ok"},

	{"policy first", "primary $up1 $up2 {\npolicy first\n}", "$up1", "", "ok"},
	{"policy first of the healthy", "primary $down1 $up2 $up1 {\npolicy first\n}", "$up2", "", "ok"},
	{"policy first 2", "primary $down1 $up3 $up1 $up2 {\npolicy first 2\n}", "$up3 $up1", "", "ok"},
	{"policy all 2", "primary $down1 $up3 $up1 $up2 {\npolicy all 2\n}", "$up3 $up1", "", "ok"},

	{"both families", "primary {\nendpoint $up1\nendpoint 2001:db8::1 probe $up1\nendpoint 2001:db8::2 probe $down1\n}", "$up1", "2001:db8::1", "ok"},
	{"a family is unhealthy", "primary {\nendpoint $up1\nendpoint 2001:db8::1 probe $down1\n}\nsecondary 2001:db8::2 {\ncheck none\n}", "$up1", "", "ok"},
	{"policy first of each family", "primary {\nendpoint $up1\nendpoint 2001:db8::1 probe $up1\nendpoint $up2\nendpoint 2001:db8::2 probe $up2\npolicy first\n}",
		"$up1", "2001:db8::1", "ok"},
}

// two checks, of which endpoints named up pass one, and a third that they pass.
const (
	two   = "check http :$web/status/200 {\n" + fast + "}\ncheck http :$web/status/500 {\n" + fast + "}\n"
	third = "check tcp :$web {\n" + fast + "}\n"
)

// poolsAndStates starts a server with the records of pooling, pN.example.org,
// and waits until all of their endpoints are known to be up or down.
func poolsAndStates(t *testing.T) *server {
	s := prepare(t, vars{"web": freePort(t, "127.0.0.1")})
	for _, n := range []string{"1", "2", "3"} {
		s.vars["up"+n], s.vars["down"+n] = loopback(), loopback()
		serveSite(t, s.vars["up"+n], s.vars["web"], nil)
	}
	var records strings.Builder
	endpoints := 0
	for i, p := range pooling {
		fmt.Fprintf(&records, "record p%d {\n%s\n}\n", i, p.record)
		endpoints += strings.Count(p.record, "$up") + strings.Count(p.record, "$down") + strings.Count(p.record, "2001:") +
			strings.Count(p.record, "192.0.2") - strings.Count(p.record, "probe") - strings.Count(p.record, "disabled")
	}
	s.serve(`
	example.org:$dns {
		bind $ip
		prometheus $ip:$metrics
		metadata
		log . "state {/failover/record} {/failover/pool} {/failover/state}"
		failover {
			check http :$web/status/200 {
				` + fast + `
			}
			` + records.String() + `
		}
	}`)
	becomes(t, "known endpoints", fmt.Sprint(endpoints), func() string {
		return fmt.Sprint(len(s.scrape().with("coredns_failover_endpoint_up{")))
	})
	return s
}

func TestPools(t *testing.T) {
	t.Parallel()
	s := poolsAndStates(t)
	for i, p := range pooling {
		t.Run(p.name, func(t *testing.T) {
			s := s.in(t)
			name := fmt.Sprintf("p%d.example.org", i)
			for qtype, want := range map[string]string{"A": p.a, "AAAA": p.aaaa} {
				want = strings.ReplaceAll(s.vars.expand(t, want), " ", " "+qtype+" ")
				if want = qtype + " " + want; want == qtype+" " {
					want = "NODATA SOA"
				}
				if got := s.ask(name, qtype); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
			degraded := "0"
			if p.state == "degraded" {
				degraded = "1"
			}
			s.has(map[string]string{`degraded{record="` + name + `.",SERVER}`: degraded})
			s.waitFor("state " + name + ". ")
			if got := s.stateOf(name); !strings.HasSuffix(got, " "+p.state) {
				t.Errorf("metadata: got %s, want the state %s", got, p.state)
			}
		})
	}
}

// stateOf returns the line that the log plugin wrote for a name.
func (s *server) stateOf(name string) string {
	_, after, _ := strings.Cut(s.log.String(), "state "+name+". ")
	line, _, _ := strings.Cut(after, "\n")
	return " " + line
}
