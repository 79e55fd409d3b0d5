package override

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns-failover/failover/healthcheck/timer"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A record is one that is not probed.
type record struct {
	*pool.Tracker
	view string
}

func (r record) Place() pool.Place {
	return pool.Place{Record: r.Record().Name, Server: "dns://:53", View: r.view}
}
func (r record) Config() *pool.Record { return r.Record() }

// nobody observes nothing.
type nobody struct{ pool.Observer }

// recordOf returns a record with a pool for each of pools: "primary web1=192.0.2.1 -192.0.2.2",
// where - is disabled.
func recordOf(view string, pools ...string) record {
	rec := &pool.Record{Name: "app.example.org.", TTL: 5, MinTTL: 5, Steer: pool.Steer{Kind: pool.SteerOrder}}
	for _, text := range pools {
		words := strings.Fields(text)
		p := pool.Pool{Name: words[0], MinHealthy: pool.Quorum{Count: 1}, Policy: pool.Policy{Kind: pool.All}}
		for _, w := range words[1:] {
			text, disabled := strings.CutPrefix(w, "-")
			name, addr, labelled := strings.Cut(text, "=")
			if !labelled {
				addr = name
			}
			p.Endpoints = append(p.Endpoints, pool.Endpoint{Addr: netip.MustParseAddr(addr), Name: name, Weight: 1, Disabled: disabled})
		}
		rec.Pools = append(rec.Pools, p)
	}
	return record{pool.NewTracker(rec, nobody{}), view}
}

// inSet calls f with a Set of records, and the list of what it has told.
func inSet(t *testing.T, f func(s *Set, told *[]string), records ...record) {
	t.Helper()
	synctest.Test(t, func(*testing.T) {
		var told []string
		s := NewSet(new(timer.Clock), func(w What, o Override) {
			told = append(told, fmt.Sprintf("%t %s %s %s", w.Ended, o.Action, w.Reason, w.Actor))
		})
		for _, r := range records {
			s.Attach(r)
		}
		f(s, &told)
		s.timer.Stop()
	})
}

func (s *Set) try(changes ...Change) *Error {
	for i := range changes {
		changes[i].Reason = "a test"
		if changes[i].Address == "" {
			changes[i].Record = "app.example.org"
		}
	}
	_, err := s.Apply(Request{Changes: changes, Force: true}, "somebody")
	return err
}

func answer(r record) string {
	v := r.View()
	return fmt.Sprint(r.PoolName(v.Pool), v.Published(1))
}

// Of several that touch one endpoint the record's counts before the pool's, that before the
// endpoint's or address's, and of these two the newer.
func TestPrecedence(t *testing.T) {
	use := Change{Target: Target{Pool: "primary"}, Action: pool.Use}
	poolUp := Change{Target: Target{Pool: "primary"}, Action: pool.ForceUp}
	poolDown := Change{Target: Target{Pool: "primary"}, Action: pool.ForceDown}
	endUp := Change{Target: Target{Pool: "primary", Endpoint: "192.0.2.1"}, Action: pool.ForceUp}
	endDown := Change{Target: Target{Pool: "primary", Endpoint: "192.0.2.1"}, Action: pool.ForceDown}
	addrUp := Change{Target: Target{Address: "::ffff:192.0.2.1"}, Action: pool.ForceUp}
	addrDown := Change{Target: Target{Address: "192.0.2.1"}, Action: pool.ForceDown}
	const first, second = "primary[192.0.2.1]", "secondary[192.0.2.2]"
	for _, tc := range []struct {
		changes []Change
		want    string
	}{
		{[]Change{endDown, addrUp}, first},
		{[]Change{addrUp, endDown}, second},
		{[]Change{addrDown, endUp}, first},
		{[]Change{endUp, addrDown}, second},
		{[]Change{endDown, addrDown, endUp}, first},
		{[]Change{poolDown, endUp}, second},
		{[]Change{poolUp, poolDown}, second},
		{[]Change{poolDown, poolUp}, first},
		{[]Change{use, poolDown}, first},
	} {
		r := recordOf("", "primary 192.0.2.1", "secondary 192.0.2.2")
		inSet(t, func(s *Set, _ *[]string) {
			for _, c := range tc.changes {
				if err := s.try(c); err != nil {
					t.Error(err)
				}
			}
			if got := answer(r); got != tc.want {
				t.Errorf("%+v: %s, want %s", tc.changes, got, tc.want)
			}
		}, r)
	}
}

