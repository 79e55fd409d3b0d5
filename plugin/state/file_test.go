package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns-failover/failover/healthcheck/timer"
	"github.com/coredns-failover/failover/plugin/event"
	"github.com/coredns-failover/failover/plugin/override"
	"github.com/coredns-failover/failover/plugin/pool"
)

// open opens a file that is closed without a last write when the test ends.
func open(t *testing.T, path string, h Hooks) *File {
	t.Helper()
	if h.Collect == nil {
		h.Collect = func() (c Content) { return c }
	}
	if h.Written == nil {
		h.Written = func(error) {}
	}
	f, err := Open(path, new(timer.Clock), h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close(false) })
	return f
}

// names returns the names in the directory of path but for that of the lock.
func names(t *testing.T, path string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".lock") {
			list = append(list, e.Name())
		}
	}
	return list
}

// What is saved is what is loaded. Nobody else may read it, and nothing else is left.
func TestSaveAndLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	at := time.Date(2030, 1, 2, 3, 4, 5, 6, time.UTC)
	want := Content{
		Overrides: []Override{{
			Override: override.Override{ID: "a", Target: override.Target{Record: "www.example.org."}, Action: pool.Freeze, Created: at, Expires: &at},
			Frozen:   []override.Frozen{{Place: pool.Place{Record: "www.example.org."}, Answers: &pool.Frozen{Pool: "primary"}}},
		}},
		Records: []Record{{
			Place:  pool.Place{Record: "www.example.org.", Server: "dns://:53", View: "v"},
			Memory: pool.Memory{Pools: []pool.LastPool{{Pool: "primary", Down: true, Held: true, Since: at}}},
			Strip:  []event.Change{{Time: at, State: pool.OK, Pool: "primary"}},
		}},
		Heartbeats: map[string]Heartbeat{"job": {Time: at, Failure: "no"}},
		Events:     []event.Entry{{ID: 7, Time: at, Kind: event.EntryReload}},
	}
	f := open(t, path, Hooks{Collect: func() Content { return want }})
	if c, err := f.Load(); c != nil || err != nil {
		t.Errorf("before the first write: %v, %v", c, err)
	}
	before := time.Now()
	if err := f.Save(); err != nil {
		t.Fatal(err)
	}
	got, err := f.Load()
	if err != nil {
		t.Fatal(err)
	}
	if got.Saved.Before(before.Add(-time.Minute)) || got.Saved.After(time.Now()) {
		t.Errorf("saved at %s", got.Saved)
	}
	want.Format, want.Saved = 1, got.Saved
	if !reflect.DeepEqual(*got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", *got, want)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if list := names(t, path); len(list) != 1 {
		t.Errorf("left are %v", list)
	}
}

// One process has the file at a time, by whatever name. Closing it, or the end of the
// process, gives it back.
func TestLock(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "state"), filepath.Join(dir, "link")
	f := open(t, path, Hooks{})
	if err := f.Save(); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, link} {
		if _, err := Open(name, new(timer.Clock), Hooks{}); !errors.Is(err, errLocked) {
			t.Errorf("a second one: %v", err)
		}
	}
	if err := f.Close(false); err != nil {
		t.Error(err)
	}
	if err := f.Save(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("a write after the end: %v", err)
	}
	if err := open(t, link, Hooks{}).Save(); err != nil {
		t.Error(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link was replaced: %v %v", info, err)
	}
}

