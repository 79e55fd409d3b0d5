package serve

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/pkg/dnstest"
	"github.com/coredns/coredns/plugin/test"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/lookup"
	"github.com/coredns-failover/failover/plugin/pool"
)

const (
	soaOfNext = "example.org. 300 IN SOA ns.example.org. root.example.org. 7 1 2 3 300"
	sigOfNext = "a.example.org. 300 IN RRSIG A 13 3 300 20300101000000 20200101000000 7 example.org. c2ln"
)

func rrs(t testing.TB, texts ...string) (rrs []dns.RR) {
	t.Helper()
	for _, s := range texts {
		rr, err := dns.NewRR(s)
		if err != nil {
			t.Fatal(err)
		}
		rrs = append(rrs, rr)
	}
	return rrs
}

// zonePlugin returns a plugin with these records. It has NODATA for the other types of
// their names, and NXDOMAIN for other names and for CNAMEs, whose targets it does not have.
func zonePlugin(t testing.TB, texts ...string) plugin.Handler {
	all := rrs(t, texts...)
	return plugin.HandlerFunc(func(_ context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
		m := answer.Records(r, nil)
		m.Rcode = dns.RcodeNameError
		for _, rr := range all {
			h := rr.Header()
			if !strings.EqualFold(h.Name, r.Question[0].Name) {
				continue
			}
			if h.Rrtype != dns.TypeCNAME || r.Question[0].Qtype == dns.TypeCNAME {
				m.Rcode = dns.RcodeSuccess
			}
			if h.Rrtype == r.Question[0].Qtype || h.Rrtype == dns.TypeCNAME {
				m.Answer = append(m.Answer, rr)
			}
		}
		if m.Answer == nil || m.Rcode == dns.RcodeNameError {
			m.Ns = rrs(t, soaOfNext)
		}
		return dns.RcodeSuccess, w.WriteMsg(m)
	})
}

// fromNext makes the pool of a record one of the next plugins.
func fromNext(rec *pool.Record) { rec.Pools[0].Endpoints = []pool.Endpoint{{Next: true, Weight: 1}} }

// queryFor returns a query with EDNS.
func queryFor(name string, qtype uint16, do bool) *dns.Msg {
	return new(dns.Msg).SetQuestion(name, qtype).SetEdns0(1232, do)
}

