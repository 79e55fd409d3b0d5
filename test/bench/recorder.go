package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"
)

// A recorder records when each endpoint is probed. It runs in a process of its own. A line on
// the standard input ends the warm-up. At the end of the input it writes its report to the
// standard output.
type recorder struct {
	mu        sync.Mutex // guards the following
	last      map[netip.Addr]time.Time
	measuring bool
	late      []time.Duration
	report    report
}

// A report is that of a recorder.
type report struct {
	Probes           int           // after the warm-up
	Median, P99, Max time.Duration // lateness
	Goroutines       int           // at most, after the warm-up
	GoroutinesPeak   int           // at most, from the start
}

func newRecorder() *recorder { return &recorder{last: make(map[netip.Addr]time.Time, *count)} }

// probed records that a probe of an endpoint begins.
func (r *recorder) probed(addr netip.Addr) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if last, ok := r.last[addr]; ok && r.measuring {
		r.late = append(r.late, now.Sub(last)-*every)
	}
	r.last[addr] = now
}

// serve runs until the standard input ends, and writes the report.
func (r *recorder) serve() error {
	go r.countGoroutines()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		r.mu.Lock()
		r.measuring = true
		r.mu.Unlock()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Probes = len(r.late)
	r.report.Median, r.report.P99, r.report.Max = spread(r.late)
	return json.NewEncoder(os.Stdout).Encode(r.report)
}

func (r *recorder) countGoroutines() {
	for range time.Tick(10 * time.Millisecond) {
		n := runtime.NumGoroutine()
		r.mu.Lock()
		r.report.GoroutinesPeak = max(r.report.GoroutinesPeak, n)
		if r.measuring {
			r.report.Goroutines = max(r.report.Goroutines, n)
		}
		r.mu.Unlock()
	}
}

// measure ends the warm-up of the recorder in p.
func (p *process) measure() error {
	_, err := io.WriteString(p.stdin, "measure\n")
	return err
}

// finish ends a process with a recorder and returns the report.
func (p *process) finish() (r report, err error) {
	closing := p.stdin.Close()
	err = json.NewDecoder(p.stdout).Decode(&r)
	return r, errors.Join(closing, err, p.cmd.Wait())
}

// spread returns the median, the 99th percentile and the greatest of ds.
func spread(ds []time.Duration) (median, p99, most time.Duration) {
	if len(ds) == 0 {
		return 0, 0, 0
	}
	slices.Sort(ds)
	return ds[len(ds)/2], ds[len(ds)*99/100], ds[len(ds)-1]
}
