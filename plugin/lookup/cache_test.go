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

	"github.com/coredns-failover/failover/plugin/pool"
)

// A testCache is a replyCache that counts its lookups.
type testCache struct {
	replyCache

	asked atomic.Int32
	err   error // of lookups
	ttl   time.Duration
}

func (c *testCache) ask(context.Context) (*pool.Reply, error) {
	c.asked.Add(1)
	if c.err != nil {
		return nil, c.err
	}
	return ttl(c.ttl)
}

func (c *testCache) getA(t *testing.T) (*pool.Reply, error) {
	return c.get(t.Context(), "a.apps.example.org.", dns.TypeA, c.ask)
}

func TestCacheKeepsForTheTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &testCache{ttl: 10 * time.Second}
		for range 25 { // 0s to 24s
			if _, err := c.getA(t); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		if c.asked.Load() != 3 {
			t.Errorf("asked %d times, want 3", c.asked.Load())
		}
		c.get(t.Context(), "a.apps.example.org.", dns.TypeAAAA, c.ask)
		c.get(t.Context(), "b.apps.example.org.", dns.TypeA, c.ask)
		if c.asked.Load() != 5 {
			t.Errorf("asked %d times, want 5", c.asked.Load())
		}
	})
}

// While lookups fail, a reply is used for ten minutes after its TTL, and there is one
// lookup a second.
func TestCacheWhileLookupsFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &testCache{ttl: 10 * time.Second}
		first, _ := c.getA(t)
		c.err = errors.New("i/o timeout")
		time.Sleep(c.ttl)
		for range 10 {
			if r, err := c.getA(t); r != first || err != nil {
				t.Fatalf("got %v, %v", r, err)
			}
			time.Sleep(500 * time.Millisecond)
		}
		if c.asked.Load() != 1+5 {
			t.Errorf("asked %d times, want 6", c.asked.Load())
		}
		time.Sleep(time.Until(first.At.Add(c.ttl + staleTTL - time.Second)))
		if r, err := c.getA(t); r != first || err != nil {
			t.Errorf("not used after almost ten minutes: %v, %v", r, err)
		}
		time.Sleep(time.Second)
		if r, err := c.getA(t); r != nil || err != c.err {
			t.Errorf("after ten minutes: %v, %v", r, err)
		}
		asked := c.asked.Load()
		if _, err := c.getA(t); err != c.err || c.asked.Load() != asked {
			t.Error("a failure is not kept")
		}
		c.err = nil
		time.Sleep(failureTTL)
		if r, err := c.getA(t); r == nil || r == first || err != nil {
			t.Errorf("after the failure: %v, %v", r, err)
		}
	})
}

func TestCacheAsksOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c replyCache
		var asked atomic.Int32
		ctx, cancel := context.WithCancel(t.Context())
		slow := func(ctx context.Context) (*pool.Reply, error) {
			asked.Add(1)
			time.Sleep(time.Second)
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return ttl(time.Minute)
		}
		var wg sync.WaitGroup
		wg.Go(func() { c.get(ctx, "a.", dns.TypeA, slow) })
		synctest.Wait()
		for i := range 100 {
			wg.Go(func() {
				if i%2 == 0 {
					c.get(ctx, "a.", dns.TypeA, slow)
				} else if _, err := c.get(t.Context(), "a.", dns.TypeA, slow); err != nil {
					t.Error(err)
				}
			})
		}
		time.Sleep(500 * time.Millisecond)
		cancel() // half of the clients go away, the one with the lookup too
		wg.Wait()
		if asked.Load() != 1 {
			t.Errorf("asked %d times", asked.Load())
		}
	})
}

