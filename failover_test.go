package failover

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/metadata"
	"github.com/coredns/coredns/plugin/pkg/dnstest"
	"github.com/coredns/coredns/plugin/test"
	"github.com/coredns/coredns/request"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/corefile"
)

// build returns the plugin for failover blocks in a server block for zones, in front of
// next.
func build(t testing.TB, blocks string, next plugin.Handler, zones ...string) *Failover {
	t.Helper()
	c := caddy.NewTestController("dns", blocks)
	c.ServerBlockKeys = zones
	cfg, err := corefile.Parse(c)
	if err != nil {
		t.Fatal(err)
	}
	f, err := New(cfg, zones, 42)
	if err != nil {
		t.Fatal(err)
	}
	f.Next = next
	return f
}

// ask returns the answer of f as "rcode: answer / authority", or what f returned if it
// wrote nothing.
func ask(t testing.TB, f plugin.Handler, qname string, qtype uint16) string {
	t.Helper()
	r := new(dns.Msg).SetQuestion(qname, qtype)
	rec := dnstest.NewRecorder(&test.ResponseWriter{})
	rcode, err := f.ServeDNS(t.Context(), rec, r)
	if rec.Msg == nil {
		return strings.TrimSpace(fmt.Sprint("wrote nothing: ", dns.RcodeToString[rcode], " ", errText(err)))
	}
	if q := rec.Msg.Question[0].Name; q != qname {
		t.Errorf("%s is echoed as %s", qname, q)
	}
	return text(rec.Msg)
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func text(m *dns.Msg) string {
	s := dns.RcodeToString[m.Rcode]
	if m.Authoritative {
		s += " aa"
	}
	for i, section := range [][]dns.RR{m.Answer, m.Ns} {
		s += [...]string{":", " /"}[i]
		for _, rr := range section {
			h := rr.Header()
			s += fmt.Sprintf(" %s %d %s", h.Name, h.Ttl, dns.TypeToString[h.Rrtype])
			if h.Rrtype == dns.TypeA || h.Rrtype == dns.TypeAAAA {
				s += " " + dns.Field(rr, 1)
			}
		}
	}
	return s
}

const blocks = `failover example.org {
	check none
	ttl 30
	record app {
		primary 192.0.2.1 192.0.2.2 2001:db8::1
		secondary 198.51.100.1
		ttl 60
	}
	record v4.deep {
		primary 192.0.2.4
	}
	record *.apps {
		primary 192.0.2.5 {
			endpoint 192.0.2.6
			policy first
		}
	}
	record @ {
		primary 192.0.2.7
	}
}`

func TestServeDNS(t *testing.T) {
	f := build(t, blocks, nil, "example.org.")
	tests := []struct {
		qname string
		qtype uint16
		want  string
	}{
		{"app.example.org.", dns.TypeA, "NOERROR aa: app.example.org. 60 A 192.0.2.1 app.example.org. 60 A 192.0.2.2 /"},
		{"app.example.org.", dns.TypeAAAA, "NOERROR aa: app.example.org. 60 AAAA 2001:db8::1 /"},
		{"aPp.ExAmPlE.oRg.", dns.TypeA, "NOERROR aa: app.example.org. 60 A 192.0.2.1 app.example.org. 60 A 192.0.2.2 /"},
		{"app.example.org.", dns.TypeHTTPS, "NOERROR aa: / example.org. 60 SOA"},
		{"app.example.org.", dns.TypeCNAME, "NOERROR aa: / example.org. 60 SOA"},
		{"app.example.org.", dns.TypeANY, "NOERROR aa: app.example.org. 60 A 192.0.2.1 app.example.org. 60 A 192.0.2.2 app.example.org. 60 AAAA 2001:db8::1 /"},
		{"x.apps.example.org.", dns.TypeANY, "NOERROR aa: x.apps.example.org. 30 A 192.0.2.5 /"},
		{"v4.deep.example.org.", dns.TypeAAAA, "NOERROR aa: / example.org. 30 SOA"},
		{"deep.example.org.", dns.TypeA, "NOERROR aa: / example.org. 30 SOA"},
		{"x.apps.example.org.", dns.TypeA, "NOERROR aa: x.apps.example.org. 30 A 192.0.2.5 /"},
		{"X.y.apps.example.org.", dns.TypeA, "NOERROR aa: x.y.apps.example.org. 30 A 192.0.2.5 /"},
		{"x.apps.example.org.", dns.TypeAAAA, "NOERROR aa: / example.org. 30 SOA"},
		{"x.apps.example.org.", dns.TypeTXT, "NOERROR aa: / example.org. 30 SOA"},
		{"apps.example.org.", dns.TypeA, "NOERROR aa: / example.org. 30 SOA"},
		{"example.org.", dns.TypeA, "NOERROR aa: example.org. 30 A 192.0.2.7 /"},
		{"example.org.", dns.TypeSOA, "NOERROR aa: example.org. 30 SOA /"},
		{"example.org.", dns.TypeNS, "NOERROR aa: example.org. 30 NS /"},
		{"example.org.", dns.TypeMX, "NOERROR aa: / example.org. 30 SOA"},
		{"nowhere.example.org.", dns.TypeA, "NXDOMAIN aa: / example.org. 30 SOA"},
		{"x.app.example.org.", dns.TypeA, "NXDOMAIN aa: / example.org. 30 SOA"},
		{"example.com.", dns.TypeA, "wrote nothing: REFUSED"},
		{"example.com.", dns.TypeTXT, "wrote nothing: REFUSED"},
	}
	for _, tc := range tests {
		if got := ask(t, f, tc.qname, tc.qtype); got != tc.want {
			t.Errorf("%s %s: got %s, want %s", tc.qname, dns.TypeToString[tc.qtype], got, tc.want)
		}
	}
}

// nextPlugin returns a plugin that answers every query with the same reply, or returns
// rcode and err without a reply.
func nextPlugin(rcode int, err error, answer, ns string) plugin.Handler {
	return plugin.HandlerFunc(func(_ context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
		if err != nil || rcode == dns.RcodeRefused || rcode == dns.RcodeServerFailure {
			return rcode, err
		}
		m := new(dns.Msg).SetRcode(r, rcode)
		if answer != "" && r.Question[0].Qtype != dns.TypeSOA {
			rr, _ := dns.NewRR(answer)
			m.Answer = []dns.RR{rr}
		}
		if ns != "" {
			rr, _ := dns.NewRR(ns)
			m.Ns = []dns.RR{rr}
		}
		w.WriteMsg(m)
		return rcode, nil
	})
}

func TestServeDNSWithNextPlugins(t *testing.T) {
	const soa = "example.org. 3600 IN SOA a.example.org. b.example.org. 1 2 3 4 5"
	nxdomain := nextPlugin(dns.RcodeNameError, nil, "", soa)
	refuses := nextPlugin(dns.RcodeRefused, nil, "", "")
	ends := nextPlugin(dns.RcodeServerFailure, plugin.Error("view", errors.New("no next plugin found")), "", "")
	fails := nextPlugin(dns.RcodeServerFailure, errors.New("unreachable"), "", "")
	answers := nextPlugin(0, nil, "x. 300 IN TXT hi", "")
	cname := nextPlugin(0, nil, "app.example.org. 300 IN CNAME elsewhere.", "")
	tests := []struct {
		name  string
		next  plugin.Handler
		qname string
		qtype uint16
		want  string
	}{
		{"nxdomain", nxdomain, "app.example.org.", dns.TypeA, "NOERROR aa: app.example.org. 60 A 192.0.2.1 app.example.org. 60 A 192.0.2.2 /"},
		{"nxdomain", nxdomain, "app.example.org.", dns.TypeHTTPS, "NOERROR aa: / example.org. 60 SOA"},
		{"nxdomain", nxdomain, "x.apps.example.org.", dns.TypeHTTPS, "NOERROR aa: / example.org. 30 SOA"},
		{"nxdomain", nxdomain, "deep.example.org.", dns.TypeA, "NOERROR aa: / example.org. 30 SOA"},
		{"nxdomain", nxdomain, "nowhere.example.org.", dns.TypeA, "NXDOMAIN: / example.org. 3600 SOA"},
		{"nxdomain", nxdomain, "example.com.", dns.TypeA, "NXDOMAIN: / example.org. 3600 SOA"},
		{"refuses", refuses, "app.example.org.", dns.TypeTXT, "NOERROR aa: / example.org. 60 SOA"},
		{"refuses", refuses, "nowhere.example.org.", dns.TypeTXT, "NXDOMAIN aa: / example.org. 30 SOA"},
		{"refuses", refuses, "example.org.", dns.TypeSOA, "NOERROR aa: example.org. 30 SOA /"},
		{"refuses", refuses, "example.com.", dns.TypeTXT, "wrote nothing: REFUSED"},
		{"ends", ends, "app.example.org.", dns.TypeTXT, "NOERROR aa: / example.org. 60 SOA"},
		{"ends", ends, "nowhere.example.org.", dns.TypeTXT, "NXDOMAIN aa: / example.org. 30 SOA"},
		{"fails", fails, "app.example.org.", dns.TypeTXT, "wrote nothing: SERVFAIL unreachable"},
		{"fails", fails, "nowhere.example.org.", dns.TypeTXT, "wrote nothing: SERVFAIL unreachable"},
		{"fails", fails, "app.example.org.", dns.TypeAAAA, "NOERROR aa: app.example.org. 60 AAAA 2001:db8::1 /"},
		{"fails", fails, "v4.deep.example.org.", dns.TypeAAAA, "NOERROR aa: / example.org. 30 SOA"},
		{"answers", answers, "app.example.org.", dns.TypeTXT, "NOERROR: x. 300 TXT /"},
		{"answers", answers, "nowhere.example.org.", dns.TypeTXT, "NOERROR: x. 300 TXT /"},
		{"cname", cname, "app.example.org.", dns.TypeTXT, "NOERROR aa: / example.org. 60 SOA"},
		{"cname", cname, "app.example.org.", dns.TypeCNAME, "NOERROR aa: / example.org. 60 SOA"},
	}
	for _, tc := range tests {
		f := build(t, blocks, tc.next, "example.org.")
		if got := ask(t, f, tc.qname, tc.qtype); got != tc.want {
			t.Errorf("%s: %s %s: got %s, want %s", tc.name, tc.qname, dns.TypeToString[tc.qtype], got, tc.want)
		}
	}
}

// In a block for the root, the apex of a record is its ZONE.
func TestServeDNSInTheRootBlock(t *testing.T) {
	f := build(t, "failover app.example.org {\n primary 192.0.2.1\n check none\n}", nextPlugin(dns.RcodeRefused, nil, "", ""), ".")
	for _, tc := range []struct {
		qname string
		qtype uint16
		want  string
	}{
		{"app.example.org.", dns.TypeAAAA, "NOERROR aa: / app.example.org. 5 SOA"},
		{"app.example.org.", dns.TypeNS, "NOERROR aa: app.example.org. 5 NS /"},
		{"x.app.example.org.", dns.TypeA, "NXDOMAIN aa: / app.example.org. 5 SOA"},
		{"example.org.", dns.TypeA, "wrote nothing: REFUSED"},
		{"www.example.org.", dns.TypeA, "wrote nothing: REFUSED"},
	} {
		if got := ask(t, f, tc.qname, tc.qtype); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.qname, got, tc.want)
		}
	}
	f.Next = nextPlugin(dns.RcodeNameError, nil, "", "")
	if got, want := ask(t, f, "example.org.", dns.TypeA), "NOERROR aa: / . 5 SOA"; got != want {
		t.Errorf("above the record: got %s, want %s", got, want)
	}
}

