package answer

import (
	"testing"

	"github.com/coredns/coredns/plugin/test"

	"github.com/miekg/dns"
)

func TestApexSynthetic(t *testing.T) {
	a := NewApex("example.org.", 42)
	for _, tc := range []struct {
		name  string
		qtype uint16
		want  string
	}{
		{"example.org.", dns.TypeSOA, "example.org.\t30\tIN\tSOA\tns.dns.example.org. hostmaster.example.org. 42 7200 1800 86400 30"},
		{"example.org.", dns.TypeNS, "example.org.\t30\tIN\tNS\tns.dns.example.org."},
		{"example.org.", dns.TypeTXT, ""},
		{"app.example.org.", dns.TypeSOA, ""},
	} {
		got := ""
		for _, rr := range a.Synthetic(tc.name, tc.qtype, 30) {
			got += rr.String()
		}
		if got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
	if root := NewApex(".", 1).Synthetic(".", dns.TypeNS, 5)[0].(*dns.NS); root.Ns != "ns.dns." {
		t.Errorf("the root's name server is %s", root.Ns)
	}
}

func TestApexSOA(t *testing.T) {
	a := NewApex("example.org.", 42)
	next := test.SOA(soaOfNext)
	for _, tc := range []struct {
		next *dns.SOA
		ttl  uint32
		want string
	}{
		{nil, 60, "example.org.\t60\tIN\tSOA\tns.dns.example.org. hostmaster.example.org. 42 7200 1800 86400 60"},
		{next, 7200, "example.org.\t3600\tIN\tSOA\tns.example.org. root.example.org. 7 1 2 3 4"},
		{next, 60, "example.org.\t60\tIN\tSOA\tns.example.org. root.example.org. 7 1 2 3 4"},
	} {
		if got := a.SOA(tc.next, tc.ttl); got.String() != tc.want {
			t.Errorf("got %s, want %s", got, tc.want)
		}
	}
	if next.Hdr.Ttl != 3600 {
		t.Error("the SOA of the next plugins was changed")
	}
}
