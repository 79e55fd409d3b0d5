package test

import (
	"strings"
	"testing"
)

// A record in two server blocks has series of each, which differ in the listener or the
// view.
func TestMetricsOfTwoServerBlocks(t *testing.T) {
	t.Parallel()
	ts := newTargets(t, 2)
	const block = `
		bind $ip
		prometheus $ip:$metrics
		failover {
			record app {
				primary $a
				secondary $b
				check http :$web {
					` + fast + `
				}
			}
		}
	}`
	s := start(t, `
	example.org:$dns {
		view tea {
			expr type() == 'AAAA'
		}`+block+`
	example.org:$dns {`+block+`
	example.org:$other {`+block,
		vars{"a": ts[0].ip, "b": ts[1].ip, "web": ts[0].port})
	blocks := []string{
		`server="dns://` + s.addr("dns") + `",view="tea"`,
		`server="dns://` + s.addr("dns") + `",view=""`,
		`server="dns://` + s.addr("other") + `",view=""`,
	}
	everywhere := func(want string, series ...string) {
		t.Helper()
		for _, block := range blocks {
			for _, series := range series {
				series = s.series(strings.ReplaceAll(series, "SERVER", block))
				becomes(t, series, want, func() string { return s.scrape()[series] })
			}
		}
	}
	primaryUp := `endpoint_up{endpoint="` + ts[0].ip + `",pool="primary",` + app + `}`
	everywhere("1", primaryUp, `pool_active{pool="primary",`+app+`}`)
	s.ask("app.example.org", "AAAA")
	s.ask("app.example.org", "AAAA")
	s.ask("app.example.org", "A")
	for i, want := range []string{"2", "1", "0"} {
		series := s.series(`responses_total{pool="primary",record="app.example.org.",` + blocks[i] + `}`)
		becomes(t, series, want, func() string { return s.scrape()[series] })
	}
	ts[0].stop()
	everywhere("0", primaryUp, `pool_active{pool="primary",`+app+`}`)
	everywhere("1", `pool_active{pool="secondary",`+app+`}`, `transitions_total{from="primary",`+app+`,to="secondary"}`)
}

// Series of records and endpoints that a reload removes disappear; those of the others
// keep their values.
func TestMetricsAfterReload(t *testing.T) {
	t.Parallel()
	ts := newTargets(t, 3)
	corefile := func(pools, more string) string {
		return `
		example.org:$dns {
			bind $ip
			prometheus $ip:$metrics
			failover {
				check http :$web {
					` + fast + `
				}
				record app {
					` + pools + `
				}
				` + more + `
			}
		}`
	}
	const gone = `
		record gone {
			primary $a
			secondary $c
		}`
	s := start(t, corefile("primary $a\nsecondary $b $c", gone),
		vars{"a": ts[0].ip, "b": ts[1].ip, "c": ts[2].ip, "web": ts[0].port})
	s.waitFor("check http")
	ts[0].stop()
	s.waitFor("app.example.org.: primary -> secondary")
	s.waitFor("gone.example.org.: primary -> secondary")
	s.ask("gone.example.org", "A")
	standby := `endpoint_up{endpoint="` + ts[2].ip + `",pool="secondary",` + app + `}`
	moved := `transitions_total{from="primary",` + app + `,to="secondary"}`
	s.has(map[string]string{standby: "1", moved: "1"})
	for _, name := range []string{"endpoint_up", "pool_active", "degraded", "transitions_total",
		"last_transition_timestamp_seconds", "responses_total"} {
		eventually(t, "the record has "+name, func() bool {
			return len(s.scrape().with("coredns_failover_"+name+"{", `"gone.example.org."`)) > 0
		})
	}

	s.reload(corefile("primary $a\nsecondary $b", ""))
	if left := s.scrape().with("coredns_failover_", "gone.example.org."); len(left) > 0 {
		t.Errorf("a removed record still has the series %v", left)
	}
	s.has(map[string]string{standby: "", moved: "1"})
	s.has(map[string]string{`pool_active{pool="secondary",` + app + `}`: "1"})
}
