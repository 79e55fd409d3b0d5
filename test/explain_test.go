package test

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// explainedRecords has records of several kinds, and a view.
const explainedRecords = `
	failover {
		check none
		record rotates {
			primary 192.0.2.1 192.0.2.2 192.0.2.3 {
				policy round_robin 1
			}
		}
		record hashes {
			primary 192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 {
				policy hash 2
			}
		}
		record prefers {
			primary 192.0.2.1
			secondary 198.51.100.1 {
				prefer "incidr(client_ip(), '127.7.7.0/24')"
			}
		}
		record drawn {
			steer weighted
			primary 192.0.2.1
			secondary 198.51.100.1
		}
		record alias {
			primary target.example.org {
				as cname
			}
		}
		record target *.wild {
			ttl 600
			primary 192.0.2.7 192.0.2.8 {
				policy round_robin 1
			}
		}
		record next *.next {
			primary next
			secondary 198.51.100.9
		}
	}
	file $dir/zone
`

// explain says what a client is answered: for several kinds of records, types, clients,
// states and overrides.
func TestExplainAgreesWithQueries(t *testing.T) {
	t.Parallel()
	d := desk{prepare(t, nil)}
	d.health()
	d.write("zone", zoneFile+"next A 192.0.2.30\n*.next A 192.0.2.31\nrotates TXT hello\nsvc HTTPS 1 rotates.example.org.\n")
	away := `
	example.org:$dns {
		bind $ip
		view away {
			expr incidr(client_ip(), '127.9.9.0/24')
		}
		failover {
			check none
			record app {
				primary 203.0.113.1
			}
		}
	}
	`
	d.serve(away + corefileOf("MORE", explainedRecords))
	becomes(t, "the addresses of the next plugins", "A 192.0.2.30", func() string { return d.ask("next.example.org", "A") })
	eventually(t, "all endpoints are up", func() bool { return d.endpoint("held")["probed"] == "up" && d.endpoint("app")["state"] == "up" })
	d.compareAll()
	for query, want := range map[string]string{
		"&client=127.9.9.9":                            "away 203.0.113.1",
		"&view=away":                                   "away 203.0.113.1",
		"&client=127.9.9.9&view=":                      " 192.0.2.10",
		"&client=127.0.0.1&server=" + d.label():        " 192.0.2.10",
		"&client=::ffff:127.9.9.9&server=" + d.label(): "away 203.0.113.1",
	} {
		x := d.explained("app.example.org", query)
		if got := fmt.Sprint(x["view"]); !strings.HasPrefix(want, got+" ") || !strings.HasSuffix(x["answer"].([]any)[0].(string), want[len(got)+1:]) {
			t.Errorf("%s: view %s, %v, want %s", query, got, x["answer"], want)
		}
	}
	d.set(`"record":"app.example.org","pool":"primary","endpoint":"192.0.2.11","action":"drain"`)
	d.set(`"record":"prefers.example.org","pool":"secondary","action":"down"`)
	d.set(`"record":"next.example.org","pool":"primary","action":"down"`)
	d.set(`"record":"*.next.example.org","pool":"secondary","action":"pool"`)
	d.set(`"record":"drawn.example.org","action":"freeze"`)
	d.set(`"address":"192.0.2.1","action":"down"`)
	d.compareAll()
	d.set(`"address":"192.0.2.20","action":"down"`)
	d.set(`"address":"198.51.100.20","action":"down"`) // held is degraded
	d.compareAll()
}

func (d desk) compareAll() {
	d.Helper()
	for _, name := range strings.Fields("app held rotates hashes prefers drawn alias target x.wild next y.next") {
		for _, qtype := range []string{"A", "AAAA", "ANY", "TXT"} {
			for _, client := range []string{"127.0.0.1", "127.7.7.7", "127.9.9.9"} {
				if client != "127.9.9.9" || name == "app" {
					d.compareExplained(name+".example.org", qtype, client)
				}
			}
		}
	}
}

