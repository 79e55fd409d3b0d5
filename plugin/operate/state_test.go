package operate

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/admin"
	"github.com/coredns-failover/failover/plugin/event"
	"github.com/coredns-failover/failover/plugin/lifecycle"
	"github.com/coredns-failover/failover/plugin/override"
	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/plugin/serve"
	"github.com/coredns-failover/failover/plugin/state"
)

// A life is a process, as far as its Operator goes.
type life struct {
	*testing.T
	*Operator

	mu     sync.Mutex // guards the following
	said   []string   // in the log
	failed int        // writes
}

func begin(t *testing.T) *life {
	l := &life{T: t}
	log := func(format string, v ...any) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.said = append(l.said, fmt.Sprintf(format, v...))
	}
	journal := event.NewJournal()
	reg := healthcheck.NewRegistry(healthcheck.Hooks{})
	l.Operator = New("test", reg, lifecycle.NewProcess[*serve.Block](reg), journal, Hooks{
		Told: []event.Subscriber{journal.Tell}, Warn: log, Info: log,
		StateFailed: func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.failed++
		},
	})
	return l
}

// log returns what was logged, and how many writes have failed, since the last call.
func (l *life) log() (said []string, failed int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	said, failed = l.said, l.failed
	l.said, l.failed = nil, 0
	return said, failed
}

// in is a Corefile with a state file.
func in(path string) Config {
	return Config{State: &StateConfig{
		Path: path, MaxAge: time.Hour,
		Refuse: func(err error) error { return fmt.Errorf("line 2: %w", err) },
	}}
}

func (l *life) open(c Config) (closeIt func()) {
	l.Helper()
	closeIt, err := l.Open(c)
	if err != nil {
		l.Fatal(err)
	}
	return closeIt
}

// drain overrides an address.
func (l *life) drain(address string) *override.Error {
	_, err := l.overrides.Apply(override.Request{Changes: []override.Change{{
		Target: override.Target{Address: address}, Action: pool.Drain, Reason: "test", For: "1h",
	}}}, "tester")
	return err
}

// addresses returns those that are overridden, in a process or in a file.
func (l *life) addresses() (all string) {
	for _, o := range l.overrides.List() {
		all += " " + o.Address
	}
	return strings.TrimSpace(all)
}

func (l *life) wantOverrides(want string) {
	l.Helper()
	if got := l.addresses(); got != want {
		l.Errorf("overridden are %q, want %q", got, want)
	}
}

// wantInFile reads a file as the next process does, if this one is killed now.
func wantInFile(t *testing.T, path, want string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "state")
	if err := os.WriteFile(dir, text, 0o600); err != nil {
		t.Fatal(err)
	}
	next := begin(t)
	defer next.open(in(dir))()
	next.wantOverrides(want)
}

// An override is on disk when it is answered, and a deletion too. Both outlast the process
// with their events.
func TestOverridesOutlastTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	l := begin(t)
	closeIt := l.open(in(path))
	for _, a := range []string{"192.0.2.1", "192.0.2.2"} {
		if err := l.drain(a); err != nil {
			t.Fatal(err)
		}
	}
	wantInFile(t, path, "192.0.2.1 192.0.2.2")
	if err := l.overrides.Remove(l.overrides.List()[0].ID, "tester"); err != nil {
		t.Fatal(err)
	}
	wantInFile(t, path, "192.0.2.2")
	last, _ := l.journal.Last()
	closeIt()
	l = begin(t)
	defer l.open(in(path))()
	l.wantOverrides("192.0.2.2")
	if now, _ := l.journal.Last(); now != last || len(l.journal.Entries(event.Query{})) != 3 {
		t.Errorf("the last event was %d and is %d: %v", last, now, l.journal.Entries(event.Query{}))
	}
}

