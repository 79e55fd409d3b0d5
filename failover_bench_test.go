package failover

import (
	"fmt"
	"strings"
	"testing"

	"github.com/coredns/coredns/plugin/test"

	"github.com/miekg/dns"
)

// BenchmarkServeDNS compares one record with 2,000 of them, and the kinds of
// answers with each other. Nothing is written to a socket.
func BenchmarkServeDNS(b *testing.B) {
	records := func(n int) string {
		var s strings.Builder
		s.WriteString("failover example.org {\n check none\n")
		for i := range n {
			fmt.Fprintf(&s, "record app%d {\n primary 192.0.2.1 192.0.2.2\n secondary 198.51.100.1 198.51.100.2\n }\n", i)
		}
		s.WriteString("record *.apps {\n primary 192.0.2.1 192.0.2.2\n }\n}")
		return s.String()
	}
	for _, bc := range []struct {
		name    string
		records int
		qname   string
		qtype   uint16
	}{
		{"1 record", 1, "app0.example.org.", dns.TypeA},
		{"2000 records", 2000, "app1234.example.org.", dns.TypeA},
		{"wildcard", 1, "one.apps.example.org.", dns.TypeA},
		{"no such family", 1, "app0.example.org.", dns.TypeAAAA},
		{"NXDOMAIN", 1, "nowhere.example.org.", dns.TypeA},
		{"not ours", 1, "www.example.com.", dns.TypeA},
	} {
		b.Run(bc.name, func(b *testing.B) {
			f := build(b, records(bc.records), test.NextHandler(dns.RcodeRefused, nil), "example.org.")
			r, w := new(dns.Msg), &test.ResponseWriter{}
			r.SetQuestion(bc.qname, bc.qtype)
			b.ReportAllocs()
			for b.Loop() {
				f.ServeDNS(b.Context(), w, r)
			}
		})
	}
}