// compareExplained asks explain, and then the server, as a client.
func (d desk) compareExplained(name, qtype, client string) {
	d.Helper()
	x := d.explained(name, "&type="+strings.ToLower(qtype)+"&client="+client)
	want := fmt.Sprint(x["rcode"])
	for _, r := range x["answer"].([]any) {
		want += " " + r.(string)
	}
	if x["error"] != "" {
		want += " " + x["error"].(string)
	}
	from := &net.Dialer{LocalAddr: &net.UDPAddr{IP: net.ParseIP(client)}}
	r := d.exchange(&dns.Client{Dialer: from}, question(name, qtype).SetEdns0(1232, false), d.addr("dns"))
	if got := answers(r); got != want {
		d.Errorf("%s %s from %s is answered with %q, and explained with %q", name, qtype, client, got, want)
	}
	var stages []string
	for _, s := range x["stages"].([]any) {
		stages = append(stages, fmt.Sprint(s.(map[string]any)["stage"]))
	}
	if got := strings.Join(stages, " "); got != "witness unknown thresholds min_healthy failback prefer steer panic policy ttl" {
		d.Errorf("the stages are %s", got)
	}
}

// explain names an override at the stage where it acts.
func TestExplainNamesOverrides(t *testing.T) {
	t.Parallel()
	d := startDesk(t, corefileOf())
	for _, tc := range []struct{ change, stage, result string }{
		{`"pool":"primary","endpoint":"web1","action":"down"`, "thresholds", "3 up, 1 down, 0 unknown"},
		{`"pool":"primary","endpoint":"web1","action":"up"`, "thresholds", "4 up, 0 down, 0 unknown"},
		{`"pool":"primary","action":"down"`, "min_healthy", "secondary"},
		{`"pool":"secondary","action":"up"`, "min_healthy", "primary, secondary"},
		{`"pool":"secondary","action":"pool"`, "prefer", "skipped"},
		{`"pool":"secondary","action":"pool"`, "steer", "secondary"},
		{`"pool":"primary","action":"drain"`, "steer", "secondary"},
		{`"pool":"primary","endpoint":"web1","action":"drain"`, "policy", "all"},
		{`"action":"freeze"`, "min_healthy", "skipped"},
		{`"action":"freeze"`, "ttl", "5"},
	} {
		id := d.set(`"record":"app.example.org",` + tc.change)
		found := false
		for _, s := range d.explained("app.example.org", "")["stages"].([]any) {
			s := s.(map[string]any)
			if s["stage"] != tc.stage {
				continue
			}
			found = true
			if s["result"] != tc.result || !strings.Contains(s["reason"].(string), id) || !strings.Contains(s["reason"].(string), "a test") {
				t.Errorf("%s: %v, want %s by %s", tc.change, s, tc.result, id)
			}
		}
		if !found {
			t.Errorf("there is no stage %s", tc.stage)
		}
		d.remove(id)
	}
}

// explain causes no answer to be counted, makes no address known, and refuses what nobody
// could ask.
func TestExplainChangesNothing(t *testing.T) {
	t.Parallel()
	d := desk{prepare(t, nil)}
	d.health()
	d.write("zone", zoneFile+"next A 192.0.2.30\n*.next A 192.0.2.31\n")
	d.serve(corefileOf("MORE", explainedRecords+"\nprometheus $ip:$metrics\n"))
	const looked = `responses_total{pool="primary",record="target.example.org.",SERVER}`
	d.has(map[string]string{looked: "2"}) // the server itself has looked the target up
	_, before := d.do("GET", "/v1/events", "")
	for range 3 {
		for _, name := range []string{"app", "rotates", "alias", "x.wild", "new.next"} {
			d.explained(name+".example.org", "")
		}
	}
	for series, value := range d.scrape() {
		if strings.HasPrefix(series, "coredns_failover_responses_total") && value != "0" && series != d.series(looked) {
			t.Errorf("%s is %s", series, value)
		}
		if strings.Contains(series, "192.0.2.31") {
			t.Errorf("%s became known", series)
		}
	}
	d.has(map[string]string{looked: "2"})
	if _, after := d.do("GET", "/v1/events", ""); fmt.Sprint(after) != fmt.Sprint(before) && strings.Contains(fmt.Sprint(after), "new.next") {
		t.Errorf("events: %v", after)
	}
	for query, want := range map[string]string{
		"name=app.example.org&type=NONSENSE":            "400 type",
		"name=app.example.org&type=AXFR":                "400 type",
		"name=app.example.org&client=nobody":            "400 client",
		"name=app.example.org&server=dns://192.0.2.1:1": "400 server",
		"name=app.example.org&view=none":                "400 view",
		"name=":                                         "400 name",
		"name=nowhere.example.org":                      "404 <nil>",
		"name=app.example.net":                          "404 <nil>",
	} {
		if status, a := d.do("GET", "/v1/explain?"+query, ""); fmt.Sprint(status, " ", a["field"]) != want {
			t.Errorf("%s: %d %v, want %s", query, status, a, want)
		}
	}
}