// A target is of every record of the name, however they call the endpoint, and narrowed by
// view. It is enough if one has the pool.
func TestTargetOfSeveralRecords(t *testing.T) {
	in, out := recordOf("in", "primary web1=192.0.2.1 192.0.2.3"), recordOf("", "primary 192.0.2.1 192.0.2.4", "secondary 192.0.2.2")
	inSet(t, func(s *Set, _ *[]string) {
		for _, tc := range []struct{ target, in, out string }{
			{"primary 192.0.2.1", "primary[192.0.2.3]", "primary[192.0.2.4]"},
			{"primary web1", "primary[192.0.2.3]", "primary[192.0.2.1 192.0.2.4]"},
			{"secondary 192.0.2.2", "primary[192.0.2.1 192.0.2.3]", "primary[192.0.2.1 192.0.2.4]"},
			{"primary 192.0.2.1 in", "primary[192.0.2.3]", "primary[192.0.2.1 192.0.2.4]"},
			{"secondary 192.0.2.2 in", "not found", ""},
		} {
			words := append(strings.Fields(tc.target), "")
			err := s.try(Change{Target: Target{Pool: words[0], Endpoint: words[1], View: words[2]}, Action: pool.ForceDown})
			if (err != nil) != (tc.in == "not found") {
				t.Errorf("%s: %v", tc.target, err)
			}
			if err != nil {
				continue
			}
			if got := answer(in) + answer(out); got != tc.in+tc.out {
				t.Errorf("%s: %s, want %s%s", tc.target, got, tc.in, tc.out)
			}
			s.Remove(s.List()[0].ID, "somebody")
		}
	}, in, out)
}

// An address can be forced up unless it is disabled wherever it stands.
func TestDisabledAddress(t *testing.T) {
	r := recordOf("", "primary 192.0.2.1 -192.0.2.2 -192.0.2.3", "secondary 192.0.2.3")
	inSet(t, func(s *Set, _ *[]string) {
		for addr, ok := range map[string]bool{"192.0.2.1": true, "192.0.2.2": false, "192.0.2.3": true, "192.0.2.9": true} {
			if err := s.try(Change{Target: Target{Address: addr}, Action: pool.ForceUp}); (err == nil) != ok {
				t.Errorf("%s: %v", addr, err)
			}
		}
		if got := answer(r); got != "primary[192.0.2.1]" {
			t.Errorf("%s is answered", got)
		}
	}, r)
}

// An override ends when its time is over, which is told, also if that was between two
// starts.
func TestExpiry(t *testing.T) {
	r := recordOf("", "primary 192.0.2.1", "secondary 192.0.2.2")
	inSet(t, func(s *Set, told *[]string) {
		s.try(Change{Target: Target{Pool: "primary"}, Action: pool.ForceDown, For: "90"})
		list := s.List()
		time.Sleep(89 * time.Second)
		synctest.Wait()
		if got := answer(r); got != "secondary[192.0.2.2]" {
			t.Error(got)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := answer(r); got != "primary[192.0.2.1]" {
			t.Error(got)
		}
		s.Restore(list)
		want := []string{"false down a test somebody", "true down its time is over ", "true down its time was over before this start "}
		if !slices.Equal(*told, want) || len(s.List()) != 0 {
			t.Errorf("told %q, want %q; %v is left", *told, want, s.List())
		}
	}, r)
}

// What cannot be saved is not done.
func TestNotSaved(t *testing.T) {
	r := recordOf("", "primary 192.0.2.1", "secondary 192.0.2.2")
	down := Change{Target: Target{Pool: "primary"}, Action: pool.ForceDown}
	inSet(t, func(s *Set, told *[]string) {
		fails := func() error { return errors.New("the disk is full") }
		s.SaveWith(fails)
		if err := s.try(down); err == nil || err.Kind != NotSaved || answer(r) != "primary[192.0.2.1]" {
			t.Errorf("%v, %s", err, answer(r))
		}
		s.SaveWith(nil)
		s.try(down)
		s.SaveWith(fails)
		if err := s.Remove(s.List()[0].ID, "somebody"); err == nil || err.Kind != NotSaved || answer(r) != "secondary[192.0.2.2]" {
			t.Errorf("%v, %s", err, answer(r))
		}
		if len(*told) != 1 {
			t.Errorf("told %q", *told)
		}
	}, r)
}
