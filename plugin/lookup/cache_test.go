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

// A testCache asks Kept, and counts how often that asks.
type testCache struct {
	Cache

	asked atomic.Int32
	err   error // of lookups
	ttl   time.Duration
}

func (k *testCache) ask(context.Context) (*pool.Reply, error) {
	k.asked.Add(1)
	if k.err != nil {
		return nil, k.err
	}
	return ttl(k.ttl)
}

func (k *testCache) get(t *testing.T) (*pool.Reply, error) {
	return k.Get(t.Context(), "a.apps.example.org.", dns.TypeA, k.ask)
}

func TestKeptForTheTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &testCache{ttl: 10 * time.Second}
		for range 25 { // 0s to 24s
			if _, err := k.get(t); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		if k.asked.Load() != 3 {
			t.Errorf("asked %d times, want 3", k.asked.Load())
		}
		k.Get(t.Context(), "a.apps.example.org.", dns.TypeAAAA, k.ask)
		k.Get(t.Context(), "b.apps.example.org.", dns.TypeA, k.ask)
		if k.asked.Load() != 5 {
			t.Errorf("asked %d times, want 5", k.asked.Load())
		}
	})
}

// A reply stands for ten minutes after its TTL if lookups fail, which are made
// once a second then.
func TestKeptWhileLookupsFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &testCache{ttl: 10 * time.Second}
		first, _ := k.get(t)
		k.err = errors.New("i/o timeout")
		time.Sleep(k.ttl)
		for range 10 {
			if r, err := k.get(t); r != first || err != nil {
				t.Fatalf("got %v, %v", r, err)
			}
			time.Sleep(500 * time.Millisecond)
		}
		if k.asked.Load() != 1+5 {
			t.Errorf("asked %d times, want 6", k.asked.Load())
		}
		time.Sleep(time.Until(first.At.Add(k.ttl + staleTTL - time.Second)))
		if r, err := k.get(t); r != first || err != nil {
			t.Errorf("not used after almost ten minutes: %v, %v", r, err)
		}
		time.Sleep(time.Second)
		if r, err := k.get(t); r != nil || err != k.err {
			t.Errorf("after ten minutes: %v, %v", r, err)
		}
		asked := k.asked.Load()
		if _, err := k.get(t); err != k.err || k.asked.Load() != asked {
			t.Error("a failure is not kept at all")
		}
		k.err = nil
		time.Sleep(failureTTL)
		if r, err := k.get(t); r == nil || r == first || err != nil {
			t.Errorf("after the failure: %v, %v", r, err)
		}
	})
}

func TestKeptAsksOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k Cache
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
		wg.Go(func() { k.Get(ctx, "a.", dns.TypeA, slow) })
		synctest.Wait()
		for i := range 100 {
			wg.Go(func() {
				if i%2 == 0 {
					k.Get(ctx, "a.", dns.TypeA, slow)
				} else if _, err := k.Get(t.Context(), "a.", dns.TypeA, slow); err != nil {
					t.Error(err)
				}
			})
		}
		time.Sleep(500 * time.Millisecond)
		cancel() // half of the clients go away, and the one that asks for all
		wg.Wait()
		if asked.Load() != 1 {
			t.Errorf("asked %d times", asked.Load())
		}
	})
}

