package lookup

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/test"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

const (
	sigA     = "app.example.org. 300 IN RRSIG A 13 3 300 20300101000000 20200101000000 1 example.org. AAAA"
	sigCNAME = "app.example.org. 300 IN RRSIG CNAME 13 3 300 20300101000000 20200101000000 1 example.org. AAAA"
	sigOther = "other.example.org. 300 IN RRSIG A 13 3 300 20300101000000 20200101000000 1 example.org. AAAA"
)

func TestAsk(t *testing.T) {
	const ns = "example.org. 3600 IN NS ns.example.org."
	tests := []struct {
		name string
		m    message
		want string
	}{
		{"addresses", message{aa: true, answer: []string{"app.example.org. 300 IN A 192.0.2.1", "app.example.org. 300 IN A 192.0.2.2"}},
			"addr app.example.org. A 192.0.2.1, addr app.example.org. A 192.0.2.2, 5m0s"},
		{"from a cache", message{answer: []string{"app.example.org. 17 IN A 192.0.2.1"}},
			"addr app.example.org. A 192.0.2.1, 17s, aging"},
		{"in other letters", message{aa: true, answer: []string{"App.Example.ORG. 300 IN A 192.0.2.1"}},
			"addr App.Example.ORG. A 192.0.2.1, 5m0s"},
		{"of another name", message{aa: true, answer: []string{"other.example.org. 300 IN A 192.0.2.1"}, ns: []string{soa}},
			"NOERROR, answer other.example.org. A 192.0.2.1, authority example.org. SOA ns.example.org., 1m0s"},
		{"of the other family", message{aa: true, answer: []string{"app.example.org. 300 IN AAAA 2001:db8::1"}, ns: []string{soa}},
			"NOERROR, answer app.example.org. AAAA 2001:db8::1, authority example.org. SOA ns.example.org., 1m0s"},
		{"CNAMEs", message{aa: true, answer: []string{"app.example.org. 300 IN CNAME a.example.org.", "a.example.org. 20 IN CNAME B.example.org.", "b.example.org. 300 IN A 192.0.2.1"}},
			"via app.example.org. CNAME a.example.org., via a.example.org. CNAME B.example.org., addr b.example.org. A 192.0.2.1, 20s"},
		{"CNAMEs in any order", message{aa: true, answer: []string{"b.example.org. 300 IN A 192.0.2.1", "a.example.org. 20 IN CNAME b.example.org.", "app.example.org. 300 IN CNAME a.example.org."}},
			"via app.example.org. CNAME a.example.org., via a.example.org. CNAME b.example.org., addr b.example.org. A 192.0.2.1, 20s"},
		{"a DNAME", message{aa: true, answer: []string{"example.org. 60 IN DNAME example.net.", "app.example.org. 0 IN CNAME app.example.net.", "app.example.net. 300 IN A 192.0.2.1"}},
			"via example.org. DNAME example.net., via app.example.org. CNAME app.example.net., addr app.example.net. A 192.0.2.1, 1s"},
		{"signatures", message{aa: true, answer: []string{"app.example.org. 300 IN A 192.0.2.1", sigA, sigCNAME, sigOther}},
			"addr app.example.org. A 192.0.2.1, sig app.example.org. RRSIG A, 5m0s"},
		{"signatures of CNAMEs", message{aa: true, answer: []string{"app.example.org. 300 IN CNAME other.example.org.", sigCNAME, "other.example.org. 300 IN A 192.0.2.1", sigOther, sigA}},
			"via app.example.org. CNAME other.example.org., addr other.example.org. A 192.0.2.1, sig app.example.org. RRSIG CNAME, sig other.example.org. RRSIG A, 5m0s"},
		{"a CNAME beside addresses", message{aa: true, answer: []string{"app.example.org. 300 IN CNAME a.example.org.", "app.example.org. 300 IN A 192.0.2.1"}},
			"addr app.example.org. A 192.0.2.1, 5m0s"},
		{"TTL 0", message{aa: true, answer: []string{"app.example.org. 0 IN A 192.0.2.1"}}, "addr app.example.org. A 192.0.2.1, 1s"},
		{"TTL of a day", message{aa: true, answer: []string{"app.example.org. 86400 IN A 192.0.2.1"}}, "addr app.example.org. A 192.0.2.1, 1h0m0s"},

		{"NODATA", message{aa: true, ns: []string{soa}}, "NOERROR, authority example.org. SOA ns.example.org., 1m0s"},
		{"NODATA, SOA with a low TTL", message{aa: true, ns: []string{"example.org. 10 IN SOA ns.example.org. root.example.org. 7 1 2 3 60"}},
			"NOERROR, authority example.org. SOA ns.example.org., 10s"},
		{"NODATA without SOA", message{aa: true}, "NOERROR, 5s"},
		{"NXDOMAIN", message{rcode: dns.RcodeNameError, ns: []string{soa}}, "NXDOMAIN, authority example.org. SOA ns.example.org., 1m0s, aging"},
		{"NXDOMAIN without SOA", message{rcode: dns.RcodeNameError}, "NXDOMAIN, 5s, aging"},
		{"CNAME to NODATA", message{aa: true, answer: []string{"app.example.org. 20 IN CNAME a.example.org."}, ns: []string{soa}},
			"NOERROR, answer app.example.org. CNAME a.example.org., authority example.org. SOA ns.example.org., 20s"},
		{"CNAME to NXDOMAIN", message{aa: true, rcode: dns.RcodeNameError, answer: []string{"app.example.org. 300 IN CNAME a.example.org."}, ns: []string{soa}},
			"NXDOMAIN, answer app.example.org. CNAME a.example.org., authority example.org. SOA ns.example.org., 1m0s"},

		{"a CNAME and no more", message{aa: true, answer: []string{"app.example.org. 20 IN CNAME known.example.net.", sigCNAME}},
			"via app.example.org. CNAME known.example.net., addr known.example.net. A 192.0.2.9, sig app.example.org. RRSIG CNAME, 20s, aging"},
		{"a CNAME and a referral", message{answer: []string{"app.example.org. 300 IN CNAME known.example.net."}, ns: []string{ns}},
			"via app.example.org. CNAME known.example.net., addr known.example.net. A 192.0.2.9, 30s, aging"},
		{"a CNAME to an unknown name", message{aa: true, answer: []string{"app.example.org. 20 IN CNAME unknown.example.net."}},
			"error: nobody knows unknown.example.net."},
		{"a CNAME to itself", message{aa: true, answer: []string{"app.example.org. 300 IN CNAME App.example.org."}},
			"error: it leads back to itself: app.example.org. -> app.example.org."},
		{"CNAMEs in a loop", message{aa: true, answer: []string{"app.example.org. 300 IN CNAME a.example.org.", "a.example.org. 300 IN CNAME App.example.org."}},
			"error: it leads back to itself: app.example.org. -> a.example.org. -> app.example.org."},
		{"a loop further on", message{aa: true, answer: []string{"app.example.org. 300 IN CNAME a.example.org.", "a.example.org. 300 IN CNAME b.example.org.", "b.example.org. 300 IN CNAME a.example.org."}},
			"error: it leads back to itself: app.example.org. -> a.example.org. -> b.example.org. -> a.example.org."},

		{"a referral", message{ns: []string{ns}}, "error: the answer refers to other name servers"},
		{"SERVFAIL", message{rcode: dns.RcodeServerFailure}, "error: the answer is SERVFAIL"},
		{"SERVFAIL of a target", message{rcode: dns.RcodeServerFailure, answer: []string{"app.example.org. 300 IN CNAME a.example.org."}}, "error: the answer is SERVFAIL"},
		{"REFUSED", message{rcode: dns.RcodeRefused}, "error: the answer is REFUSED"},
		{"an unknown rcode", message{rcode: 13}, "error: the answer is RCODE13"},
		{"truncated", message{tc: true, answer: []string{"app.example.org. 300 IN A 192.0.2.1"}}, "error: the answer is truncated, over TCP too"},
	}
	for _, tc := range tests {
		p := newPlugins(answering(t, tc.m), resolverOf(t, map[string]string{"known.example.net.": "192.0.2.9"}), nil)
		if got := replyText(p.Lookup(t.Context(), "app.example.org.", dns.TypeA)); got != tc.want {
			t.Errorf("%s:\n got %s\nwant %s", tc.name, got, tc.want)
		}
	}
}