// Messages that are no query for a name in class IN pass through as they are.
func TestNoQueryPassesThrough(t *testing.T) {
	var seen *dns.Msg
	f := build(t, blocks, plugin.HandlerFunc(func(_ context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
		if _, edited := w.(interface{ Unanswered(int, error) bool }); edited {
			t.Errorf("%v is edited on its way", r.Question)
		}
		seen = r
		return dns.RcodeNotImplemented, nil
	}), "example.org.")
	q := dns.Question{Name: "app.example.org.", Qtype: dns.TypeA, Qclass: dns.ClassINET}
	chaos, axfr, ixfr := q, q, q
	chaos.Qclass, axfr.Qtype, ixfr.Qtype = dns.ClassCHAOS, dns.TypeAXFR, dns.TypeIXFR
	for _, r := range []*dns.Msg{
		{MsgHdr: dns.MsgHdr{Opcode: dns.OpcodeNotify}, Question: []dns.Question{q}},
		{MsgHdr: dns.MsgHdr{Opcode: dns.OpcodeUpdate}, Question: []dns.Question{q}},
		{Question: []dns.Question{chaos}},
		{Question: []dns.Question{axfr}},
		{Question: []dns.Question{ixfr}},
		{Question: []dns.Question{q, q}},
		{},
	} {
		seen = nil
		rcode, err := f.ServeDNS(t.Context(), &test.ResponseWriter{}, r)
		if seen != r || rcode != dns.RcodeNotImplemented || err != nil {
			t.Errorf("%v: got %d, %v", r, rcode, err)
		}
	}
}

