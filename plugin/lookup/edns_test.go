package lookup

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/coredns/coredns/plugin"

	"github.com/miekg/dns"
)

// After an answer of a server without EDNS, the query is sent once more without it
// (RFC 6891, section 7).
func TestAskWithoutEDNS(t *testing.T) {
	for _, rcode := range []int{dns.RcodeFormatError, dns.RcodeNotImplemented} {
		for _, written := range []bool{true, false} {
			for _, always := range []bool{true, false} {
				asked := ""
				h := plugin.HandlerFunc(func(_ context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
					asked += fmt.Sprint(r.IsEdns0() != nil, " ")
					switch m := new(dns.Msg).SetRcode(r, rcode); {
					case !always && r.IsEdns0() == nil:
						w.WriteMsg(message{aa: true, answer: []string{"app.example.org. 17 IN A 192.0.2.1"}}.reply(t, r))
					case !written:
						return rcode, nil
					default:
						w.WriteMsg(m)
					}
					return dns.RcodeSuccess, nil
				})
				want := "addr app.example.org. A 192.0.2.1, 17s"
				if always {
					want = "error: the answer is " + dns.RcodeToString[rcode]
				}
				p := newPlugins(func() plugin.Handler { return h }, nil, nil)
				if got := replyText(p.Lookup(t.Context(), "app.example.org.", dns.TypeA)); got != want {
					t.Errorf("%s, written: %t: got %s, want %s", dns.RcodeToString[rcode], written, got, want)
				}
				if asked != "true false " {
					t.Errorf("%s, written: %t: asked with EDNS: %s", dns.RcodeToString[rcode], written, asked)
				}
			}
		}
	}
}

// So it is with the servers of the host, which may answer with a header alone.
func TestResolverWithoutEDNS(t *testing.T) {
	for _, bare := range []bool{false, true} {
		for _, network := range []string{"udp", "tcp"} {
			n := new(nameserver)
			n.answer = func(w dns.ResponseWriter, q *dns.Msg) {
				switch over := w.RemoteAddr().Network(); {
				case over == "udp" && network == "tcp":
					w.WriteMsg(message{tc: true}.reply(t, q)) // the error comes over TCP only
				case q.IsEdns0() == nil:
					w.WriteMsg(message{answer: []string{"app.example.org. 17 IN A 192.0.2.1"}}.reply(t, q))
				default:
					m := new(dns.Msg).SetRcode(q, dns.RcodeFormatError)
					if bare {
						m.Question = nil
					}
					w.WriteMsg(m)
				}
			}
			res := n.start(t)
			want := "addr app.example.org. A 192.0.2.1, 17s, aging"
			if got := replyText(res.Lookup(t.Context(), "app.example.org.", dns.TypeA)); got != want {
				t.Errorf("over %s, a header alone: %t: got %s, want %s", network, bare, got, want)
			}
			if got := n.questions(); !slices.Equal(got[len(got)-2:], []string{network + " A", network + " A"}) {
				t.Errorf("over %s: asked %v", network, got)
			}
		}
	}
}

// Only an error with the ID of the query counts.
func TestWithoutEDNS(t *testing.T) {
	q := new(dns.Msg).SetQuestion("app.example.org.", dns.TypeA)
	q.Id = 7
	plain, _ := q.Pack()
	query, _ := q.SetEdns0(1232, false).Pack()
	reply := func(change func(*dns.Msg)) []byte {
		m := new(dns.Msg).SetRcode(q, dns.RcodeFormatError)
		change(m)
		b, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if got := withoutEDNS(query, reply(func(*dns.Msg) {})); !slices.Equal(got, plain) {
		t.Errorf("the query without EDNS is %x, want %x", got, plain)
	}
	for name, b := range map[string][]byte{
		"of another query": reply(func(m *dns.Msg) { m.Id++ }),
		"a query":          reply(func(m *dns.Msg) { m.Response = false }),
		"SERVFAIL":         reply(func(m *dns.Msg) { m.Rcode = dns.RcodeServerFailure }),
		"half a header":    reply(func(*dns.Msg) {})[:8],
	} {
		if withoutEDNS(query, b) != nil {
			t.Errorf("asked again because of: %s", name)
		}
	}
	if withoutEDNS(plain, reply(func(*dns.Msg) {})) != nil {
		t.Error("asked again although there was no EDNS")
	}
}
