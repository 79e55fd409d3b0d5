package test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
)

const hammerCorefile = `
	example.org:$dns {
		bind $ip
		prometheus $ip:$metrics
		cache 30
		failover {
			check http :$web {
				host app.example.org
				interval 40ms
				fast_interval 10ms
				timeout 40ms
				fall 2
				rise 1
			}
			record app *.apps {
				primary $a $b
				secondary $c $d
			}
			record nothing {
				primary $a
				secondary $c
				all_down nodata
			}
		}
		loadbalance
	}`

// hammered returns queries and all answers that they may have, as sorted returns them.
func hammered(ts []*target) map[string][]string {
	a := func(targets ...*target) string {
		m := new(dns.Msg)
		for _, g := range targets {
			m.Answer = append(m.Answer, &dns.A{Hdr: dns.RR_Header{Rrtype: dns.TypeA, Class: dns.ClassINET}, A: net.ParseIP(g.ip)})
		}
		return sorted(m)
	}
	pools := []string{a(ts[0], ts[1]), a(ts[0]), a(ts[1]), a(ts[2], ts[3]), a(ts[2]), a(ts[3])}
	return map[string][]string{
		"app.example.org A":     pools,
		"x.apps.example.org A":  pools,
		"y.apps.example.org A":  pools,
		"nothing.example.org A": {a(ts[0]), a(ts[2]), "[NODATA SOA]"},
		"app.example.org AAAA":  {"[NODATA SOA]"},
		"app.example.org TXT":   {"[NODATA SOA]"},
		"apps.example.org A":    {"[NODATA SOA]"},
		"no.example.org A":      {"[NXDOMAIN SOA]"},
		"example.org NS":        {"[NS ns.dns.example.org.]"},
	}
}

// While targets change and the server reloads, every answer is that of one pool, and none
// is an error.
func TestHammer(t *testing.T) {
	t.Parallel()
	ts := newTargets(t, 4)
	s := start(t, hammerCorefile, vars{"a": ts[0].ip, "b": ts[1].ip, "c": ts[2].ip, "d": ts[3].ip, "web": ts[0].port})
	allowed := hammered(ts)
	var answers atomic.Int64
	var stops []func()
	for q, want := range allowed {
		name, qtype, _ := strings.Cut(q, " ")
		stops = append(stops, always(t, func() {
			m := s.query(name, qtype)
			if got := sorted(m); !slices.Contains(want, got) {
				t.Errorf("%s: got %s, want one of %s", q, got, want)
			}
			for _, rr := range m.Answer {
				if rr.Header().Name != name+"." {
					t.Errorf("%s: the answer is about %s", q, rr.Header().Name)
				}
			}
			answers.Add(1)
		}))
	}
	var flapping sync.WaitGroup
	end := time.Now().Add(4 * time.Second)
	for i, g := range ts {
		flapping.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(i)))
			for time.Now().Before(end) {
				g.status.Store([]int32{200, 200, 503}[random.IntN(3)])
				time.Sleep(time.Duration(random.IntN(100)) * time.Millisecond)
			}
		})
	}
	for n := 0; time.Now().Before(end); n++ {
		if n%3 == 0 {
			s.reloadFails(strings.Replace(hammerCorefile, "loadbalance", "nosuch", 1))
		} else {
			s.reload(fmt.Sprintf("%s\n# %d", strings.Replace(hammerCorefile, "cache 30", "cache "+fmt.Sprint(30+n), 1), n))
		}
	}
	flapping.Wait()
	for _, stop := range stops {
		stop()
	}
	if s.log.count("app.example.org.: primary -> secondary") == 0 || s.log.count(reloadDone) == 0 {
		t.Error("no answer, reload or change was counted")
	}
	t.Logf("%d answers, %d reloads, %d changes", answers.Load(), s.log.count(reloadDone), s.log.count(".: "))
	for _, g := range ts {
		g.well()
	}
	becomes(t, "the answer in the end", allowed["app.example.org A"][0], func() string { return sorted(s.query("app.example.org", "A")) })
}
