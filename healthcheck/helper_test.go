package healthcheck

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// A fake is a Check whose probes call a function.
type fake struct {
	name  string
	probe func(ctx context.Context, addr netip.Addr) error
}

func (f *fake) Type() string   { return "fake" }
func (f *fake) String() string { return f.name }
func (f *fake) Prober() Prober { return ProberFunc(f.probe) }

var (
	addr1 = netip.MustParseAddr("192.0.2.1")
	addr2 = netip.MustParseAddr("192.0.2.2")
	errNo = errors.New("no")
)

// keyOf returns a Key with the default settings and no jitter.
func keyOf(c Check, addr netip.Addr) Key {
	return Key{Addr: addr, Spec: Spec{
		Check:        c,
		Interval:     DefaultInterval,
		Timeout:      DefaultTimeout,
		FastInterval: DefaultFastInterval,
		Fall:         DefaultFall,
		Rise:         DefaultRise,
	}}
}

// A log collects lines, each with the time since its start.
type log struct {
	start time.Time
	lines []string
}

func newLog() *log { return &log{start: time.Now()} }

func (l *log) add(format string, args ...any) {
	l.lines = append(l.lines, fmt.Sprintf("%v ", time.Since(l.start))+fmt.Sprintf(format, args...))
}

func (l *log) want(t *testing.T, lines ...string) {
	t.Helper()
	if !slices.Equal(l.lines, lines) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(l.lines, "\n"), strings.Join(lines, "\n"))
	}
}

func ignore(Transition) {}

func seconds(ss ...float64) []time.Duration {
	var ds []time.Duration
	for _, s := range ss {
		ds = append(ds, time.Duration(s*float64(time.Second)))
	}
	return ds
}
