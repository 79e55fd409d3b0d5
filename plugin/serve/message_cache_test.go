package serve

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/pkg/dnstest"
	"github.com/coredns/coredns/plugin/test"

	"github.com/miekg/dns"
)

// A message is kept for its TTL, with falling TTLs, and only for the same query.
func TestMessageCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		next := plugin.HandlerFunc(func(_ context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
			asked++
			m := new(dns.Msg).SetReply(r)
			switch name := r.Question[0].Name; {
			case strings.HasPrefix(name, "fails"):
				return dns.RcodeServerFailure, nil
			case strings.HasPrefix(name, "none"):
				m.Rcode, m.Ns = dns.RcodeNameError, []dns.RR{test.SOA("example.org. 3600 IN SOA ns.example.org. root.example.org. 7 1 2 3 60")}
			case strings.HasPrefix(name, "hours"):
				m.Answer = []dns.RR{test.TXT(fmt.Sprintf("%s 3600 IN TXT %d", name, asked))}
			default:
				m.Answer = []dns.RR{test.TXT(fmt.Sprintf("%s 30 IN TXT %d", name, asked))}
			}
			w.WriteMsg(m)
			for _, rr := range m.Answer { // as plugins in front do
				rr.Header().Ttl = 7777
			}
			return dns.RcodeSuccess, nil
		})
		k := newMessageCache([]string{"org.", "example.net."})
		ask := func(name string, change func(*dns.Msg)) string {
			r := new(dns.Msg).SetQuestion(name, dns.TypeTXT)
			if change != nil {
				change(r)
			}
			rec := dnstest.NewRecorder(&test.ResponseWriter{})
			k.serve(t.Context(), "failover", next, rec, r)
			if rec.Msg == nil {
				return fmt.Sprint("nothing after ", asked)
			}
			if rec.Msg.Id != r.Id || rec.Msg.Question[0] != r.Question[0] {
				t.Errorf("%s: the reply is not to the question", name)
			}
			s := dns.RcodeToString[rec.Msg.Rcode]
			if len(rec.Msg.Answer) > 0 {
				s = dns.Field(rec.Msg.Answer[0], 1)
				if rec.Msg.Answer[0].Header().Ttl != 7777 {
					s += fmt.Sprint(" ", rec.Msg.Answer[0].Header().Ttl)
				}
			}
			return fmt.Sprint(s, " after ", asked)
		}
		do := func(r *dns.Msg) { r.SetEdns0(1232, true) }
		cd := func(r *dns.Msg) { r.CheckingDisabled = true }
		subnet := func(r *dns.Msg) {
			r.SetEdns0(1232, false)
			r.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: 1}}
		}
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
			if got := ask(step.name, step.change); got != step.want {
				t.Errorf("step %d: got %s, want %s", i, got, step.want)
			}
		}
		k = newMessageCache(nil)
		ask("a.example.org.", nil)
		if got := ask("a.example.org.", nil); got != "17 after 17" {
			t.Errorf("a nil cache has kept %s", got)
		}
	})
}