func TestMetadata(t *testing.T) {
	f := build(t, blocks, nil, "example.org.")
	for _, tc := range []struct{ qname, want string }{
		{"App.example.org.", "app.example.org. primary ok"},
		{"x.apps.example.org.", "*.apps.example.org. primary ok"},
		{"nowhere.example.org.", "  "},
	} {
		r := new(dns.Msg).SetQuestion(tc.qname, dns.TypeTXT)
		ctx := f.Metadata(metadata.ContextWithMetadata(t.Context()), request.Request{Req: r, W: &test.ResponseWriter{}})
		var got []string
		for _, label := range []string{"failover/record", "failover/pool", "failover/state"} {
			value := ""
			if fn := metadata.ValueFunc(ctx, label); fn != nil {
				value = fn()
			}
			got = append(got, value)
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%s: got %q, want %q", tc.qname, strings.Join(got, " "), tc.want)
		}
	}
}

// The metadata of the pool is empty while prefer decides which pool answers.
func TestPreferSeesNoPool(t *testing.T) {
	f := build(t, "failover {\ncheck none\nrecord app {\nprimary 192.0.2.1\nsecondary 192.0.2.2 {\n"+
		"prefer metadata('failover/pool') == '' && metadata('failover/record') == 'app.example.org.'\n}\n}\n}", nil, "example.org.")
	r := new(dns.Msg).SetQuestion("app.example.org.", dns.TypeA)
	ctx := f.Metadata(metadata.ContextWithMetadata(t.Context()), request.Request{Req: r, W: &test.ResponseWriter{}})
	rec := dnstest.NewRecorder(&test.ResponseWriter{})
	if _, err := f.ServeDNS(ctx, rec, r); err != nil || text(rec.Msg) != "NOERROR aa: app.example.org. 5 A 192.0.2.2 /" {
		t.Errorf("got %q, %v", text(rec.Msg), err)
	}
	if got := metadata.ValueFunc(ctx, "failover/pool")(); got != "secondary" {
		t.Errorf("the pool in the metadata is %s", got)
	}
}

