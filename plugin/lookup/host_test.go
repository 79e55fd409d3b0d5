package lookup

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coredns/coredns/plugin"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/coredns"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A nameserver listens on loopback, for UDP and TCP, and calls answer.
type nameserver struct {
	answer func(w dns.ResponseWriter, q *dns.Msg)

	mu    sync.Mutex // guards the following
	asked []string   // networks and types
}

// ServeDNS implements dns.Handler.
func (n *nameserver) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	n.mu.Lock()
	n.asked = append(n.asked, w.RemoteAddr().Network()+" "+dns.TypeToString[q.Question[0].Qtype])
	n.mu.Unlock()
	n.answer(w, q)
}

func (n *nameserver) questions() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.asked)
}

// start returns a resolver for which n is every name server.
func (n *nameserver) start(t *testing.T) hostResolver {
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*dns.Server{{PacketConn: pc, Handler: n}, {Listener: l, Handler: n}} {
		started := make(chan struct{})
		s.NotifyStartedFunc = func() { close(started) }
		var done sync.WaitGroup
		done.Go(func() { s.ActivateAndServe() })
		<-started
		t.Cleanup(func() { s.Shutdown(); done.Wait() })
	}
	return hostResolver{dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		address := l.Addr().String()
		if network[:3] == "udp" {
			address = pc.LocalAddr().String()
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
}

func TestResolver(t *testing.T) {
	const name = "app.example.org."
	tests := []struct {
		name  string
		qtype uint16
		m     message
		want  string
	}{
		{"addresses", dns.TypeA, message{answer: []string{name + " 17 IN A 192.0.2.1", name + " 17 IN A 192.0.2.2"}},
			"addr app.example.org. A 192.0.2.1, addr app.example.org. A 192.0.2.2, 17s, aging"},
		{"of the other family", dns.TypeAAAA, message{answer: []string{name + " 17 IN AAAA 2001:db8::1"}},
			"addr app.example.org. AAAA 2001:db8::1, 17s, aging"},
		{"CNAMEs", dns.TypeA, message{answer: []string{name + " 17 IN CNAME a.example.org.", "a.example.org. 7 IN A 192.0.2.1"}},
			"via app.example.org. CNAME a.example.org., addr a.example.org. A 192.0.2.1, 7s, aging"},
		{"NODATA", dns.TypeA, message{ns: []string{soa}}, "NOERROR, authority example.org. SOA ns.example.org., 1m0s, aging"},
		{"NXDOMAIN", dns.TypeA, message{rcode: dns.RcodeNameError, ns: []string{soa}}, "NXDOMAIN, authority example.org. SOA ns.example.org., 1m0s, aging"},
	}
	for _, tc := range tests {
		n := &nameserver{answer: func(w dns.ResponseWriter, q *dns.Msg) {
			r := tc.m.reply(t, q)
			r.RecursionAvailable = true
			w.WriteMsg(r)
		}}
		res := n.start(t)
		if got := replyText(res.Lookup(t.Context(), name, tc.qtype)); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.name, got, tc.want)
		}
		if asked := n.questions(); len(asked) != 1 {
			t.Errorf("%s: asked %v", tc.name, asked)
		}
	}
}

