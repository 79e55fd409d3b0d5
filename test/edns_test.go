package test

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// ednsQuery returns a query with EDNS and options.
func ednsQuery(name, qtype string, options ...dns.EDNS0) *dns.Msg {
	m := question(name, qtype)
	m.SetEdns0(1232, false)
	m.IsEdns0().Option = options
	return m
}

// extendedErrors returns the Extended DNS Errors of an answer.
func extendedErrors(m *dns.Msg) (errors []string) {
	if opt := m.IsEdns0(); opt != nil {
		for _, o := range opt.Option {
			if e, ok := o.(*dns.EDNS0_EDE); ok {
				errors = append(errors, fmt.Sprintf("%d %s", e.InfoCode, e.ExtraText))
			}
		}
	}
	return errors
}

// degradedCorefile has records without a healthy pool, and a healthy one.
const degradedCorefile = `example.org:$dns {
	bind $ip
	prometheus $ip:$metrics
	failover {
		check tcp :$refused {
			interval 100ms
			fast_interval 20ms
		}
		record primary {
			primary $ip
		}
		record all {
			primary $ip
			all_down all
		}
		record nodata {
			primary $ip
			all_down nodata
		}
		record servfail {
			primary $ip
			all_down servfail
		}
		record next {
			primary $ip
			all_down next
		}
		record spare {
			primary $ip
			all_down far
			pool far {
				endpoint 192.0.2.1 probe $ip
				check tcp :$refused
			}
		}
		record few {
			primary $ip {
				endpoint 192.0.2.1 probe $ip
				check tcp :$refused
			}
			secondary {
				endpoint $ip port $refused
				endpoint 192.0.2.2 probe $ip port $metrics
				check tcp
				min_healthy 2
			}
		}
		record prefer {
			check none
			primary {
				endpoint 192.0.2.1
				endpoint 192.0.2.2 disabled
				min_healthy 2
			}
			secondary {
				endpoint 192.0.2.3
				endpoint 192.0.2.4 disabled
				min_healthy 2
				prefer type() == 'A'
			}
		}
		record well {
			primary $ip
			check none
		}
	}
	hosts hosts
}
`

// While no pool is healthy, an Extended DNS Error says so to clients that use EDNS, whatever
// the answer is.
func TestDegradedInExtendedError(t *testing.T) {
	t.Parallel()
	s := prepare(t, nil)
	s.write("hosts", "127.9.9.9 next.example.org")
	s.serve(degradedCorefile)
	tests := []struct{ name, qtype, answer, why string }{
		{"primary", "A", "A $ip", "0 all pools down: serving primary"},
		{"primary", "AAAA", "NODATA SOA", "0 all pools down: serving primary"},
		{"all", "A", "A $ip", "0 all pools down: serving all"},
		{"nodata", "A", "NODATA SOA", "0 all pools down: serving nodata"},
		{"servfail", "A", "SERVFAIL", "0 all pools down: serving servfail"},
		{"next", "A", "A 127.9.9.9", "0 all pools down: serving next"},
		{"spare", "A", "A 192.0.2.1", "0 all pools down: serving far"},
		{"few", "A", "A 192.0.2.2", "0 no pool has enough healthy endpoints: serving those of secondary"},
		{"prefer", "A", "A 192.0.2.3", "0 no pool has enough healthy endpoints: serving those of secondary"},
		{"prefer", "AAAA", "NODATA SOA", "0 no pool has enough healthy endpoints: serving those of primary"},
	}
	becomes(t, "degraded records", "8", func() string { return fmt.Sprint(s.scrape().ones("degraded")) })
	for _, tc := range tests {
		want := s.vars.expand(t, tc.answer)
		m := s.exchange(new(dns.Client), ednsQuery(tc.name+".example.org", tc.qtype), s.addr("dns"))
		if got := short(m); got != want || !slices.Equal(extendedErrors(m), []string{tc.why}) {
			t.Errorf("%s %s: got %s and errors %q, want %s and %q", tc.name, tc.qtype, got, extendedErrors(m), want, tc.why)
		}
		m = s.query(tc.name+".example.org", tc.qtype)
		if got := short(m); got != want || m.IsEdns0() != nil {
			t.Errorf("%s %s without EDNS: got %s, want %s and no OPT", tc.name, tc.qtype, got, want)
		}
	}
	if m := s.exchange(new(dns.Client), ednsQuery("well.example.org", "A"), s.addr("dns")); len(extendedErrors(m)) > 0 {
		t.Errorf("the answer of a healthy record has the errors %q", extendedErrors(m))
	}
}

// subnet returns the option of a client subnet.
func subnet(cidr string) *dns.EDNS0_SUBNET {
	ip, n, _ := net.ParseCIDR(cidr)
	ones, bits := n.Mask.Size()
	return &dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: uint16(bits/128 + 1), SourceNetmask: uint8(ones), Address: ip}
}

// scope returns the client subnet that an answer is for.
func scope(m *dns.Msg) string {
	if opt := m.IsEdns0(); opt != nil {
		for _, o := range opt.Option {
			if e, ok := o.(*dns.EDNS0_SUBNET); ok {
				return e.String()
			}
		}
	}
	return "none"
}