// The answer from a pool of the next plugins has their CNAMEs and, with DO, their
// signatures, unless it leaves out addresses. Their NXDOMAIN for one family becomes NODATA.
func TestRepliesOfNext(t *testing.T) {
	const cname, v4, v4b, v6 = "a.example.org. 300 IN CNAME www.example.net.", "www.example.net. 300 IN A 192.0.2.1",
		"www.example.net. 300 IN A 192.0.2.2", "www.example.net. 300 IN AAAA 2001:db8::1"
	oneOf := func(rec *pool.Record) {
		fromNext(rec)
		rec.Pools[0].Policy = pool.Policy{Kind: pool.RoundRobin, Count: 1}
	}
	reply := func(addrs ...string) *pool.Reply {
		return &pool.Reply{CNAMEs: rrs(t, cname), Addrs: rrs(t, addrs...), Sigs: rrs(t, sigOfNext), TTL: time.Minute}
	}
	denial := func(rcode int) *pool.Reply {
		return &pool.Reply{TTL: time.Minute, Negative: &dns.Msg{MsgHdr: dns.MsgHdr{Rcode: rcode},
			Ns: rrs(t, soaOfNext, "a.example.org. 300 IN NSEC b.example.org. A")}}
	}
	aging := reply(v4)
	aging.Aging = true
	tests := map[string]struct {
		configure func(*pool.Record)
		v4, v6    *pool.Reply
		qtype     uint16
		do        bool
		want      string
	}{
		"an address":                   {fromNext, reply(v4), reply(v6), dns.TypeA, false, "NOERROR CNAME 9 A 9 of www.example.net."},
		"with signatures":              {fromNext, reply(v4), reply(v6), dns.TypeAAAA, true, "NOERROR CNAME 9 AAAA 9 of www.example.net. RRSIG 9"},
		"one of two addresses":         {oneOf, reply(v4, v4b), nil, dns.TypeA, true, "NOERROR CNAME 9 A 9 of www.example.net."},
		"from a cache":                 {fromNext, aging, nil, dns.TypeA, false, "NOERROR CNAME 5 A 5 of www.example.net."},
		"both families":                {fromNext, reply(v4), reply(v6), dns.TypeANY, false, "NOERROR CNAME 9 A 9 of www.example.net. AAAA 9 of www.example.net."},
		"one family":                   {fromNext, reply(v4), denial(dns.RcodeSuccess), dns.TypeANY, false, "NOERROR CNAME 9 A 9 of www.example.net."},
		"NODATA":                       {fromNext, reply(v4), denial(dns.RcodeSuccess), dns.TypeAAAA, false, "NOERROR SOA 9"},
		"NODATA with its proof":        {fromNext, reply(v4), denial(dns.RcodeSuccess), dns.TypeAAAA, true, "NOERROR SOA 9 NSEC 9"},
		"NXDOMAIN":                     {fromNext, reply(v4), denial(dns.RcodeNameError), dns.TypeAAAA, true, "NOERROR SOA 9"},
		"a family without a reply yet": {fromNext, reply(v4), nil, dns.TypeAAAA, false, "NOERROR SOA 9"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := exampleBlock(t, nil, recordOf("a.example.org.", tc.configure))
				b.records[0].start(healthcheck.NewRegistry(healthcheck.Hooks{}), []string{"dns://:53"}, "", nil)
				for _, r := range []*pool.Reply{tc.v4, tc.v6} {
					if r != nil {
						r.At = time.Now()
					}
				}
				b.records[0].SetNext(0, tc.v4, tc.v6)
				time.Sleep(55 * time.Second)
				if got := text(ask(t, b, queryFor("a.example.org.", tc.qtype, tc.do))); got != tc.want {
					t.Errorf("got %s, want %s", got, tc.want)
				}
			})
		})
	}
}

