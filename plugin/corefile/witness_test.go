package corefile

import (
	"fmt"
	"testing"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
)

func TestWitness(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"the block's check",
			"failover {\nprimary 192.0.2.1\ncheck tcp :80\nwitness 203.0.113.1 203.0.113.2\n}",
			"[tcp :80 203.0.113.1 tcp :80 203.0.113.2] 1"},
		{"its own",
			"failover {\nprimary 192.0.2.1\ncheck tcp :80\nwitness 203.0.113.1 {\ncheck tcp :53\ncheck https {\nhost dns.example\n}\n}\n}",
			"[tcp :53 203.0.113.1 https dns.example:443/ 203.0.113.1] 1"},
		{"alone in a block",
			"failover {\nwitness 203.0.113.1 {\ncheck tcp :53\n}\n}",
			"[tcp :53 203.0.113.1] 0"},
		{"with arguments",
			"failover {\nwitness 203.0.113.1 {\ncheck dns example.org SOA\n}\n}",
			"[dns :53 example.org. SOA 203.0.113.1] 0"},
		{"a host name",
			"failover {\nwitness 203.0.113.1 Web.Example.NET {\ncheck tcp :53\n}\n}",
			"[tcp :53 203.0.113.1 tcp :53 web.example.net.] 0"},
	}
	for _, test := range tests {
		cfg, err := Parse(controller(test.text))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		var asked []string
		for _, w := range cfg.Witnesses {
			for _, key := range w.Checks {
				target := w.Host
				if target == "" {
					target = w.Addr.String()
				}
				asked = append(asked, fmt.Sprint(key.Spec.Check, " ", target))
			}
		}
		if got := fmt.Sprint(asked, " ", len(cfg.Records)); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

func TestRefusesWitness(t *testing.T) {
	tests := []struct {
		text   string
		line   int
		phrase string
	}{
		{"failover {\nwitness\n}", 2, "witness: missing argument, expected witness TARGET... [{...}]"},
		{"failover {\nwitness 203.0.113.1\n}", 2, "witness: missing check"},
		{"failover {\ncheck none\nwitness 203.0.113.1\n}", 3, "witness: missing check, expected one other than none"},
		{"failover {\ncheck tcp\nwitness 203.0.113.1\n}", 2, "port"},
		{"failover {\ncheck tcp :80\nwitness web\n}", 3, "witness web: expected an address, next or a host name of two labels at least"},
		{"failover {\ncheck tcp :80\nwitness next\n}", 3, "witness next: expected an address or a host name: a witness belongs to no record"},
		{"failover {\ncheck tcp :80\nwitness web.example.net web.example.net\n}", 3, "duplicate endpoint web.example.net"},
		{"failover {\ncheck tcp :80\nwitness 203.0.113.1 203.0.113.1\n}", 3, "duplicate endpoint 203.0.113.1"},
		{"failover {\ncheck tcp :80\nwitness 203.0.113.1 {\nttl 5\n}\n}", 4, `unknown property "ttl" of witness`},
		{"failover {\ncheck tcp :80\nwitness 203.0.113.1\nwitness 203.0.113.2\n}", 4, "witness is given twice"},
		{"failover {\ncheck tcp :80\nwitness 203.0.113.1\n}\nfailover {\ncheck tcp :80\nwitness 203.0.113.1\n}", 7,
			"witness is given twice: it stands at Testfile:3 already"},
		{"failover {\nrecord a {\nprimary 192.0.2.1\ncheck tcp :80\nwitness 203.0.113.1\n}\n}", 5, `unknown property "witness" of record`},
	}
	for _, test := range tests {
		_, err := Parse(controller(test.text))
		refused(t, test.text, err, test.line, test.phrase)
	}
}

// A witness has no record: the host of its check is its own name or its address.
func TestWitnessName(t *testing.T) {
	for _, addr := range []string{"203.0.113.1", "2001:db8::1", "web.example.net"} {
		called := probe.TLSOptions{ServerName: addr}
		tests := []struct {
			check string
			want  healthcheck.Check
		}{
			{"http", probe.HTTP{
				Host: addr, Target: probe.Target{Port: 80, Path: "/"}, Method: "GET", Status: probe.DefaultStatus,
			}},
			{"tls", probe.TLS{Target: probe.Target{Port: 443}, TLSOptions: called}},
			{"grpc :1 {\ntls\n}", probe.GRPC{
				Target: probe.Target{Port: 1}, TLS: true, Authority: addr, TLSOptions: called,
			}},
			{"dns . {\ntransport tls\n}", probe.DNS{
				Target: probe.Target{Port: 853}, Name: ".", RRType: dns.TypeA, RCodes: "NOERROR", Transport: "tls",
				TLSOptions: called,
			}},
		}
		for _, test := range tests {
			config := mustParse(t, "failover {\nwitness "+addr+" {\ncheck "+test.check+"\n}\n}")
			if got := config.Witnesses[0].Checks[0].Spec.Check; got != test.want {
				t.Errorf("%s of %s:\ngot  %+v\nwant %+v", test.check, addr, got, test.want)
			}
		}
	}
}

// A program that checks a witness gets no record.
func TestWitnessExec(t *testing.T) {
	config := mustParse(t, "failover {\nwitness 203.0.113.1 {\ncheck exec /bin/sh\n}\n}")
	want := probe.Exec{Path: "/bin/sh", Endpoint: "203.0.113.1"}
	if got := config.Witnesses[0].Checks[0].Spec.Check; got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