// Queries with client subnets are answered for those clients, although a cache in front
// ignores client subnets.
func TestClientSubnets(t *testing.T) {
	t.Parallel()
	s := start(t, `example.org:$dns {
	bind $ip
	cache
	failover {
		check none
		ecs_from 127.0.0.0/8
		record hash {
			primary 192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 {
				policy hash
			}
		}
		record prefer {
			primary 192.0.2.1
			secondary 192.0.2.2 {
				prefer incidr(client_ip(), '198.51.100.0/24')
			}
		}
		record plain {
			primary 192.0.2.1
		}
	}
}
`, nil)
	ask := func(name, cidr string) *dns.Msg {
		return s.exchange(new(dns.Client), ednsQuery(name+".example.org", "A", subnet(cidr)), s.addr("dns"))
	}
	given := make(map[string]bool)
	for i := range 64 {
		m := ask("hash", fmt.Sprintf("203.0.%d.0/24", i))
		given[short(m)] = true
		if again := ask("hash", fmt.Sprintf("203.0.%d.128/25", i)); short(again) != short(m) {
			t.Errorf("one subnet is answered %s and %s", short(m), short(again))
		}
	}
	if len(given) != 4 {
		t.Errorf("64 subnets are answered %v", given)
	}
	tests := []struct{ name, cidr, answer, scope string }{
		{"hash", "203.0.113.0/24", "", "203.0.113.0/24/24"},
		{"hash", "2001:db8::/48", "", "[2001:db8::]/48/48"},
		{"prefer", "198.51.100.0/24", "A 192.0.2.2", "198.51.100.0/24/24"},
		{"prefer", "203.0.112.0/20", "A 192.0.2.1", "203.0.112.0/20/20"},
		{"plain", "203.0.113.0/24", "A 192.0.2.1", "203.0.113.0/24/0"},
	}
	for _, tc := range tests {
		m := ask(tc.name, tc.cidr)
		if got := short(m); tc.answer != "" && got != tc.answer || tc.scope != "" && scope(m) != tc.scope {
			t.Errorf("%s for %s: got %s for %s, want %s for %s", tc.name, tc.cidr, got, scope(m), tc.answer, tc.scope)
		}
	}
	for _, malformed := range [][]byte{
		{0, 1, 20, 0, 203, 0, 113},  // a bit after the prefix is set
		{0, 1, 24, 24, 203, 0, 113}, // a scope in a query
	} {
		q := ednsQuery("prefer.example.org", "A", &dns.EDNS0_LOCAL{Code: dns.EDNS0SUBNET, Data: malformed})
		if m := s.exchange(new(dns.Client), q, s.addr("dns")); short(m) != "FORMERR" {
			t.Errorf("%v: got %s, want FORMERR", malformed, short(m))
		}
	}
	if m := s.query("prefer.example.org", "A"); short(m) != "A 192.0.2.1" {
		t.Errorf("a query without a client subnet is answered %s", short(m))
	}
}

// The client subnet of a resolver that ecs_from does not name is ignored, and the answer has none.
func TestClientSubnetsOfOtherResolvers(t *testing.T) {
	t.Parallel()
	s := start(t, `example.org:$dns {
	bind $ip
	failover {
		check none
		ecs_from 192.0.2.53
		record prefer {
			primary 192.0.2.1
			secondary 192.0.2.2 {
				prefer incidr(client_ip(), '198.51.100.0/24')
			}
		}
	}
}
`, nil)
	for _, cidr := range []string{"198.51.100.0/24", "198.51.100.1/24"} {
		m := s.exchange(new(dns.Client), ednsQuery("prefer.example.org", "A", subnet(cidr)), s.addr("dns"))
		if short(m) != "A 192.0.2.1" || scope(m) != "none" {
			t.Errorf("got %s for %s", short(m), scope(m))
		}
	}
}

// A warning says that minimal removes client subnets, if ecs_from is set and records depend
// on the client.
func TestWarningAboutMinimal(t *testing.T) {
	t.Parallel()
	const records = `
			check none
			record plain {
				primary 192.0.2.1
			}
			record hash {
				primary 192.0.2.1 192.0.2.2 {
					policy hash
				}
			}`
	for _, tc := range []struct{ config, want string }{
		{"minimal\nfailover {\necs_from 127.0.0.0/8" + records + "\n}", "[hash.example.org.]"},
		{"minimal\nfailover {" + records + "\n}", ""},
		{"failover {\necs_from 127.0.0.0/8" + records + "\n}", ""},
	} {
		s := start(t, "example.org:$dns {\nbind $ip\n"+tc.config+"\n}", nil)
		got := ""
		for line := range strings.Lines(s.log.String()) {
			if strings.Contains(line, "plugin minimal") {
				got += strings.TrimSpace(line[strings.LastIndex(line, ": ")+2:])
			}
		}
		if got != tc.want {
			t.Errorf("%s\nhas warnings about %q, want %q", tc.config, got, tc.want)
		}
	}
}
