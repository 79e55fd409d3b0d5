package serve

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/pkg/dnstest"
	"github.com/coredns/coredns/plugin/test"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/lookup"
	"github.com/coredns-failover/failover/plugin/policy"
	"github.com/coredns-failover/failover/plugin/pool"
)

// noObserver ignores all events.
type noObserver struct{}

func (noObserver) EndpointChanged(int, string, healthcheck.State, healthcheck.State, string) {}
func (noObserver) EndpointGone(int, string)                                                  {}
func (noObserver) ViewChanged(_, _ *pool.View, _ string)                                     {}
func (noObserver) Started([]string, string, string, pool.State)                              {}
func (noObserver) Responded(int, int)                                                        {}
func (noObserver) Stopped()                                                                  {}

// recordOf returns a record whose endpoints are healthy. They are written as in the
// Corefile, in brackets if they are disabled.
func recordOf(name string, change func(*pool.Record), endpoints ...string) pool.Record {
	p := pool.Pool{Name: "primary", MinHealthy: pool.Quorum{Count: 1}, Policy: pool.Policy{Kind: pool.All}, Weight: 1}
	for _, s := range endpoints {
		e := pool.Endpoint{Weight: 1, Disabled: s != strings.Trim(s, "[]")}
		var err error
		if e.Addr, err = netip.ParseAddr(strings.Trim(s, "[]")); err != nil {
			e.Host = s
		}
		p.Endpoints = append(p.Endpoints, e)
	}
	rec := pool.Record{Name: name, Zone: "example.org.", TTL: 9, MinTTL: 3, Pools: []pool.Pool{p},
		Steer: pool.Steer{Kind: pool.SteerOrder}, AllDown: pool.AllDown{Kind: pool.AllDownServFail}}
	if change != nil {
		change(&rec)
	}
	return rec
}

// managed returns a record as recordOf describes it, which is not in a block.
func managed(t *testing.T, name string, change func(*pool.Record), endpoints ...string) *Record {
	t.Helper()
	cfg := recordOf(name, change, endpoints...)
	rec := &cfg
	chooser, err := policy.NewChooser(rec)
	if err != nil {
		t.Fatal(err)
	}
	return &Record{observer: noObserver{}, Tracker: pool.NewTracker(rec, noObserver{}), chooser: chooser, apex: answer.NewApex("example.org.", 1),
		wildcard: strings.HasPrefix(name, "*."), hasCNAME: rec.Pools[0].CNAME,
		targets: &lookup.Targets{Entry: func() plugin.Handler { return plugin.HandlerFunc(answerMX) }}}
}

// trusting returns a block without records that trusts the client subnets of these
// resolvers.
func trusting(resolvers ...netip.Prefix) *Block {
	b, err := New(&Config{ECSFrom: &resolvers, Next: func() plugin.Handler { return nil }})
	if err != nil {
		panic(err)
	}
	return b
}

// answerMX gives every name an MX record and an address. The address is for the client
// subnet alone.
func answerMX(_ context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
	q := r.Question[0]
	m := answer.Records(r, []dns.RR{test.MX(q.Name + " 300 IN MX 10 mail.example.net.")})
	switch ecs := subnetOf(r); {
	case q.Qtype == dns.TypeA:
		m.Answer = []dns.RR{test.A(q.Name + " 300 IN A 192.0.2.1")}
		if ecs != nil {
			m = answer.WithSubnet(m, ecs, true)
		}
	case q.Qtype != dns.TypeMX:
		return dns.RcodeRefused, nil
	}
	return dns.RcodeSuccess, w.WriteMsg(m)
}

// subnetOf returns the client subnet in m, or nil.
func subnetOf(m *dns.Msg) *dns.EDNS0_SUBNET {
	if opt := m.IsEdns0(); opt != nil {
		for _, o := range opt.Option {
			if ecs, ok := o.(*dns.EDNS0_SUBNET); ok {
				return ecs
			}
		}
	}
	return nil
}

// A CNAME with an address that is limited to a client subnet has the same limit.
func TestScopeOfCNAME(t *testing.T) {
	cname := func(rec *pool.Record) { rec.Pools[0].CNAME = true }
	ask := func(qtype uint16, f func(q *query)) {
		r := new(dns.Msg).SetQuestion("a.example.org.", qtype).SetEdns0(1232, false)
		r.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: 1, SourceNetmask: 24, Address: net.IP{10, 0, 0, 0}}}
		f(&query{trusting(netip.MustParsePrefix("0.0.0.0/0")), dnstest.NewRecorder(&test.ResponseWriter{}), r, "a.example.org.",
			managed(t, "a.example.org.", cname, "b.example.net.")})
	}
	for qtype, scope := range map[uint16]uint8{dns.TypeA: 24, dns.TypeMX: 0, dns.TypeTXT: 0} {
		ask(qtype, func(q *query) {
			rec := q.w.(*dnstest.Recorder)
			q.block.ServeRecord(t.Context(), q.w, q.r, q.name, q.rec)
			if ecs := subnetOf(rec.Msg); ecs == nil || ecs.SourceScope != scope {
				t.Errorf("type %s: got %v, want a scope of %d", dns.TypeToString[qtype], ecs, scope)
			}
		})
	}
	ask(dns.TypeMX, func(q *query) {
		if _, ecs, ok := q.addresses(t.Context()); !ok || ecs == nil {
			t.Errorf("addresses for %v, ok: %t", ecs, ok)
		}
	})
}

