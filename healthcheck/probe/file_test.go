//go:build unix

package probe

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/internal/reload"
	"github.com/coredns-failover/failover/test/kit"
)

func TestFileVerdicts(t *testing.T) {
	c := File{Addr: netip.MustParseAddr("192.0.2.1"), Label: "fra-1"}
	six := File{Addr: netip.MustParseAddr("2001:db8::1")}
	tests := []struct {
		check      File
		text, want string
	}{
		{c, "up", ""},
		{c, "up\n", ""},
		{c, " up \r\n", ""},
		{c, "up since noon", ""},
		{c, "", "the file says nothing of 192.0.2.1"},
		{c, "\n#up\n", "the file says nothing of 192.0.2.1"},
		{c, "down", `the file says "down"`},
		{c, "UP", `the file says "UP"`},
		{c, "maintenance", `the file says "maintenance"`},
		{c, "down for repair # again", `the file says "down for repair"`},
		{c, "192.0.2.1 up", ""},
		{c, "fra-1 up", ""},
		{c, "fra-1 up # but see below", ""},
		{c, "192.0.2.1 down\x1b for repair", `the file says "down\x1b for repair"`},
		{c, "fra-1 upp", `the file says "upp"`},
		{c, "192.0.2.2 up\nfra-11 up\n192.0.2.10 up", "the file says nothing of 192.0.2.1"},
		{c, "192.0.2.2 down\nup", ""},
		{c, "192.0.2.1 down\nup", `the file says "down"`},
		{c, "down\nfra-1 up", ""},
		{c, "192.0.2.1 down\nfra-1 up", ""},
		{c, "fra-1 up\n192.0.2.1 down", `the file says "down"`},
		{c, "down\nup", ""},
		{c, "down " + strings.Repeat("x", 1000), `the file says "down ` + strings.Repeat("x", 95) + `"`},
		{six, "2001:DB8:0::1 up", ""},
		{six, "2001:db8::2 up", "the file says nothing of 2001:db8::1"},
		{File{Addr: c.Addr, Label: "#1"}, "#1 up", "the file says nothing of"},
		{File{Addr: c.Addr, Label: "a#1"}, "a#1 up", ""},
	}
	for _, tc := range tests {
		t.Run(tc.text, func(t *testing.T) {
			kit.WantError(t, parseVerdicts(tc.text).verify(tc.check.Addr, tc.check.Label), tc.want)
		})
	}
}

func TestFile(t *testing.T) {
	dir := t.TempDir()
	path, next := filepath.Join(dir, "health"), filepath.Join(dir, "next")
	p := File{Path: path, Addr: kit.Loopback}.Prober()
	steps := []struct {
		name    string
		change  func()
		want    string
		unknown bool
	}{
		{"not there yet", func() {}, "stat " + path + ": no such file or directory", true},
		{"up", func() { kit.Write(t, path, "up"); kit.Age(t, path) }, "", false},
		{"unchanged", func() {}, "", false},
		{"down", func() { kit.Write(t, path, "down") }, `the file says "down"`, false},
		{"up by a rename", func() { kit.Write(t, next, "up"); os.Rename(next, path) }, "", false},
		{"gone", func() { os.Rename(path, next) }, "stat " + path, true},
		{"back as it was", func() { os.Rename(next, path) }, "", false},
		{"too large", func() { kit.Write(t, path, strings.Repeat("up\n", maxFile/3+1)) }, path + " is larger than 1 MiB", true},
		{"just not too large", func() { kit.Write(t, path, strings.Repeat("\n", maxFile-2)+"up") }, "", false},
		{"a directory", func() { os.Remove(path); os.Mkdir(path, 0o700) }, path + " is not a regular file", true},
		{"a pipe", func() { os.Remove(path); syscall.Mkfifo(path, 0o600) }, path + " is not a regular file", true},
		{"as Windows saves it", func() { os.Remove(path); kit.Write(t, path, "\xef\xbb\xbfup\r\n") }, "", false},
		{"down so", func() { kit.Write(t, path, "\xef\xbb\xbf127.0.0.1 down\r\nup\r\n") }, `the file says "down"`, false},
		{"in UTF-16", func() { kit.Write(t, path, "\xff\xfeu\x00p\x00\r\x00\n\x00") }, "", false},
		{"in UTF-16 the other way", func() { kit.Write(t, path, "\xfe\xff\x00u\x00p") }, "", false},
		{"not in UTF-8", func() { kit.Write(t, path, "127.0.0.1 up M\xfcller\r\n") }, "", false},
		{"empty", func() { kit.Write(t, path, "") }, "the file says nothing of 127.0.0.1", false},
		{"down at last", func() { os.Remove(path); kit.Write(t, path, "127.0.0.1 down") }, `the file says "down"`, false},
	}
	for _, s := range steps {
		s.change()
		err := ask(t, p, "192.0.2.9") // the address of the check counts, not the probed one
		kit.WantError(t, err, s.want)
		if errors.Is(err, healthcheck.ErrInconclusive) != s.unknown {
			t.Errorf("%s: %v, want unknown %v", s.name, err, s.unknown)
		}
		if t.Failed() {
			t.Fatal(s.name)
		}
	}
}

