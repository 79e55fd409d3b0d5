package serve

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns/coredns/plugin/pkg/dnstest"
	"github.com/coredns/coredns/plugin/test"

	"github.com/miekg/dns"
)

// A cacheLab asks a messageCache.
type cacheLab struct {
	*testing.T
	cache *messageCache
	asked int // the queries that reached the next plugin
}

// ServeDNS answers as the next plugin: with the number of the query, a denial or, for
// names that begin with "fails", nothing. It changes the reply afterwards, as plugins in
// front do.
func (l *cacheLab) ServeDNS(_ context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
	l.asked++
	m := new(dns.Msg).SetReply(r)
	switch name := r.Question[0].Name; {
	case strings.HasPrefix(name, "fails"):
		return dns.RcodeServerFailure, nil
	case strings.HasPrefix(name, "none"):
		m.Rcode, m.Ns = dns.RcodeNameError, []dns.RR{test.SOA("example.org. 3600 IN SOA ns.example.org. root.example.org. 7 1 2 3 60")}
	case strings.HasPrefix(name, "hours"):
		m.Answer = []dns.RR{test.TXT(fmt.Sprintf("%s 3600 IN TXT %d", name, l.asked))}
	default:
		m.Answer = []dns.RR{test.TXT(fmt.Sprintf("%s 30 IN TXT %d", name, l.asked))}
	}
	w.WriteMsg(m)
	for _, rr := range m.Answer {
		rr.Header().Ttl = 7777
	}
	return dns.RcodeSuccess, nil
}

func (l *cacheLab) Name() string { return "next" }

// ask returns the text of the reply or its rcode, its TTL if it is from the cache, and
// how many queries have reached the next plugin. It changes the query, unless change is
// nil.
func (l *cacheLab) ask(name string, change func(*dns.Msg)) string {
	r := new(dns.Msg).SetQuestion(name, dns.TypeTXT)
	if change != nil {
		change(r)
	}
	rec := dnstest.NewRecorder(&test.ResponseWriter{})
	l.cache.serve(l.Context(), "failover", l, rec, r)
	if rec.Msg == nil {
		return fmt.Sprint("nothing after ", l.asked)
	}
	if rec.Msg.Id != r.Id || rec.Msg.Question[0] != r.Question[0] {
		l.Errorf("%s: the reply is not to the question", name)
	}
	s := dns.RcodeToString[rec.Msg.Rcode]
	if len(rec.Msg.Answer) > 0 {
		s = dns.Field(rec.Msg.Answer[0], 1)
		if ttl := rec.Msg.Answer[0].Header().Ttl; ttl != 7777 {
			s += fmt.Sprint(" ", ttl)
		}
	}
	return fmt.Sprint(s, " after ", l.asked)
}

// A message is kept for its TTL, with falling TTLs, and only for the same query.
func TestMessageCache(t *testing.T) {
	do := func(r *dns.Msg) { r.SetEdns0(1232, true) }
	cd := func(r *dns.Msg) { r.CheckingDisabled = true }
	subnet := func(r *dns.Msg) {
		r.SetEdns0(1232, false)
		r.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: 1}}
	}
	synctest.Test(t, func(t *testing.T) {
		l := &cacheLab{T: t, cache: newMessageCache([]string{"org.", "example.net."})}
		for i, step := range []struct {
			after  time.Duration
			name   string
			change func(*dns.Msg)
			want   string
		}{
			{0, "a.example.org.", nil, "1 after 1"},
			{0, "A.Example.org.", nil, "1 30 after 1"},
			{10 * time.Second, "a.example.org.", nil, "1 20 after 1"},
			{0, "a.example.org.", do, "2 after 2"},
			{0, "a.example.org.", cd, "3 after 3"},
			{0, "a.example.org.", subnet, "4 after 4"},
			{0, "a.example.org.", subnet, "5 after 5"},
			{0, "a.example.org.", do, "2 30 after 5"},
			{20 * time.Second, "a.example.org.", nil, "6 after 6"},
			{0, "none.example.org.", nil, "NXDOMAIN after 7"},
			{2 * time.Second, "none.example.org.", nil, "NXDOMAIN after 7"},
			{0, "fails.example.org.", nil, "nothing after 8"},
			{0, "fails.example.org.", nil, "nothing after 9"},
			// A denial is kept for five seconds, others for thirty, and none for other zones.
			{4 * time.Second, "none.example.org.", nil, "NXDOMAIN after 10"},
			{4900 * time.Millisecond, "none.example.org.", nil, "NXDOMAIN after 10"},
			{200 * time.Millisecond, "none.example.org.", nil, "NXDOMAIN after 11"},
			{0, "hours.example.org.", nil, "12 after 12"},
			{29 * time.Second, "hours.example.org.", nil, "12 3571 after 12"},
			{time.Second, "hours.example.org.", nil, "13 after 13"},
			{0, "example.com.", nil, "14 after 14"},
			{0, "example.com.", nil, "15 after 15"},
		} {
			time.Sleep(step.after)
			if got := l.ask(step.name, step.change); got != step.want {
				t.Errorf("step %d: got %s, want %s", i, got, step.want)
			}
		}
	})
}

// A nil messageCache, in a server block without a cache, keeps nothing.
func TestNoMessageCache(t *testing.T) {
	l := &cacheLab{T: t, cache: newMessageCache(nil)}
	l.ask("a.example.org.", nil)
	if got := l.ask("a.example.org.", nil); got != "2 after 2" {
		t.Errorf("got %s, want 2 after 2", got)
	}
}
