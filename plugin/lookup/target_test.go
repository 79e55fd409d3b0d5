package lookup

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/test"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/coredns"
)

// answer returns the answer to a client in one line.
func (t *Targets) answer(ctx context.Context, name string) string {
	r := new(dns.Msg).SetQuestion("asked.", dns.TypeA)
	r.SetEdns0(1232, false)
	m := t.Lookup(ctx, &test.ResponseWriter{}, r, name, dns.TypeA)
	if m == nil {
		return "nothing"
	}
	words := []string{dns.RcodeToString[m.Rcode]}
	for _, rr := range append(m.Answer, m.Ns...) {
		f := strings.Fields(rr.String())
		words = append(words, f[3], f[4])
	}
	return strings.Join(words, " ")
}

func TestTargets(t *testing.T) {
	const name = "a.example."
	panics := always(plugin.HandlerFunc(func(context.Context, dns.ResponseWriter, *dns.Msg) (int, error) { panic("ouch") }))
	for _, tc := range []struct {
		name  string
		block func() plugin.Handler
		want  string
	}{
		{"no plugin", always(nil), "nothing"},
		{"refused", returning(dns.RcodeRefused, nil), "nothing"},
		{"REFUSED", answering(t, message{rcode: dns.RcodeRefused}), "nothing"},
		{"an error", returning(dns.RcodeServerFailure, fmt.Errorf("no upstream")), "nothing"},
		{"a panic", panics, "nothing"},
		{"left to the server", returning(dns.RcodeServerFailure, nil), "SERVFAIL"},
		{"SERVFAIL", answering(t, message{rcode: dns.RcodeServerFailure}), "SERVFAIL"},
		{"NXDOMAIN", answering(t, message{rcode: dns.RcodeNameError, ns: []string{soa}}), "NXDOMAIN SOA ns.example.org."},
		{"NODATA", answering(t, message{ns: []string{soa}}), "NOERROR SOA ns.example.org."},
		{"an address", answering(t, message{answer: []string{name + " 9 IN A 192.0.2.1"}}), "NOERROR A 192.0.2.1"},
		{"a CNAME alone", answering(t, message{answer: []string{name + " 9 IN CNAME b.example."}}), "NOERROR CNAME b.example. CNAME b.example."},
	} {
		targets := &Targets{Entry: tc.block}
		if got := targets.answer(t.Context(), name); !strings.HasPrefix(got, tc.want) {
			t.Errorf("%s: got %s, want %s", tc.name, got, tc.want)
		}
	}
}

// An answer with the first links only is completed, up to 16 links.
func TestTargetsFollow(t *testing.T) {
	for n, want := range map[int]bool{1: true, 9: true, 16: true, 18: false} {
		targets := &Targets{Entry: always(plugin.HandlerFunc(func(_ context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
			m := new(dns.Msg).SetReply(r)
			for _, rr := range rrs(t, links(n)...) {
				if strings.EqualFold(rr.Header().Name, r.Question[0].Name) {
					m.Answer = append(m.Answer, rr)
				}
			}
			w.WriteMsg(m)
			return dns.RcodeSuccess, nil
		}))}
		if got := targets.answer(t.Context(), "x1."); strings.HasSuffix(got, "A 192.0.2.1") != want {
			t.Errorf("%d links: %s", n, got)
		}
	}
}

// The server answers first for a name that another of its blocks serves.
func TestTargetsElsewhere(t *testing.T) {
	own := answering(t, message{answer: []string{"www.example.net. 9 IN A 192.0.2.1"}})
	server := coredns.Server("dns://:53", new(dnsserver.Config), zoneFile(t, "example.net.", "www 9 A 192.0.2.2"))
	ctx := context.WithValue(t.Context(), dnsserver.Key{}, server)
	for elsewhere, want := range map[bool]string{true: "NOERROR A 192.0.2.2 NS", false: "NOERROR A 192.0.2.1"} {
		targets := &Targets{Entry: own, Elsewhere: func(string) bool { return elsewhere }}
		if got := targets.answer(ctx, "www.example.net."); !strings.HasPrefix(got, want) {
			t.Errorf("elsewhere: %t: got %s, want %s", elsewhere, got, want)
		}
	}
	targets := &Targets{Entry: own, Elsewhere: func(string) bool { return true }}
	if got := targets.answer(ctx, "www.example.com."); got != "NOERROR A 192.0.2.1" {
		t.Errorf("where the server refuses: got %s", got)
	}
}

// A client waits for a second, and the lookup goes on.
func TestTargetsTakeTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		h := plugin.HandlerFunc(func(ctx context.Context, _ dns.ResponseWriter, _ *dns.Msg) (int, error) {
			time.Sleep(2 * time.Second)
			ended <- ctx.Err()
			return dns.RcodeServerFailure, nil
		})
		ctx, gone := context.WithCancel(t.Context())
		began := time.Now()
		if got := (&Targets{Entry: always(h)}).answer(ctx, "a.example."); got != "nothing" || time.Since(began) != time.Second {
			t.Errorf("got %s after %s", got, time.Since(began))
		}
		gone() // as after the answer
		if err := <-ended; err != nil {
			t.Errorf("the lookup was ended: %v", err)
		}
	})
}
