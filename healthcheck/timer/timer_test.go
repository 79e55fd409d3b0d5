package timer

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

const ms = time.Millisecond

// begin returns the clock's time and a function that returns the time since then.
func begin(c *Clock) (start time.Time, after func() time.Duration) {
	start = c.Now()
	return start, func() time.Duration { return c.Now().Sub(start) }
}

// onBoth runs a test on the real clock, in a bubble, and on a virtual one. pass lets time
// pass.
func onBoth(t *testing.T, f func(t *testing.T, c *Clock, pass func(time.Duration))) {
	t.Run("real", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f(t, new(Clock), func(d time.Duration) {
				time.Sleep(d)
				synctest.Wait()
			})
		})
	})
	t.Run("virtual", func(t *testing.T) {
		c := NewVirtual(time.Unix(1_000_000, 0))
		f(t, c, func(d time.Duration) { c.Run(c.Now().Add(d)) })
	})
}

func TestTimes(t *testing.T) {
	tests := []struct {
		name string
		set  func(t *Timer, start time.Time)
		want []time.Duration
	}{
		{"never set", func(*Timer, time.Time) {}, nil},
		{"at a time", func(t *Timer, s time.Time) { t.At(s.Add(7*ms), 0) }, []time.Duration{7 * ms}},
		{"in the past is now", func(t *Timer, s time.Time) { t.At(s.Add(-time.Hour), 0) }, []time.Duration{0}},
		{"the last of two", func(t *Timer, s time.Time) { t.At(s.Add(7*ms), 0); t.At(s.Add(9*ms), 0) }, []time.Duration{9 * ms}},
		{"no later than an earlier time", func(t *Timer, s time.Time) { t.At(s.Add(7*ms), 0); t.NoLaterThan(s.Add(3 * ms)) }, []time.Duration{3 * ms}},
		{"no later than a later time", func(t *Timer, s time.Time) { t.At(s.Add(7*ms), 0); t.NoLaterThan(s.Add(8 * ms)) }, []time.Duration{7 * ms}},
		{"no later, never set", func(t *Timer, s time.Time) { t.NoLaterThan(s.Add(8 * ms)) }, []time.Duration{8 * ms}},
		{"stopped", func(t *Timer, s time.Time) { t.At(s.Add(7*ms), 0); t.Stop() }, nil},
		{"cancelled", func(t *Timer, s time.Time) { t.At(s.Add(7*ms), 0); t.Cancel() }, nil},
		{"set after a cancel", func(t *Timer, s time.Time) { t.At(s.Add(7*ms), ms); t.Cancel(); t.At(s.Add(9*ms), 0) }, []time.Duration{9 * ms}},
		{"set after a stop", func(t *Timer, s time.Time) { t.Stop(); t.At(s, 0); t.NoLaterThan(s) }, nil},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, c *Clock, pass func(time.Duration)) {
				start, after := begin(c)
				var got []time.Duration
				tm := c.New(func() { got = append(got, after()) })
				tc.set(tm, start)
				pass(time.Second)
				if !slices.Equal(got, tc.want) {
					t.Errorf("got %v, want %v", got, tc.want)
				}
				tm.Stop()
				tm.Wait()
			})
		})
	}
}

// A time that is set during a run is that of the next run.
func TestSetDuringARun(t *testing.T) {
	onBoth(t, func(t *testing.T, c *Clock, pass func(time.Duration)) {
		start, after := begin(c)
		var got []time.Duration
		var tm *Timer
		tm = c.New(func() {
			got = append(got, after())
			switch len(got) {
			case 1:
				tm.NoLaterThan(start.Add(20 * ms))
				tm.At(start.Add(50*ms), 0)
			case 2:
				tm.At(start.Add(60*ms), 0)
				tm.NoLaterThan(start.Add(90 * ms))
			case 3:
				tm.Stop()
				tm.At(start.Add(80*ms), 0)
			}
		})
		tm.At(start.Add(10*ms), 0)
		pass(time.Second)
		if want := []time.Duration{10 * ms, 20 * ms, 60 * ms}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

// A time that is cancelled during a run leads to no other run.
func TestCancelDuringARun(t *testing.T) {
	onBoth(t, func(t *testing.T, c *Clock, pass func(time.Duration)) {
		runs := 0
		var tm *Timer
		tm = c.New(func() {
			runs++
			tm.At(c.Now().Add(ms), 0)
			tm.NoLaterThan(c.Now())
			tm.Cancel()
		})
		tm.At(c.Now(), 0)
		pass(time.Second)
		if runs != 1 {
			t.Errorf("%d runs, want 1", runs)
		}
	})
}

// A timer does not run twice at a time, and Wait waits for the run.
func TestOneRunAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c Clock
		var running, most, ended atomic.Int32
		tm := c.New(func() {
			most.Store(max(most.Load(), running.Add(1)))
			time.Sleep(time.Minute)
			running.Add(-1)
			ended.Add(1)
		})
		tm.At(c.Now(), 0)
		time.Sleep(time.Second)
		tm.At(c.Now(), 0)
		tm.NoLaterThan(c.Now())
		time.Sleep(time.Minute)
		tm.Stop()
		tm.Wait()
		if most.Load() != 1 || ended.Load() != 2 {
			t.Errorf("%d at a time, %d in all, want 1 and 2", most.Load(), ended.Load())
		}
	})
}