func TestResolverFails(t *testing.T) {
	n := &nameserver{answer: func(w dns.ResponseWriter, q *dns.Msg) {
		w.WriteMsg(message{rcode: dns.RcodeServerFailure}.reply(t, q))
	}}
	res := n.start(t)
	if r, err := res.Lookup(t.Context(), "app.example.org.", dns.TypeA); err == nil {
		t.Errorf("SERVFAIL became %s", replyText(r, err))
	}
	mute := &nameserver{answer: func(dns.ResponseWriter, *dns.Msg) {}}
	silent := mute.start(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if r, err := silent.Lookup(ctx, "app.example.org.", dns.TypeA); err == nil {
		t.Errorf("silence became %s", replyText(r, err))
	}
	away := hostResolver{dial: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no route") }}
	if r, err := away.Lookup(t.Context(), "app.example.org.", dns.TypeA); err == nil {
		t.Errorf("no connection became %s", replyText(r, err))
	}
}

// Over TCP the TTL is read as well.
func TestResolverTruncated(t *testing.T) {
	n := &nameserver{answer: func(w dns.ResponseWriter, q *dns.Msg) {
		m := message{answer: []string{"app.example.org. 17 IN A 192.0.2.1"}}
		if w.RemoteAddr().Network() == "udp" {
			m = message{tc: true, answer: []string{"app.example.org. 3 IN A 192.0.2.1"}}
		}
		w.WriteMsg(m.reply(t, q))
	}}
	res := n.start(t)
	if got := replyText(res.Lookup(t.Context(), "app.example.org.", dns.TypeA)); got != "addr app.example.org. A 192.0.2.1, 17s, aging" {
		t.Error(got)
	}
	if got, want := n.questions(), []string{"udp A", "tcp A"}; !slices.Equal(got, want) {
		t.Errorf("asked %v, want %v", got, want)
	}
}

// The TTL does not come from messages that the resolver discards.
func TestResolverForged(t *testing.T) {
	n := &nameserver{answer: func(w dns.ResponseWriter, q *dns.Msg) {
		for _, forge := range []func(m *dns.Msg){
			func(m *dns.Msg) { m.Id++ },
			func(m *dns.Msg) { m.Response = false },
			func(m *dns.Msg) { m.Question[0].Name = "other.example.org." },
			func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeAAAA },
		} {
			m := message{answer: []string{"app.example.org. 3 IN A 192.0.2.1"}}.reply(t, q.Copy())
			forge(m)
			w.WriteMsg(m)
		}
		w.WriteMsg(message{answer: []string{"app.example.org. 17 IN A 192.0.2.1"}}.reply(t, q))
	}}
	res := n.start(t)
	if got := replyText(res.Lookup(t.Context(), "app.example.org.", dns.TypeA)); got != "addr app.example.org. A 192.0.2.1, 17s, aging" {
		t.Error(got)
	}
}

// A name in /etc/hosts that has addresses of the other family only exists.
func TestResolverOtherFamily(t *testing.T) {
	err := error(&net.AddrError{Err: "no suitable address found", Addr: "app.example.org."})
	if !hasOnlyOtherFamily(err) || isNotFound(err) {
		t.Error("not recognised")
	}
	if got := replyText(negative("app.example.org.", dns.TypeAAAA, dns.RcodeSuccess, nil), nil); got != "NOERROR, 30s" {
		t.Error(got)
	}
}

func TestHost(t *testing.T) {
	n := &nameserver{answer: func(w dns.ResponseWriter, q *dns.Msg) {
		w.WriteMsg(message{answer: []string{q.Question[0].Name + " 17 IN A 192.0.2.1"}}.reply(t, q))
	}}
	res := n.start(t)
	const byResolver = "addr app.example.org. A 192.0.2.1, 17s, aging"
	tests := []struct {
		name  string
		first func() plugin.Handler
		want  string
	}{
		{"no chain", always(nil), byResolver},
		{"refused", returning(dns.RcodeRefused, nil), byResolver},
		{"the end of the chain", returning(plugin.NextOrFailure("view", nil, t.Context(), nil, nil)), byResolver},
		{"a referral", answering(t, message{ns: []string{"org. 300 IN NS ns.org."}}), byResolver},
		{"failed", returning(dns.RcodeServerFailure, nil), "error: the answer is SERVFAIL"},
		{"answered", answering(t, message{aa: true, answer: []string{"app.example.org. 9 IN A 192.0.2.7"}}), "addr app.example.org. A 192.0.2.7, 9s"},
		{"denied", answering(t, message{aa: true, rcode: dns.RcodeNameError, ns: []string{soa}}), "NXDOMAIN, authority example.org. SOA ns.example.org., 1m0s"},
	}
	for _, tc := range tests {
		h := newHost(tc.first)
		h.resolver = res
		if got := replyText(h.Lookup(t.Context(), "app.example.org", dns.TypeA)); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.name, got, tc.want)
		}
	}
}

