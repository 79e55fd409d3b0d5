package lookup

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/coredns/coredns/plugin"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

const soa = "example.org. 3600 IN SOA ns.example.org. root.example.org. 7 1 2 3 60"

func rrs(t testing.TB, texts ...string) []dns.RR {
	t.Helper()
	var rrs []dns.RR
	for _, text := range texts {
		rr, err := dns.NewRR(text)
		if err != nil {
			t.Fatal(err)
		}
		rrs = append(rrs, rr)
	}
	return rrs
}

// A message is the answer of a plugin.
type message struct {
	rcode      int
	aa, tc     bool
	answer, ns []string
}

func (m message) reply(t testing.TB, q *dns.Msg) *dns.Msg {
	r := new(dns.Msg)
	r.SetRcode(q, m.rcode)
	r.Authoritative, r.Truncated = m.aa, m.tc
	r.Answer, r.Ns = rrs(t, m.answer...), rrs(t, m.ns...)
	return r
}

// answering returns a plugin whose answer is always m.
func answering(t testing.TB, m message) func() plugin.Handler {
	return always(plugin.HandlerFunc(func(_ context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
		w.WriteMsg(m.reply(t, r))
		return dns.RcodeSuccess, nil
	}))
}

// returning returns a plugin that writes nothing.
func returning(rcode int, err error) func() plugin.Handler {
	return always(plugin.HandlerFunc(func(context.Context, dns.ResponseWriter, *dns.Msg) (int, error) {
		return rcode, err
	}))
}

func always(h plugin.Handler) func() plugin.Handler { return func() plugin.Handler { return h } }

// resolverOf returns a resolver of addresses by name. Other names are errors.
func resolverOf(t testing.TB, addrs map[string]string) resolver {
	return resolverFunc(func(_ context.Context, name string, qtype uint16) (*pool.Reply, error) {
		if a, ok := addrs[name]; ok {
			return &pool.Reply{At: time.Now(), TTL: 30 * time.Second, Aging: true,
				Addrs: rrs(t, fmt.Sprintf("%s 30 IN %s %s", name, dns.TypeToString[qtype], a))}, nil
		}
		return nil, fmt.Errorf("nobody knows %s", name)
	})
}

// replyText returns the result of a lookup in one line.
func replyText(r *pool.Reply, err error) string {
	if err != nil {
		return "error: " + err.Error()
	}
	var parts []string
	section := func(title string, rrs []dns.RR) {
		for _, rr := range rrs {
			f := strings.Fields(rr.String())
			parts = append(parts, strings.Join([]string{title, f[0], f[3], f[4]}, " "))
		}
	}
	if m := r.Negative; m != nil {
		parts = append(parts, dns.RcodeToString[m.Rcode])
		section("answer", m.Answer)
		section("authority", m.Ns)
	}
	section("via", r.CNAMEs)
	section("addr", r.Addrs)
	section("sig", r.Sigs)
	parts = append(parts, r.TTL.String())
	if r.Aging {
		parts = append(parts, "aging")
	}
	return strings.Join(parts, ", ")
}
