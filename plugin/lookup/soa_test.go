package lookup

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns/coredns/plugin"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck/timer"
)

// soaText returns a SOA in one line.
func soaText(rr *dns.SOA) string {
	if rr == nil {
		return "none"
	}
	return fmt.Sprintf("%s %d", rr.Hdr.Name, rr.Serial)
}

// zones is a plugin that answers for the SOA of names.
type zones struct {
	testing.TB
	mu     sync.Mutex // guards byName after the start
	byName map[string]message
	asked  atomic.Int64
	most   atomic.Int64 // the most at a time
	now    atomic.Int64
	takes  time.Duration
}

func (z *zones) Name() string { return "zones" }

func (z *zones) ServeDNS(_ context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
	z.asked.Add(1)
	z.most.Store(max(z.most.Load(), z.now.Add(1)))
	defer z.now.Add(-1)
	time.Sleep(z.takes)
	z.mu.Lock()
	m, ok := z.byName[strings.ToLower(r.Question[0].Name)]
	z.mu.Unlock()
	if !ok {
		return dns.RcodeRefused, nil
	}
	w.WriteMsg(m.reply(z, r))
	return dns.RcodeSuccess, nil
}

func soaOf7(owner string) string { return owner + " 60 IN SOA ns. root. 7 1 2 3 60" }

// The SOA is that of the nearest apex above the name.
func TestSOA(t *testing.T) {
	denied := func(owners ...string) message {
		m := message{rcode: dns.RcodeNameError, aa: true}
		for _, o := range owners {
			m.ns = append(m.ns, soaOf7(o))
		}
		return m
	}
	const name = "app.example.org."
	tests := []struct {
		name, signed string
		answers      map[string]message
		want         string
	}{
		{"no answer", "", nil, "none"},
		{"NXDOMAIN", "", map[string]message{name: denied("example.org.")}, "example.org. 7"},
		{"in other letters", "", map[string]message{name: denied("EXAMPLE.org.")}, "example.org. 7"},
		{"an apex", "", map[string]message{name: {answer: []string{soaOf7(name)}}}, "app.example.org. 7"},
		{"the nearest of two", "", map[string]message{name: denied("org.", "example.org.")}, "example.org. 7"},
		{"none at all", "", map[string]message{name: {}, "example.org.": {}}, "none"},
		{"SERVFAIL", "", map[string]message{name: {rcode: dns.RcodeServerFailure, ns: []string{soaOf7("example.org.")}}}, "none"},
		{"of a zone beside it", "", map[string]message{name: denied("example.net."), "example.org.": denied("example.net.")}, "none"},
		{"a CNAME to another zone", "", map[string]message{
			name:           {answer: []string{name + " 60 IN CNAME www.example.net."}, ns: []string{soaOf7("example.net.")}},
			"example.org.": {answer: []string{soaOf7("example.org.")}},
		}, "example.org. 7"},
		{"a delegation", "", map[string]message{
			name:           {ns: []string{name + " 60 IN NS ns.example.net."}},
			"example.org.": {answer: []string{soaOf7("example.org.")}},
		}, "example.org. 7"},
		{"names above the apex are not looked up", "", map[string]message{
			name: {}, "example.org.": {}, "org.": {answer: []string{soaOf7("org.")}},
		}, "none"},
		{"the root", "", map[string]message{name: denied(".")}, ". 7"},
		{"the root, from a resolver", "", map[string]message{name: {ns: []string{soaOf7(".")}}, "example.org.": {}}, "none"},
		{"above what is signed", "example.org.", map[string]message{name: denied("org."), "example.org.": denied("org.")}, "none"},
		{"below what is signed", "example.org.", map[string]message{
			name: {answer: []string{soaOf7(name)}}, "example.org.": {answer: []string{soaOf7("example.org.")}},
		}, "example.org. 7"},
		{"what is signed", "example.org.", map[string]message{name: denied("example.org.")}, "example.org. 7"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSOAs(newPlugins(always(&zones{TB: t, byName: tc.answers}), nil, nil))
				soa := s.Add(name, "example.org.", tc.signed)
				s.Start(new(timer.Clock))
				synctest.Wait()
				if got := soaText(soa.RR()); got != tc.want {
					t.Errorf("got %s, want %s", got, tc.want)
				}
				s.Stop()
			})
		})
	}
}

// A SOA is looked up again when its TTL ends, and kept while lookups fail.
func TestSOAIsRefreshed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const name = "app.example.org."
		says := func(serial int) map[string]message {
			return map[string]message{name: {ns: []string{fmt.Sprintf("example.org. 20 IN SOA ns. root. %d 1 2 3 60", serial)}}}
		}
		z := &zones{TB: t, byName: says(1)}
		s := newSOAs(newPlugins(always(z), nil, nil))
		soa := s.Add(name, "example.org.", "")
		s.Start(new(timer.Clock))
		defer s.Stop()
		for _, step := range []struct {
			after time.Duration
			says  map[string]message
			want  string
		}{
			{time.Second, says(2), "example.org. 1"},
			{20 * time.Second, map[string]message{name: {rcode: dns.RcodeServerFailure}}, "example.org. 2"},
			{time.Hour, says(3), "example.org. 2"},
			{lastRetry, nil, "example.org. 3"},
			{20 * time.Second, says(4), "none"},
			{soaNone, nil, "example.org. 4"},
		} {
			time.Sleep(step.after)
			synctest.Wait()
			if got := soaText(soa.RR()); got != step.want {
				t.Errorf("got %s, want %s", got, step.want)
			}
			z.mu.Lock()
			z.byName = step.says
			z.mu.Unlock()
		}
	})
}