// An override whose time is over when the process starts does not count, and its end is an
// event.
func TestOverrideEndedMeanwhile(t *testing.T) {
	l := begin(t)
	past, future := time.Now().Add(-time.Minute), time.Now().Add(time.Minute)
	l.restoreLocked(&state.Content{Overrides: []state.Override{
		{Override: override.Override{ID: "a", Target: override.Target{Address: "192.0.2.1"}, Action: pool.Drain, Expires: &past}},
		{Override: override.Override{ID: "b", Target: override.Target{Address: "192.0.2.2"}, Action: pool.Drain, Expires: &future}},
	}}, time.Hour)
	l.wantOverrides("192.0.2.2")
	all := l.journal.Entries(event.Query{})
	if len(all) != 1 || all[0].Kind != event.EntryOverride || all[0].From != "drain" || all[0].Endpoint != "192.0.2.1" {
		t.Errorf("the events are %+v", all)
	}
}

// block makes writes fail: where the new file would be, there is a directory with content.
func block(t *testing.T, path string) (unblock func()) {
	t.Helper()
	if err := os.MkdirAll(path+".new/full", 0o700); err != nil {
		t.Fatal(err)
	}
	return func() { os.RemoveAll(path + ".new") }
}

// What cannot be written is not done. That is said once and counted, and said once it works
// again.
func TestCannotBeSaved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	l := begin(t)
	closeIt := l.open(in(path))
	defer closeIt()
	if err := l.drain("192.0.2.1"); err != nil {
		t.Fatal(err)
	}
	unblock := block(t, path)
	for range 2 {
		if err := l.drain("192.0.2.2"); err == nil || err.Kind != override.NotSaved {
			t.Errorf("got %v", err)
		}
	}
	if err := l.overrides.Remove(l.overrides.List()[0].ID, "tester"); err == nil || err.Kind != override.NotSaved {
		t.Errorf("got %v", err)
	}
	held := &heldRecord{}
	if done, err := l.release([]admin.Record{held}, "tester"); done || err == nil || held.released {
		t.Errorf("a release: %t, %v, done: %t", done, err, held.released)
	}
	l.wantOverrides("192.0.2.1")
	if said, failed := l.log(); len(said) != 1 || !strings.Contains(said[0], path+" cannot be written") || failed < 4 {
		t.Errorf("%d failures, said is %q", failed, said)
	}
	unblock()
	if err := l.drain("192.0.2.3"); err != nil {
		t.Error(err)
	}
	if done, err := l.release([]admin.Record{held}, "tester"); !done || err != nil || !held.released {
		t.Errorf("a release: %t, %v, done: %t", done, err, held.released)
	}
	if done, err := l.release([]admin.Record{&heldRecord{released: true}}, "tester"); done || err != nil {
		t.Errorf("a release of nothing: %t, %v", done, err)
	}
	if said, _ := l.log(); len(said) != 1 || !strings.Contains(said[0], "can be written again") {
		t.Errorf("said is %q", said)
	}
	wantInFile(t, path, "192.0.2.1 192.0.2.3")
}

// A heldRecord is one with a pool that is held back.
type heldRecord struct {
	admin.Record
	released bool
}

func (r *heldRecord) Place() pool.Place { return pool.Place{Record: "www.example.org."} }
func (r *heldRecord) Status() (s pool.Status) {
	if !r.released {
		s.Held = new(pool.Hold)
	}
	return s
}

func (r *heldRecord) Release(string) []string {
	r.released = true
	return []string{"primary"}
}

