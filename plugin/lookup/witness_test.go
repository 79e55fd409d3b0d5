package lookup

import (
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A witness that is a host name has all its addresses as targets; while there is none,
// nothing goes down. The addresses stay if the lookup fails, as it does on a server that
// is cut off, and over a reload.
func TestWitnessHostName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const primary, secondary = "0 ok: 192.0.2.1", "1 failed_over: 192.0.2.99"
		s := newSite()
		s.witnesses = []pool.Endpoint{{Host: "w.example.net.", Checks: s.checks()}}
		s.setAddrs("web.example.net.", "192.0.2.1")
		s.setAddrs("w.example.net.", "fails")
		rec := ofHost(s.record("app.example.org."), "web.example.net.")
		f := s.run(nil, rec)
		after := func(want string) {
			t.Helper()
			time.Sleep(time.Minute)
			f.want(t, 0, want)
		}
		after(primary)
		s.setDown(true, "192.0.2.1")
		after(primary)

		s.setAddrs("w.example.net.", "203.0.113.1 203.0.113.2")
		after(secondary)
		s.setDown(false, "192.0.2.1")
		after(primary)

		s.setDown(true, "203.0.113.1", "203.0.113.2", "192.0.2.1")
		s.setAddrs("w.example.net.", "fails")
		after(primary)
		old := f
		f = s.run(old, rec)
		old.stop()
		after(primary)
		if n := f.reg.Len(); n != 3 {
			t.Errorf("%d checkers, want 3", n)
		}

		s.setAddrs("w.example.net.", "203.0.113.3")
		after(secondary)
		if n := f.reg.Len(); n != 2 {
			t.Errorf("%d checkers, want those of the endpoint and of the witness", n)
		}
		f.stop()
		if n := f.reg.Len(); n != 0 {
			t.Errorf("%d checkers after the stop", n)
		}
		if got := fmt.Sprint(s.frozen); got != "[true false]" {
			t.Errorf("frozen: %s", got)
		}
	})
}

// After its witnesses have stopped, even one without addresses, an endpoint goes down as
// usual.
func TestWitnessStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite()
		s.setAddrs("web.example.net.", "192.0.2.1")
		s.setAddrs("w.example.net.", "fails")
		s.setDown(true, "203.0.113.1")
		f := s.run(nil, ofHost(s.record("app.example.org."), "web.example.net."))
		ws := []*Witness{
			NewWitness(pool.Endpoint{Host: "w.example.net.", Checks: s.checks()}),
			NewWitness(pool.Endpoint{Addr: netip.MustParseAddr("203.0.113.1"), Checks: s.checks()}),
		}
		for _, w := range ws {
			w.Start(f.reg, nil)
		}
		time.Sleep(10 * time.Second)
		s.setDown(true, "192.0.2.1")
		time.Sleep(10 * time.Second)
		f.want(t, 0, "0 ok: 192.0.2.1")
		for _, w := range ws {
			w.Stop()
		}
		time.Sleep(10 * time.Second)
		f.want(t, 0, "1 failed_over: 192.0.2.99")
		f.stop()
	})
}

// The mutex is free while a removed address is released, which waits for its probe, and
// during Stop.
func TestWitnessReleasesWithoutItsMutex(t *testing.T) {
	first, second := netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("203.0.113.2")
	for name, release := range map[string]func(*Witness){
		"another address": func(w *Witness) { w.setHost([]netip.Addr{second}) },
		"stop":            (*Witness).Stop,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, reg := newSite(), healthcheck.NewRegistry(healthcheck.Hooks{})
				w := NewWitness(pool.Endpoint{Host: "w.example.net.", Checks: s.checks()})
				w.Start(reg, nil)
				w.setHost([]netip.Addr{first})
				end := s.hang()
				time.Sleep(2 * time.Second)
				done := make(chan struct{})
				go func() {
					defer close(done)
					release(w)
				}()
				synctest.Wait()
				select {
				case <-done:
					t.Error("the probe is not waited for")
				default:
				}
				if w.mu.TryLock() {
					w.mu.Unlock()
				} else {
					t.Error("the mutex is held")
				}
				end()
				<-done
				w.Stop()
			})
		})
	}
}
