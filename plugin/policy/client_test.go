package policy

import (
	"errors"
	"net"
	"net/netip"
	"testing"

	"github.com/coredns/coredns/plugin/test"

	"github.com/miekg/dns"
)

// A from is a writer whose remote address is that of a client.
type from struct {
	test.ResponseWriter
	addr net.Addr
}

func (f from) RemoteAddr() net.Addr { return f.addr }

// A wrapped address is that of a connection through a proxy.
type wrapped struct{ net.Addr }

func (w wrapped) Unwrap() net.Addr { return w.Addr }
func (wrapped) String() string     { return "wrapped" }

// A named address is only text.
type named string

func (named) Network() string  { return "named" }
func (n named) String() string { return string(n) }

func TestClientIsWhoAsks(t *testing.T) {
	ip := net.ParseIP
	tests := []struct {
		addr net.Addr
		want string
	}{
		{&net.UDPAddr{IP: ip("192.0.2.1"), Port: 53}, "192.0.2.1"}, // 4 in 6
		{&net.UDPAddr{IP: ip("192.0.2.1").To4(), Port: 53}, "192.0.2.1"},
		{&net.TCPAddr{IP: ip("2001:db8::1"), Port: 53}, "2001:db8::1"},
		{&net.UDPAddr{IP: ip("fe80::1"), Port: 53, Zone: "eth0"}, "fe80::1"},
		{wrapped{&net.TCPAddr{IP: ip("192.0.2.1"), Port: 53}}, "192.0.2.1"},
		{wrapped{}, "invalid IP"},
		{named("[2001:db8::1]:53"), "2001:db8::1"},
		{named("@"), "invalid IP"},
		{&net.UDPAddr{}, "invalid IP"},
		{nil, "invalid IP"},
	}
	for _, tc := range tests {
		c, err := ClientOf(&from{addr: tc.addr}, new(dns.Msg), nil)
		if err != nil || c.Addr.String() != tc.want {
			t.Errorf("%v: got %s, %v, want %s", tc.addr, c.Addr, err, tc.want)
		}
	}
}

// subnet is the option as it is on the wire: family, source, scope, address.
func subnet(octets ...byte) []dns.EDNS0 {
	return []dns.EDNS0{&dns.EDNS0_LOCAL{Code: dns.EDNS0SUBNET, Data: octets}}
}

func TestClientIsTheSubnetThatABelievedResolverGives(t *testing.T) {
	believed := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")}
	tests := []struct {
		name     string
		resolver string
		options  []dns.EDNS0
		want     string // the client, or "" if the query is malformed
		echoed   bool
	}{
		{"/24", "192.0.2.53", subnet(0, 1, 24, 0, 198, 51, 100), "198.51.100.0", true},
		{"/32", "192.0.2.53", subnet(0, 1, 32, 0, 198, 51, 100, 7), "198.51.100.7", true},
		{"/20", "192.0.2.53", subnet(0, 1, 20, 0, 198, 51, 96), "198.51.96.0", true},
		{"/56", "192.0.2.53", subnet(0, 2, 56, 0, 0x20, 1, 0xd, 0xb8, 0, 0, 1), "2001:db8:0:100::", true},
		{"4 in 6", "192.0.2.53", subnet(0, 2, 120, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 198, 51, 100), "198.51.100.0", true},
		{"from IPv6", "2001:db8::53", subnet(0, 1, 24, 0, 198, 51, 100), "198.51.100.0", true},
		{"no prefix", "192.0.2.53", subnet(0, 1, 0, 0), "192.0.2.53", true},
		{"no family", "192.0.2.53", subnet(0, 0, 0, 0), "192.0.2.53", true},
		{"no option", "192.0.2.53", []dns.EDNS0{&dns.EDNS0_NSID{Code: dns.EDNS0NSID}}, "192.0.2.53", false},
		{"bits after the prefix", "192.0.2.53", subnet(0, 1, 20, 0, 198, 51, 97), "", false},
		{"octets behind no prefix", "192.0.2.53", subnet(0, 1, 0, 0, 198), "", false},
		{"a scope in a query", "192.0.2.53", subnet(0, 1, 24, 24, 198, 51, 100), "", false},
		{"a stranger", "198.51.100.53", subnet(0, 1, 24, 0, 203, 0, 113), "198.51.100.53", false},
		{"malformed, from an untrusted resolver", "198.51.100.53", subnet(0, 1, 20, 0, 198, 51, 97), "198.51.100.53", false},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			q := new(dns.Msg)
			q.SetQuestion("app.example.org.", dns.TypeA)
			q.SetEdns0(1232, false)
			q.IsEdns0().Option = tc.options
			packed, err := q.Pack()
			if err != nil {
				t.Fatal(err)
			}
			r := new(dns.Msg)
			if err := r.Unpack(packed); err != nil {
				t.Fatal(err)
			}
			c, err := ClientOf(&from{addr: &net.UDPAddr{IP: net.ParseIP(tc.resolver)}}, r, believed)
			switch {
			case tc.want == "":
				if !errors.Is(err, errECS) {
					t.Errorf("got %v, %v, want it refused", c, err)
				}
			case err != nil || c.Addr.String() != tc.want || (c.ECS != nil) != tc.echoed:
				t.Errorf("got %v, %v, want %s, echoed: %t", c, err, tc.want, tc.echoed)
			}
		})
	}
}

// The parser refuses options that are malformed in other ways.
func TestSubnetsThatTheServerRefuses(t *testing.T) {
	for _, octets := range [][]byte{
		{0, 1, 33, 0, 198, 51, 100, 0, 0},
		{0, 2, 129, 0},
		{0, 3, 0, 0},
		{0, 0, 8, 0, 10},
		{0, 1, 24},
	} {
		q := new(dns.Msg)
		q.SetEdns0(1232, false)
		q.IsEdns0().Option = subnet(octets...)
		packed, err := q.Pack()
		if err != nil {
			t.Fatal(err)
		}
		if new(dns.Msg).Unpack(packed) == nil {
			t.Errorf("%v is read", octets)
		}
	}
}

// The client of a query without EDNS is its sender.
func TestClientWithoutEDNS(t *testing.T) {
	all := []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}
	c, err := ClientOf(&from{addr: &net.UDPAddr{IP: net.ParseIP("192.0.2.1")}}, new(dns.Msg), all)
	if err != nil || c.Addr.String() != "192.0.2.1" || c.ECS != nil {
		t.Errorf("got %v, %v", c, err)
	}
}
