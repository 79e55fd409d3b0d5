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

// A source is an Asker that answers as a test wants, and writes down when it was
// asked.
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

// A replyLog is what a Follower told.
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

func TestFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{answer: func(_ context.Context, qtype uint16, _ int) (*pool.Reply, error) {
			if qtype == dns.TypeA {
				return ttl(20 * time.Second)
			}
			time.Sleep(10 * time.Millisecond)
			return ttl(30 * time.Second)
		}}
		l := newReplyLog()
		f := Refresh(new(timer.Clock), "app.example.org.", s, l.onReply)
		time.Sleep(5 * time.Millisecond)
		if synctest.Wait(); f.Ready() {
			t.Error("asked before both families were")
		}
		time.Sleep(65 * time.Second)
		synctest.Wait()
		f.Stop()
		// The second AAAA and the third A are due within 100 ms of each other.
		l.expect(t, "10ms v4 v6", "20s v4", "30.02s v6", "40s v4", "1m0.03s v4 v6")
		if got := s.times(dns.TypeA); got != "[0s 20s 40s 1m0.02s]" {
			t.Error(got)
		}
		if got := s.times(dns.TypeAAAA); got != "[0s 30.01s 1m0.02s]" {
			t.Error(got)
		}
		if !f.Ready() {
			t.Error("not asked")
		}
	})
}

// A failure is tried again after 1, 2, 4, ... seconds, up to the TTL or 30 s. The
// other family does not care, but its news say that this one still fails.
func TestFollowRetries(t *testing.T) {
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
			f := Refresh(new(timer.Clock), "app.example.org.", s, func(*pool.Reply, *pool.Reply, error) {})
			time.Sleep(tc.ttl + 100*time.Second)
			synctest.Wait()
			f.Stop()
			if got := s.times(dns.TypeA); len(got) < len(tc.want) || got[:len(tc.want)] != tc.want {
				t.Errorf("TTL %s: asked at %s, want %s", tc.ttl, got, tc.want)
			}
		})
	}
}

func TestFollowTellsWhy(t *testing.T) {
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
		f := Refresh(new(timer.Clock), "app.example.org.", s, l.onReply)
		time.Sleep(8 * time.Second)
		synctest.Wait()
		f.Stop()
		l.expect(t, "0s down", "1s v4 type AAAA: still down", "3s type AAAA: a plugin panicked: ouch",
			"5s v4 type AAAA: a plugin panicked: ouch", "7s v6")
	})
}

func TestFollowTellsOfBoth(t *testing.T) {
	f := &Refresher{}
	f.families[0].err, f.families[1].err = errors.New("one"), errors.New("two")
	if got := f.err().Error(); got != "type A: one; type AAAA: two" {
		t.Error(got)
	}
}

// A reply that somebody else has kept for a while is not asked for too late, and
// one that has run out not too often.
func TestFollowOldReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{answer: func(_ context.Context, _ uint16, nth int) (*pool.Reply, error) {
			if nth == 1 {
				return &pool.Reply{At: time.Now().Add(-8 * time.Second), TTL: 10 * time.Second}, nil
			}
			return &pool.Reply{At: time.Now().Add(-time.Hour), TTL: 10 * time.Second}, nil
		}}
		f := Refresh(new(timer.Clock), "app.example.org.", s, func(*pool.Reply, *pool.Reply, error) {})
		time.Sleep(4500 * time.Millisecond)
		synctest.Wait()
		f.Stop()
		if got := s.times(dns.TypeA); got != "[0s 2s 3s 4s]" {
			t.Error(got)
		}
	})
}

// A plugin that hangs and heeds no context holds up neither Ready nor Stop, and
// is asked again only when it has come back.
func TestFollowHanging(t *testing.T) {
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
		f := Refresh(new(timer.Clock), "app.example.org.", s, l.onReply)
		time.Sleep(lookupTimeout)
		synctest.Wait()
		if !f.Ready() {
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
		f.Stop()
	})
}

func TestFollowStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		heeds := ResolverFunc(func(ctx context.Context, _ string, _ uint16) (*pool.Reply, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		hangs := ResolverFunc(func(context.Context, string, uint16) (*pool.Reply, error) {
			<-release
			return ttl(time.Second)
		})
		waits := ResolverFunc(func(context.Context, string, uint16) (*pool.Reply, error) { return ttl(time.Second) })
		for _, ask := range []Resolver{heeds, hangs, waits} {
			var told atomic.Int32
			f := Refresh(new(timer.Clock), "app.example.org.", ask, func(*pool.Reply, *pool.Reply, error) { told.Add(1) })
			time.Sleep(1500 * time.Millisecond)
			start, before := time.Now(), told.Load()
			f.Stop()
			f.Stop()
			if time.Since(start) != 0 {
				t.Errorf("Stop took %s", time.Since(start))
			}
			time.Sleep(time.Minute)
			if told.Load() != before {
				t.Error("told after Stop")
			}
		}
	})
}

// Ten thousand names are looked up 256 at a time, and cost nothing in between
// but a timer.
func TestFollowMany(t *testing.T) {
	const n = 10_000
	synctest.Test(t, func(t *testing.T) {
		var inFlight, most, asked atomic.Int32
		ask := ResolverFunc(func(context.Context, string, uint16) (*pool.Reply, error) {
			if now := inFlight.Add(1); now > most.Load() {
				most.Store(now)
			}
			defer inFlight.Add(-1)
			asked.Add(1)
			return ttl(time.Minute)
		})
		var followers []*Refresher
		for range n {
			followers = append(followers, Refresh(new(timer.Clock), "app.example.org.", ask, func(*pool.Reply, *pool.Reply, error) {}))
		}
		time.Sleep(90 * time.Second)
		synctest.Wait()
		if asked.Load() != 4*n || most.Load() > 2*int32(cap(lookupSlots)) {
			t.Errorf("asked %d times, %d at a time", asked.Load(), most.Load())
		}
		for _, f := range followers {
			if !f.Ready() {
				t.Fatal("not asked")
			}
			f.Stop()
		}
	})
}