// Who waits for a lookup that hangs waits for a while, and gets what was known.
func TestKeptHanging(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k Cache
		release := make(chan struct{})
		hangs := func(context.Context) (*pool.Reply, error) {
			<-release
			return ttl(time.Minute)
		}
		never := func(context.Context) (*pool.Reply, error) {
			t.Error("asked beside the other")
			return nil, errors.New("no")
		}
		old, _ := k.Get(t.Context(), "known.", dns.TypeA, func(context.Context) (*pool.Reply, error) { return ttl(time.Second) })
		time.Sleep(2 * time.Second)
		var wg sync.WaitGroup
		wg.Go(func() { k.Get(t.Context(), "new.", dns.TypeA, hangs) })
		for _, ask := range []func(context.Context) (*pool.Reply, error){hangs, never} {
			start := time.Now()
			if r, err := k.Get(t.Context(), "known.", dns.TypeA, ask); r != old || err != nil || time.Since(start) != clientWait {
				t.Errorf("got %v, %v after %s", r, err, time.Since(start))
			}
		}
		if _, err := k.Get(t.Context(), "new.", dns.TypeA, never); err != errTimeout {
			t.Errorf("got %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := k.Get(ctx, "new.", dns.TypeA, never); err != context.Canceled {
			t.Errorf("got %v", err)
		}
		close(release)
		wg.Wait()
		synctest.Wait()
		if r, err := k.Get(t.Context(), "known.", dns.TypeA, never); r == old || err != nil {
			t.Errorf("what came late is not kept: %v, %v", r, err)
		}
	})
}

// Nor does a panic end the server where nobody waits for the lookup.
func TestKeptPanicsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &testCache{ttl: time.Second}
		old, _ := k.get(t)
		time.Sleep(2 * time.Second)
		panics := func(context.Context) (*pool.Reply, error) { panic("ouch") }
		if r, err := k.Get(t.Context(), "a.apps.example.org.", dns.TypeA, panics); r != nil || err != errPanicked {
			t.Errorf("got %v, %v", r, err)
		}
		if r, err := k.get(t); r == old || err != nil {
			t.Errorf("and the next %v, %v", r, err)
		}
	})
}

func TestKeptPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k Cache
		var wg sync.WaitGroup
		wg.Go(func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			k.Get(t.Context(), "a.", dns.TypeA, func(context.Context) (*pool.Reply, error) {
				time.Sleep(time.Second)
				panic("ouch")
			})
		})
		synctest.Wait()
		if _, err := k.Get(t.Context(), "a.", dns.TypeA, nil); err != errPanicked {
			t.Errorf("who waited got %v", err)
		}
		wg.Wait()
		if _, err := k.Get(t.Context(), "a.", dns.TypeA, func(context.Context) (*pool.Reply, error) { return ttl(time.Second) }); err != nil {
			t.Errorf("and the next %v", err)
		}
	})
}

func TestKeptIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &testCache{ttl: time.Hour}
		for i := range 3 * maxReplies {
			k.Get(t.Context(), fmt.Sprintf("%d.apps.example.org.", i), dns.TypeA, k.ask)
		}
		if n := k.entries.Len(); n > maxReplies || n < maxReplies/2 {
			t.Errorf("%d replies are kept", n)
		}
		if len(k.flights) != 0 {
			t.Errorf("%d lookups are under way", len(k.flights))
		}
	})
}

// A lookup that leads back to itself does not wait for itself.
func TestKeptLoops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k Cache
		to := map[string]string{"a.": "b.", "b.": "a."}
		var get func(ctx context.Context, name string) (*pool.Reply, error)
		get = func(ctx context.Context, name string) (*pool.Reply, error) {
			return k.Get(ctx, name, dns.TypeA, func(ctx context.Context) (*pool.Reply, error) {
				time.Sleep(time.Millisecond) // so that the others have begun
				return get(ctx, to[name])
			})
		}
		start := time.Now()
		var wg sync.WaitGroup
		for _, name := range []string{"a.", "b."} {
			wg.Go(func() {
				_, err := get(t.Context(), name)
				if loop := (*LoopError)(nil); !errors.As(err, &loop) {
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

// Another key with the same hash is another name.
func TestKeptTellsNamesApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &testCache{ttl: time.Hour}
		k.get(t)
		q := question{"a.apps.example.org.", dns.TypeA}
		e := *k.find(q)
		e.question.name = "b.apps.example.org."
		k.entries.Add(q.hash(), &e)
		if k.find(q) != nil {
			t.Error("took one for the other")
		}
	})
}

func BenchmarkKept(b *testing.B) {
	k := &testCache{ttl: time.Hour}
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		k.Get(ctx, "a.apps.example.org.", dns.TypeA, k.ask)
	}
}