// Before the first answer, a SOA is that of the nearest known zone, and after a reload
// that from before.
func TestSOABeforeTheFirstAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := &zones{TB: t, byName: map[string]message{
			"a.example.org.":     {ns: []string{soaOf7("example.org.")}},
			"b.sub.example.org.": {ns: []string{soaOf7("sub.example.org.")}},
		}}
		s := newSOAs(newPlugins(always(z), nil, nil))
		a, b := s.Add("a.example.org.", "example.org.", ""), s.Add("b.sub.example.org.", "example.org.", "")
		s.Start(new(timer.Clock))
		time.Sleep(soaSpread / 2)
		if got := soaText(b.RR()); got != "example.org. 7" {
			t.Errorf("before its lookup, the inner zone has %s", got)
		}
		time.Sleep(soaSpread)
		synctest.Wait()
		for name, want := range map[string]string{
			"sub.example.org.": "sub.example.org. 7", "x.y.example.org.": "example.org. 7", "org.": "none",
		} {
			if got := soaText(s.Nearest(name, "")); got != want {
				t.Errorf("nearest to %s is %s, want %s", name, got, want)
			}
		}
		if got := s.Nearest("x.other.example.org.", "other.example.org."); got != nil {
			t.Errorf("of a zone that is not signed: %v", got)
		}
		s.Stop()

		again := newSOAs(newPlugins(always(&zones{TB: t}), nil, nil))
		inherited := again.Add("b.sub.example.org.", "example.org.", "")
		inherited.Inherit(b)
		signed := again.Add("a.example.org.", "a.example.org.", "a.example.org.")
		signed.Inherit(a)
		if got := soaText(inherited.RR()) + ", " + soaText(signed.RR()); got != "sub.example.org. 7, none" {
			t.Errorf("after a reload: %s", got)
		}
		again.Start(new(timer.Clock))
		time.Sleep(time.Second)
		if got := again.Nearest("b.sub.example.org.", ""); got != nil {
			t.Errorf("removed, and still %v", got)
		}
		again.Stop()
	})
}

// The lookups of ten thousand names are limited: at the start, later, and without
// answers.
func TestSOAOfMany(t *testing.T) {
	for _, takes := range []time.Duration{time.Millisecond, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			z := &zones{TB: t, byName: make(map[string]message), takes: takes}
			s := newSOAs(newPlugins(always(plugin.HandlerFunc(func(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
				if takes > time.Minute {
					z.asked.Add(1)
					z.most.Store(max(z.most.Load(), z.now.Add(1)))
					<-ctx.Done()
					z.now.Add(-1)
					return dns.RcodeServerFailure, ctx.Err()
				}
				return z.ServeDNS(ctx, w, r)
			})), nil, nil))
			const n = 10_000
			for i := range n {
				name := fmt.Sprintf("r%d.example.org.", i)
				z.byName[name] = message{ns: []string{"example.org. 1 IN SOA ns. root. 7 1 2 3 1"}}
				s.Add(name, "example.org.", "")
			}
			s.Start(new(timer.Clock))
			began := time.Now()
			for range 12 {
				time.Sleep(10 * time.Second)
				most := int64(time.Since(began)/soaPace) + n + soaSlots
				if asked := z.asked.Load(); asked > most {
					t.Errorf("%d lookups within %s, want %d at most", asked, time.Since(began), most)
				}
			}
			if most := z.most.Load(); most > 2*soaSlots { // lookups that have timed out may not have returned
				t.Errorf("%d lookups at a time", most)
			}
			if takes == time.Millisecond && z.asked.Load() < n {
				t.Errorf("%d lookups only", z.asked.Load())
			}
			s.Stop()
			synctest.Wait() // for lookups that had begun
			asked := z.asked.Load()
			time.Sleep(time.Hour)
			if z.asked.Load() != asked {
				t.Error("looked up after Stop")
			}
		})
	}
}

// A plugin that ignores its context blocks neither other names nor Stop.
func TestSOABehindAPluginThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		back := make(chan struct{})
		s := newSOAs(newPlugins(always(plugin.HandlerFunc(func(_ context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
			if strings.HasPrefix(r.Question[0].Name, "hangs") {
				<-back
			}
			w.WriteMsg(message{ns: []string{soaOf7("example.org.")}}.reply(t, r))
			return dns.RcodeSuccess, nil
		})), nil, nil))
		for i := range 2 * soaSlots {
			s.Add(fmt.Sprintf("hangs%d.example.org.", i), "example.org.", "")
		}
		soa := s.Add("app.example.org.", "example.org.", "")
		s.Start(new(timer.Clock))
		time.Sleep(10 * time.Second)
		if got := soaText(soa.RR()); got != "example.org. 7" {
			t.Errorf("got %s", got)
		}
		s.Stop()
		close(back)
	})
}