// A directory that cannot be written, and a file that another process has, are refused with
// the line.
func TestStateRefused(t *testing.T) {
	dir := t.TempDir()
	l := begin(t)
	closeIt := l.open(in(filepath.Join(dir, "state")))
	for path, want := range map[string]string{
		filepath.Join(dir, "nosuch", "state"): "no such file or directory",
		filepath.Join(dir, "state"):           "another process has it",
	} {
		if _, err := begin(t).Open(in(path)); err == nil || !strings.HasPrefix(err.Error(), "line 2: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
	closeIt()
	begin(t).open(in(filepath.Join(dir, "state")))()
}

// A file that cannot be read is set aside with a warning.
func TestBadState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := begin(t)
	l.open(in(path))()
	if said, _ := l.log(); len(said) != 1 || !strings.Contains(said[0], path+".bad") {
		t.Errorf("said is %q", said)
	}
	wantInFile(t, path, "")
}

// A reload keeps the lock, moves the file, drops it, and takes it up again.
func TestStateOverReloads(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	locked := func(path string) bool {
		closeIt, err := begin(t).Open(in(path))
		if err == nil {
			closeIt()
		}
		return err != nil
	}
	l := begin(t)
	closeOld := l.open(in(a))
	reload := func(c Config) {
		t.Helper()
		closeNew := l.open(c)
		closeOld()
		closeOld = closeNew
	}
	if err := l.drain("192.0.2.1"); err != nil {
		t.Fatal(err)
	}
	reload(in(a))
	if !locked(a) {
		t.Error("a reload gives the lock back")
	}
	reload(in(b))
	if locked(a) || !locked(b) {
		t.Errorf("moved: the old one is locked: %t, the new one: %t", locked(a), locked(b))
	}
	wantInFile(t, b, "192.0.2.1")

	closeFailed := l.open(in(a)) // the reload fails, after an override
	if err := l.drain("192.0.2.2"); err != nil {
		t.Fatal(err)
	}
	closeFailed()
	wantInFile(t, b, "192.0.2.1 192.0.2.2")
	if locked(a) || !locked(b) {
		t.Errorf("a failed reload: the new one is locked: %t, the old one: %t", locked(a), locked(b))
	}

	reload(Config{})
	if locked(b) {
		t.Error("a file that is used no more is locked")
	}
	if err := l.overrides.Remove(l.overrides.List()[0].ID, "tester"); err != nil {
		t.Fatal(err)
	}
	reload(in(b)) // what this process knows counts, not what the file had
	l.wantOverrides("192.0.2.2")
	wantInFile(t, b, "192.0.2.2")
	closeOld()
	wantInFile(t, b, "192.0.2.2")
}

// A failed reload writes nothing to a file that it alone had.
func TestFailedReloadWritesNothing(t *testing.T) {
	dir := t.TempDir()
	l := begin(t)
	defer l.open(in(filepath.Join(dir, "a")))()
	l.open(in(filepath.Join(dir, "b")))()
	if _, err := os.Stat(filepath.Join(dir, "b")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("there is a file: %v", err)
	}
}

// The last beats of heartbeats are kept, also that they were failed ones. None is in the
// future.
func TestBeatsOutlastTheProcess(t *testing.T) {
	at := time.Now().Add(-time.Minute)
	probe.SetBeat("TestBeats-ok", probe.Beat{Time: at})
	probe.SetBeat("TestBeats-failed", probe.Beat{Time: at, Failure: "no"})
	kept := begin(t).collect()
	probe.SetBeat("TestBeats-ok", probe.Beat{Time: time.Now(), Failure: "later"})
	probe.SetBeat("TestBeats-failed", probe.Beat{Time: time.Now()})
	kept.Heartbeats["TestBeats-future"] = state.Heartbeat{Time: time.Now().Add(time.Hour)}
	l := begin(t)
	l.restoreLocked(&kept, time.Hour)
	beats := probe.Beats()
	if b := beats["TestBeats-ok"]; !b.Time.Equal(at) || b.Failure != "" {
		t.Errorf("got %+v", b)
	}
	if b := beats["TestBeats-failed"]; !b.Time.Equal(at) || b.Failure != "no" {
		t.Errorf("got %+v", b)
	}
	if b := beats["TestBeats-future"]; b.Time.After(time.Now()) {
		t.Errorf("a beat at %s", b.Time)
	}
}

// Beats are taken of heartbeats that some open Corefile checks. They show in the metrics.
func TestBeat(t *testing.T) {
	l := begin(t)
	closeOld := l.open(Config{Heartbeats: []string{"TestBeat-a"}})
	closeNew := l.open(Config{Heartbeats: []string{"TestBeat-a", "TestBeat-b"}})
	closeOld()
	defer closeNew()
	for name, want := range map[string]bool{"TestBeat-a": true, "TestBeat-b": true, "TestBeat-c": false, "": false} {
		if got := l.beat(name, nil); got != want {
			t.Errorf("%q: %t, want %t", name, got, want)
		}
	}
	var seen []string
	l.Heartbeats(func(name string, at time.Time) {
		if time.Since(at) < time.Minute {
			seen = append(seen, name)
		}
	})
	if fmt.Sprint(seen) != "[TestBeat-a TestBeat-b]" {
		t.Errorf("got %v", seen)
	}
}
