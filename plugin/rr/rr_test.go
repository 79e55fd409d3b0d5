package rr

import (
	"testing"

	"github.com/coredns/coredns/plugin/test"

	"github.com/miekg/dns"
)

func TestWithOwner(t *testing.T) {
	kept := []dns.RR{test.A("*.apps.example.org. 5 IN A 192.0.2.1")}
	at := WithOwner("one.apps.example.org.", kept)
	if got := at[0].String(); got != "one.apps.example.org.\t5\tIN\tA\t192.0.2.1" {
		t.Errorf("got %s", got)
	}
	if kept[0].Header().Name != "*.apps.example.org." {
		t.Error("the shared record was renamed")
	}
}

func TestCapTTL(t *testing.T) {
	rr := test.A("app.example.org. 300 IN A 192.0.2.1")
	if c := CapTTL(rr, 60); c.Header().Ttl != 60 || rr.Header().Ttl != 300 {
		t.Errorf("capped to %d, the original to %d", c.Header().Ttl, rr.Header().Ttl)
	}
	if c := CapTTL(rr, 300); c != rr {
		t.Error("copied without need")
	}
	opt := &dns.OPT{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeOPT, Ttl: 1 << 15}} // with DO
	if c := CapTTLs([]dns.RR{rr, opt}, 60); c[0].Header().Ttl != 60 || c[1] != dns.RR(opt) || !opt.Do() {
		t.Errorf("got %v", c)
	}
}