func TestCannotBeOpened(t *testing.T) {
	taken := filepath.Join(t.TempDir(), "state")
	if err := os.MkdirAll(filepath.Join(taken+temporary, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{taken, filepath.Join(t.TempDir(), "nosuch", "state"), "/proc/self/state"} {
		if f, err := Open(path, new(timer.Clock), Hooks{}); err == nil {
			t.Errorf("%s is opened", path)
			f.Close(false)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: more than one line: %v", path, err)
		}
	}
}

// What cannot be read is set aside.
func TestBad(t *testing.T) {
	for _, text := range []string{"", "null", "[]", `{"format":2}`, `{"format":1`, `{"format":1}}`, `{"format":"1"}`, `{"format":1,"records":5}`, "\x00\xff"} {
		path := filepath.Join(t.TempDir(), "state")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		f := open(t, path, Hooks{})
		if c, err := f.Load(); c != nil && err == nil {
			t.Errorf("%q is read", text)
		}
		if bad, err := os.ReadFile(path + ".bad"); err != nil || string(bad) != text {
			t.Errorf("%q: %q is set aside, %v", text, bad, err)
		}
		if c, err := f.Load(); c != nil || err != nil {
			t.Errorf("%q is still there: %v, %v", text, c, err)
		}
	}
}

// What a process that was killed has left is no hindrance.
func TestLeftovers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	if err := os.WriteFile(path+temporary, []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	f := open(t, path, Hooks{})
	if list := names(t, path); len(list) > 0 {
		t.Errorf("left are %v", list)
	}
	if err := f.Save(); err != nil {
		t.Error(err)
	}
}

// A disk stands in for the disk of a File, in virtual time.
type disk struct {
	start time.Time

	mu     sync.Mutex // guards the following
	err    error
	stuck  chan struct{} // writes wait for its end; nil does not
	writes []string      // when they ended, and how
}

func (d *disk) put(_ string, _ []byte, commit func() bool) error {
	d.mu.Lock()
	stuck, err := d.stuck, d.err
	d.mu.Unlock()
	if stuck != nil {
		<-stuck
	}
	if !commit() {
		err = errAbandoned
	}
	d.note(strings.TrimSuffix(fmt.Sprintf("%s %v", time.Since(d.start), err), " <nil>"))
	return err
}

func (d *disk) note(what string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.writes = append(d.writes, what)
}

// be sets what becomes of writes from now on.
func (d *disk) be(err error, stuck chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err, d.stuck = err, stuck
}

// ended returns the writes that have ended since it was last called, or want was.
func (d *disk) ended() []string {
	synctest.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	defer func() { d.writes = nil }()
	return d.writes
}

// onDisk calls f in a bubble with a File whose writes go to d.
func onDisk(t *testing.T, f func(*File, *disk)) {
	path := filepath.Join(t.TempDir(), "state")
	synctest.Test(t, func(t *testing.T) {
		d := &disk{start: time.Now()}
		file := open(t, path, Hooks{Written: func(err error) {
			if errors.Is(err, errSlow) {
				d.note(fmt.Sprintf("%s slow", time.Since(d.start)))
			}
		}})
		file.put = d.put
		f(file, d)
	})
}

func (d *disk) want(t *testing.T, want ...string) {
	t.Helper()
	if got := d.ended(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("writes are %q, want %q", got, want)
	}
}

// A change is written at once, and many are once a second.
func TestOnceASecond(t *testing.T) {
	onDisk(t, func(f *File, d *disk) {
		for range 250 {
			f.Changed()
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(time.Minute)
		d.want(t, "0s", "1s", "2s", "3s")
		f.Changed()
		d.want(t, "1m2.5s")
	})
}

// What takes long to collect is written less often, but within seconds.
func TestManyRecords(t *testing.T) {
	for took, want := range map[time.Duration][]string{
		10 * time.Millisecond:  {"10ms", "1.02s", "2.03s"},
		100 * time.Millisecond: {"100ms", "2.2s", "4.3s"},
		time.Second:            {"1s", "7s", "13s"},
	} {
		onDisk(t, func(f *File, d *disk) {
			f.hooks.Collect = func() (c Content) { time.Sleep(took); return c }
			var got []string
			for len(got) < 3 {
				f.Changed()
				time.Sleep(time.Millisecond)
				got = append(got, d.ended()...)
			}
			f.timer.Stop()
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("writes are %q, want %q", got, want)
			}
		})
	}
}

// Somebody waits for a write: it comes at once, however many there are.
func TestSaveDoesNotWait(t *testing.T) {
	onDisk(t, func(f *File, d *disk) {
		for range 3 {
			if err := f.Save(); err != nil {
				t.Error(err)
			}
		}
		f.Changed()
		time.Sleep(5 * time.Second)
		d.want(t, "0s", "0s", "0s", "1s")
	})
}

// A file is written now and then though nothing changes: it says how old it is.
func TestRefresh(t *testing.T) {
	onDisk(t, func(f *File, d *disk) {
		f.Refresh(10 * time.Second)
		time.Sleep(11 * time.Second)
		f.Changed()
		time.Sleep(20 * time.Second)
		d.want(t, "10s", "11s", "21s", "31s")
		f.Refresh(0)
		time.Sleep(time.Hour)
		d.want(t, "41s")
	})
}

// A write that fails is tried again every second, until one is on disk.
func TestFullDisk(t *testing.T) {
	onDisk(t, func(f *File, d *disk) {
		d.be(errors.New("full"), nil)
		if err := f.Save(); err == nil || err.Error() != "full" {
			t.Errorf("got %v", err)
		}
		time.Sleep(2500 * time.Millisecond)
		d.be(nil, nil)
		time.Sleep(time.Minute)
		d.want(t, "0s full", "1s full", "2s full", "3s")
	})
}

// A disk that does not answer delays nobody for long. A write that was given up changes
// nothing, and another follows.
func TestStuckDisk(t *testing.T) {
	onDisk(t, func(f *File, d *disk) {
		stuck := make(chan struct{})
		d.be(nil, stuck)
		for i, want := range []time.Duration{patience, 0, 0} {
			began := time.Now()
			if err := f.Save(); !errors.Is(err, errSlow) || time.Since(began) != want {
				t.Errorf("write %d: %v after %s", i, err, time.Since(began))
			}
			time.Sleep(time.Millisecond) // more than patience
		}
		f.Changed() // does not block
		d.be(nil, nil)
		close(stuck)
		time.Sleep(time.Minute)
		d.want(t, "3s slow", "3.001s slow", "3.002s slow", "3.003s abandoned", "4.002s")
	})
}

// The last write is at the end, unless the file was never used.
func TestClose(t *testing.T) {
	for _, save := range []bool{true, false} {
		onDisk(t, func(f *File, d *disk) {
			f.Refresh(time.Minute)
			f.Close(save)
			time.Sleep(time.Hour)
			f.Changed()
			if got, want := len(d.ended()), map[bool]int{true: 1}[save]; got != want {
				t.Errorf("%d writes, want %d", got, want)
			}
		})
	}
}

// A disk that does not answer does not keep the process from ending.
func TestCloseStuckDisk(t *testing.T) {
	onDisk(t, func(f *File, d *disk) {
		stuck := make(chan struct{})
		d.be(nil, stuck)
		began := time.Now()
		f.Close(true)
		if took := time.Since(began); took > 3*patience {
			t.Errorf("it took %s", took)
		}
		close(stuck)
		if got := d.ended(); !strings.HasSuffix(got[len(got)-1], "abandoned") {
			t.Errorf("the write counts after all: %v", got)
		}
	})
}

// FuzzLoad finds no content that panics.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(`{"format":1,"overrides":[{"id":"a","address":"192.0.2.1","frozen":[{"Answers":null}]}],"records":[{"memory":{"endpoints":[{"address":"","checks":[{}]}]}}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "state")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if c, err := read(path); (c == nil) == (err == nil) {
			t.Errorf("%v, %v", c, err)
		}
	})
}
