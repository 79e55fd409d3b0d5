package test

import (
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// failing has Corefiles that parse and do not start, each for a reason outside of
// failover. $busy is a port in use.
var failing = []struct{ name, more, block string }{
	{"an unknown plugin", "nosuchplugin", ""},
	{"another plugin's setup", "file nosuchfile {\nnosuchproperty\n}", ""},
	{"another plugin's start", "health $ip:$busy", ""},
	{"a listener", "", "example.net:$busy {\nbind $ip\nfailover {\nrecord www {\nprimary $a\ncheck http :$web/leak\n}\n}\n}"},
	{"files that are missing", "", "tls://example.net:$dot {\nbind $ip\ntls nosuch.pem nosuch.key\n}"},
}

// A reload that fails for any reason leaves the checks unchanged: it starts none, stops none,
// and does not make them probe more often.
func TestReloadThatFails(t *testing.T) {
	t.Parallel()
	for _, test := range failing {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := startFailedOver(t, steadyCorefile("", ""))
			s.vars["busy"] = occupy(t, s.vars["ip"])
			stop := s.asks(aRecords(s.secondary.ip))
			more := "failover leak.example.org {\nprimary $a\ncheck http :$web/leak {\ninterval 50ms\n}\n}\n" + test.more
			for range 20 {
				s.reloadFails(steadyCorefile(more, test.block))
			}
			stop()
			if n, most := s.pace(); n < 1 || n > most {
				t.Errorf("%d probes after 20 reloads that failed, want %d at most in that time", n, most)
			}
			isQuiet(t, "a check that is in no Corefile that serves", &s.primary.strayHits)
			s.primary.well()
			s.answersFrom(s.primary)
			s.reload(steadyCorefile("errors", ""))
			s.answersFrom(s.primary)
		})
	}
}

// steadyCorefile returns a Corefile with a check that probes at the same pace whatever its
// results are, and that passes on a busy machine.
func steadyCorefile(more, block string) string {
	return strings.NewReplacer(seldom, "interval 500ms\ntimeout 500ms\njitter 0%\nrise 2",
		"fast_interval 20ms", "fast_interval 500ms", "fall 2", "fall 1000").Replace(reloadable("", more)) + "\n" + block
}

// pace returns how many probes the secondary gets in some seconds, and how many one checker
// may send in that time, if one of them was late.
func (s story) pace() (n, most int64) {
	before, began := s.secondary.hits.Load(), time.Now()
	time.Sleep(2 * time.Second) // the time in which probes are counted
	n = s.secondary.hits.Load() - before
	return n, int64(time.Since(began)/(500*time.Millisecond)) + 2
}

// isQuiet waits for a second without probes, because probes in flight may arrive late on a
// busy machine.
func isQuiet(t *testing.T, check string, hits *atomic.Int64) {
	t.Helper()
	eventually(t, "a second without probes of "+check, func() bool {
		before := hits.Load()
		time.Sleep(time.Second) // the second without probes
		return hits.Load() == before
	})
}

// occupy listens on a port of ip and returns the port.
func occupy(t *testing.T, ip string) string {
	t.Helper()
	for range 100 {
		port := freePort(t, ip)
		if l, err := net.Listen("tcp", net.JoinHostPort(ip, port)); err == nil {
			t.Cleanup(func() { l.Close() })
			return port
		}
	}
	t.Fatalf("no port to occupy on %s", ip)
	return ""
}