// links returns a chain of n CNAMEs that begins at x1.
func links(n int) (records []string) {
	for i := range n {
		records = append(records, fmt.Sprintf("x%d. 300 IN CNAME x%d.", i+1, i+2))
	}
	return append(records, fmt.Sprintf("x%d. 300 IN A 192.0.2.1", n+1))
}

// A chain of CNAMEs has 16 links at most, in one answer or each in its own.
func TestAskLongChains(t *testing.T) {
	for n, want := range map[int]bool{9: true, 16: true, 17: false} {
		whole := answering(t, message{answer: links(n)})
		oneByOne := always(plugin.HandlerFunc(func(_ context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
			owned := ownedBy(rrs(t, links(n)...), r.Question[0].Name, dns.TypeCNAME)
			if len(owned) == 0 {
				owned = ownedBy(rrs(t, links(n)...), r.Question[0].Name, dns.TypeA)
			}
			m := new(dns.Msg).SetReply(r)
			m.Answer = owned
			w.WriteMsg(m)
			return dns.RcodeSuccess, nil
		}))
		for name, first := range map[string]func() plugin.Handler{"whole": whole, "one by one": oneByOne} {
			for kind, p := range map[string]resolver{"next": newPlugins(first, newHost(first), nil), "host": newHost(first)} {
				if r, err := p.Lookup(t.Context(), "x1.", dns.TypeA); (err == nil) != want {
					t.Errorf("%d links, %s, %s: %s", n, name, kind, replyText(r, err))
				}
			}
		}
	}
}

