package failover

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
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

// build returns the plugin for the failover blocks of a server block for zones,
// in front of next.
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

// ask returns what f answers, as "rcode: answer / authority" with each record's
// data, or what it returned when it wrote nothing.
func ask(t testing.TB, f plugin.Handler, qname string, qtype uint16) string {
	t.Helper()
	r := new(dns.Msg)
	r.SetQuestion(qname, qtype)
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
	alone := build(t, blocks, nil, "example.org.")
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
		if got := ask(t, alone, tc.qname, tc.qtype); got != tc.want {
			t.Errorf("%s %s: got %s, want %s", tc.qname, dns.TypeToString[tc.qtype], got, tc.want)
		}
	}
}

// behind answers every query with the same reply, or returns without one.
func behind(rcode int, err error, answer, ns string) plugin.Handler {
	return plugin.HandlerFunc(func(_ context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
		if err != nil || rcode == dns.RcodeRefused || rcode == dns.RcodeServerFailure {
			return rcode, err
		}
		m := new(dns.Msg)
		m.SetRcode(r, rcode)
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

func TestServeDNSInFrontOfOthers(t *testing.T) {
	const soa = "example.org. 3600 IN SOA a.example.org. b.example.org. 1 2 3 4 5"
	nxdomain := behind(dns.RcodeNameError, nil, "", soa)
	refuses := behind(dns.RcodeRefused, nil, "", "")
	ends := behind(dns.RcodeServerFailure, plugin.Error("view", errors.New("no next plugin found")), "", "")
	fails := behind(dns.RcodeServerFailure, errors.New("unreachable"), "", "")
	answers := behind(0, nil, "x. 300 IN TXT hi", "")
	alias := behind(0, nil, "app.example.org. 300 IN CNAME elsewhere.", "")
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
		{"alias", alias, "app.example.org.", dns.TypeTXT, "NOERROR aa: / example.org. 60 SOA"},
		{"alias", alias, "app.example.org.", dns.TypeCNAME, "NOERROR aa: / example.org. 60 SOA"},
	}
	for _, tc := range tests {
		f := build(t, blocks, tc.next, "example.org.")
		if got := ask(t, f, tc.qname, tc.qtype); got != tc.want {
			t.Errorf("%s: %s %s: got %s, want %s", tc.name, tc.qname, dns.TypeToString[tc.qtype], got, tc.want)
		}
	}
}

// In a block for the root the zone of a record is its ZONE.
func TestServeDNSInTheRootBlock(t *testing.T) {
	f := build(t, "failover app.example.org {\n primary 192.0.2.1\n check none\n}", behind(dns.RcodeRefused, nil, "", ""), ".")
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
	f.Next = behind(dns.RcodeNameError, nil, "", "")
	if got, want := ask(t, f, "example.org.", dns.TypeA), "NOERROR aa: / . 5 SOA"; got != want {
		t.Errorf("above the record: got %s, want %s", got, want)
	}
}

// What is no query for a name in class IN passes untouched.
// A query for an address of a record, and one for a name that exists because of it,
// asks nobody for a SOA: who stands behind may be slow, or dead.
func TestAddressesAskNobody(t *testing.T) {
	var asked []string
	next := plugin.HandlerFunc(func(_ context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
		q := r.Question[0]
		asked = append(asked, q.Name+" "+dns.TypeToString[q.Qtype])
		m := new(dns.Msg)
		m.SetReply(r)
		w.WriteMsg(m)
		return dns.RcodeSuccess, nil
	})
	f := build(t, blocks, next, "example.org.")
	for _, name := range []string{"app.example.org.", "v4.deep.example.org.", "x.apps.example.org.", "example.org."} {
		ask(t, f, name, dns.TypeA)
		ask(t, f, name, dns.TypeAAAA)
	}
	if len(asked) > 0 {
		t.Errorf("the next plugin was asked for %v", asked)
	}
	ask(t, f, "deep.example.org.", dns.TypeA)
	ask(t, f, "app.example.org.", dns.TypeTXT)
	if got, want := fmt.Sprint(asked), "[deep.example.org. A app.example.org. TXT]"; got != want {
		t.Errorf("the next plugin was asked for %s, want %s", got, want)
	}
}

func TestOthersPassThrough(t *testing.T) {
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

// No answer can be changed by editing one before it.
func TestAnswersAreIndependent(t *testing.T) {
	f := build(t, blocks, nil, "example.org.")
	for _, qname := range []string{"app.example.org.", "x.apps.example.org."} {
		want := ask(t, f, qname, dns.TypeA)
		r := new(dns.Msg)
		r.SetQuestion(qname, dns.TypeA)
		rec := dnstest.NewRecorder(&test.ResponseWriter{})
		f.ServeDNS(t.Context(), rec, r)
		rec.Msg.Answer[0] = test.A("x. 1 IN A 203.0.113.1")
		rec.Msg.Answer = append(rec.Msg.Answer, test.A("x. 1 IN A 203.0.113.1"))
		if got := ask(t, f, qname, dns.TypeA); got != want {
			t.Errorf("got %s, want %s", got, want)
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
		r := new(dns.Msg)
		r.SetQuestion(tc.qname, dns.TypeTXT)
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

// The pool that answers cannot be known before it is decided who prefers it.
func TestNobodyPrefersByThePoolItself(t *testing.T) {
	f := build(t, "failover {\ncheck none\nrecord app {\nprimary 192.0.2.1\nsecondary 192.0.2.2 {\n"+
		"prefer metadata('failover/pool') == '' && metadata('failover/record') == 'app.example.org.'\n}\n}\n}", nil, "example.org.")
	r := new(dns.Msg)
	r.SetQuestion("app.example.org.", dns.TypeA)
	ctx := f.Metadata(metadata.ContextWithMetadata(t.Context()), request.Request{Req: r, W: &test.ResponseWriter{}})
	rec := dnstest.NewRecorder(&test.ResponseWriter{})
	if _, err := f.ServeDNS(ctx, rec, r); err != nil || text(rec.Msg) != "NOERROR aa: app.example.org. 5 A 192.0.2.2 /" {
		t.Errorf("got %q, %v", text(rec.Msg), err)
	}
	if got := metadata.ValueFunc(ctx, "failover/pool")(); got != "secondary" {
		t.Errorf("the pool is told to be %s", got)
	}
}

// Clients ask for HTTPS and for A, which must not share the endpoints out
// between the two.
func TestLinkedAnswersTakeTurnsAmongThemselves(t *testing.T) {
	next := behind(dns.RcodeSuccess, nil, "_s._tcp.example.org. 60 IN SRV 0 0 80 app.example.org.", "")
	f := build(t, "failover {\ncheck none\nrecord app {\nprimary 192.0.2.1 192.0.2.2 {\npolicy round_robin\n}\n}\n}", next, "example.org.")
	var direct, linked []string
	for range 4 {
		direct = append(direct, ask(t, f, "app.example.org.", dns.TypeA))
		r := new(dns.Msg)
		r.SetQuestion("_s._tcp.example.org.", dns.TypeSRV)
		rec := dnstest.NewRecorder(&test.ResponseWriter{})
		if _, err := f.ServeDNS(t.Context(), rec, r); err != nil || len(rec.Msg.Extra) != 1 {
			t.Fatalf("got %v, %v", rec.Msg, err)
		}
		linked = append(linked, rec.Msg.Extra[0].String())
	}
	for what, got := range map[string][]string{"A": direct, "SRV": linked} {
		if got[0] == got[1] || got[0] != got[2] || got[1] != got[3] {
			t.Errorf("%s does not take turns: %q", what, got)
		}
	}
}

// What leads to addresses that are for some clients alone is for these alone.
func TestLinkedAnswersAreForTheSubnetOfTheAddresses(t *testing.T) {
	const records = "failover {\ncheck none\necs_from 10.0.0.0/8\nrecord hash {\nprimary 192.0.2.1 192.0.2.2 {\npolicy hash\n}\n}\n" +
		"record plain {\nprimary 192.0.2.3\n}\n}"
	for target, want := range map[string]string{"hash": "[203.0.113.0/24/24]", "plain": "[]"} {
		next := behind(dns.RcodeSuccess, nil, "_s._tcp.example.org. 60 IN SRV 0 0 80 "+target+".example.org.", "")
		f := build(t, records, next, "example.org.")
		r := new(dns.Msg)
		r.SetQuestion("_s._tcp.example.org.", dns.TypeSRV)
		r.SetEdns0(1232, false)
		r.IsEdns0().Option = []dns.EDNS0{
			&dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: 1, SourceNetmask: 24, Address: net.IPv4(203, 0, 113, 0)},
		}
		rec := dnstest.NewRecorder(&test.ResponseWriter{})
		if _, err := f.ServeDNS(t.Context(), rec, r); err != nil {
			t.Fatal(err)
		}
		var options []dns.EDNS0
		if opt := rec.Msg.IsEdns0(); opt != nil {
			options = opt.Option
		}
		if got := fmt.Sprint(options); got != want {
			t.Errorf("an answer with addresses of %s is for %s, want %s", target, got, want)
		}
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

// FuzzServeDNS throws wire messages at the plugin; whatever can be unpacked is
// answered or passed on, and what is answered can be packed.
func FuzzServeDNS(f *testing.F) {
	for _, q := range []string{"app.example.org.", "x.apps.example.org.", ".", `\000\255.apps.example.org.`} {
		m := new(dns.Msg)
		m.SetQuestion(q, dns.TypeA)
		m.SetEdns0(1232, true)
		b, err := m.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	h := build(f, blocks, behind(dns.RcodeNameError, nil, "", ""), "example.org.")
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

// A resident is a writer for a client with an address of its own.
type resident struct {
	test.ResponseWriter
	addr *net.UDPAddr
}

func (r *resident) RemoteAddr() net.Addr  { return r.addr }
func (*resident) WriteMsg(*dns.Msg) error { return nil }

func residentOf(i uint32) *resident {
	return &resident{addr: &net.UDPAddr{IP: net.IP{10, byte(i >> 8), byte(i), 1}}}
}

// policyBlock has a pool of n endpoints with a policy, of which the weights go
// from 1 to most.
func policyBlock(policy string, n, most int) string {
	var s strings.Builder
	s.WriteString("failover app.example.org {\n check none\n primary {\n policy " + policy + "\n")
	for i := range n {
		fmt.Fprintf(&s, "endpoint 192.0.2.%d", i+1)
		if most > 1 {
			fmt.Fprintf(&s, " weight %d", i%most+1)
		}
		s.WriteString("\n")
	}
	s.WriteString("}\n}")
	return s.String()
}

// BenchmarkPolicies compares whole answers by every policy with those by all,
// and pools of 100 with those of 4.
func BenchmarkPolicies(b *testing.B) {
	for _, policy := range []string{"all", "first", "random", "round_robin", "weighted", "weighted uneven", "hash", "hash uneven"} {
		for _, n := range []int{4, 100} {
			kind, _, uneven := strings.Cut(policy, " ")
			most := 1
			if uneven {
				most = 7
			}
			f := build(b, policyBlock(kind, n, most), test.NextHandler(dns.RcodeRefused, nil), "example.org.")
			var clients [64]*resident
			for i := range clients {
				clients[i] = residentOf(uint32(i * 37))
			}
			r := new(dns.Msg)
			r.SetQuestion("app.example.org.", dns.TypeA)
			b.Run(fmt.Sprintf("%s of %d", policy, n), func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					f.ServeDNS(b.Context(), clients[i%len(clients)], r)
				}
			})
		}
	}
}

// BenchmarkPoliciesParallel has all cores ask for one record: run it with -cpu 1,2.
func BenchmarkPoliciesParallel(b *testing.B) {
	for _, policy := range []string{"all", "random", "round_robin", "weighted", "hash"} {
		f := build(b, policyBlock(policy, 4, 1), test.NextHandler(dns.RcodeRefused, nil), "example.org.")
		var n atomic.Uint32
		b.Run(policy, func(b *testing.B) {
			b.RunParallel(func(pb *testing.PB) {
				w := residentOf(n.Add(1))
				r := new(dns.Msg)
				r.SetQuestion("app.example.org.", dns.TypeA)
				for pb.Next() {
					f.ServeDNS(b.Context(), w, r)
				}
			})
		})
	}
}

// The ways to write n records.
var ways = map[string]func(n int) string{
	"one block": func(n int) string {
		return "failover {\ncheck none\n" + repeat(n, "record r%d {\nprimary 192.0.2.1\n}\n") + "}\n"
	},
	"many blocks": func(n int) string {
		return repeat(n, "failover r%d.example.org {\ncheck none\nprimary 192.0.2.1\n}\n")
	},
	"a block with many zones": func(n int) string {
		return "failover" + repeat(n, " r%d.example.org") + " {\ncheck none\nprimary 192.0.2.1\n}\n"
	},
	"records in many zones": func(n int) string {
		return "failover" + repeat(n, " r%d.example.org") + " {\ncheck none\n" +
			repeat(n, "record r%d.example.org. {\nprimary 192.0.2.1\n}\n") + "}\n"
	},
}

func repeat(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// However records are written down, to start with them and to answer beside and
// below them takes no more memory than in one block. To compare two names takes
// some, so that what compares all of them to each other is seen.
func TestBlocksCostNothing(t *testing.T) {
	const n = 1000
	for _, zone := range []string{"example.org.", "."} {
		cost := make(map[string]float64)
		for way, write := range ways {
			blocks := write(n)
			if zone == "." {
				blocks = strings.Replace(blocks, "failover {", "failover example.org {", 1)
			}
			var f *Failover
			cost[way] = testing.AllocsPerRun(1, func() {
				f = build(t, blocks, nil, zone)
				f.block.OutOfZone()
			})
			if len(f.block.Records()) != n {
				t.Fatalf("%s: %d records", way, len(f.block.Records()))
			}
			for _, name := range []string{"x.r7.example.org.", "x.example.org."} {
				if k := queryCost(t, f, name); k > 20 {
					t.Errorf("%s in a block for %s: %v allocations for a query for %s", way, zone, k, name)
				}
			}
		}
		for way, c := range cost {
			if one := cost["one block"]; c > 3*one {
				t.Errorf("%s in a block for %s: %v allocations to start, and %v for one block", way, zone, c, one)
			}
		}
	}
}

// queryCost returns how many allocations a query for an address takes.
func queryCost(t testing.TB, f plugin.Handler, qname string) float64 {
	r, w := new(dns.Msg), residentOf(1)
	r.SetQuestion(qname, dns.TypeA)
	return testing.AllocsPerRun(10, func() { f.ServeDNS(t.Context(), w, r) })
}

// Server blocks on one listener take no more memory, each, the more they are: not at
// the start, and not at a reload.
func TestServerBlocksCostNothing(t *testing.T) {
	corefile := func(n int) string {
		return repeat(n, "r%d.example.org:0 {\nfailover {\ncheck none\nprimary 192.0.2.1\n}\n}\n")
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
