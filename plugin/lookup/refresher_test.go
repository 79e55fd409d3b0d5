package lookup

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck/timer"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A source is a resolver that calls answer, and keeps the times of the lookups.
type source struct {
	answer func(ctx context.Context, qtype uint16, nth int) (*pool.Reply, error)

	mu    sync.Mutex // guards the following
	start time.Time
	asked map[uint16][]time.Duration
}

func (s *source) Lookup(ctx context.Context, _ string, qtype uint16) (*pool.Reply, error) {
	s.mu.Lock()
	if s.asked == nil {
		s.asked, s.start = make(map[uint16][]time.Duration), time.Now()
	}
	s.asked[qtype] = append(s.asked[qtype], time.Since(s.start))
	n := len(s.asked[qtype])
	s.mu.Unlock()
	return s.answer(ctx, qtype, n)
}

func (s *source) times(qtype uint16) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprint(s.asked[qtype])
}

func ttl(d time.Duration) (*pool.Reply, error) { return &pool.Reply{At: time.Now(), TTL: d}, nil }

// A replyLog collects the calls of onReply.
type replyLog struct {
	lineLog
	start time.Time
}

func newReplyLog() *replyLog { return &replyLog{start: time.Now()} }

func (l *replyLog) onReply(v4, v6 *pool.Reply, err error) {
	line := time.Since(l.start).String()
	if v4 != nil {
		line += " v4"
	}
	if v6 != nil {
		line += " v6"
	}
	if err != nil {
		line += " " + err.Error()
	}
	l.write(line)
}

func TestRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{answer: func(_ context.Context, qtype uint16, _ int) (*pool.Reply, error) {
			if qtype == dns.TypeA {
				return ttl(20 * time.Second)
			}
			time.Sleep(10 * time.Millisecond)
			return ttl(30 * time.Second)
		}}
		l := newReplyLog()
		r := startRefresher(new(timer.Clock), "app.example.org.", s, l.onReply)
		time.Sleep(5 * time.Millisecond)
		if synctest.Wait(); r.ready() {
			t.Error("ready before the lookups of both families")
		}
		time.Sleep(65 * time.Second)
		synctest.Wait()
		r.Stop()
		// The second AAAA and the third A are due within 100 ms of each other.
		l.expect(t, "10ms v4 v6", "20s v4", "30.02s v6", "40s v4", "1m0.03s v4 v6")
		if got := s.times(dns.TypeA); got != "[0s 20s 40s 1m0.02s]" {
			t.Error(got)
		}
		if got := s.times(dns.TypeAAAA); got != "[0s 30.01s 1m0.02s]" {
			t.Error(got)
		}
		if !r.ready() {
			t.Error("not ready")
		}
	})
}

// A failed lookup is repeated after 1, 2, 4, ... seconds, up to the TTL or 30 s. The
// schedule of the other family does not change.
func TestRefreshRetries(t *testing.T) {
	for _, tc := range []struct {
		ttl  time.Duration
		want string
	}{
		{0, "[0s 1s 3s 7s 15s 31s 1m1s 1m31s]"},
		{time.Second, "[0s 1s 2s 3s 4s"},
		{5 * time.Second, "[0s 5s 6s 8s 12s 17s 22s"},
		{time.Hour, "[0s 1h0m0s 1h0m1s 1h0m3s 1h0m7s 1h0m15s 1h0m31s 1h1m1s 1h1m31s"},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &source{answer: func(_ context.Context, qtype uint16, nth int) (*pool.Reply, error) {
				switch {
				case qtype == dns.TypeAAAA:
					return ttl(time.Hour)
				case nth == 1 && tc.ttl > 0:
					return ttl(tc.ttl)
				default:
					return nil, errors.New("i/o timeout")
				}
			}}
			r := startRefresher(new(timer.Clock), "app.example.org.", s, func(*pool.Reply, *pool.Reply, error) {})
			time.Sleep(tc.ttl + 100*time.Second)
			synctest.Wait()
			r.Stop()
			if got := s.times(dns.TypeA); len(got) < len(tc.want) || got[:len(tc.want)] != tc.want {
				t.Errorf("TTL %s: asked at %s, want %s", tc.ttl, got, tc.want)
			}
		})
	}
}

func TestRefreshErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{answer: func(_ context.Context, qtype uint16, nth int) (*pool.Reply, error) {
			switch {
			case nth == 1:
				return nil, errors.New("down")
			case qtype == dns.TypeA:
				return ttl(4 * time.Second)
			case nth == 2:
				return nil, errors.New("still down")
			case nth == 3:
				panic("ouch")
			default:
				return ttl(time.Hour)
			}
		}}
		l := newReplyLog()
		r := startRefresher(new(timer.Clock), "app.example.org.", s, l.onReply)
		time.Sleep(8 * time.Second)
		synctest.Wait()
		r.Stop()
		l.expect(t, "0s down", "1s v4 type AAAA: still down", "3s type AAAA: a plugin panicked: ouch",
			"5s v4 type AAAA: a plugin panicked: ouch", "7s v6")
	})
}