func TestAskWithoutAnswer(t *testing.T) {
	panics := always(plugin.HandlerFunc(func(context.Context, dns.ResponseWriter, *dns.Msg) (int, error) { panic("ouch") }))
	tests := []struct {
		name  string
		first func() plugin.Handler
		want  string
	}{
		{"no plugin", always(nil), errUnanswered.Error()},
		{"refused", returning(dns.RcodeRefused, nil), errUnanswered.Error()},
		{"the end of the chain", returning(plugin.NextOrFailure("view", nil, t.Context(), nil, nil)), errUnanswered.Error()},
		{"failed", returning(dns.RcodeServerFailure, nil), "the answer is SERVFAIL"},
		{"failed with an error", returning(dns.RcodeServerFailure, errors.New("i/o timeout")), "i/o timeout"},
		{"dropped", returning(dns.RcodeSuccess, nil), errNoAnswer.Error()},
		{"panicked", panics, "a plugin panicked: ouch"},
	}
	for _, tc := range tests {
		_, err := newPlugins(tc.first, resolverOf(t, nil), nil).Lookup(t.Context(), "app.example.org.", dns.TypeA)
		if err == nil || err.Error() != tc.want {
			t.Errorf("%s: %v", tc.name, err)
		}
		if errors.Is(err, errUnanswered) != (tc.want == errUnanswered.Error()) {
			t.Errorf("%s: taken for unanswered: %v", tc.name, err)
		}
	}
}

// A lookup is a query like those of resolvers: over UDP first.
func TestQuestion(t *testing.T) {
	var remotes []string
	h := plugin.HandlerFunc(func(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
		if _, ok := ctx.Deadline(); !ok {
			t.Error("there is no time limit")
		}
		if opt := r.IsEdns0(); !r.RecursionDesired || opt == nil || !opt.Do() || opt.UDPSize() != 1232 {
			t.Errorf("asked %s", r)
		}
		a := w.RemoteAddr()
		remotes = append(remotes, a.Network()+" "+a.String())
		m := message{answer: []string{"app.example.org. 300 IN A 192.0.2.1"}}.reply(t, r)
		m.Truncated = a.Network() == "udp"
		w.WriteMsg(m)
		w.WriteMsg(new(dns.Msg)) // a client would see only the first
		return dns.RcodeSuccess, nil
	})
	p := newPlugins(always(h), nil, nil)
	if got := replyText(p.Lookup(t.Context(), "app.example.org.", dns.TypeA)); got != "addr app.example.org. A 192.0.2.1, 5m0s, aging" {
		t.Error(got)
	}
	if got := replyText(p.lookupFor(t.Context(), &test.ResponseWriter{}, "app.example.org.", dns.TypeA)); got != "addr app.example.org. A 192.0.2.1, 5m0s, aging" {
		t.Error(got)
	}
	if got := replyText(p.lookupFor(t.Context(), &test.ResponseWriter{TCP: true}, "app.example.org.", dns.TypeA)); got != "addr app.example.org. A 192.0.2.1, 5m0s, aging" {
		t.Error(got)
	}
	want := []string{"udp 127.0.0.1:53", "tcp 127.0.0.1:53", "udp 10.240.0.1:40212", "tcp 10.240.0.1:40212", "udp 10.240.0.1:40212", "tcp 10.240.0.1:40212"}
	for i, got := range remotes {
		if i >= len(want) || got != want[i] {
			t.Errorf("asked by %v, want %v", remotes, want)
			break
		}
	}
}

type pipeAddr struct{ test.ResponseWriter }

func (pipeAddr) RemoteAddr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

func TestOddWriters(t *testing.T) {
	h := plugin.HandlerFunc(func(_ context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
		if got := w.RemoteAddr().String(); got != "pipe" {
			t.Errorf("asked by %s", got)
		}
		w.Write([]byte("no message"))
		b, _ := message{answer: []string{"app.example.org. 300 IN A 192.0.2.1"}}.reply(t, r).Pack()
		w.Write(b)
		w.Close()
		return dns.RcodeSuccess, nil
	})
	r, err := newPlugins(always(h), nil, nil).lookupFor(t.Context(), &pipeAddr{}, "app.example.org.", dns.TypeA)
	if got := replyText(r, err); got != "addr app.example.org. A 192.0.2.1, 5m0s, aging" {
		t.Error(got)
	}
}