// A checker whose file hangs can be released, and at most one goroutine waits for the
// file.
func TestReleaseWhileFileHangs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe") // without a writer
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	r := healthcheck.NewRegistry(healthcheck.Hooks{})
	check := announced{HTTP{Target: Target{Port: 1}, Method: "GET", Bearer: "file:" + path}, make(chan bool)}
	key := healthcheck.Key{Spec: healthcheck.Spec{Check: check, Timeout: time.Hour, Interval: time.Hour, FastInterval: time.Hour}, Addr: kit.Loopback}
	before := runtime.NumGoroutine()
	for range 20 {
		lease := r.Acquire(key, healthcheck.Unknown, func(healthcheck.Transition) {})
		<-check.begun
		r.Release(lease)
	}
	if now := runtime.NumGoroutine(); now > before+5 {
		t.Errorf("%d goroutines, %d before", now, before)
	}
	for { // until the reader has opened it
		f, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
		if err == nil {
			f.Close()
			break
		}
		runtime.Gosched()
	}
}

// An announced check sends to begun when a probe begins.
type announced struct {
	healthcheck.Check
	begun chan bool
}

func (c announced) Prober() healthcheck.Prober {
	p := c.Check.Prober()
	return healthcheck.ProberFunc(func(ctx context.Context, addr netip.Addr) error {
		c.begun <- true
		return p.Probe(ctx, addr)
	})
}

// A check without an address is about the probed address.
func TestFileOfWhatIsProbed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "health")
	kit.Write(t, path, "192.0.2.1 up\nfra-1 up\n192.0.2.2 down")
	kit.Age(t, path)
	p, labelled := File{Path: path}.Prober(), File{Path: path, Label: "fra-1"}.Prober()
	for range 2 {
		kit.WantError(t, ask(t, p, "192.0.2.1"), "")
		kit.WantError(t, ask(t, p, "192.0.2.2"), `the file says "down"`)
		kit.WantError(t, ask(t, p, "192.0.2.3"), "the file says nothing of 192.0.2.3")
		kit.WantError(t, ask(t, labelled, "192.0.2.3"), "")
	}
}

// Checks with different labels share one file, which is freed with the last of them.
func TestFileOfManyLabels(t *testing.T) {
	path := filepath.Join(t.TempDir(), "health")
	kit.Write(t, path, "fra-1 up\nfra-2 down")
	one, two := File{Path: path, Label: "fra-1"}.Prober(), File{Path: path, Label: "fra-2"}.Prober()
	kit.WantError(t, ask(t, one, "192.0.2.1"), "")
	kit.WantError(t, ask(t, two, "192.0.2.2"), `the file says "down"`)
	if one.(*fileProber).file != two.(*fileProber).file {
		t.Error("the file is kept twice")
	}
	runtime.GC()
	verdictsOf(path + "2")
	if _, kept := files.byPath[path]; kept {
		t.Error("the file is kept without need")
	}
}

// A file system that hangs delays no probe beyond its timeout. One goroutine waits for the
// file, however many probes need it. The file counts again once it can be read.
func TestFileThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "file")
		kit.Write(t, path, "up")
		hang, reads := make(chan struct{}), atomic.Int32{}
		load := func([]string) (verdicts, error) {
			reads.Add(1)
			<-hang
			return parseVerdicts("up"), nil
		}
		probers := make([]*fileProber, 100)
		for i := range probers {
			probers[i] = &fileProber{file: reload.New(load, path)}
		}
		for range 3 {
			for _, p := range probers {
				start := time.Now()
				err := ask(t, p, "192.0.2.1")
				if kit.WantError(t, err, "reading "+path+": no answer within 5s"); !errors.Is(err, healthcheck.ErrInconclusive) {
					t.Errorf("%v is not inconclusive", err)
				}
				if took := time.Since(start); took != 5*time.Second {
					t.Errorf("the probe ends after %v", took)
				}
			}
		}
		if n := reads.Load(); n != 1 {
			t.Errorf("%d wait for the file, want one", n)
		}
		close(hang)
		for _, p := range probers {
			kit.WantError(t, ask(t, p, "192.0.2.1"), "")
		}
	})
}