// A run may stop another timer that is due at the same time, and wait for it.
func TestStopAnother(t *testing.T) {
	onBoth(t, func(t *testing.T, c *Clock, pass func(time.Duration)) {
		other := c.New(func() {})
		first := c.New(func() {
			other.Stop()
			other.Wait()
		})
		at := c.Now().Add(ms)
		first.At(at, 0)
		other.At(at, 0)
		pass(time.Second)
		first.Stop()
		first.Wait()
	})
}

// Timers with slack share times. None is early or late by more than its slack, and their
// mean is neither.
func TestSlack(t *testing.T) {
	for _, tc := range []struct{ slack, grain time.Duration }{
		{0, 0}, {ms / 4, 0}, {ms / 2, ms}, {ms, ms}, {5 * ms / 2, 5 * ms}, {24 * ms, 10 * ms}, {25 * ms, 50 * ms}, {time.Hour, 50 * ms},
	} {
		t.Run(fmt.Sprint(tc.slack), func(t *testing.T) {
			onBoth(t, func(t *testing.T, c *Clock, pass func(time.Duration)) {
				const timers, step = 200, 1370 * time.Microsecond
				var mu sync.Mutex
				moments, late := map[time.Duration]bool{}, time.Duration(0)
				start, after := begin(c)
				for i := range timers {
					wanted := time.Second + time.Duration(i)*step
					c.New(func() {
						mu.Lock()
						defer mu.Unlock()
						at := after()
						late += at - wanted
						moments[at] = true
						if d := (at - wanted).Abs(); d > tc.grain/2 || d > tc.slack {
							t.Errorf("wanted after %s, ran after %s", wanted, at)
						}
					}).At(start.Add(wanted), tc.slack)
				}
				pass(2 * time.Second)
				most := timers
				if tc.grain > 0 {
					most = int(timers*step/tc.grain) + 2
				}
				if len(moments) == 0 || len(moments) > most {
					t.Errorf("%d moments, want %d at most", len(moments), most)
				}
				if mean := late / timers; mean.Abs() > tc.grain/20 {
					t.Errorf("late by %s on average", mean)
				}
				if len(c.slots) != 0 {
					t.Errorf("%d slots are left", len(c.slots))
				}
			})
		})
	}
}

// A timer that leaves a slot leaves the others in it, and a slot without timers is removed.
func TestLeaveASlot(t *testing.T) {
	onBoth(t, func(t *testing.T, c *Clock, pass func(time.Duration)) {
		var runs [4]atomic.Int32
		var timers []*Timer
		at := c.Now().Add(time.Second)
		for i := range runs {
			timers = append(timers, c.New(func() { runs[i].Add(1) }))
			timers[i].At(at, ms)
		}
		timers[0].Cancel()
		timers[3].At(at.Add(time.Hour), ms)
		timers[3].Stop()
		if c.virtual == nil && len(c.slots) != 1 {
			t.Errorf("%d slots, want 1", len(c.slots))
		}
		pass(2 * time.Second)
		for i, want := range []int32{0, 1, 1, 0} {
			if n := runs[i].Load(); n != want {
				t.Errorf("timer %d: %d runs, want %d", i, n, want)
			}
		}
	})
}

// Timers that are set and stopped at the same time as others never run twice at a time,
// nor after Wait, and the last time that was set is not lost.
func TestManyAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c Clock
		var all sync.WaitGroup
		for range 50 {
			var running, runs atomic.Int32
			tm := c.New(func() {
				if running.Add(1) != 1 {
					t.Error("two runs at once")
				}
				time.Sleep(rand.N(3 * ms))
				running.Add(-1)
				runs.Add(1)
			})
			all.Go(func() {
				for range 100 {
					switch rand.N(4) {
					case 0:
						tm.NoLaterThan(c.Now().Add(rand.N(20 * ms)))
					case 1:
						tm.Cancel()
					default:
						tm.At(c.Now().Add(rand.N(20*ms)), rand.N(20*ms))
					}
					time.Sleep(rand.N(20 * ms))
				}
				time.Sleep(time.Second)
				before := runs.Load()
				tm.At(c.Now().Add(10*ms), 5*ms)
				time.Sleep(time.Second)
				if runs.Load() != before+1 {
					t.Error("the last time was lost")
				}
				tm.At(c.Now(), 0)
				tm.Stop()
				tm.Wait()
				if running.Load() != 0 {
					t.Error("it runs after Wait")
				}
			})
		}
		all.Wait()
	})
}

// A virtual clock runs timers with the same time in the order in which they were set.
func TestOrder(t *testing.T) {
	c := NewVirtual(time.Unix(1_000_000, 0))
	var got []int
	for i := range 5 {
		c.New(func() { got = append(got, i) }).At(c.Now().Add(time.Duration(25-i)*ms), 25*ms)
	}
	c.Run(c.Now().Add(time.Second))
	if want := []int{1, 2, 3, 4, 0}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestRunPanicsOnTheRealClock(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	new(Clock).Run(time.Now())
}

// BenchmarkAt compares exact times, which take a timer of the runtime, with slots.
func BenchmarkAt(b *testing.B) {
	for _, slack := range []time.Duration{0, 10 * ms} {
		b.Run(fmt.Sprint(slack), func(b *testing.B) {
			var c Clock
			t := c.New(func() {})
			defer t.Stop()
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				t.At(time.Now().Add(time.Hour+time.Duration(i)*time.Microsecond), slack)
			}
		})
	}
}