func TestCacheBypassZones(t *testing.T) {
	f := build(t, blocks, nil, "example.org.")
	if got := fmt.Sprint(f.CacheBypassZones()); got != "[example.org.]" {
		t.Errorf("got %s", got)
	}
	f = build(t, "failover example.org {\n check none\n record a *.b {\n primary 192.0.2.1\n }\n}", nil, "example.org.")
	if got := fmt.Sprint(f.CacheBypassZones()); got != "[a.example.org. b.example.org.]" {
		t.Errorf("got %s", got)
	}
}

// FuzzServeDNS sends any message that can be unpacked: there is no panic, and answers can
// be packed.
func FuzzServeDNS(f *testing.F) {
	for _, q := range []string{"app.example.org.", "x.apps.example.org.", ".", `\000\255.apps.example.org.`} {
		m := new(dns.Msg).SetQuestion(q, dns.TypeA).SetEdns0(1232, true)
		b, err := m.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	h := build(f, blocks, nextPlugin(dns.RcodeNameError, nil, "", ""), "example.org.")
	f.Fuzz(func(t *testing.T, b []byte) {
		r := new(dns.Msg)
		if r.Unpack(b) != nil {
			return
		}
		rec := dnstest.NewRecorder(&test.ResponseWriter{})
		if _, err := h.ServeDNS(t.Context(), rec, r); err != nil || rec.Msg == nil {
			return
		}
		if _, err := rec.Msg.Pack(); err != nil {
			t.Errorf("%v: cannot be packed: %v", rec.Msg, err)
		}
	})
}

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

// The allocations per server block at a start and a reload do not grow with the number
// of server blocks on one listener.
func TestServerBlocksCostTheSame(t *testing.T) {
	corefile := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "r%d.example.org:0 {\nfailover {\ncheck none\nprimary 192.0.2.1\n}\n}\n", i)
		}
		return b.String()
	}
	each := func(n int) float64 {
		return testing.AllocsPerRun(1, func() {
			s := start(t, corefile(n))
			if err := s.reload(corefile(n)); err != nil {
				t.Fatal(err)
			}
		}) / float64(n)
	}
	each(1)
	if few, many := each(50), each(500); many > 2*few {
		t.Errorf("%.0f allocations for each of 500, %.0f for each of 50", many, few)
	}
}
