package lookup

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns/coredns/plugin"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/timer"
	"github.com/coredns-failover/failover/plugin/pool"
)

// handler returns a plugin with the addresses of s.
func (s *site) handler() plugin.Handler {
	return plugin.HandlerFunc(func(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
		reply, err := s.ask(ctx, w, r.Question[0].Name, r.Question[0].Qtype)
		if err != nil {
			return dns.RcodeServerFailure, nil
		}
		m := new(dns.Msg)
		m.SetReply(r)
		m.Authoritative, m.Answer = true, reply.Addrs
		w.WriteMsg(m)
		return dns.RcodeSuccess, nil
	})
}

// ofHost replaces the first endpoint of a record with a host name.
func ofHost(rec *pool.Record, name string) *pool.Record {
	rec.Pools[0].Endpoints[0].Next, rec.Pools[0].Endpoints[0].Host = false, name
	return rec
}

// A lineLog collects lines.
type lineLog struct {
	mu    sync.Mutex // guards the following
	lines []string
}

func (l *lineLog) write(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
}

func (l *lineLog) onFailure(name string, err error) { l.write(fmt.Sprint(name, ": ", err)) }

func (l *lineLog) expect(t *testing.T, want ...string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Equal(l.lines, want) {
		t.Errorf("the log says %q, want %q", l.lines, want)
	}
}

// running is a server block with records and next plugins.
type running struct {
	reg       *healthcheck.Registry
	lookups   *Lookups
	trackers  []*pool.Tracker
	witnesses []*Witness
	log       lineLog
}

func (s *site) run(prev *running, records ...*pool.Record) *running {
	f := new(running)
	if f.reg = healthcheck.NewRegistry(healthcheck.Hooks{Frozen: s.setFrozen}); prev != nil {
		f.reg = prev.reg
	}
	f.lookups = NewLookups(s.handler, s.handler, f.log.onFailure)
	for i, rec := range records {
		c := pool.NewTracker(rec, new(viewLog))
		var before *pool.Tracker
		if prev != nil {
			before = prev.trackers[i]
		}
		c.Start(f.reg, before)
		f.trackers = append(f.trackers, c)
	}
	for i, cfg := range s.witnesses {
		w := NewWitness(cfg)
		var before *Witness
		if prev != nil {
			before = prev.witnesses[i]
		}
		w.Start(f.reg, before)
		f.witnesses = append(f.witnesses, w)
	}
	f.lookups.Start(f.reg.Clock(), f.trackers, f.witnesses)
	return f
}

func (r *running) stop() {
	r.lookups.Stop()
	for _, w := range r.witnesses {
		w.Stop()
	}
	for _, c := range r.trackers {
		c.Stop(r.reg)
	}
}

func (r *running) want(t *testing.T, i int, want string) {
	t.Helper()
	if got := text(r.trackers[i].View(), dns.TypeA); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A host name is looked up once for all records that have it, again as its TTL
// ends, and keeps its addresses if that fails.
func TestHostNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite()
		s.setAddrs("web.example.net.", "192.0.2.1 192.0.2.2 2001:db8::1")
		f := s.run(nil, ofHost(s.record("a.example.org."), "web.example.net."), ofHost(s.record("b.example.org."), "web.example.net."))
		defer f.stop()
		time.Sleep(2 * time.Second)
		if q := s.queries(); q != 2 {
			t.Errorf("asked %d times, want once for each family", q)
		}
		for i := range f.trackers {
			f.want(t, i, "0 ok: 192.0.2.1 192.0.2.2")
		}
		s.setDown(true, "192.0.2.1")
		s.setAddrs("web.example.net.", "192.0.2.1 192.0.2.3")
		time.Sleep(10 * time.Second)
		f.want(t, 0, "0 ok: 192.0.2.3")
		for _, failure := range []string{"fails", "none"} { // NODATA of both families is a failure too
			s.setAddrs("web.example.net.", failure)
			time.Sleep(time.Minute)
			f.want(t, 0, "0 ok: 192.0.2.3")
		}
		f.log.expect(t, "web.example.net.: type AAAA: the answer is SERVFAIL", "web.example.net.: <nil>")
	})
}

// NXDOMAIN is for both families, though they are not looked up at the same time. NODATA
// removes the addresses of one family.
func TestHostNameGone(t *testing.T) {
	g := new(testSubscriber)
	h := newHostLookup([]subscriber{g})
	said := func(rcode int, texts ...string) *pool.Reply {
		r := &pool.Reply{Addrs: rrs(t, texts...)}
		if len(texts) == 0 {
			r.Negative = &dns.Msg{MsgHdr: dns.MsgHdr{Rcode: rcode}}
		}
		return r
	}
	v4, v6 := said(0, "h.example.net. 1 IN A 192.0.2.1"), said(0, "h.example.net. 1 IN AAAA 2001:db8::1")
	none, gone := said(dns.RcodeSuccess), said(dns.RcodeNameError)
	for i, tc := range []struct {
		v4, v6 *pool.Reply
		want   string
	}{
		{gone, gone, "failed"},
		{v4, v6, "[192.0.2.1 2001:db8::1]"},
		{nil, gone, "[192.0.2.1 2001:db8::1]"},
		{gone, nil, "[192.0.2.1 2001:db8::1]"},
		{v4, nil, "[192.0.2.1 2001:db8::1]"},
		{nil, none, "[192.0.2.1]"},
		{none, none, "failed"},
	} {
		h.onReply(tc.v4, tc.v6)
		if g.last != tc.want {
			t.Errorf("case %d: got %s, want %s", i, g.last, tc.want)
		}
	}
}