// A name below a wildcard has the addresses that the next plugins have for it: it is
// looked up by the first query, and known to answers that point to it.
func TestLearnedNames(t *testing.T) {
	const name = "x.apps.example.org."
	next := zonePlugin(t, name+" 300 IN A 192.0.2.1", name+" 300 IN AAAA 2001:db8::1", "_s._tcp.example.org. 300 IN SRV 0 0 80 "+name)
	b := exampleBlock(t, next, recordOf("*.apps.example.org.", fromNext))
	reg := healthcheck.NewRegistry(healthcheck.Hooks{})
	b.records[0].start(reg, nil, "", nil)
	defer b.records[0].stop(reg)
	srv := func() (n int) {
		return len(ask(t, b, new(dns.Msg).SetQuestion("_s._tcp.example.org.", dns.TypeSRV)).Extra)
	}
	if n := srv(); n != 0 {
		t.Errorf("%d addresses of a name that nobody has asked for", n)
	}
	for qtype, want := range map[uint16]string{
		dns.TypeA:    "NOERROR A 9 of " + name,
		dns.TypeAAAA: "NOERROR AAAA 9 of " + name,
		dns.TypeANY:  "NOERROR A 9 of " + name + " AAAA 9 of " + name,
	} {
		if got := text(ask(t, b, queryFor(name, qtype, false))); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if n := srv(); n != 2 {
		t.Errorf("%d addresses of a learned name, want 2", n)
	}
	if got, want := text(ask(t, b, queryFor("none.apps.example.org.", dns.TypeANY, false))), "NOERROR SOA 3"; got != want {
		t.Errorf("a name without addresses: got %s, want %s", got, want)
	}
}

// Before the first lookup of a pool of the next plugins, they answer themselves, also for
// answers that point to the record: without signatures, because the TTL is another.
func TestModeNext(t *testing.T) {
	const name = "a.example.org."
	next := zonePlugin(t, name+" 300 IN A 192.0.2.1", name+" 300 IN AAAA 2001:db8::1", sigOfNext, "_s._tcp.example.org. 300 IN SRV 0 0 80 "+name)
	b := exampleBlock(t, next, recordOf(name, fromNext))
	if got, want := text(ask(t, b, queryFor(name, dns.TypeANY, false))), "NOERROR A 3 AAAA 3"; got != want {
		t.Errorf("ANY: got %s, want %s", got, want)
	}
	m := ask(t, b, new(dns.Msg).SetQuestion("_s._tcp.example.org.", dns.TypeSRV))
	m.Answer = m.Extra
	if got, want := text(m), "NOERROR A 3 AAAA 3"; got != want {
		t.Errorf("beside a SRV record: got %s, want %s", got, want)
	}
	b.cfg.Next = func() plugin.Handler { return test.NextHandler(dns.RcodeServerFailure, nil) }
	w := dnstest.NewRecorder(&test.ResponseWriter{})
	if rcode, err := handlerOf(b).ServeDNS(t.Context(), w, queryFor(name, dns.TypeANY, false)); rcode != dns.RcodeServerFailure || err != nil || w.Msg != nil {
		t.Errorf("ANY with plugins that fail: rcode %d, error %v, message %v", rcode, err, w.Msg)
	}
}

// An answer of the next plugins whose CNAMEs point to a record ends as the answer of the
// record does. One that points to an empty non-terminal is no NXDOMAIN.
func TestCompleteTarget(t *testing.T) {
	next := zonePlugin(t, "www.example.org. 300 IN CNAME a.example.org.", "up.example.org. 300 IN CNAME b.example.org.",
		"empty.example.org. 300 IN CNAME deep.example.org.")
	b := exampleBlock(t, next, recordOf("a.example.org.", nil, "[192.0.2.1]"), recordOf("b.example.org.", nil, "192.0.2.2"),
		recordOf("v4.deep.example.org.", nil, "192.0.2.3"))
	b.entry = func() plugin.Handler { return handlerOf(b) }
	for query, want := range map[string]string{
		"www A":     "SERVFAIL CNAME 3 of www.example.org. EDE 0 all pools down: serving servfail",
		"www TXT":   "NOERROR CNAME 3 of www.example.org. SOA 3",
		"up A":      "NOERROR CNAME 9 of up.example.org. A 9 of b.example.org.",
		"up TXT":    "NOERROR CNAME 9 of up.example.org. SOA 9",
		"up CNAME":  "NOERROR CNAME 300 of up.example.org.",
		"empty TXT": "NOERROR CNAME 5 of empty.example.org. SOA 5",
	} {
		name, qtype, _ := strings.Cut(query, " ")
		if got := text(ask(t, b, queryFor(name+".example.org.", dns.StringToType[qtype], false))); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
}

// A denial below a zone that dnssec signs has the SOA of that zone, so that it can be
// signed.
func TestSignedZone(t *testing.T) {
	b := exampleBlock(t, nil, recordOf("a.sub.example.org.", nil, "192.0.2.1"))
	ns := func() string {
		return ask(t, b, new(dns.Msg).SetQuestion("x.sub.example.org.", dns.TypeA)).Ns[0].Header().Name
	}
	before := ns()
	b.origins.setSigned([]string{"sub.example.org."})
	if after := ns(); before != "example.org." || after != "sub.example.org." {
		t.Errorf("the SOA is that of %s, and of %s once signed", before, after)
	}
}

// After a reload, a witness takes over from the first block that had the same target.
func TestWitnessIn(t *testing.T) {
	witness := func(host string) *lookup.Witness { return lookup.NewWitness(pool.Endpoint{Host: host}) }
	w, other := witness("w.example.net."), witness("other.example.net.")
	blocks := []*Block{{witnesses: []*lookup.Witness{other}}, {witnesses: []*lookup.Witness{other, w}}, {witnesses: []*lookup.Witness{witness("w.example.net.")}}}
	if got := witnessIn(blocks, witness("w.example.net.")); got != w {
		t.Errorf("got the witness %v, want that of the second block", slices.IndexFunc(blocks, func(b *Block) bool { return slices.Contains(b.witnesses, got) }))
	}
	if got := witnessIn(blocks[:1], w); got != nil {
		t.Errorf("got %s from a block without it", got.Target())
	}
}