func TestRefreshErrorsOfBothFamilies(t *testing.T) {
	r := &refresher{}
	r.families[0].err, r.families[1].err = errors.New("one"), errors.New("two")
	if got := r.err().Error(); got != "type A: one; type AAAA: two" {
		t.Error(got)
	}
}

// A reply that is some seconds old is looked up again when its TTL ends, and an expired
// one not more than once a second.
func TestRefreshOldReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{answer: func(_ context.Context, _ uint16, nth int) (*pool.Reply, error) {
			if nth == 1 {
				return &pool.Reply{At: time.Now().Add(-8 * time.Second), TTL: 10 * time.Second}, nil
			}
			return &pool.Reply{At: time.Now().Add(-time.Hour), TTL: 10 * time.Second}, nil
		}}
		r := startRefresher(new(timer.Clock), "app.example.org.", s, func(*pool.Reply, *pool.Reply, error) {})
		time.Sleep(4500 * time.Millisecond)
		synctest.Wait()
		r.Stop()
		if got := s.times(dns.TypeA); got != "[0s 2s 3s 4s]" {
			t.Error(got)
		}
	})
}

// A plugin that hangs and ignores its context blocks neither ready nor Stop. The next
// lookup begins only after it has returned.
func TestRefreshHanging(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var inFlight, most atomic.Int32
		s := &source{answer: func(_ context.Context, qtype uint16, nth int) (*pool.Reply, error) {
			if qtype == dns.TypeAAAA {
				return ttl(time.Hour)
			}
			most.Store(max(most.Load(), inFlight.Add(1)))
			defer inFlight.Add(-1)
			if nth == 1 {
				<-release
			}
			return ttl(time.Hour)
		}}
		l := newReplyLog()
		r := startRefresher(new(timer.Clock), "app.example.org.", s, l.onReply)
		time.Sleep(lookupTimeout)
		synctest.Wait()
		if !r.ready() {
			t.Error("Ready waits for a plugin that hangs")
		}
		time.Sleep(5 * time.Second)
		close(release)
		time.Sleep(time.Minute)
		synctest.Wait()
		l.expect(t, "3s v6 type A: no answer within 3s", "4s type A: an earlier lookup has not come back yet",
			"6s type A: an earlier lookup has not come back yet", "10s v4")
		if most.Load() != 1 {
			t.Errorf("%d lookups at a time", most.Load())
		}
		r.Stop()
	})
}

func TestRefreshStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		obeys := resolverFunc(func(ctx context.Context, _ string, _ uint16) (*pool.Reply, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		hangs := resolverFunc(func(context.Context, string, uint16) (*pool.Reply, error) {
			<-release
			return ttl(time.Second)
		})
		waits := resolverFunc(func(context.Context, string, uint16) (*pool.Reply, error) { return ttl(time.Second) })
		for _, ask := range []resolver{obeys, hangs, waits} {
			var calls atomic.Int32
			r := startRefresher(new(timer.Clock), "app.example.org.", ask, func(*pool.Reply, *pool.Reply, error) { calls.Add(1) })
			time.Sleep(1500 * time.Millisecond)
			start, before := time.Now(), calls.Load()
			r.Stop()
			r.Stop()
			if time.Since(start) != 0 {
				t.Errorf("Stop took %s", time.Since(start))
			}
			time.Sleep(time.Minute)
			if calls.Load() != before {
				t.Error("onReply was called after Stop")
			}
		}
	})
}

// Ten thousand names are looked up 256 at a time.
func TestRefreshMany(t *testing.T) {
	const n = 10_000
	synctest.Test(t, func(t *testing.T) {
		var inFlight, most, asked atomic.Int32
		ask := resolverFunc(func(context.Context, string, uint16) (*pool.Reply, error) {
			if now := inFlight.Add(1); now > most.Load() {
				most.Store(now)
			}
			defer inFlight.Add(-1)
			asked.Add(1)
			return ttl(time.Minute)
		})
		var refreshers []*refresher
		for range n {
			refreshers = append(refreshers, startRefresher(new(timer.Clock), "app.example.org.", ask, func(*pool.Reply, *pool.Reply, error) {}))
		}
		time.Sleep(90 * time.Second)
		synctest.Wait()
		if asked.Load() != 4*n || most.Load() > 2*int32(cap(lookupSlots)) {
			t.Errorf("asked %d times, %d at a time", asked.Load(), most.Load())
		}
		for _, r := range refreshers {
			if !r.ready() {
				t.Fatal("not ready")
			}
			r.Stop()
		}
	})
}