// A testSubscriber keeps the last call.
type testSubscriber struct{ last string }

func (v *testSubscriber) addrs() []netip.Addr        { return nil }
func (v *testSubscriber) setHost(addrs []netip.Addr) { v.last = fmt.Sprint(addrs) }
func (v *testSubscriber) failed()                    { v.last = "failed" }

// Before the first lookup of a host name no other pool takes its place. After a failed
// one, its pool has no endpoints.
func TestHostNameUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite()
		s.setAddrs("web.example.net.", "fails")
		rec := ofHost(s.record("a.example.org."), "web.example.net.")
		if v := pool.NewTracker(rec, new(viewLog)).View(); v.Mode != pool.Pending || v.State != pool.OK {
			t.Errorf("before the first lookup: %+v", v)
		}
		f := s.run(nil, rec)
		defer f.stop()
		time.Sleep(time.Second)
		f.want(t, 0, "1 failed_over: 192.0.2.99")
		if !f.lookups.Ready() {
			t.Error("not ready after the first lookup")
		}
	})
}

// The name of a record is looked up with the next plugins, with or without queries. Its
// pool goes down only if the reply has no address.
func TestNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite()
		s.setAddrs("a.example.org.", "192.0.2.1 192.0.2.2")
		rec := s.record("a.example.org.")
		if v := pool.NewTracker(rec, new(viewLog)).View(); v.Mode != pool.Next || v.State != pool.OK {
			t.Errorf("before the first lookup: %+v", v)
		}
		f := s.run(nil, rec)
		defer f.stop()
		s.setDown(true, "192.0.2.2")
		time.Sleep(2 * time.Second)
		f.want(t, 0, "0 ok: 192.0.2.1")
		s.setAddrs("a.example.org.", "192.0.2.2 192.0.2.3")
		time.Sleep(10 * time.Second)
		f.want(t, 0, "0 ok: 192.0.2.3")
		s.setAddrs("a.example.org.", "fails")
		time.Sleep(time.Minute)
		f.want(t, 0, "0 ok: 192.0.2.3")
		s.setAddrs("a.example.org.", "none")
		time.Sleep(time.Minute)
		f.want(t, 0, "1 failed_over: 192.0.2.99")
		s.setAddrs("a.example.org.", "192.0.2.2 192.0.2.4")
		time.Sleep(time.Minute)
		f.want(t, 0, "0 ok: 192.0.2.4")
	})
}

// After a reload the addresses and their states are those from before.
func TestLookupsOutliveAReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite()
		s.setAddrs("a.example.org.", "192.0.2.1 192.0.2.2")
		s.setAddrs("web.example.net.", "192.0.2.3 192.0.2.4")
		s.setDown(true, "192.0.2.1", "192.0.2.3")
		records := []*pool.Record{s.record("a.example.org."), ofHost(s.record("b.example.org."), "web.example.net.")}
		old := s.run(nil, records...)
		time.Sleep(5 * time.Second)
		s.setAddrs("a.example.org.", "fails")
		s.setAddrs("web.example.net.", "fails")
		f := s.run(old, records...)
		defer f.stop()
		old.stop()
		for range 2 {
			f.want(t, 0, "0 ok: 192.0.2.2")
			f.want(t, 1, "0 ok: 192.0.2.4")
			time.Sleep(time.Minute)
		}
	})
}

// After a reload, a family whose first lookup fails keeps its addresses, whatever the
// reply for the other is.
func TestFamilyOutlivesAReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite()
		s.setAddrs("web.example.net.", "192.0.2.1 2001:db8::1")
		rec := ofHost(s.record("a.example.org."), "web.example.net.")
		old := s.run(nil, rec)
		time.Sleep(5 * time.Second)
		s.setAddrs("web.example.net.", "192.0.2.2 AAAA-fails")
		f := s.run(old, rec)
		defer f.stop()
		old.stop()
		for range 2 {
			time.Sleep(time.Minute)
			f.want(t, 0, "0 ok: 192.0.2.2")
			if got, want := text(f.trackers[0].View(), dns.TypeAAAA), "0 ok: 2001:db8::1"; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	})
}

// Ready is false before Start, and may be called at the same time.
func TestNotReadyBeforeTheStart(t *testing.T) {
	s := newSite()
	f := NewLookups(s.handler, s.handler, nil)
	if f.Ready() {
		t.Error("ready before the start")
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.Start(new(timer.Clock), nil, nil)
	}()
	for !f.Ready() {
		time.Sleep(time.Millisecond)
	}
	<-done
	f.Stop()
}