// A host name that another server block serves is looked up there, and with the resolver
// only if the server refuses.
func TestHostInAnotherServerBlock(t *testing.T) {
	n := &nameserver{answer: func(w dns.ResponseWriter, q *dns.Msg) {
		w.WriteMsg(message{answer: []string{q.Question[0].Name + " 17 IN A 192.0.2.1"}}.reply(t, q))
	}}
	own := block(t, "example.org.", returning(dns.RcodeRefused, nil)())
	h := newHost(first(own))
	h.resolver = n.start(t)
	h.server.server = coredns.Server("dns://:53", own, own, zoneFile(t, "example.net.", "www 20 A 192.0.2.2"))
	h.elsewhere = func(name string) bool { return name != "cdn.example.com." }
	for name, want := range map[string]string{
		"www.example.net.":  "addr www.example.net. A 192.0.2.2, 20s",
		"gone.example.net.": "NXDOMAIN, authority example.net. SOA ns.example.net., 1m0s",
		"www.example.com.":  "addr www.example.com. A 192.0.2.1, 17s, aging",
		"cdn.example.com.":  "addr cdn.example.com. A 192.0.2.1, 17s, aging",
	} {
		if got := replyText(h.Lookup(t.Context(), name, dns.TypeA)); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

// The own chain has a CNAME, and the resolver its target.
func TestHostFollowsCNAMEs(t *testing.T) {
	n := &nameserver{answer: func(w dns.ResponseWriter, q *dns.Msg) {
		w.WriteMsg(message{answer: []string{q.Question[0].Name + " 17 IN A 192.0.2.1"}}.reply(t, q))
	}}
	first := plugin.HandlerFunc(func(_ context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
		if r.Question[0].Name != "app.example.org." {
			return dns.RcodeRefused, nil
		}
		w.WriteMsg(message{aa: true, answer: []string{"app.example.org. 60 IN CNAME cdn.example.net."}}.reply(t, r))
		return dns.RcodeSuccess, nil
	})
	h := newHost(always(first))
	h.resolver = n.start(t)
	want := "via app.example.org. CNAME cdn.example.net., addr cdn.example.net. A 192.0.2.1, 17s, aging"
	if got := replyText(h.Lookup(t.Context(), "app.example.org.", dns.TypeA)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A stream may split messages anywhere.
func TestStreamInPieces(t *testing.T) {
	q := new(dns.Msg)
	q.SetQuestion("app.example.org.", dns.TypeA)
	var wire []byte
	for _, a := range []string{"192.0.2.1", "192.0.2.2"} {
		b, err := message{answer: []string{"app.example.org. 17 IN A " + a}}.reply(t, q).Pack()
		if err != nil {
			t.Fatal(err)
		}
		wire = append(wire, byte(len(b)>>8), byte(len(b)))
		wire = append(wire, b...)
	}
	here, there := net.Pipe()
	defer here.Close()
	var wg sync.WaitGroup
	wg.Go(func() {
		there.Read(make([]byte, 512))
		for i := range wire {
			there.Write(wire[i : i+1])
		}
		there.Close()
	})
	var s recorder
	c := s.wrap(here)
	query, _ := q.Pack()
	c.Write(append([]byte{byte(len(query) >> 8), byte(len(query))}, query...))
	for {
		if _, err := c.Read(make([]byte, 7)); err != nil {
			break
		}
	}
	wg.Wait()
	var got []string
	for _, r := range s.replies("APP.example.org.", dns.TypeA) {
		got = append(got, replyText(r, nil))
	}
	if want := []string{"addr app.example.org. A 192.0.2.1, 17s, aging", "addr app.example.org. A 192.0.2.2, 17s, aging"}; !slices.Equal(got, want) {
		t.Errorf("recorded %q, want %q", got, want)
	}
}

// The addresses are those of Go's resolver; the messages give the TTL only.
func TestResolverMakesRecords(t *testing.T) {
	recorded := []*pool.Reply{
		{TTL: 17 * time.Second, Addrs: rrs(t, "app.example.org. 17 IN AAAA 2001:db8::1")},
		{TTL: 18 * time.Second, Negative: new(dns.Msg)},
		{TTL: 19 * time.Second, Addrs: rrs(t, "app.example.org. 19 IN AAAA 2001:db8::2", "app.example.org. 19 IN AAAA 2001:db8::1")},
	}
	for _, tc := range []struct{ addrs, want string }{
		{"2001:db8::1", "addr app.example.org. AAAA 2001:db8::1, 17s"},
		{"2001:db8::1 2001:db8::2", "addr app.example.org. AAAA 2001:db8::2, addr app.example.org. AAAA 2001:db8::1, 19s"},
		{"2001:db8::3", "addr app.example.org. AAAA 2001:db8::3, 30s"},
		{"2001:db8::3 fe80::1%eth0", "addr app.example.org. AAAA 2001:db8::3, 30s"},
		{"::ffff:192.0.2.1", "addr app.example.org. A 192.0.2.1, 30s"},
	} {
		var addrs []netip.Addr
		for _, a := range strings.Fields(tc.addrs) {
			addrs = append(addrs, netip.MustParseAddr(a))
		}
		if got := replyText(positive("app.example.org.", addrs, recorded), nil); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.addrs, got, tc.want)
		}
	}
}
