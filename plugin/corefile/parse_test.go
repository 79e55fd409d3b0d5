package corefile

import (
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A small block has defaults for all that it leaves out.
func TestParseFillsInDefaults(t *testing.T) {
	got := mustParse(t, `failover app.example.org {
		primary   192.0.2.10
		secondary 2001:db8::10
		check http :8080/healthz
	}`)
	key := healthcheck.Key{Spec: healthcheck.Spec{
		Check: probe.HTTP{
			Target: probe.Target{Port: 8080, Path: "/healthz"},
			Method: "GET", Host: "app.example.org", Status: "200-399",
		},
		Interval: 2 * time.Second, Timeout: time.Second, FastInterval: 500 * time.Millisecond,
		Fall: healthcheck.Threshold{Count: 5, For: 3 * time.Second},
		Rise: healthcheck.Threshold{Count: 5}, Damping: 10 * time.Minute, Jitter: 10,
	}}
	one := func(name, addr string) pool.Pool {
		return pool.Pool{Name: name, MinHealthy: pool.Quorum{Count: 1}, Policy: pool.Policy{Kind: pool.All}, Weight: 1, Endpoints: []pool.Endpoint{
			{Addr: netip.MustParseAddr(addr), Name: addr, Weight: 1, Checks: []healthcheck.Key{key}, Require: 1},
		}}
	}
	want := &Config{
		Records: []pool.Record{{
			Name: "app.example.org.", Zone: "app.example.org.", TTL: 5, MinTTL: 5,
			AllDown: pool.AllDown{Kind: pool.AllDownPrimary}, Steer: pool.Steer{Kind: pool.SteerOrder},
			Pools: []pool.Pool{one("primary", "192.0.2.10"), one("secondary", "2001:db8::10")},
		}},
		Zones:  []Zone{{Name: "app.example.org.", TTL: 5}},
		Global: &Global{},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestParseRecords(t *testing.T) {
	const plain = "primary all/0 min 1: 192.0.2.1"
	tests := []struct {
		name, text string
		want       []string
	}{
		{"zone of the server block", "failover {\nprimary 192.0.2.1\ncheck none\n}",
			[]string{"example.org. in example.org. ttl 5 all_down primary\n" + plain}},
		{"two zones are two records", "failover A.example b.example. {\ncheck none\nprimary 192.0.2.1\n}", []string{
			"a.example. in a.example. ttl 5 all_down primary\n" + plain,
			"b.example. in b.example. ttl 5 all_down primary\n" + plain}},
		{"wildcard zone", "failover *.Apps.example {\ncheck none\nprimary 192.0.2.1\n}",
			[]string{"*.apps.example. in apps.example. ttl 5 all_down primary\n" + plain}},
		{"wildcard of the root", "failover * {\ncheck none\nprimary 192.0.2.1\n}",
			[]string{"*. in . ttl 5 all_down primary\n" + plain}},
		{"absolute wildcard of the root", "failover . {\ncheck none\nrecord *. {\nprimary 192.0.2.1\n}\n}",
			[]string{"*. in . ttl 5 all_down primary\n" + plain}},
		{"names in zones", "failover a.example b.example {\ncheck none\nrecord @ WWW *.w {\nprimary 192.0.2.1\n}\n}", []string{
			"a.example. in a.example. ttl 5 all_down primary\n" + plain,
			"b.example. in b.example. ttl 5 all_down primary\n" + plain,
			"www.a.example. in a.example. ttl 5 all_down primary\n" + plain,
			"www.b.example. in b.example. ttl 5 all_down primary\n" + plain,
			"*.w.a.example. in a.example. ttl 5 all_down primary\n" + plain,
			"*.w.b.example. in b.example. ttl 5 all_down primary\n" + plain}},
		{"absolute names are in the longest zone",
			"failover sub.example example {\ncheck none\nrecord x.SUB.example. *.example. sub.example. {\nprimary 192.0.2.1\n}\n}",
			[]string{
				"x.sub.example. in sub.example. ttl 5 all_down primary\n" + plain,
				"*.example. in example. ttl 5 all_down primary\n" + plain,
				"sub.example. in sub.example. ttl 5 all_down primary\n" + plain}},
		{"whichever zone is first", "failover example sub.example {\ncheck none\nrecord sub.example. {\nprimary 192.0.2.1\n}\n}",
			[]string{"sub.example. in sub.example. ttl 5 all_down primary\n" + plain}},
		{"root zone", "failover . {\ncheck none\nrecord * @ a.b {\nprimary 192.0.2.1\n}\n}", []string{
			"*. in . ttl 5 all_down primary\n" + plain,
			". in . ttl 5 all_down primary\n" + plain,
			"a.b. in . ttl 5 all_down primary\n" + plain}},
		{"pools are in rank", inRecord("pool b 192.0.2.4\npool a 192.0.2.3\nsecondary 192.0.2.2\nall_down a"),
			[]string{"example.org. in example.org. ttl 5 all_down pool a\n" + plain +
				"\nsecondary all/0 min 1: 192.0.2.2\nb all/0 min 1: 192.0.2.4\na all/0 min 1: 192.0.2.3"}},
		{"no primary at all", "failover {\nall_down secondary\ncheck none\npool x 192.0.2.3\nsecondary 192.0.2.2\n}",
			[]string{"example.org. in example.org. ttl 5 all_down pool secondary" +
				"\nsecondary all/0 min 1: 192.0.2.2\nx all/0 min 1: 192.0.2.3"}},
		{"endpoints in order", "failover {\ncheck none\nprimary 192.0.2.9 2001:DB8:0::1 {\n" +
			"endpoint 192.0.2.1 disabled name a port 81\nendpoint 192.0.2.2\n}\n}",
			[]string{"example.org. in example.org. ttl 5 all_down primary" +
				"\nprimary all/0 min 1: 192.0.2.9 2001:db8::1 a=192.0.2.1(disabled) 192.0.2.2"}},
		{"smallest ttl", inRecord("ttl 0"), []string{"example.org. in example.org. ttl 0 all_down primary\n" + plain}},
		{"largest ttl", inRecord("ttl 65535"), []string{"example.org. in example.org. ttl 65535 all_down primary\n" + plain}},
		{"servfail", inRecord("all_down servfail"), []string{"example.org. in example.org. ttl 5 all_down servfail\n" + plain}},
		{"nodata", inRecord("all_down nodata"), []string{"example.org. in example.org. ttl 5 all_down nodata\n" + plain}},
		{"all_down next", inRecord("all_down next"), []string{"example.org. in example.org. ttl 5 all_down next\n" + plain}},
		{"all", inRecord("all_down all"), []string{"example.org. in example.org. ttl 5 all_down all\n" + plain}},
		{"two TTLs", inRecord("ttl 60 0"), []string{"example.org. in example.org. ttl 60 0 all_down primary\n" + plain}},
		{"two that are equal", inRecord("ttl 60 60"), []string{"example.org. in example.org. ttl 60 all_down primary\n" + plain}},
		{"host names", inRecord("secondary WEB.example. db.example.net 192.0.2.2 {\n" +
			"endpoint c.example.net name c weight 0 disabled\n}"),
			[]string{"example.org. in example.org. ttl 5 all_down primary\n" + plain +
				"\nsecondary all/0 min 1: web.example. db.example.net. 192.0.2.2 c=c.example.net.*0(disabled)"}},
		{"next", inRecord("secondary next\nall_down next"),
			[]string{"example.org. in example.org. ttl 5 all_down next\n" + plain + "\nsecondary all/0 min 1: next"}},
		{"next with attributes", inRecord("secondary {\nendpoint next port 80 name k8s\n}"),
			[]string{"example.org. in example.org. ttl 5 all_down primary\n" + plain + "\nsecondary all/0 min 1: k8s=next"}},
		{"failback auto", inRecord("failback auto"), []string{"example.org. in example.org. ttl 5 all_down primary\n" + plain}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, r := range mustParse(t, test.text).Records {
				got = append(got, describe(r))
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("%s\ngot\n%s\nwant\n%s", test.text, strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

func TestParsePoolProperties(t *testing.T) {
	tests := []struct{ property, want string }{
		{"policy all", "all/0 min 1"},
		{"policy all 2", "all/2 min 1"},
		{"policy first", "first/1 min 1"},
		{"policy first 3", "first/3 min 1"},
		{"policy first 4\nendpoint 192.0.2.4", "first/4 min 1"},
		{"policy random", "random/1 min 1"},
		{"policy round_robin 2", "round_robin/2 min 1"},
		{"policy weighted", "weighted/1 min 1"},
		{"policy hash 3", "hash/3 min 1"},
		{"policy random 256\nendpoint web.example.net", "random/256 min 1"},
		{"min_healthy 256\nendpoint web.example.net", "all/0 min 256"},
		{"min_healthy 3", "all/0 min 3"},
		{"min_healthy 1%", "all/0 min 1%"},
		{"min_healthy 33%", "all/0 min 33%"},
		{"min_healthy 34%", "all/0 min 34%"},
		{"min_healthy 50%", "all/0 min 50%"},
		{"min_healthy 100%", "all/0 min 100%"},
		{"min_healthy 51%\nendpoint 192.0.2.4 disabled", "all/0 min 51%"},
	}
	for _, test := range tests {
		text := inPool(test.property)
		got := describe(mustParse(t, text).Records[0])
		if !strings.Contains(got, "\nprimary "+test.want+":") {
			t.Errorf("%s\ngot\n%s\nwant %s", text, got, test.want)
		}
	}
}

func TestParseZones(t *testing.T) {
	tests := []struct {
		name string
		keys []string
		text string
		want []Zone
	}{
		{"of the server block, once each", []string{"dns://Example.org.:53", "tls://example.org.:853", "example.net:5353"},
			"failover {\nttl 7\nprimary 192.0.2.1\ncheck none\n}", []Zone{{"example.org.", 7}, {"example.net.", 7}}},
		{"ttl of the block, not of the record", nil,
			"failover a.example {\nttl 7\ncheck none\nrecord x {\nttl 9\nprimary 192.0.2.1\n}\n}", []Zone{{"a.example.", 7}}},
		{"two blocks", nil, "failover a.example {\nttl 7\ncheck none\nrecord x {\nprimary 192.0.2.1\n}\n}\n" +
			"failover b.example a.example {\ncheck none\nrecord y {\nprimary 192.0.2.1\n}\n}",
			[]Zone{{"a.example.", 7}, {"b.example.", 5}}},
		{"below the asterisk", nil, "failover *.a.example {\nprimary 192.0.2.1\ncheck none\n}", []Zone{{"a.example.", 5}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := controller(test.text)
			c.ServerBlockKeys = test.keys
			config, err := Parse(c)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(config.Zones, test.want) {
				t.Errorf("got %v, want %v", config.Zones, test.want)
			}
		})
	}
}

func TestParseWithoutZone(t *testing.T) {
	c := controller("failover {\nprimary 192.0.2.1\ncheck none\n}")
	c.ServerBlockKeys = nil
	_, err := Parse(c)
	refused(t, "no ZONE", err, 1, "expected a ZONE")

	c = controller("failover {\nprimary 192.0.2.1\ncheck none\n}")
	c.ServerBlockKeys = []string{"dns://example.org.:53", "example..org"}
	_, err = Parse(c)
	refused(t, "malformed zone of the server block", err, 1, "ZONE example..org of the server block")
}

func TestProbeIsAskedInsteadOfTarget(t *testing.T) {
	key := checks(t, "failover {\nprimary {\nendpoint 192.0.2.1 probe 10.0.0.1 port 81\n}\ncheck tcp\n}")[0]
	want := probe.TCP{Target: probe.Target{Port: 81}}
	if key.Addr != netip.MustParseAddr("10.0.0.1") || key.Spec.Check != want {
		t.Errorf("got %+v", key)
	}
}

// addresses returns n addresses of a pattern with two numbers, each after a blank.
func addresses(pattern string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " "+pattern, i/250, i%250+1)
	}
	return b.String()
}

// A pool at the limit is accepted: endpoints that no answer has do not count.
func TestParseAsManyAddressesAsAnAnswerCarries(t *testing.T) {
	primary := "failover {\nall_down all\ncheck none\nprimary" + addresses("10.1.%d.%d", 4000)
	for _, more := range []string{
		"secondary 10.1.0.1 10.1.0.2",
		"secondary {\nendpoint 192.0.2.1\nendpoint 192.0.2.2 disabled\n}\nall_down primary",
		"secondary www.example.net",
	} {
		text := strings.Replace(primary, "all_down all\n", "", strings.Count(more, "all_down")) + "\n" + more + "\n}"
		if _, err := Parse(controller(text)); err != nil {
			t.Errorf("with %s: %v", more, err)
		}
	}
	mustParse(t, "failover {\ncheck none\nprimary"+addresses("2001:db8:%d::%d", 2285)+"\n}")
}

// A block without records is in Empty, and its zones are served; a block with only global
// properties has no zones.
func TestParseBlocksWithoutRecords(t *testing.T) {
	tests := []struct {
		text  string
		empty []string
		zones int
	}{
		{"failover {\n}", []string{"Testfile:1: example.org."}, 1},
		{"failover a.example b.example {\nttl 7\ncheck none\n}", []string{"Testfile:1: a.example. or b.example."}, 2},
		{"failover a.example {\n}\nfailover {\ncheck none\nrecord a {\nprimary 192.0.2.1\n}\n}", []string{"Testfile:1: a.example."}, 2},
		{"failover {\nwitness 192.0.2.1 {\ncheck icmp\n}\n}", nil, 0},
		{"failover {\necs_from ::1\n}", nil, 0},
	}
	for _, test := range tests {
		config := mustParse(t, test.text)
		if !slices.Equal(config.Empty, test.empty) || len(config.Zones) != test.zones {
			t.Errorf("%s\nhas the empty blocks %q and the zones %v", test.text, config.Empty, config.Zones)
		}
	}
}

// A zone of the server block in Unicode is refused: queries have it in its ASCII form.
func TestRefusesServerBlocksOfOtherLetters(t *testing.T) {
	for _, text := range []string{"failover {\nprimary 192.0.2.1\ncheck none\n}", "failover a.xn--bcher-kva.example {\nprimary 192.0.2.1\ncheck none\n}"} {
		c := controller(text)
		c.ServerBlockKeys = []string{"dns://example.org.:53", "dns://bücher.example.:53"}
		_, err := Parse(c)
		refused(t, text, err, 1, "ZONE bücher.example. of the server block: expected letters of ASCII; a name with other letters is written xn--bcher-kva.example.")
	}
}

// Zones without an ASCII form are refused too.
func TestRefusesServerBlocksWithoutAForm(t *testing.T) {
	c := controller("failover {\nprimary 192.0.2.1\ncheck none\n}")
	c.ServerBlockKeys = []string{"dns://a\u00ad-\u2028.example.:53"}
	_, err := Parse(c)
	refused(t, "a separator in the zone", err, 1, "of the server block: expected letters of ASCII")
}