// Plugins keep the records that they give.
func TestNothingIsChanged(t *testing.T) {
	kept := message{answer: []string{"app.example.org. 86400 IN CNAME known.example.net.", sigCNAME}}.reply(t, new(dns.Msg))
	before := kept.String()
	h := plugin.HandlerFunc(func(_ context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
		w.WriteMsg(kept)
		return dns.RcodeSuccess, nil
	})
	negative := &pool.Reply{Negative: message{rcode: dns.RcodeNameError, ns: []string{soa}}.reply(t, new(dns.Msg)), TTL: time.Second}
	text := negative.Negative.String()
	for _, further := range []resolver{
		resolverOf(t, map[string]string{"known.example.net.": "192.0.2.9"}),
		resolverFunc(func(context.Context, string, uint16) (*pool.Reply, error) { return negative, nil }),
	} {
		if _, err := newPlugins(always(h), further, nil).Lookup(t.Context(), "app.example.org.", dns.TypeA); err != nil {
			t.Fatal(err)
		}
	}
	if kept.String() != before || negative.Negative.String() != text {
		t.Errorf("changed to %s and %s", kept, negative.Negative)
	}
}

func TestNegativeTarget(t *testing.T) {
	further := newPlugins(answering(t, message{rcode: dns.RcodeNameError, ns: []string{soa}}), nil, nil)
	p := newPlugins(answering(t, message{aa: true, answer: []string{"app.example.org. 20 IN CNAME gone.example.org.", sigCNAME}}), further, nil)
	r, err := p.Lookup(t.Context(), "app.example.org.", dns.TypeA)
	if got, want := replyText(r, err), "NXDOMAIN, answer app.example.org. CNAME gone.example.org., answer app.example.org. RRSIG CNAME, "+
		"authority example.org. SOA ns.example.org., 20s, aging"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if q := r.Negative.Question; len(q) != 1 || q[0].Name != "app.example.org." {
		t.Errorf("it answers %v", q)
	}
}

// Without a resolver of targets, a CNAME alone is an error.
func TestCNAMEAlone(t *testing.T) {
	p := newPlugins(answering(t, message{aa: true, answer: []string{"app.example.org. 20 IN CNAME www.example.net."}}), nil, nil)
	if r, err := p.Lookup(t.Context(), "app.example.org.", dns.TypeA); err == nil {
		t.Errorf("got %s", replyText(r, err))
	}
}

// Each answer is one CNAME, and only all of them together are a loop.
func TestTargetsInALoop(t *testing.T) {
	ring := map[string]string{"a.": "b.", "b.": "c.", "c.": "a."}
	h := plugin.HandlerFunc(func(_ context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
		name := r.Question[0].Name
		to, ok := ring[name]
		if !ok {
			to = name + "x."
		}
		w.WriteMsg(message{answer: []string{name + " 60 IN CNAME " + to}}.reply(t, r))
		return dns.RcodeSuccess, nil
	})
	p := &plugins{first: always(h)}
	p.targets = p
	for name, want := range map[string]string{
		"a.": "error: it leads back to itself: a. -> b. -> c. -> a.",
		"x.": "error: more than 16 CNAMEs one after the other",
	} {
		if got := replyText(p.Lookup(t.Context(), name, dns.TypeA)); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	// A loop that the reply for a target closes.
	further := resolverFunc(func(_ context.Context, name string, _ uint16) (*pool.Reply, error) {
		return &pool.Reply{CNAMEs: rrs(t, name+" 60 IN CNAME a."), Addrs: rrs(t, "a. 60 IN A 192.0.2.1")}, nil
	})
	if got := replyText(newPlugins(always(h), further, nil).Lookup(t.Context(), "a.", dns.TypeA)); got != "error: it leads back to itself: a. -> b. -> a." {
		t.Error(got)
	}
}

// A reply is for all clients, so the server of the client's query does not matter
// here. The depth of its lookups is kept.
func TestServerInContext(t *testing.T) {
	own, asked := &dnsserver.Server{Addr: "own"}, &dnsserver.Server{Addr: "asked"}
	var got string
	h := plugin.HandlerFunc(func(ctx context.Context, _ dns.ResponseWriter, _ *dns.Msg) (int, error) {
		got = fmt.Sprint(ctx.Value(dnsserver.Key{}).(*dnsserver.Server).Addr, ctx.Value(dnsserver.LoopKey{}))
		return dns.RcodeRefused, nil
	})
	p := newPlugins(always(h), nil, own)
	if p.Lookup(t.Context(), "a.", dns.TypeA); got != "own0" {
		t.Errorf("outside of a query: %s", got)
	}
	ctx := context.WithValue(context.WithValue(t.Context(), dnsserver.Key{}, asked), dnsserver.LoopKey{}, 3)
	if p.Lookup(ctx, "a.", dns.TypeA); got != "own3" {
		t.Errorf("within a query: %s", got)
	}
}