// A caller waits for a lookup that hangs for a limited time, and gets the expired reply.
func TestCacheHanging(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c replyCache
		release := make(chan struct{})
		hangs := func(context.Context) (*pool.Reply, error) {
			<-release
			return ttl(time.Minute)
		}
		never := func(context.Context) (*pool.Reply, error) {
			t.Error("a second lookup at the same time")
			return nil, errors.New("no")
		}
		old, _ := c.get(t.Context(), "known.", dns.TypeA, func(context.Context) (*pool.Reply, error) { return ttl(time.Second) })
		time.Sleep(2 * time.Second)
		var wg sync.WaitGroup
		wg.Go(func() { c.get(t.Context(), "new.", dns.TypeA, hangs) })
		for _, ask := range []func(context.Context) (*pool.Reply, error){hangs, never} {
			start := time.Now()
			if r, err := c.get(t.Context(), "known.", dns.TypeA, ask); r != old || err != nil || time.Since(start) != staleWait {
				t.Errorf("got %v, %v after %s", r, err, time.Since(start))
			}
		}
		if _, err := c.get(t.Context(), "new.", dns.TypeA, never); err != errTimeout {
			t.Errorf("got %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := c.get(ctx, "new.", dns.TypeA, never); err != context.Canceled {
			t.Errorf("got %v", err)
		}
		close(release)
		wg.Wait()
		synctest.Wait()
		if r, err := c.get(t.Context(), "known.", dns.TypeA, never); r == old || err != nil {
			t.Errorf("a late reply is not kept: %v, %v", r, err)
		}
	})
}

// A panic is an error for all callers that wait, and does not replace a reply.
func TestCachePanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &testCache{ttl: time.Second}
		panics := func(context.Context) (*pool.Reply, error) {
			time.Sleep(100 * time.Millisecond)
			panic("ouch")
		}
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				_, err := c.get(t.Context(), "a.apps.example.org.", dns.TypeA, panics)
				if p := (*panicError)(nil); !errors.As(err, &p) {
					t.Errorf("got %v", err)
				}
			})
		}
		wg.Wait()
		time.Sleep(failureTTL)
		old, err := c.getA(t)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		if r, err := c.get(t.Context(), "a.apps.example.org.", dns.TypeA, panics); r != old || err != nil {
			t.Errorf("got %v, %v, want the expired reply", r, err)
		}
	})
}

func TestCacheIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &testCache{ttl: time.Hour}
		for i := range 3 * maxReplies {
			c.get(t.Context(), fmt.Sprintf("%d.apps.example.org.", i), dns.TypeA, c.ask)
		}
		if n := c.entries.Len(); n > maxReplies || n < maxReplies/2 {
			t.Errorf("%d replies are kept", n)
		}
	})
}

// A lookup that leads back to itself does not wait for itself.
func TestCacheLoops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c replyCache
		to := map[string]string{"a.": "b.", "b.": "a."}
		var get func(ctx context.Context, name string) (*pool.Reply, error)
		get = func(ctx context.Context, name string) (*pool.Reply, error) {
			return c.get(ctx, name, dns.TypeA, func(ctx context.Context) (*pool.Reply, error) {
				time.Sleep(time.Millisecond) // so that the others have begun
				return get(ctx, to[name])
			})
		}
		start := time.Now()
		var wg sync.WaitGroup
		for _, name := range []string{"a.", "b."} {
			wg.Go(func() {
				_, err := get(t.Context(), name)
				if loop := (*loopError)(nil); !errors.As(err, &loop) {
					t.Errorf("%s: %v", name, err)
				}
			})
		}
		wg.Wait()
		if took := time.Since(start); took > 10*time.Millisecond {
			t.Errorf("they waited for each other: %s", took)
		}
	})
}

// A name with the same hash is another name.
func TestCacheHashCollision(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &testCache{ttl: time.Hour}
		c.getA(t)
		q := question{"a.apps.example.org.", dns.TypeA}
		e := *c.find(q)
		e.question.name = "b.apps.example.org."
		c.entries.Add(q.hash(), &e)
		if c.find(q) != nil {
			t.Error("took one for the other")
		}
	})
}

func BenchmarkCache(b *testing.B) {
	c := &testCache{ttl: time.Hour}
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		c.get(ctx, "a.apps.example.org.", dns.TypeA, c.ask)
	}
}