// failed returns m after a failed lookup of the name in its first pool.
func failed(m *Record) *Record {
	m.Start(healthcheck.NewRegistry(healthcheck.Hooks{}), nil)
	m.LookupFailed(0, 0)
	return m
}

func TestQuery(t *testing.T) {
	cname := func(rec *pool.Record) { rec.Pools[0].CNAME = true }
	nodata := func(rec *pool.Record) { rec.AllDown.Kind = pool.AllDownNoData }
	next := func(rec *pool.Record) { rec.AllDown.Kind = pool.AllDownNext }
	primary := func(rec *pool.Record) { rec.AllDown.Kind = pool.AllDownPrimary }
	tests := []struct {
		rec   *Record
		qtype uint16
		want  string
	}{
		{managed(t, "a.example.org.", nil, "192.0.2.1", "2001:db8::1"), dns.TypeA, "NOERROR A 9"},
		{managed(t, "a.example.org.", nil, "192.0.2.1", "2001:db8::1"), dns.TypeAAAA, "NOERROR AAAA 9"},
		{managed(t, "a.example.org.", nil, "192.0.2.1"), dns.TypeAAAA, "NOERROR SOA 9"},
		{managed(t, "*.example.org.", nil, "192.0.2.1"), dns.TypeA, "NOERROR A 9"},
		{managed(t, "a.example.org.", cname, "b.example.net."), dns.TypeMX, "NOERROR CNAME 9 MX 9 of b.example.net."},
		{managed(t, "a.example.org.", cname, "b.example.net."), dns.TypeTXT, "NOERROR CNAME 9"},
		{managed(t, "a.example.org.", nil, "[192.0.2.1]"), dns.TypeA, "SERVFAIL EDE 0 all pools down: serving servfail"},
		{managed(t, "a.example.org.", nodata, "[192.0.2.1]"), dns.TypeA, "NOERROR SOA 3 EDE 0 all pools down: serving nodata"},
		{managed(t, "a.example.org.", next, "[192.0.2.1]"), dns.TypeA, "from next: NOERROR A 3 EDE 0 all pools down: serving next"},
		{managed(t, "a.example.org.", nil, "b.example.net."), dns.TypeA, "returned SERVFAIL"}, // not looked up yet
		{failed(managed(t, "a.example.org.", primary, "b.example.net.")), dns.TypeA, "SERVFAIL EDE 0 all pools down: no address is known"},
	}
	for i, tc := range tests {
		r := new(dns.Msg).SetQuestion("a.example.org.", tc.qtype).SetEdns0(1232, false)
		rec := dnstest.NewRecorder(&test.ResponseWriter{})
		next := false
		b := trusting()
		b.cfg.Next = func() plugin.Handler {
			return plugin.HandlerFunc(func(_ context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
				next = true
				m := answer.Records(r, []dns.RR{test.A("a.example.org. 300 IN A 192.0.2.9")})
				m.Authoritative = false
				return dns.RcodeSuccess, w.WriteMsg(m)
			})
		}
		rcode, err := b.ServeRecord(t.Context(), rec, r, "a.example.org.", tc.rec)
		if err != nil {
			t.Fatal(err)
		}
		got := "returned " + dns.RcodeToString[rcode]
		if rec.Msg != nil {
			got = text(rec.Msg)
		}
		if next {
			got = "from next: " + got
			if !rec.Msg.Authoritative {
				t.Error("the answer of the next plugin is not authoritative")
			}
		}
		if got != tc.want {
			t.Errorf("case %d: got %s, want %s", i, got, tc.want)
		}
	}
}

// text returns m with the owners of records that are neither the name nor the zone.
func text(m *dns.Msg) string {
	s := dns.RcodeToString[m.Rcode]
	for _, rr := range append(m.Answer, m.Ns...) {
		s += fmt.Sprintf(" %s %d", dns.TypeToString[rr.Header().Rrtype], rr.Header().Ttl)
		if name := rr.Header().Name; name != "a.example.org." && name != "example.org." {
			s += " of " + name
		}
	}
	if opt := m.IsEdns0(); opt != nil {
		for _, o := range opt.Option {
			if e, ok := o.(*dns.EDNS0_EDE); ok {
				s += fmt.Sprintf(" EDE %d %s", e.InfoCode, e.ExtraText)
			}
		}
	}
	return s
}
